"""Measure reading: each kind of source, a library of 300 files cold and warm, and named peers in the same minutes.

    python benchmarks/authoring/bench.py [--peers PYTHON]

PYTHON is an interpreter that has kfp and papermill. Every figure is processor time, so that a busy machine disturbs it least.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from library import COUNTS, NOTEBOOK, WORK, notebook, write_library

ROUNDS = 5
EACH = """
import json, sys, time
from pathlib import Path
from assay.authoring import read_whole_file
read_whole_file(Path(sys.argv[1]), "./warm")
spent = []
for name in sys.argv[2:]:
    began = time.process_time()
    assert read_whole_file(Path(name), "./x").specs, name
    spent.append(time.process_time() - began)
print(json.dumps(spent))
"""
LIBRARY = """
import json, sys, time
from pathlib import Path
from assay.catalog import Catalog
from assay.catalog.readings import Readings
began = time.process_time()
found = Catalog(readings=Readings(Path(sys.argv[2]))).survey(Path(sys.argv[1]))
assert sum(bool(one.reading.specs) for one in found) == 300
print(json.dumps([time.process_time() - began]))
"""
PEERS = {
    "kfp": """
import json, sys, time, logging
from pathlib import Path
from kfp import components
texts = [Path(name).read_text() for name in sys.argv[1:]]
components.load_component_from_text(texts[0])
spent = []
for text in texts[1:]:
    began = time.process_time()
    components.load_component_from_text(text)
    spent.append(time.process_time() - began)
print(json.dumps(spent))
""",
    "papermill": """
import json, sys, time
import papermill
papermill.inspect_notebook(sys.argv[1])
spent = []
for name in sys.argv[2:]:
    began = time.process_time()
    assert papermill.inspect_notebook(name), name
    spent.append(time.process_time() - began)
print(json.dumps(spent))
""",
}


def run(python: str, code: str, *arguments: object) -> list[float]:
    """Seconds of processor time, as the code prints them."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [python, "-c", code, *map(str, arguments)], check=True, capture_output=True, text=True, env=environment
    )
    return json.loads(done.stdout.splitlines()[-1])


def tagged(folder: Path) -> list[Path]:
    """Notebooks with a parameters cell, which is the only thing that papermill inspects."""
    made = []
    for n in range(20):
        data = json.loads(notebook(n))
        values = f"epochs: int = {n}  # Passes\nrate: float = 0.001\nshuffle: bool = False\nname: str = 'one'\n"
        data["cells"][2] |= {"source": values, "metadata": {"tags": ["parameters"]}}
        data["metadata"] = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
        made.append(folder / f"tagged_{n}.ipynb")
        made[-1].write_text(json.dumps(data))
    return made


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default="", help="An interpreter that has kfp and papermill.")
    peers = parser.parse_args().peers
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_library(folder / "library")
        plain = tagged(folder)
        kinds = {kind: [file for file in files if file.parent.name == kind] for kind in COUNTS}
        kinds |= {"notebook, parameters cell": plain}
        print("| read | ms of processor time, median (slowest) | peer in the same minute |")
        print("|---|---:|---|")
        for kind, listed in kinds.items():
            spent = [run(sys.executable, EACH, *listed) for _ in range(ROUNDS)]
            each = [statistics.median(times) * 1000 for times in zip(*spent, strict=True)]
            peer = {"kfp": "kfp", "notebook, parameters cell": "papermill"}.get(kind)
            told = ""
            if peer and peers:
                other = [statistics.median(run(peers, PEERS[peer], *listed)) * 1000 for _ in range(ROUNDS)]
                told = f"{peer}: {statistics.median(other):.1f} ({statistics.median(other) / statistics.median(each):.1f}x)"
            print(f"| {kind} | {statistics.median(each):.1f} ({max(each):.1f}) | {told} |")
        cold, warm = [], []
        for number in range(ROUNDS):
            kept = folder / f"kept_{number}.json"
            cold += run(sys.executable, LIBRARY, folder / "library", kept)
            warm += run(sys.executable, LIBRARY, folder / "library", kept)
        print(
            textwrap.dedent(f"""
            library of 300 files, s of processor time, without the interpreter's start: cold {statistics.median(cold):.2f}
            ({min(cold):.2f} to {max(cold):.2f}), warm {statistics.median(warm):.2f} ({min(warm):.2f} to {max(warm):.2f});
            load average {os.getloadavg()[0]:.1f}; a notebook has {len(WORK * 11 + NOTEBOOK) // 1000} kB of code
        """)
        )


if __name__ == "__main__":
    main()
