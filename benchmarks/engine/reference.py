"""What isolation, a durable record, artifacts, a cache key and a log cost at least: a zygote of some seventy lines.

A measuring stick, not an engine: it has no retry, no cancel, no memory limit, no resume, and it trusts every step.

    python reference.py chain|fanout|array STEPS [PRELOAD]
"""

import gc
import hashlib
import importlib
import os
import sqlite3
import sys
from pathlib import Path

SLOTS = {"chain": 1, "array": 1, "fanout": 2}


def tick(source: str, target: str) -> None:
    """Write a line that depends on the line before."""
    before = Path(source).read_text() if source else "0"
    Path(target).write_text(str(int(before) + 1))


def array(source: str, target: str) -> None:
    """Add one to a 10 MB array."""
    import numpy as np  # not charged to the other workloads when nothing is preloaded

    values = np.load(source) + 1 if source else np.zeros(1_250_000)
    with Path(target).open("wb") as file:
        np.save(file, values)


def child(work: str, step: int, source: str, pipe: int) -> None:
    """Run one step in this process: log, artifact under its own digest, answer through the pipe."""
    log = os.open(f"logs/{step}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    part = f"objects/{step}.part"
    (array if work == "array" else tick)(source, part)
    with Path(part).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    Path(part).rename(f"objects/{digest}")
    os.write(pipe, digest.encode())
    os._exit(0)


def fork(work: str, step: int, source: str) -> tuple[int, int]:
    """Start a step; return its process id and the end of the pipe that will hold its answer."""
    answer, pipe = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(work, step, source, pipe)
    os.close(pipe)
    return pid, answer


def run(work: str, steps: int) -> None:
    """Run what is not in the record yet, as many at a time as the workload allows."""
    record = sqlite3.connect("record.db", isolation_level=None)
    record.execute("pragma journal_mode=wal")
    record.execute("pragma synchronous=normal")
    record.execute("create table if not exists done (key text primary key, step int, digest text)")
    done = dict(record.execute("select key, digest from done"))
    running: dict[int, tuple[int, int, str]] = {}
    step, source = 0, ""
    while step < steps or running:
        while step < steps and len(running) < SLOTS[work]:
            key = hashlib.sha256(f"{work} {source or step} {work}.py".encode()).hexdigest()
            if key in done:
                source = "" if work == "fanout" else f"objects/{done[key]}"
            else:
                pid, answer = fork(work, step, source)
                running[pid] = (step, answer, key)
            step += 1
        if running:
            pid, status = os.wait()
            number, answer, key = running.pop(pid)
            digest = os.read(answer, 64).decode()
            os.close(answer)
            if status:
                sys.exit(f"step {number} failed: logs/{number}.log")
            record.execute("insert into done values (?, ?, ?)", (key, number, digest))
            source = "" if work == "fanout" else f"objects/{digest}"


if __name__ == "__main__":
    for folder in ("logs", "objects"):
        Path(folder).mkdir(exist_ok=True)
    for module in sys.argv[3:]:
        importlib.import_module(module)
    gc.freeze()
    run(sys.argv[1], int(sys.argv[2]))
