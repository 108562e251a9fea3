"""A federation that is ended from outside in the middle of a round, in a folder with blanks and letters of two alphabets in its path."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.federated, pytest.mark.timeout(900)]

ASSAY = Path(sys.executable).with_name("assay")
WORKSHOPS = Path(__file__).parents[2] / "workshops"

STEPS = f'''
import sys
from typing import NamedTuple

sys.path.insert(0, {str(WORKSHOPS)!r})
from assay import Images, component, step


class Parts(NamedTuple):
    train: Images
    validation: Images


@component
def site(*, first: int) -> Parts:
    """Write the images of a toy hospital."""
    from federation_workshop import write_cohort

    train, validation = step.output("train", Images), step.output("validation", Images)
    write_cohort(train.path, range(first, first + 20))
    write_cohort(validation.path, range(first + 50, first + 60))
    return Parts(train, validation)
'''

PIPELINE = """
assay: 1
name: three
params: {rounds: {type: int}}
steps:
  east: {use: ./steps.py:site, with: {first: 0}}
  south: {use: ./steps.py:site, with: {first: 100}}
  fit:
    use: train/federated-image-classifier
    in: {train: [east.train, south.train], validation: [east.validation, south.validation]}
    with: {rounds: $params.rounds, image_size: 32, batch_size: 16, fewest: 5}
"""


class Project:
    """A project with a federation of two sites."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        folder.mkdir(parents=True)
        temporary.mkdir()
        self.folder, self.temporary = folder, temporary
        (folder / "steps.py").write_text(STEPS)
        (folder / "p.yaml").write_text(PIPELINE)
        (folder / ".assay").mkdir()
        self.environment = {**os.environ, "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"}

    def assay(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ASSAY, *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def start(self, rounds: int) -> subprocess.Popen[bytes]:
        words = [ASSAY, "run", "p.yaml", "-p", f"rounds={rounds}"]
        self.known = set(self.folder.rglob("events.jsonl"))  # of a step that was killed
        with (self.folder / "out").open("wb") as log:
            return subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=log, stderr=log)

    def middle(self, engine: subprocess.Popen[bytes]) -> None:
        """Wait until the federation has come to its second round."""
        before = self.known

        def there() -> bool:
            assert engine.poll() is None, (self.folder / "out").read_text()
            told = set(self.folder.rglob("events.jsonl")) - before
            return any('"judged"' in path.read_text() for path in told)

        wait_until(there, "the federation does not come to its second round")

    def processes(self) -> dict[int, list[str]]:
        """Return the words of every process that was started for this project's steps."""
        mark, found = f"ASSAY_ORPHAN_MARK={self.folder / '.assay'}:".encode(), {}
        for name in filter(str.isdecimal, os.listdir("/proc")):
            try:
                if mark in Path(f"/proc/{name}/environ").read_bytes():
                    found[int(name)] = Path(f"/proc/{name}/cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
        return found

    def parts(self) -> tuple[int, dict[str, int], int]:
        """Return the process of FLARE's server, those of the sites by name, and that of the step."""
        known = self.processes()
        server = next(pid for pid, words in known.items() if "assay.training.federated.flare.coordinator" in words)
        sites = {words[words.index("--client") + 1]: pid for pid, words in known.items() if "--client" in words}
        above = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])
        return server, sites, above

    def last(self) -> dict:
        """Return the newest run."""
        return json.loads(self.assay("show", "last", "--json").stdout)

    def nothing_is_left(self) -> None:
        wait_until(lambda: not self.processes(), lambda: f"processes are left: {self.processes()}")


def wait_until(true, what):
    latest = time.monotonic() + 240
    while not true():
        assert time.monotonic() < latest, what() if callable(what) else what
        time.sleep(0.1)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """One project for all: each test is the next run after the fault of the one before, and is given no flag."""
    root = tmp_path_factory.mktemp("faults")
    made = Project(root / "Klinik Süd 1" / "αβ data", root / "temporary")
    yield made
    for pid in made.processes():
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("how", ["assay cancel", "Ctrl+C"])
def test_a_run_that_is_cancelled_ends_every_site(project, how):
    engine = project.start(rounds=200)
    project.middle(engine)
    assert set(project.parts()[1]) == {"site-1", "site-2"}
    if how == "Ctrl+C":
        engine.send_signal(signal.SIGINT)
    else:
        assert project.assay("cancel", "last").returncode == 0
    assert engine.wait(240) != 0
    assert project.last()["status"] == "cancelled"
    project.nothing_is_left()


@pytest.mark.parametrize("whom", ["engine", "step", "server"])
def test_a_part_that_is_killed_leaves_no_process(project, whom):
    engine = project.start(rounds=200)
    project.middle(engine)
    server, _, step = project.parts()
    os.kill({"engine": engine.pid, "step": step, "server": server}[whom], signal.SIGKILL)
    assert engine.wait(240) != 0
    if whom == "server":
        assert "NVIDIA FLARE ended with -9 before the federation did" in (project.folder / "out").read_text()
    project.nothing_is_left()
    if whom != "engine":
        assert project.last()["status"] == "failed"


def test_a_run_after_all_that_needs_no_flag_and_leaves_no_file(project):
    again = project.start(rounds=1)
    assert again.wait(600) == 0, (project.folder / "out").read_text()
    project.nothing_is_left()
    assert [path.name for path in project.temporary.iterdir() if path.name.startswith("assay-federation-")] == []
    assert project.assay("artifacts", "get", "last", "fit.model", "das Modell ξ").returncode == 0
    made = {path.name for path in (project.folder / "das Modell ξ").iterdir()}
    assert made == {"model.onnx", "model.json", "typical.json", "weights.safetensors"}
    work = project.folder / ".assay" / "work"  # what steps left that were killed goes with their runs
    left = {path.relative_to(work).parts[0] for path in project.folder.rglob("assay-federation-*")}
    assert project.last()["run"] not in left
