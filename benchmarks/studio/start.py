"""What `assay studio` costs until it answers `/api/session`, and what `/api/components` costs then: processor time and memory, medians.

    python benchmarks/studio/start.py [--repeat 9]

Linux only (it reads /proc). The engine that waits for the first run is a process of its own and is counted apart. Budgets: 1.0 s, 100 MB.
Components are listed in new projects: the first of a user who has never used Assay, and the second of the same user (budget: 0.3 s).
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


def start(folder: str, cache: str) -> dict[str, tuple[float, float]]:
    """Return processor s and MB of a server that has just answered, of its waiting engine, and of listing the components."""
    command = [sys.executable, "-c", "from assay.cli import main; main()", "studio", folder, "--no-browser", "--json"]
    environment = {**os.environ, "ASSAY_CACHE": cache}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        facts = json.loads(server.stdout.readline())

        def ask(what: str) -> None:
            asked = urllib.request.Request(
                f"http://127.0.0.1:{facts['port']}/api/{what}", headers={"authorization": f"Bearer {facts['token']}"}
            )
            with urllib.request.urlopen(asked, timeout=60) as answer:
                answer.read()

        ask("session")
        own = used(server.pid)
        engine = int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split()[0])
        time.sleep(2)
        spare, before = used(engine), used(server.pid)
        ask("components")
        after = used(server.pid)
        server.terminate()
    return {"server": own, "engine": spare, "components": (after[0] - before[0], after[1] - before[1])}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=9)
    repeat = parser.parse_args().repeat
    load = os.getloadavg()[0]
    rows: dict[str, list[tuple[float, float]]] = {}
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            for number, name in enumerate(("first", "second")):
                project = Path(folder, name)
                project.mkdir()
                found = start(str(project), str(Path(folder, "cache")))
                rows.setdefault(f"components, {name} project of a user", []).append(found["components"])
                if not number:
                    rows.setdefault("server", []).append(found["server"])
                    rows.setdefault("engine that waits", []).append(found["engine"])
    budgets = {"server": "1.0 s, 100 MB", "components, second project of a user": "0.3 s"}
    print(f"load {load:.1f} to {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {repeat} times\n")
    print("| what | processor s (least to most) | MB | budget |\n|---|---|---|---|")
    for name in sorted(rows, key=lambda name: name.startswith("components")):
        seconds = sorted(row[0] for row in rows[name])
        peak = statistics.median(row[1] for row in rows[name])
        print(
            f"| {name} | {statistics.median(seconds):.2f} ({seconds[0]:.2f} to {seconds[-1]:.2f}) | {peak:.0f} | {budgets.get(name, '')} |"
        )


if __name__ == "__main__":
    main()
