"""publish/mlflow against a real MLflow server on loopback, in an environment of its own: its pins and ours do not meet."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request

import pytest
from server_workshop import listening

from assay import Bundle
from assay.deployment.registration import RegistrationFault
from assay.library.publish.mlflow import mlflow

pytestmark = [pytest.mark.mlflow, pytest.mark.timeout(1800)]
ADDRESS = "oci://registry.example/radiology/covid-ct@sha256:" + "a" * 64


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start MLflow by uv, which keeps its environment for the next time; return the address."""
    root = tmp_path_factory.mktemp("mlflow")
    words = ["uv", "tool", "run", "--from", "mlflow>=3", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"]
    words += ["--backend-store-uri", f"sqlite:///{root}/db", "--artifacts-destination", f"{root}/artifacts"]
    with listening(lambda port: [*words, "--port", str(port)], log=root / "log") as port:
        _wait_until_healthy(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"


def _wait_until_healthy(address):
    until = time.monotonic() + 240
    while True:
        try:
            urllib.request.urlopen(address, timeout=30).close()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.5)
        else:
            return


def asked(server, call, /, **params):
    with urllib.request.urlopen(f"{server}/api/2.0/{call}?{urllib.parse.urlencode(params)}", timeout=240) as answer:
        return json.load(answer)


def test_a_bundle_is_registered_once_with_its_evidence(server, workshop, tmp_path, capsys):
    where = {"server": server, "storage": ADDRESS}
    number = mlflow(Bundle(tmp_path / "bundle"), alias="champion", **where)
    assert mlflow(Bundle(tmp_path / "bundle"), **where) == number
    assert "there already: version 1" in capsys.readouterr().out
    (version,) = asked(server, "mlflow/model-versions/search", filter="name='covid-ct'")["model_versions"]
    tags = {one["key"]: one["value"] for one in version["tags"]}
    assert (version["source"], tags["assay.verdict"], tags["assay.version"]) == (ADDRESS, "pass", "1.0.0")
    assert tags["assay.evidence.auroc.json"].startswith("oci://registry.example/radiology/covid-ct@sha256:")
    assert "Synthetic data" in version["description"]
    champion = asked(server, "mlflow/registered-models/alias", name="covid-ct", alias="champion")
    assert champion["model_version"]["version"] == number
    run = asked(server, "mlflow/runs/get", run_id=version["run_id"])["run"]
    assert run["info"]["status"] == "FINISHED"
    stored = asked(server, "mlflow/artifacts/list", run_id=version["run_id"], path="evidence")["files"]
    assert [one["path"] for one in stored] == ["evidence/auroc.json"]
    place = run["info"]["artifact_uri"].partition(":")[2].lstrip("/")
    with urllib.request.urlopen(
        f"{server}/api/2.0/mlflow-artifacts/artifacts/{place}/evidence/auroc.json", timeout=240
    ) as answer:
        assert answer.read() == (tmp_path / "bundle" / "evidence" / "auroc.json").read_bytes()
    workshop.make("other", materials=workshop.materials(value=0.8))
    with pytest.raises(RegistrationFault, match=r"has another model covid-ct 1\.0\.0 already"):
        mlflow(Bundle(tmp_path / "other"), **where)
