"""``assay studio`` as a person starts it: quick, quiet, and gone with Ctrl+C while its runs go on."""

import json
import signal
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request

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
        for _ in range(200):
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return json.loads(answer.read())
            except urllib.error.URLError as error:
                if isinstance(error, urllib.error.HTTPError) or "refused" not in str(error):
                    raise
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def stop(self, number):
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=20)
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
    deadline = time.monotonic() + 40
    while store.runs.held(run):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert fold(store.runs.events(run)).outcome is RunOutcome.SUCCEEDED
    store.close()


def test_a_file_is_opened_in_its_project(serve, project):
    (project / "sub").mkdir()
    (project / "sub" / "a b.pipeline.yaml").write_text("assay: 1")
    (project / ".assay").mkdir(exist_ok=True)
    server = serve(file="sub/a b.pipeline.yaml")
    assert server.facts["address"].endswith("&file=sub/a%20b.pipeline.yaml")


def test_a_taken_port_is_said(serve, project):
    port = serve().facts["port"]
    command = [ASSAY, "studio", str(project), "--no-browser", "--port", str(port)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_a_folder_that_is_not_there_is_said(tmp_path):
    command = [ASSAY, "studio", str(tmp_path / "none"), "--no-browser"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "there is no folder or file" in done.stderr
