"""A bundle as an image: built, started read-only as a user that is not root, asked over HTTP and gRPC, and refused when changed."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from bundle_workshop import Workshop

pytestmark = [pytest.mark.container, pytest.mark.timeout(1800)]

ASSAY = Path(sys.executable).parent / "assay"
HARD = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


def docker(*words, status=0):
    done = subprocess.run(["docker", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A bundle, its signer's key, and the image of it."""
    root = tmp_path_factory.mktemp("image")
    workshop = Workshop(root, now=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))
    workshop.make()
    key = root / "signer.pub"
    key.write_text(workshop.key.public.pem)
    tag = f"assay-test/predictor:{secrets.token_hex(4)}"
    words = ["--key", key, "--out", root / "context", "--tag", tag, "--network", "host"]
    done = subprocess.run(
        [ASSAY, "bundle", "image", root / "bundle", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the predictor answers in its image" in done.stdout + done.stderr
    yield root, tag
    docker("rmi", "--force", tag)


@pytest.fixture
def started():
    """Start containers that end with the test."""
    names = []

    def start(*words):
        names.append(
            docker("run", "--detach", *HARD, "--publish", "127.0.0.1::8080", "--publish", "127.0.0.1::8081", *words)
        )
        return names[-1]

    yield start
    for name in names:
        docker("rm", "--force", name)


def port(name, inside):
    return int(docker("port", name, inside).rpartition(":")[2])


def healthy(name):
    for _ in range(600):
        state = json.loads(docker("inspect", name))[0]["State"]
        if state.get("Health", {}).get("Status") == "healthy":
            return
        assert state["Running"], docker("logs", name)
        time.sleep(0.5)
    pytest.fail(docker("logs", name))


def asked(address, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data), timeout=120) as answer:
        return json.load(answer)


def test_it_answers_over_both_protocols_read_only_and_not_as_root(made, started):
    from tritonclient import grpc

    root, tag = made
    name = started(tag)
    healthy(name)
    facts = json.loads(docker("image", "inspect", tag))[0]["Config"]
    assert facts["User"] == "10001:10001"
    assert facts["Labels"]["ml.assay.overridden"] == "no"
    assert docker("exec", name, "id", "-u") == "10001"
    docker("exec", name, "touch", "/bundle/x", status=1)
    example = json.loads((root / "bundle" / "example" / "request.json").read_text())
    expected = json.loads((root / "bundle" / "example" / "answer.json").read_text())["probabilities"]
    answer = asked(f"http://127.0.0.1:{port(name, 8080)}/v2/models/covid-ct/infer", example)
    assert answer["outputs"][0]["data"] == pytest.approx(expected, abs=1e-3)
    tensor = example["inputs"][0]
    given = grpc.InferInput("image", tensor["shape"], "FP32")
    given.set_data_from_numpy(np.array(tensor["data"], dtype=np.float32).reshape(tensor["shape"]))
    with grpc.InferenceServerClient(f"127.0.0.1:{port(name, 8081)}") as client:
        assert client.infer("covid-ct", [given]).as_numpy("probabilities")[0] == pytest.approx(expected, abs=1e-3)
    heat = asked(f"http://127.0.0.1:{port(name, 8080)}/v2/models/covid-ct/explain", example)
    assert heat["explanations"][0]["method"]["name"] == "occlusion"
    said = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True).stderr
    asks = [json.loads(line)["ask"] for line in said.splitlines() if line.startswith("{")]
    assert asks == ["infer", "infer", "explain"]
    docker("stop", "--time", "20", name)
    assert json.loads(docker("inspect", name))[0]["State"]["ExitCode"] == 0


def test_an_image_whose_bundle_was_changed_does_not_answer(made):
    root, tag = made
    other = root / "changed"
    subprocess.run(["cp", "-r", root / "bundle", other], check=True)
    (other / "model" / "model.json").write_text((other / "model" / "model.json").read_text() + " ")
    done = subprocess.run(
        ["docker", "run", "--rm", *HARD, "--volume", f"{other}:/bundle:ro", tag],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "model/model.json is not the file that was signed" in done.stdout + done.stderr


def test_it_serves_a_bundle_that_is_mounted_as_kserve_does(made, started):
    root, tag = made
    keys = root / "others"
    keys.mkdir()
    (keys / "clinic.pub").write_text((root / "signer.pub").read_text())
    keys.chmod(0o755)
    name = started(
        "--entrypoint", "assay", "--env", "ASSAY_KEYS=/etc/assay/keys", "--volume", f"{keys}:/etc/assay/keys:ro",
        "--volume", f"{root / 'bundle'}:/mnt/models:ro", tag,
        "serve", "/mnt/models", "--host", "0.0.0.0", "--port", "8080",
    )  # fmt: skip
    healthy(name)
    address = f"http://127.0.0.1:{port(name, 8080)}"
    assert asked(f"{address}/v1/models") == {"models": ["covid-ct"]}
    with pytest.raises(urllib.error.HTTPError):
        asked(f"{address}/v2/models/other")
