"""A component whose packages are not installed runs in an environment of its own: made once, kept, shared, made again alike."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from assay.engine.executors.environment import environments, folder_in, reclaim
from assay.model.events import StepKey, StepProgress

USE = '''
"""Components with requirements."""
import os, sys
from assay import ComponentError, component, step

@component(requires=({requires},))
def look() -> dict:
    """Say what can be imported."""
    import importlib.util, subprocess, greeting
    print("in the environment")
    step.log_metric("two", 2.0)
    tools = subprocess.run(["greet"], capture_output=True, text=True, check=True).stdout.strip()
    found = [name for name in ("yaml", "rich", "numpy", "greeting") if importlib.util.find_spec(name)]
    return {{"version": greeting.VERSION, "found": found, "tool": tools, "prefix": sys.prefix, "own": os.environ.get("PYTHONPATH")}}

@component(requires=("greeting",), isolation="spawn")
def spawned() -> str:
    """The same in a fresh interpreter."""
    import greeting
    return greeting.VERSION
'''


def wheel(folder: Path, version: str) -> None:
    """Write the wheel of a package ``greeting`` that has a program ``greet``."""
    folder.mkdir(exist_ok=True)
    info = f"greeting-{version}.dist-info"
    files = {
        "greeting/__init__.py": f"VERSION = {version!r}\n\ndef main():\n    print('hello', VERSION)\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: greeting\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\ngreet = greeting:main\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"greeting-{version}-py3-none-any.whl", "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, text)


@pytest.fixture
def wheels(project, monkeypatch):
    """A folder of wheels is all that uv is offered, by the setting that pip has for it; the network is refused."""
    folder = project.folder / "wheels"
    wheel(folder, "1.0")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(project.folder / "uv-cache"))
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    for name in ("UV_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_INDEX"):
        monkeypatch.delenv(name, raising=False)
    code = project.folder / "use.py"
    code.write_text(USE.format(requires='"greeting>=1"'))
    return folder


def kept(project):
    return environments(folder_in(project.workspace.store.root))


def test_it_holds_what_was_asked_for_and_nothing_else(project, wheels):
    ran = project.run("a: {use: ./use.py:look}\nb: {use: ./use.py:look, cache: false}")
    assert ran.outcome == "succeeded", ran.state.steps[StepKey("a")].failure
    value = ran.value("a", "value")
    prefix = value.pop("prefix")
    assert value == {"version": "1.0", "found": ["greeting"], "tool": "hello 1.0", "own": None}
    (one,) = kept(project)
    assert (one.requirements, one.versions) == (("greeting>=1",), ("greeting==1.0",))
    assert Path(prefix) == folder_in(project.workspace.store.root) / one.digest
    assert one.bytes > 0
    told = [
        event.message
        for logged in ran.events
        if isinstance(event := getattr(logged, "event", logged), StepProgress) and event.key == StepKey("a")
    ]
    assert told[0] == "makes an environment for greeting>=1"
    assert any("Installed 1 package" in words for words in told)
    assert "in the environment" in ran.log("a")
    assert "Installed 1 package" in ran.log("a")
    assert project.run("a: {use: ./use.py:look}").statuses() == {"a": "reused"}


def test_a_fresh_interpreter_is_that_of_the_environment(project, wheels):
    assert project.run("s: {use: ./use.py:spawned}").value("s", "value") == "1.0"


def test_other_requirements_are_another_environment_and_a_reason(project, wheels):
    project.run("a: {use: ./use.py:look}")
    (project.folder / "use.py").write_text(USE.format(requires='"greeting>=0.5"'))
    ran = project.run("a: {use: ./use.py:look}")
    assert ran.state.steps[StepKey("a")].reasons == ("environment changed",)
    assert len(kept(project)) == 2


def test_made_again_it_holds_the_same_versions(project, wheels):
    project.run("a: {use: ./use.py:look}")
    wheel(wheels, "1.1")
    folder = folder_in(project.workspace.store.root)
    assert reclaim(folder, 3600, dry_run=False)[0] == 0
    assert reclaim(folder, 0, dry_run=True)[0] == 1
    count, freed = reclaim(folder, 0, dry_run=False)
    assert (count, freed > 0, kept(project)) == (1, True, [])
    ran = project.run("a: {use: ./use.py:look, cache: false}")
    assert ran.value("a", "value")["version"] == "1.0"


def test_one_in_use_is_not_removed(project, wheels):
    (project.folder / "use.py").write_text(
        USE.format(requires='"greeting>=1"').replace(
            "import importlib.util",
            f"import os, time\n    while not os.path.exists({str(project.folder / 'go')!r}): time.sleep(0.02)\n    import importlib.util",
        )
    )
    folder = folder_in(project.workspace.store.root)
    removed = []

    def meddle():
        until = time.monotonic() + 240
        while not kept(project) and time.monotonic() < until:
            time.sleep(0.05)
        removed.append(reclaim(folder, -10, dry_run=False)[0])
        (project.folder / "go").touch()

    thread = threading.Thread(target=meddle)
    thread.start()
    ran = project.run("a: {use: ./use.py:look}")
    thread.join()
    assert (ran.outcome, removed, len(kept(project))) == ("succeeded", [0], 1)


def test_two_engines_make_it_once(project, wheels):
    """Both want it at the same time: one makes it, the other waits and says so, and both get the same folder."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom assay.workspace import Workspace\n"
        "from assay.model.codec import load\n"
        "w = Workspace.open(Path(sys.argv[1]))\n"
        "text = f'assay: 1\\nname: p{sys.argv[2]}\\nsteps:\\n  a: {{use: ./use.py:look, cache: false}}\\n'\n"
        "print(w.run(w.check(load(text, f'{sys.argv[1]}/p.yaml'))).outcome)\n"
    )
    command = [sys.executable, "-c", code, str(project.folder)]
    engines = [
        subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True, cwd=project.folder) for n in range(2)
    ]
    assert [engine.communicate(timeout=240)[0].strip() for engine in engines] == ["succeeded", "succeeded"]
    logs = [path.read_text() for path in (project.workspace.store.root / "logs").rglob("*") if path.is_file()]
    assert len(logs) == 2
    assert sum("Installed 1 package" in text for text in logs) == 1
    assert len(kept(project)) == 1


def test_what_cannot_be_resolved_is_said_in_the_words_of_uv(project, wheels):
    (project.folder / "use.py").write_text(USE.format(requires='"greeting>=9"'))
    ran = project.run("a: {use: ./use.py:look}\nb: {use: ./use.py:look, after: [a]}")
    failure = ran.state.steps[StepKey("a")].failure
    assert failure.code == "environment"
    assert failure.message.startswith("the requirements greeting>=9 cannot be installed: ")
    assert "Because only greeting==1.0 is available and you require greeting>=9" in failure.message
    assert len(failure.message) < 2000
    assert failure.hint
    assert failure.traceback == ""
    assert kept(project) == []
    assert not list(folder_in(project.workspace.store.root).glob(".*"))


def test_cancelled_while_it_is_made(project, wheels, monkeypatch):
    """A uv that never ends is ended with the run, and nothing half made stays."""
    slow = project.folder / "bin" / "uv"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\necho working >&2\nexec sleep 600\n")
    slow.chmod(0o755)
    monkeypatch.setattr("assay.engine.executors.environment.building.find_uv", lambda: str(slow))
    ran = project.run("a: {use: ./use.py:look, timeout: 0.5s}")
    assert ran.state.steps[StepKey("a")].failure.code == "timeout"
    assert kept(project) == []
    until = time.monotonic() + 60
    while [pid for pid in os.listdir("/proc") if pid.isdigit() and _is_ours(pid, project.folder)]:
        assert time.monotonic() < until
        time.sleep(0.02)


def _is_ours(pid: str, folder: Path) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/cwd").startswith(str(folder_in(folder / ".assay")))
    except OSError:
        return False


def test_without_uv_nothing_is_begun(project, wheels, monkeypatch):
    from assay.errors import MissingDependency

    monkeypatch.setattr("assay.workspace.find_uv", lambda: None)
    with pytest.raises(MissingDependency, match=r"not installed: greeting>=1 \(for ./use.py:look\)") as caught:
        project.run("a: {use: ./use.py:look}")
    assert "pip install uv" in caught.value.hint
