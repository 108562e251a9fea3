"""``assay serve`` as a process: both protocols, its log, its events, and how it ends."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bundle_workshop import Workshop
from tritonclient import grpc

ASSAY = Path(sys.executable).parent / "assay"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    workshop = Workshop(tmp_path_factory.mktemp("serve"), now=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))
    workshop.make()
    (workshop.root / "signer.pub").write_text(workshop.key.public.pem)
    return workshop.root / "bundle"


@pytest.fixture
def sink():
    """Takes events, and remembers their types."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            taken.append(self.headers["ce-type"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", taken
    server.shutdown()
    server.server_close()


def words(bundle, *more):
    key = bundle.parent / "signer.pub"
    return [ASSAY, "serve", bundle, "--key", key, "--port", "0", "--json", *more]


def test_it_answers_over_both_protocols_logs_tells_and_ends_when_asked(bundle, sink):
    address, taken = sink
    example = json.loads((bundle / "example" / "request.json").read_text())
    more = ["--grpc-port", "0", "--batch-wait", "1", "--events", address]
    with subprocess.Popen(words(bundle, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        told = json.loads(serving.stdout.readline())
        url = f"{told['address']}/v2/models/covid-ct/infer"
        request = urllib.request.Request(url, json.dumps(example).encode(), {"x-request-id": "r-1"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert answer.headers["x-request-id"] == "r-1"
            score = json.load(answer)["outputs"][1]["data"][0]
        with grpc.InferenceServerClient(told["grpc"]) as client:
            given = grpc.InferInput("image", example["inputs"][0]["shape"], "FP32")
            given.set_data_from_numpy(_values(example))
            assert client.infer("covid-ct", [given]).as_numpy("score")[0] == pytest.approx(score, abs=1e-6)
        assert _most_memory(serving.pid) <= 250 << 20
        serving.send_signal(signal.SIGTERM)
        said = serving.stderr.read()
        assert serving.wait(120) == 0
    facts = [json.loads(line) for line in said.splitlines()]
    assert facts[0]["request"] == "r-1"
    assert [(one["protocol"], one["status"]) for one in facts] == [("http", "200"), ("grpc", "OK")]
    assert taken == ["assay.inference.completed"] * 2


def _most_memory(pid):
    """Bytes that a process held at its largest."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _values(example):
    import numpy as np

    tensor = example["inputs"][0]
    return np.array(tensor["data"], dtype=np.float32).reshape(tensor["shape"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--events-payloads"], "there is no address to send payloads to"),
        (["--events", "ftp://x"], "events are sent to an http:// or https:// address"),
        (["--batch-wait", "-1"], "--batch-wait"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_listens(bundle, more, said):
    done = subprocess.run(words(bundle, *more), capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
