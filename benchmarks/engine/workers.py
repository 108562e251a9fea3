"""Sixteen workers on the elements of one ``foreach`` step, killed at random: does every element run, and none twice at a time?

    python benchmarks/engine/workers.py [--items 160] [--workers 16] [--kills 16] [--engine-kills 2] [--seed 0]

Each element takes a lock of its own that lasts as long as its process: a second run of the element at the same time would find it
taken, and say so. While there are kills, elements do not end: whoever is killed has one in hand.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ASSAY = str(Path(sys.executable).parent / "assay")

ENGINE_JOBS = 2
"""Elements that the engine itself has in hand, on a machine of any number of cores."""

STEPS = '''
import fcntl, os, time
from assay import File, component, step


def say(text: str) -> None:
    with open(os.environ["MARKS"] + "/log", "a") as file:
        file.write(text + "\\n")


@component("bench/item")
def item(*, number: int, seconds: float) -> File:
    """Work on an element for a while."""
    lock = open(f"{os.environ['MARKS']}/{number}", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say(f"overlap {number}")
    say(f"start {number} by {os.environ['ASSAY_ORPHAN_MARK'].partition('#')[0]}")
    time.sleep(seconds)
    while os.path.exists(f"{os.environ['MARKS']}/hold"):
        time.sleep(0.02)
    target = step.output("file", File, suffix=".txt")
    target.path.write_text(str(number))
    say(f"end {number}")
    return target
'''

PIPELINE = """
assay: 1
name: workers
steps:
  work:
    use: ./steps.py:item
    foreach: {items}
    with: {{number: $item, seconds: {seconds}}}
"""


def start(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """Start a command of Assay."""
    environment = {**os.environ, "MARKS": str(folder / "marks"), "OMP_NUM_THREADS": "1"}
    with (folder / "output").open("ab") as output:
        return subprocess.Popen(
            [ASSAY, *command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


def record(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the run database."""
    with contextlib.closing(sqlite3.connect(folder / ".assay" / "assay.db", timeout=60)) as db:
        return db.execute(query).fetchall()


def offered(folder: Path) -> bool:
    """Return whether the run has begun, so that workers can join."""
    try:
        return bool(record(folder, "SELECT 1 FROM events WHERE type = 'step.expanded'"))
    except sqlite3.OperationalError:  # there is no database yet, or no table in it
        return False


def started(folder: Path) -> int:
    """Return how many elements have said that they start; one that was begun twice counts twice."""
    log = folder / "marks" / "log"
    return sum(line.startswith("start ") for line in log.read_text().splitlines()) if log.exists() else 0


def wait_for(condition: Any, seconds: float = 300.0) -> None:
    """Wait until ``condition()`` holds."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.02)


def measure(
    folder: Path, *, items: int, workers: int, kills: int, engine_kills: int = 0, seconds: float = 0.2, seed: int = 0
) -> dict[str, Any]:
    """Run the experiment in an empty folder; return its figures."""
    chance = random.Random(seed)
    (folder / "marks").mkdir()
    (folder / "steps.py").write_text(STEPS)
    (folder / "p.pipeline.yaml").write_text(PIPELINE.format(items=list(range(items)), seconds=seconds))
    hold = folder / "marks" / "hold"  # whoever is killed has an element in hand
    hold.touch()
    engine = start(folder, "run", "p.pipeline.yaml", "-j", str(ENGINE_JOBS))
    wait_for(lambda: offered(folder))
    crew = [start(folder, "work") for _ in range(workers)]
    blows = ["worker"] * kills + ["engine"] * engine_kills
    chance.shuffle(blows)
    struck = Counter[str]()
    for blow in blows:
        time.sleep(chance.uniform(0.05, 0.3))
        # No element ends yet, so each that started is in the hand of somebody, alive or killed: once all have one, the next blow may fall.
        hands = workers + struck["worker"] + ENGINE_JOBS * (1 + struck["engine"])
        wait_for(lambda: started(folder) >= hands)  # noqa: B023  (called before the next turn)
        struck[blow] += 1
        if blow == "engine":
            engine.send_signal(signal.SIGKILL)
            engine.wait()
            engine = start(folder, "resume")  # with the slots that the run began with
        else:
            number = chance.randrange(workers)
            crew[number].send_signal(signal.SIGKILL)
            crew[number].wait()
            crew[number] = start(folder, "work")
    hold.unlink()
    began = time.monotonic()
    status = engine.wait(300)
    took = time.monotonic() - began
    for worker in crew:
        worker.wait(300)
    log = [line.split() for line in (folder / "marks" / "log").read_text().splitlines()]
    said = Counter(words[0] for words in log)
    finished = Counter(
        item for (item,) in record(folder, "SELECT item FROM events WHERE type = 'step.finished' AND item IS NOT NULL")
    )
    lost = record(folder, "SELECT count(*) FROM events WHERE type = 'step.failed' AND payload LIKE '%\"lost\"%'")
    return {
        "items": items,
        "workers": workers,
        "killed_workers": struck["worker"],
        "killed_engines": struck["engine"],
        "status": status,
        "starts": said["start"],
        "overlaps": said["overlap"],
        "finished": len(finished),
        "finished_twice": sum(count > 1 for count in finished.values()),
        "lost": items - len(finished),
        "interrupted": lost[0][0],
        "hands": len({words[3] for words in log if words[0] == "start"}),
        "seconds_after_the_last_kill": round(took, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Workers on one foreach step, killed at random.")
    for name, default in (("items", 160), ("workers", 16), ("kills", 16), ("engine-kills", 2), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        found = measure(
            Path(name),
            items=given.items,
            workers=given.workers,
            kills=given.kills,
            engine_kills=given.engine_kills,
            seed=given.seed,
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
