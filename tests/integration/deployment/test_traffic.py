"""A service as its callers meet it: two versions of the predictor and an explainer, each a real process, behind a router by path and weight."""

from __future__ import annotations

import collections
import datetime as dt
import json
import threading
import urllib.request

import numpy as np
import pytest
from deployment_workshop import candidate, settings
from ingress_workshop import Ingress
from kube_workshop import Predictor
from model_workshop import write_linear_model
from tritonclient import grpc

from assay.deployment.documents import documents
from assay.deployment.settings import Mode

pytestmark = pytest.mark.slow


@pytest.fixture
def versions(workshop, tmp_path):
    """The documents of two versions whose models answer otherwise; the newer one as a canary with an explainer."""
    workshop.make("newer", version="2.0.0", later=dt.timedelta(days=1), materials=_other(workshop, tmp_path))
    later = dt.timedelta(days=2)
    old, new = (candidate(workshop, name, later=later) for name in ("bundle", "newer"))
    how = {"mode": Mode.KNATIVE, "explainer": True}
    return (
        documents(old, settings(old, storage="pvc://models/old", **how)),
        documents(new, settings(new, storage="pvc://models/new", canary=10, **how)),
    )


def _other(workshop, folder):
    workshop.model = write_linear_model(folder / "other", np.full((4, 4), -0.2))
    return workshop.materials()


@pytest.fixture
def start(tmp_path):
    """Start pods as real processes, and wait until each answers or ended."""
    claims = {"pvc://models/old": tmp_path / "bundle", "pvc://models/new": tmp_path / "newer"}
    started = []

    def start(*pods):
        mine = [Predictor.start(pod, keys, tmp_path, claims) for pod, keys in pods]
        started.extend(mine)
        tick = threading.Event()
        while any(one.http is None and not one.error for one in mine):
            tick.wait(0.05)
        assert not any(one.error for one in mine), [one.error for one in mine]
        return mine

    yield start
    for one in started:
        one.end()


def asked(address, path, body):
    request = urllib.request.Request(
        f"{address}{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def counted(predictor, what):
    with urllib.request.urlopen(f"{predictor.http}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f'assay_requests_total{{ask="{what}"'))


def test_a_canary_gets_its_share_and_explanations_go_to_the_explainer(versions, start, tmp_path):
    (old_keys, old), (new_keys, new) = versions
    spec = new["spec"]
    predictor, canary, explainer = start(
        (old["spec"]["predictor"], old_keys["data"]),
        (spec["predictor"], new_keys["data"]),
        (spec["explainer"], new_keys["data"]),
    )
    percent = spec["predictor"]["canaryTrafficPercent"]
    router = Ingress({predictor.http: 100 - percent, canary.http: percent}, explainer.http)
    try:
        example = json.loads((tmp_path / "newer" / "example" / "request.json").read_text())
        wanted = {
            version: json.loads((tmp_path / name / "example" / "answer.json").read_text())["probabilities"]
            for version, name in (("1.0.0", "bundle"), ("2.0.0", "newer"))
        }
        seen = collections.Counter()
        for _ in range(100):
            answer = asked(router.address, "/v2/models/covid-ct/infer", example)
            seen[answer["model_version"]] += 1
            shares = next(one["data"] for one in answer["outputs"] if one["name"] == "probabilities")
            assert shares == pytest.approx(wanted[answer["model_version"]], abs=1e-3)
        assert seen == {"1.0.0": 90, "2.0.0": 10}
        pixels = np.reshape(example["inputs"][0]["data"], (1, 4, 4)).tolist()
        for _ in range(3):
            (explained,) = asked(router.address, "/v1/models/covid-ct:explain", {"instances": pixels})["explanations"]
            assert len(explained["heatmap"]["data"]) == 16
            assert explained["probabilities"]["covid"] == pytest.approx(wanted["2.0.0"][1], abs=1e-3)
        assert [counted(one, "infer") for one in (predictor, canary, explainer)] == [90, 10, 0]
        assert [counted(one, "explain") for one in (predictor, canary, explainer)] == [0, 0, 3]
    finally:
        router.close()


def test_a_plain_deployment_answers_alike_over_both_ports(workshop, start, tmp_path):
    found = candidate(workshop, later=dt.timedelta(days=2))
    keys, service = documents(found, settings(found, storage="pvc://models/old"))
    (pod,) = start((service["spec"]["predictor"], keys["data"]))
    assert pod.leads == ["http1", "grpc-port"]
    example = json.loads((tmp_path / "bundle" / "example" / "request.json").read_text())
    over_http = asked(pod.http, "/v2/models/covid-ct/infer", example)
    tensor = example["inputs"][0]
    with grpc.InferenceServerClient(pod.grpc) as client:
        given = grpc.InferInput("image", tensor["shape"], "FP32")
        given.set_data_from_numpy(np.array(tensor["data"], dtype=np.float32).reshape(tensor["shape"]))
        over_grpc = client.infer("covid-ct", [given]).as_numpy("probabilities").ravel()
    assert over_grpc == pytest.approx(over_http["outputs"][0]["data"], abs=1e-6)


def test_where_knative_leads_to_grpc_alone_it_is_asked_over_grpc(assay, deploy, clusters):
    done = deploy("--site", "bern", "--mode", "knative", "--grpc")
    assert (done.status, done.sites["bern"]["detail"]) == (0, "it answers as here"), done.sites
    assert clusters[0].predictors["covid-ct"].address.removeprefix("http://") == clusters[0].predictors["covid-ct"].grpc
    listed = assay("sites", "--site", "bern")
    assert (listed.status, "not asked: it answers over gRPC only" in listed.out) == (0, True)
    refused = deploy("--site", "bern", "--mode", "knative", "--grpc", "--ask", "proxy")
    assert "no gRPC goes through the API server" in refused.err
