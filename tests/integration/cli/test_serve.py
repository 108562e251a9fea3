"""``assay serve`` as a process: both protocols, its log, its events, and how it ends."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bundle_workshop import Workshop
from grpc import insecure_channel
from tritonclient import grpc
from tritonclient.grpc import service_pb2 as messages

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
        assert _memory(serving.pid, "VmHWM") <= 250 << 20
        serving.send_signal(signal.SIGTERM)
        said = serving.stderr.read()
        assert serving.wait(120) == 0
    facts = [json.loads(line) for line in said.splitlines()]
    assert facts[0]["request"] == "r-1"
    assert [(one["protocol"], one["status"]) for one in facts] == [("http", "200"), ("grpc", "OK")]
    assert taken == ["assay.inference.completed"] * 2


NEEDLESS = {
    "torch", "torchvision", "pandas", "pyarrow", "scipy", "sklearn", "statsmodels", "matplotlib", "onnx", "PIL", "pydicom", "grpc",
    "tritonclient", "kubernetes", "kfp", "mlflow", "nvflare", "oras", "requests", "rich", "websockets",
    "assay.engine", "assay.workspace", "assay.library", "assay.catalog", "assay.server",
}  # fmt: skip
"""What no answer about a tensor needs, and what would make the start slow and the server large."""


def test_the_start_imports_nothing_that_answers_do_not_need(bundle):
    told = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}  # the interpreter itself lists what it imports
    with subprocess.Popen(
        words(bundle), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=told
    ) as serving:
        said, reader = [], threading.Thread(target=lambda: said.extend(serving.stderr))
        reader.start()
        address = json.loads(serving.stdout.readline())["address"]
        asked(address, (bundle / "example" / "request.json").read_bytes())
        serving.send_signal(signal.SIGTERM)
        reader.join()
        assert serving.wait(120) == 0
    modules = {line.rpartition("|")[2].strip() for line in said if line.startswith("import time:")}
    assert {"assay.serving.app", "onnxruntime", "numpy", "uvicorn"} <= modules
    assert sorted(modules & NEEDLESS) == []


def asked(address, body):
    """Return the status of an answer."""
    request = urllib.request.Request(f"{address}/v2/models/covid-ct/infer", body)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_thousand_requests_over_both_protocols_leave_nothing_behind(bundle):
    chance = random.Random(3)
    example = json.loads((bundle / "example" / "request.json").read_text())
    over_http = json.dumps(example).encode()
    only = messages.ModelInferRequest.InferInputTensor(
        name="image", datatype="FP32", shape=example["inputs"][0]["shape"]
    )
    raw = _values(example).astype("<f4").tobytes()
    message = messages.ModelInferRequest(
        model_name="covid-ct", inputs=[only], raw_input_contents=[raw]
    ).SerializeToString()
    with subprocess.Popen(words(bundle, "--grpc-port", "0", "--no-log"), stdout=subprocess.PIPE, text=True) as serving:
        told = json.loads(serving.stdout.readline())
        with insecure_channel(told["grpc"]) as channel:
            send = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")

            def both(number):
                every = number % 5 == 0
                call = send.future(message if every else mangled(message, chance), timeout=120)
                call.exception()
                return asked(told["address"], over_http if every else mangled(over_http, chance)), call.code().name

            found = [both(number) for number in range(150)]  # until pools, caches and counters are filled
            before = _memory(serving.pid, "VmRSS")
            found += [both(number) for number in range(500)]
            grown = _memory(serving.pid, "VmRSS") - before
        assert _memory(serving.pid, "VmHWM") <= 250 << 20
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(120) == 0
    assert {status for status, _ in found} <= {200, 400}
    assert {code for _, code in found} <= {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "OUT_OF_RANGE"}
    assert found.count((200, "OK")) >= 130
    assert grown < 16 << 20, f"{grown >> 20} MiB more after a thousand requests"


def mangled(whole, chance):
    """Return a request with some of its first bytes changed, and sometimes its end cut off."""
    body = bytearray(whole)
    for _ in range(chance.randint(1, 6)):
        body[chance.randrange(min(120, len(body)))] = chance.randrange(256)
    return bytes(body[: chance.randrange(len(body))] if chance.random() < 0.2 else body)


def _memory(pid, what):
    """Bytes of a process: ``VmRSS`` now, ``VmHWM`` at its largest."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(what))


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
