"""Workers beside the engine: no element runs twice at one time, none is lost, whoever is killed."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_FILE = Path(__file__).parents[2] / "benchmarks" / "engine" / "workers.py"
_SPEC = importlib.util.spec_from_file_location("benchmark_workers", _FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
bench: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(bench)


pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Write a pipeline over so many elements."""

    def write(foreach: str, seconds: float = 0.2, component: str = bench.STEPS) -> Path:
        (tmp_path / "marks").mkdir()
        (tmp_path / "steps.py").write_text(component)
        (tmp_path / "p.pipeline.yaml").write_text(bench.PIPELINE.format(items=foreach, seconds=seconds))
        return tmp_path

    return write


def assay(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MARKS": str(folder / "marks")}
    return subprocess.run(
        [bench.ASSAY, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def said(folder: Path) -> list[str]:
    lines = (folder / "marks" / "log").read_text().splitlines()
    return [" ".join(line.split()[:2]) for line in lines]


def test_sixteen_workers_killed_at_random(tmp_path: Path) -> None:
    found = bench.measure(tmp_path, items=40, workers=16, kills=8, engine_kills=1, seed=7)
    output = (tmp_path / "output").read_text()
    assert found["status"] == 0, output
    assert (found["overlaps"], found["finished_twice"], found["lost"]) == (0, 0, 0), output
    assert found["killed_workers"] == 8, found
    assert found["hands"] > 16, found
    # Only what was in hand when somebody was killed ran again.
    assert found["starts"] - found["items"] == 8 + bench.ENGINE_JOBS, found


def test_parallel_bounds_engine_and_workers_together(project: Callable[..., Path]) -> None:
    folder = project("{items: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], parallel: 2}", seconds=0.3)
    hold = folder / "marks" / "hold"  # no element ends before a worker has one beside the engine's
    hold.touch()
    engine = bench.start(folder, "run", "p.pipeline.yaml", "-j", "1")
    bench.wait_for(lambda: bench.offered(folder))
    crew = [bench.start(folder, "work") for _ in range(3)]
    bench.wait_for(lambda: bench.started(folder) == 2)
    hold.unlink()
    assert engine.wait(300) == 0
    assert [worker.wait(120) for worker in crew] == [0, 0, 0]
    under_way = most = 0
    for line in said(folder):
        under_way += 1 if line.startswith("start") else -1
        most = max(most, under_way)
    assert most == 2


def let_go(folder: Path) -> list[str]:
    """Return the elements that have started and are in nobody's hand."""
    free = []
    for line in said(folder):
        number = line.removeprefix("start ")
        with (folder / "marks" / number).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
        free.append(number)
    return free


def test_a_worker_goes_on_without_an_engine_and_resume_takes_over_what_it_did(project: Callable[..., Path]) -> None:
    folder = project(str(list(range(12))), seconds=0.1)
    hold = folder / "marks" / "hold"  # no element ends before the engine is gone
    hold.touch()
    engine = bench.start(folder, "run", "p.pipeline.yaml", "-j", "1")
    bench.wait_for(lambda: bench.offered(folder))
    worker = bench.start(folder, "work")
    bench.wait_for(lambda: bench.started(folder) == 2)
    engine.kill()
    engine.wait()
    bench.wait_for(lambda: len(let_go(folder)) == 1)  # its element went with it
    hold.unlink()
    assert worker.wait(300) == 0
    done = len(bench.record(folder, "SELECT 1 FROM events WHERE type = 'step.finished'"))
    assert done >= 11  # all but what the engine had in hand
    assert assay(folder, "resume").returncode == 0
    log = said(folder)
    assert sorted(line for line in log if line.startswith("end")) == sorted(f"end {number}" for number in range(12))
    assert sum(line.startswith("start") for line in log) == 13


def test_cancel_reaches_the_elements_of_workers(project: Callable[..., Path]) -> None:
    folder = project(str(list(range(8))), seconds=600)
    engine = bench.start(folder, "run", "p.pipeline.yaml", "-j", "1")
    bench.wait_for(lambda: bench.offered(folder))
    worker = bench.start(folder, "work", "-j", "2")
    bench.wait_for(lambda: bench.started(folder) == 3)
    assert assay(folder, "cancel", "last").returncode == 0
    assert engine.wait(120) == 130
    assert worker.wait(120) == 0
    shown = json.loads(assay(folder, "show", "last", "--json").stdout)
    states = [step["status"] for step in shown["steps"] if step["item"] is not None]
    assert sorted(states) == ["cancelled"] * 3 + ["skipped"] * 5


def test_resume_runs_failed_items_only_and_show_names_them(project: Callable[..., Path]) -> None:
    failing = bench.STEPS.replace(
        "    time.sleep(seconds)\n",
        "    if number == 'ben' and not os.path.exists(os.environ['MARKS'] + '/mended'):\n        raise ValueError('no ben')\n",
    ).replace("number: int", "number: str")
    folder = project("[anna, ben, carla]", component=failing)
    assert assay(folder, "run", "p.pipeline.yaml").returncode == 1
    shown = assay(folder, "show", "last", "work").stdout
    assert "3 elements: 2 succeeded, 1 failed" in shown
    assert [line.split()[-1] for line in shown.splitlines() if line.startswith("work[1]")] == ["ben"]
    (folder / "marks" / "mended").touch()
    assert assay(folder, "resume").returncode == 0
    assert sorted(said(folder)) == sorted(
        ["start anna", "start ben", "start carla", "end anna", "end carla", "start ben", "end ben"]
    )
    items = [s for s in json.loads(assay(folder, "show", "last", "--json").stdout)["steps"] if s["item"] is not None]
    assert [(item["name"], item["status"], item["attempt"]) for item in items] == [
        ("anna", "succeeded", 1),
        ("ben", "succeeded", 2),
        ("carla", "succeeded", 1),
    ]


def test_there_is_nothing_to_work_on_in_a_run_that_has_ended(project: Callable[..., Path]) -> None:
    folder = project("[1]", seconds=0)
    assert assay(folder, "run", "p.pipeline.yaml").returncode == 0
    refused = assay(folder, "work")
    assert refused.returncode == 2
    assert "has ended" in refused.stderr
