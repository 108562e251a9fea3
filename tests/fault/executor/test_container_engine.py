"""The container engine itself fails: one of its own for this test, so that nobody else's is ended."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import tarfile
import threading
import time
from pathlib import Path

import pytest

from assay.engine.executors.container import ContainerError, find_daemon
from assay.engine.job import Options
from assay.engine.selection import Selection
from assay.model.codec import load
from assay.model.events import StepKey, StepStarted
from assay.workspace import Workspace


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """A dockerd with one image, on a socket in a folder."""
    folder = tmp_path / "docker"
    host = f"unix://{folder}/d.sock"
    folder.mkdir()
    # In a network of its own: without a bridge it would remove that of the machine's docker.
    words = [
        "unshare",
        "--net",
        "dockerd",
        "--data-root",
        folder / "data",
        "--exec-root",
        folder / "exec",
        "--pidfile",
        folder / "pid",
    ]
    words += ["-H", host, "--bridge", "none", "--iptables=false"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    monkeypatch.setenv("DOCKER_HOST", host)
    until = time.monotonic() + 240
    while subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        assert time.monotonic() < until, (folder / "log").read_text()[-2000:]
        time.sleep(0.2)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add("/bin/busybox", "bin/sleep")
    subprocess.run(["docker", "import", "-", "sleeper:1"], input=archive.getvalue(), check=True, capture_output=True)
    yield process
    containerd = int((folder / "exec" / "containerd" / "containerd.pid").read_text())
    process.kill()
    process.wait()
    os.kill(containerd, signal.SIGKILL)
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if str(folder) in line]
    subprocess.run(["umount", "--lazy", *sorted(places, reverse=True)], check=True)  # or nobody can remove the folder


@pytest.mark.container
@pytest.mark.timeout(600)
def test_it_dies_in_the_middle(engine, tmp_path):
    """The step fails with words, nothing hangs, and no process of the step is there after the next run."""
    tmp_path.chmod(0o755)
    (tmp_path / ".assay").mkdir()
    (tmp_path / "t.component.yaml").write_text(
        "component: 1\ntitle: Sleep\nimage: sleeper:1\ncommand: [sleep, '600']\n"
    )
    (tmp_path / "p.yaml").write_text("assay: 1\nname: p\nsteps:\n  t: {use: ./t.component.yaml}\n")
    workspace = Workspace.open(tmp_path)

    def running():
        found = find_daemon().call("GET", "/containers/json", filters=json.dumps({"label": ["org.assay.run"]}))
        return [one for one in found if one["State"] == "running"]

    def kill():
        until = time.monotonic() + 240
        while not running() and time.monotonic() < until:
            time.sleep(0.1)
        engine.kill()

    def observe(logged):
        if isinstance(logged.event, StepStarted) and engine.poll() is None:
            threading.Thread(target=kill).start()

    def run():
        checked = workspace.check(load((tmp_path / "p.yaml").read_text(), str(tmp_path / "p.yaml")))
        result = workspace.run(checked, {}, Selection(), Options(), observe=observe)
        return workspace.state(result.run).steps[StepKey("t")].failure

    failure = run()
    assert failure.code == "container", failure
    assert "d.sock" in failure.message
    assert "assay doctor" in failure.hint
    assert run().code == "container"
    marked = f"ASSAY_ORPHAN_MARK={workspace.store.root}:".encode()
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    assert marked not in file.read(), name
            except OSError:
                continue


@pytest.mark.container
def test_a_socket_that_is_somebody_else_s(tmp_path):
    """Asked as a user without rights on it, in a process of its own: root may always."""
    tmp_path.chmod(0o755)
    path = tmp_path / "d.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0o600)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setresuid(65534, 65534, 65534)
                find_daemon({"DOCKER_HOST": f"unix://{path}"})
            except ContainerError as error:
                os.write(writer, json.dumps([error.message, error.hint]).encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        message, hint = json.loads(os.read(reader, 10_000))
    assert message == f"the container engine at {path} takes no calls: Permission denied"
    assert "usermod -aG docker" in hint
