"""What `assay studio` costs until it answers `/api/session`: processor time and memory of the server, medians.

    python benchmarks/studio/start.py [--repeat 9]

Linux only (it reads /proc). The engine that waits for the first run is a process of its own and is counted apart. Budgets: 1.0 s, 100 MB.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def used(process: int) -> tuple[float, float]:
    """Return processor seconds of a process so far, and its largest resident MB."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    return (int(fields[11]) + int(fields[12])) / TICKS, peak / 1024


def start(folder: str) -> tuple[float, float, float, float]:
    """Return processor s and MB of a server that has just answered, then the same of its waiting engine."""
    command = [sys.executable, "-c", "from assay.cli import main; main()", "studio", folder, "--no-browser", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        facts = json.loads(server.stdout.readline())
        asked = urllib.request.Request(
            f"http://127.0.0.1:{facts['port']}/api/session", headers={"authorization": f"Bearer {facts['token']}"}
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answer.read()
        own = used(server.pid)
        engine = int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split()[0])
        time.sleep(2)
        spare = used(engine)
        server.terminate()
    return (*own, *spare)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=9)
    repeat = parser.parse_args().repeat
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        rows = [start(folder) for _ in range(repeat)]
    print(f"load {load:.1f} to {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {repeat} times\n")
    print("| process | processor s (least to most) | MB | budget |\n|---|---|---|---|")
    for name, place, budget in (("server", 0, "1.0 s, 100 MB"), ("engine that waits", 2, "")):
        seconds = sorted(row[place] for row in rows)
        peak = statistics.median(row[place + 1] for row in rows)
        print(
            f"| {name} | {statistics.median(seconds):.2f} ({seconds[0]:.2f} to {seconds[-1]:.2f}) | {peak:.0f} | {budget} |"
        )


if __name__ == "__main__":
    main()
