"""Commands in images as steps: what they get, what is taken from them, and how their failures read."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from assay.engine.executors.container import Images, find_daemon, remove_left
from assay.engine.executors.container.request import LABEL
from assay.engine.job import Options
from assay.engine.selection import Selection
from assay.model.codec import load
from assay.model.events import StepFinished, StepKey, StepProgress, StepStarted

pytestmark = pytest.mark.container

IMAGE = "assay-test-busybox:1"
PROGRAMS = "sh cat cp id echo sleep head touch mkdir ln ls wc env tr grep dd ip kill".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def image():
    """An image with nothing but a static shell in it (Debian: busybox-static)."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add("/bin/busybox", "bin/busybox")
        for name in PROGRAMS:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for name in ("tmp", "proc", "data"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
    subprocess.run(["docker", "import", "-", IMAGE], input=archive.getvalue(), check=True, capture_output=True)
    return IMAGE


@pytest.fixture
def tool(project, image):
    """Write a container component that runs a line of shell."""
    project.folder.chmod(0o755)

    def write(script, more="", args="[]", name="tool", image=image):
        text = f"component: 1\ntitle: A tool\nimage: {image}\ncommand: [sh, -ec, {json.dumps(script)}, sh]\nargs: {args}\n{more}\n"
        (project.folder / f"{name}.component.yaml").write_text(text)

    return write


def failure(ran, name="t"):
    return ran.state.steps[StepKey(name)].failure


def left(mark=""):
    daemon = find_daemon()
    found = daemon.call("GET", "/containers/json", all=1, filters=json.dumps({"label": [LABEL]}))
    return [one for one in found if mark in one["Labels"][LABEL]]


def test_parameters_inputs_and_outputs(project, tool):
    tool(
        'tr a-z A-Z <"$1" >"$2"; echo "$3" >>"$2"; echo made; echo "$0 $#" >&2',
        args='["{{inputs.file}}", "{{outputs.text}}", "{{params.word}}"]',
        more="params: {word: 'a $HOME \"quoted\" ä'}\ninputs: {file: File}\noutputs: {text: {type: File, suffix: .txt}}",
    )
    steps = "m: {use: ./steps.py:make}\nt: {use: ./tool.component.yaml, in: {file: m.file}}"
    ran = project.run(steps)
    assert ran.outcome == "succeeded", failure(ran)
    assert ran.text("t", "text") == 'HELLOa $HOME "quoted" ä\n'
    assert sorted(ran.log("t").splitlines()) == ["made", "sh 3"]
    assert project.run(steps).statuses() == {"m": "reused", "t": "reused"}
    assert left(str(project.folder)) == []


def test_a_folder_many_inputs_a_value_and_what_it_prints(project, tool):
    tool(
        'echo "$@"; cat "$@" >/assay/outputs/all/joined; echo "[1, 2]" >/out/n.json; echo x >one.csv',
        args='[{each: "{{inputs.files}}"}]',
        more="inputs: {files: 'list[File]'}\noutputs: {all: {type: Folder, path: /assay/outputs/all}, n: {type: list, path: /out/n.json}, found: {type: File, glob: '*.csv'}}",
    )
    ran = project.run(
        "a: {use: ./steps.py:make, with: {text: one}}\nb: {use: ./steps.py:make, with: {text: two}}\n"
        "t: {use: ./tool.component.yaml, in: {files: [a.file, b.file]}}"
    )
    assert ran.outcome == "succeeded", failure(ran)
    folder = project.workspace.store.objects.path(ran.state.steps[StepKey("t")].outputs["all"])
    assert (folder / "joined").read_text() == "onetwo"
    assert ran.value("t", "n") == [1, 2]
    assert ran.text("t", "found") == "x\n"
    assert ran.log("t") == "/assay/inputs/files/0000.txt /assay/inputs/files/0001.txt\n"


def test_it_may_do_very_little(project, tool):
    """Not root, nothing written but where it may, no network, no capability, its inputs read-only, its files the engine's afterwards."""
    tool(
        'id -u >"$1"; for place in "$2" /etc/x /data/x /assay/x; do touch $place 2>/dev/null && echo wrote $place; done; '
        'grep -E "^(CapEff|NoNewPrivs)" /proc/self/status >>"$1"; ls /sys/class/net >>"$1"; touch ok; cd /tmp; touch ok',
        args='["{{outputs.text}}", "{{inputs.file}}"]',
        more="inputs: {file: File}\noutputs: {text: File}",
    )
    ran = project.run("m: {use: ./steps.py:make}\nt: {use: ./tool.component.yaml, in: {file: m.file}}")
    assert ran.outcome == "succeeded", failure(ran)
    uid, *facts = ran.text("t", "text").split()
    assert uid != "0"
    assert facts == ["CapEff:", "0000000000000000", "NoNewPrivs:", "1", "lo"]
    assert ran.log("t") == ""
    path = project.workspace.store.objects.path(ran.state.steps[StepKey("t")].outputs["text"])
    assert path.stat().st_uid == os.getuid()


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        ("exit 3", "exit-status", "the command ended with status 3"),
        ("kill -9 $$", "killed", "killed by signal 9 (SIGKILL)"),
        ("echo nothing", "missing-output", "output 'text': nothing was returned or written"),
        ("ln -s /etc/passwd /assay/outputs/text", "bad-output", "among the outputs is a link: outputs/text"),
        ("mkdir /assay/outputs/text", "bad-output", "output 'text' is a folder, File is a file"),
        ("head -c 200000000 /dev/zero >/dev/null; dd if=/dev/zero of=/dev/shm/x bs=1M count=60", "out-of-memory", "needed more than 32Mi"),
    ],
)  # fmt: skip
def test_how_it_fails(project, tool, script, code, message):
    tool(script, args='["{{outputs.text}}"]', more="outputs: {text: File}\nresources: {memory: 32Mi}")
    ran = project.run("t: {use: ./tool.component.yaml}")
    assert failure(ran).code == code, failure(ran)
    assert message in failure(ran).message
    assert left(str(project.folder)) == []


def test_a_program_that_the_image_has_not(project, tool, image):
    (project.folder / "tool.component.yaml").write_text(
        f"component: 1\ntitle: A tool\nimage: {image}\ncommand: [fit]\n"
    )
    ran = project.run("t: {use: ./tool.component.yaml}")
    assert (failure(ran).code, failure(ran).message) == ("exit-status", "the command ended with status 127")
    assert "the image does not have the program" in failure(ran).hint
    assert "exec fit failed: No such file or directory" in ran.log("t")


def test_an_image_that_cannot_be_pulled(project, tool):
    tool("true", image="localhost:1/nowhere/tool:1")
    ran = project.run("t: {use: ./tool.component.yaml}")
    assert failure(ran).code == "image-pull"
    assert failure(ran).message.startswith("the image localhost:1/nowhere/tool:1 cannot be pulled: ")
    assert failure(ran).hint
    told = [getattr(logged, "event", logged) for logged in ran.events]
    assert [event.message for event in told if isinstance(event, StepProgress)] == ["pulls localhost:1/nowhere/tool:1"]


def test_the_content_of_the_image_counts_and_not_its_name(project, tool, image):
    tool('echo 1 >"$1"', args='["{{outputs.n}}"]', more="outputs: {n: int}", image="assay-test-name:1")
    steps = "t: {use: ./tool.component.yaml}"
    subprocess.run(["docker", "tag", image, "assay-test-name:1"], check=True)
    assert project.run(steps).statuses() == {"t": "succeeded"}
    assert project.run(steps).statuses() == {"t": "reused"}
    build = f"FROM {image}\nENV changed=1\n"
    subprocess.run(
        ["docker", "build", "-q", "-t", "assay-test-name:1", "-"], input=build.encode(), check=True, capture_output=True
    )
    ran = project.run(steps)
    assert ran.state.steps[StepKey("t")].reasons == ("environment changed",)


def test_a_secret_is_in_its_environment_and_in_no_log(project, tool, monkeypatch):
    monkeypatch.setenv("ASSAY_SECRET_KEY", "hush-hush-1234")
    tool(
        'echo "it is $TOKEN"; test "$TOKEN" = hush-hush-1234',
        more="params: {token: {type: str, secret: true}}\nenv: {TOKEN: '{{params.token}}'}",
    )
    ran = project.run("t: {use: ./tool.component.yaml, secrets: {token: KEY}}")
    assert ran.outcome == "succeeded", failure(ran)
    assert ran.log("t") == "it is ***\n"


def test_what_a_command_used_is_recorded(project, tool):
    """Seconds of cpu and bytes of memory, of all its processes; a short one too."""
    tool(
        'dd if=/dev/zero of=/dev/null bs=64M count=60; echo 1 >"$1"', args='["{{outputs.n}}"]', more="outputs: {n: int}"
    )
    ran = project.run("t: {use: ./tool.component.yaml}")
    (done,) = [logged.event for logged in ran.events if isinstance(logged.event, StepFinished)]
    assert 0.01 < done.cpu_seconds < 60
    assert 64e6 < done.peak_memory < 400e6
    tool("true", name="short")
    ran = project.run("t: {use: ./short.component.yaml}")
    (done,) = [logged.event for logged in ran.events if isinstance(logged.event, StepFinished)]
    assert done.cpu_seconds > 0
    assert done.peak_memory > 0


def test_the_content_of_an_input_is_a_word(project, image):
    project.folder.chmod(0o755)
    (project.folder / "say.kfp.yaml").write_text(
        "name: Say\ninputs: [{name: Text, type: File}]\noutputs: [{name: Said, type: File}]\n"
        f"implementation:\n  container:\n    image: {image}\n"
        '    command: [sh, -ec, \'cat "$1" >"$3"; echo "-$2" >>"$3"\', sh]\n'
        "    args: [{inputPath: Text}, {inputValue: Text}, {outputPath: Said}]\n"
    )
    steps = "m: {use: ./steps.py:make, with: {text: '%s'}}\nt: {use: ./say.kfp.yaml, in: {text: m.file}}"
    ran = project.run(steps % 'a $HOME "ä"')
    assert ran.outcome == "succeeded", failure(ran)
    assert ran.text("t", "said") == 'a $HOME "ä"-a $HOME "ä"\n'
    ran = project.run(steps % ("x" * 100_001))
    assert failure(ran).code == "bad-input"
    assert "more than 100000 bytes" in failure(ran).message


def test_killed_from_outside(project, tool):
    tool("echo on; sleep 600")

    def kill(logged):
        if isinstance(logged.event, StepStarted):
            threading.Thread(target=end_it).start()

    def end_it():
        until = time.monotonic() + 240
        while time.monotonic() < until:
            for one in left(str(project.folder)):
                if one["State"] == "running":
                    return find_daemon().call("POST", f"/containers/{one['Id']}/kill", signal="SIGKILL")
            time.sleep(0.05)
        return None

    ran = project.run("t: {use: ./tool.component.yaml}", observe=kill)
    assert failure(ran).code == "killed"
    assert failure(ran).message.startswith("killed by signal 9 (SIGKILL), from outside or because")
    assert "docker kill" in failure(ran).hint
    assert left(str(project.folder)) == []


def test_a_gpu_where_there_is_none(project, tool, monkeypatch):
    """The engine holds one, as on a machine whose container engine was never told of it: the request for it is refused in words."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    tool("true", more="resources: {gpu: 1}")
    ran = project.run("t: {use: ./tool.component.yaml}")
    assert failure(ran).code == "container"
    assert "NVIDIA Container Toolkit" in failure(ran).hint
    assert left(str(project.folder)) == []


def test_the_example_runs_and_its_container_stands_between_functions(project):
    example = Path(__file__).parents[3] / "examples" / "05_container"
    for file in example.iterdir():
        shutil.copy(file, project.folder)
    project.folder.chmod(0o755)
    checked = project.workspace.check(
        load((project.folder / "words.pipeline.yaml").read_text(), str(project.folder / "words.pipeline.yaml"))
    )
    result = project.workspace.run(checked, {}, Selection(), Options())
    state = project.workspace.state(result.run)
    assert str(result.outcome) == "succeeded"
    assert state.steps[StepKey("count")].outputs["value"].json == 4


@pytest.mark.parametrize("then", ["resume", "gc"])
def test_kill_nine_of_the_engine_while_a_container_runs(project, tool, then):
    """Nothing that had finished is redone, the step in flight runs again, no container is left."""
    marker = project.folder / "done"
    tool('if test -e "$1"; then echo 2 >"$2"; else sleep 600; fi', args='["{{inputs.go}}/go", "{{outputs.n}}"]',
         more="inputs: {go: Folder}\noutputs: {n: int}")  # fmt: skip
    (project.folder / "go.py").write_text(
        "from assay import Folder, component, step\n\n@component(cache=False)\ndef go() -> Folder:\n    'Go.'\n"
        f"    with open({str(marker)!r}, 'a') as file: file.write('x')\n"
        "    out = step.output('folder', Folder)\n    (out / 'x').write_text('')\n    return out\n"
    )
    (project.folder / "p.yaml").write_text(
        "assay: 1\nname: p\nsteps:\n  go: {use: ./go.py:go}\n  t: {use: ./tool.component.yaml, in: {go: go.folder}, timeout: 20s}\n"
    )
    assay = Path(sys.executable).with_name("assay")
    command = [assay, "run", "p.yaml"]
    engine = subprocess.Popen(command, cwd=project.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 240
    while not [one for one in left(str(project.folder)) if one["State"] == "running"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    engine.kill()
    engine.wait()
    assert left(str(project.folder))
    again = subprocess.run([assay, then], cwd=project.folder, capture_output=True, text=True, check=False)
    assert left(str(project.folder)) == []
    assert marker.read_text() == "x"
    if then == "gc":
        assert "1 container" in again.stdout
    else:
        assert "did not finish within 20 s" in again.stdout + again.stderr


def test_a_timeout_ends_the_container(project, tool):
    tool("trap '' TERM; sleep 600")
    ran = project.run("t: {use: ./tool.component.yaml, timeout: 1s}")
    assert failure(ran).code == "timeout"
    assert left(str(project.folder)) == []


def test_an_image_for_a_component_in_python(project):
    project.folder.chmod(0o755)
    (project.folder / "look.py").write_text(
        "from pathlib import Path\nfrom assay import File, component, step\n\n"
        "@component(requires=('nowhere-2b-found',))\ndef look(file: File, *, extra: Path) -> dict:\n    'Look around.'\n"
        "    import os\n    step.log_metric('m', 1.5)\n    print('inside')\n"
        "    hidden = not os.path.exists(os.path.join(os.path.dirname(__file__), '.assay', 'assay.db'))\n"
        "    return {'uid': os.getuid(), 'text': file.path.read_text(), 'extra': extra.read_text(), 'hidden': hidden}\n"
    )
    (project.folder / "extra.txt").write_text("more")
    steps = (
        "m: {use: ./steps.py:make}\n"
        "t: {use: ./look.py:look, in: {file: m.file}, with: {extra: extra.txt}, image: 'python:3.11-slim'}"
    )
    ran = project.run(steps)
    assert ran.outcome == "succeeded", failure(ran)
    value = ran.value("t")
    assert value.pop("uid") != 0
    assert value == {"text": "hello", "extra": "more", "hidden": True}
    assert ran.log("t") == "inside\n"
    assert project.run(steps).statuses()["t"] == "reused"


def test_what_a_dead_engine_left_is_removed(project, image):
    daemon = find_daemon()
    marks = [f"{project.workspace.store.root}:dead#container", f"{project.workspace.store.root}:alive#container"]
    for mark in marks:
        body = {"Image": image, "Cmd": ["sleep", "600"], "Labels": {LABEL: mark}}
        daemon.call("POST", f"/containers/{daemon.call('POST', '/containers/create', body)['Id']}/start")
    store = f"{project.workspace.store.root}:"
    assert remove_left(Images(), store, lambda mark: mark.endswith("alive")) == 1
    assert [one["Labels"][LABEL] for one in left(store)] == marks[1:]
    assert remove_left(Images(), store, lambda _: False) == 1
