"""``assay studio`` as a person starts it: quick, quiet, and gone with Ctrl+C while its runs go on."""

import contextlib
import json
import signal
import socket
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from assay.model.events import RunOutcome
from assay.model.state import fold
from assay.store import Store

ASSAY = f"{sysconfig.get_path('scripts')}/assay"


class Server:
    def __init__(self, project, *options):
        command = [ASSAY, "studio", str(project), "--no-browser", "--json", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.facts = json.loads(self.process.stdout.readline())

    def ask(self, path, body=None):
        address = f"http://127.0.0.1:{self.facts['port']}/api/{path}"
        headers = {"authorization": f"Bearer {self.facts['token']}", "content-type": "application/json"}
        request = urllib.request.Request(address, None if body is None else json.dumps(body).encode(), headers)
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:
                    return json.loads(answer.read())
            except urllib.error.URLError as error:
                if isinstance(error, urllib.error.HTTPError) or "refused" not in str(error):
                    raise
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def stop(self, number):
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=120)
        return self.process.returncode, errors


@pytest.fixture
def serve(project):
    servers = []

    def start(*options, file="."):
        servers.append(Server(project / file, *options))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_outlives_its_server(serve, project, number):
    file = project / "toy.pipeline.yaml"
    file.write_text(file.read_text().replace("seconds: 0.01", f"until: {project}/go"))
    server = serve()
    run = server.ask("runs", {"path": "toy.pipeline.yaml"})["run"]
    status, errors = server.stop(number)
    assert status == -number if number == signal.SIGKILL else status in {0, -number, 130}
    assert "Traceback" not in errors
    again = serve()
    assert again.ask(f"runs/{run}")["status"] == "running"
    (project / "go").touch()
    store = Store.open(project / ".assay")
    deadline = time.monotonic() + 240
    while store.runs.held(run):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert fold(store.runs.events(run)).outcome is RunOutcome.SUCCEEDED
    store.close()


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("GET /api/files", {"authorization": ""}, 401),
        ("GET /api/files", {"authorization": "Bearer x"}, 401),
        ("GET /api/files", {"host": "evil.example"}, 403),
        ("POST /api/runs", {"origin": "http://evil.example"}, 403),
        ("POST /api/runs", {"sec-fetch-site": "cross-site"}, 403),
        ("GET /api/documents/../../etc/passwd", {}, 404),
        ("GET /api/documents/%2e%2e/%2e%2e/etc/passwd", {}, 403),
        ("GET /api/documents/link", {}, 403),
        ("GET /../../../etc/passwd", {}, 404),
        ("PUT /api/documents/x.yaml", {"content-length": str(1 << 30)}, 413),
    ],
)
def test_a_stranger_at_the_socket_is_refused(strangers, line, headers, status):
    """Byte for byte, as no polite client would write it."""
    server = strangers
    asked = {"host": f"127.0.0.1:{server.facts['port']}", "authorization": f"Bearer {server.facts['token']}", **headers}
    text = (
        f"{line} HTTP/1.1\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in asked.items())
        + "connection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.facts["port"]), timeout=120) as wire:
        wire.sendall(text.encode())
        answer = b""
        while part := wire.recv(65536):
            answer += part
    found = int(answer.split(b" ", 2)[1])
    assert found == status or (status in {403, 404} and found in {403, 404})
    assert b"root:" not in answer


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    project = tmp_path_factory.mktemp("project")
    (project / "link").symlink_to("/etc/passwd")
    server = Server(project)
    server.ask("session")
    yield server
    server.stop(signal.SIGKILL)


def test_a_body_without_a_length_is_cut_at_the_limit(strangers):
    port, token = strangers.facts["port"], strangers.facts["token"]
    with socket.create_connection(("127.0.0.1", port), timeout=120) as wire:
        head = f"PUT /api/documents/x.yaml HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n"
        wire.sendall(f"{head}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
        with contextlib.suppress(OSError):  # a server that has heard enough may hang up
            for _ in range(17):
                wire.sendall(chunk)
            wire.sendall(b"0\r\n\r\n")
        with contextlib.suppress(OSError):
            assert b" 20" not in wire.recv(65536).split(b"\r\n")[0]
    assert strangers.ask("files") is not None


def test_a_file_is_opened_in_its_project(serve, project):
    (project / "sub").mkdir()
    (project / "sub" / "a b.pipeline.yaml").write_text("assay: 1")
    (project / ".assay").mkdir(exist_ok=True)
    server = serve(file="sub/a b.pipeline.yaml")
    assert server.facts["address"].endswith("&file=sub/a%20b.pipeline.yaml")


def test_a_taken_port_is_said(serve, project):
    port = serve().facts["port"]
    command = [ASSAY, "studio", str(project), "--no-browser", "--port", str(port)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=240)
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_a_folder_that_is_not_there_is_said(tmp_path):
    command = [ASSAY, "studio", str(tmp_path / "none"), "--no-browser"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=240)
    assert done.returncode == 2
    assert "there is no folder or file" in done.stderr


def test_a_server_that_has_answered_holds_less_than_100_mb(serve):
    server = serve()
    server.ask("session")
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    assert peak < 100 * 1024
