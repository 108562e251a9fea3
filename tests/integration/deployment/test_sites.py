"""Deploying to clusters: real documents to a real API over TLS, real predictors behind it, and every way in which it goes wrong."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import time
from types import SimpleNamespace

import numpy as np
import pytest
from kube_workshop import COMMAND
from model_workshop import write_linear_model

from assay.signing import Keyring

pytestmark = pytest.mark.slow


def test_two_sites_get_the_bundle_and_answer_as_here(assay, deploy, clusters):
    done = deploy("--site", "bern", "--context", "basel")
    assert done.status == 0, done.err
    assert {name: (one["state"], one["before"]) for name, one in done.sites.items()} == {
        "bern": ("deployed", ""),
        "basel": ("deployed", ""),
    }
    for site in clusters:
        assert site.kinds() == ["ConfigMap", "InferenceService"]
        assert site.service["metadata"]["namespace"] == "radiology"
        assert site.log == ["apply ConfigMap", "apply InferenceService"]
    again = assay("deploy", "bundle", "--storage", "pvc://models/covid-ct", "--site", "bern")
    assert (again.status, "deployed" in again.out, "1.0.0" in again.out) == (0, True, True)


def test_a_dry_run_has_the_server_check_and_changes_nothing(deploy, clusters):
    done = deploy("--site", "bern", "--dry-run")
    assert (done.status, done.sites["bern"]["state"], done.sites["bern"]["detail"]) == (0, "checked", "would be made")
    assert clusters[0].objects == {}
    assert clusters[0].log == []


def test_a_site_that_refuses_is_left_as_it_was_and_the_others_go_on(deploy, clusters):
    clusters[0].refuse = lambda one: "no signature found" if one["kind"] == "InferenceService" else ""
    done = deploy("--site", "bern", "--site", "basel")
    assert done.status == 1
    assert done.sites["bern"]["state"] == "refused"
    assert "no signature found" in done.sites["bern"]["detail"]
    assert clusters[0].log == []
    assert done.sites["basel"]["state"] == "deployed"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v2/models/covid-ct/infer", "it answers its own example with 0.5000, 0.5000 in place of"),
        ("/v2/models/covid-ct/explain", "another heatmap than here"),
    ],
)
def test_a_wrong_answer_or_explanation_is_rolled_back_to_nothing(deploy, clusters, path, told):
    def falsify(asked, body):
        if asked != path:
            return body
        answer = json.loads(body)
        for one in answer.get("outputs", ()):
            one["data"] = [0.5, 0.5] if one["name"] == "probabilities" else one["data"]
        for one in answer.get("explanations", ()):
            one["heatmap"]["data"] = [-value for value in one["heatmap"]["data"]]
        return json.dumps(answer).encode()

    clusters[0].falsify = falsify
    done = deploy("--site", "bern")
    assert (done.status, done.sites["bern"]["state"]) == (1, "rolled back")
    assert told in done.sites["bern"]["detail"]
    assert "nothing was there before" in done.sites["bern"]["detail"]
    assert clusters[0].objects == {}
    assert clusters[0].log[-2:] == ["delete InferenceService", "delete ConfigMap"]


def test_what_was_there_before_comes_back_whole(workshop, deploy, clusters, tmp_path):
    site = clusters[0]
    assert deploy("--site", "bern").status == 0
    before = (site.service["spec"], site.service["metadata"]["annotations"])
    workshop.make("newer", version="2.0.0", later=dt.timedelta(days=1))
    site.never = True
    done = deploy("--site", "bern", "--cpu", "2", "--explainer", bundle="newer", wait=2)
    assert (done.status, done.sites["bern"]["before"]) == (1, "1.0.0")
    assert "Ready: RevisionMissing, Configuration is waiting for a Revision" in done.sites["bern"]["detail"]
    assert "1.0.0 is back" in done.sites["bern"]["detail"]
    assert (site.service["spec"], site.service["metadata"]["annotations"]) == before
    assert len([kind for kind in site.kinds() if kind == "ConfigMap"]) == 1


def test_a_pod_that_finds_its_bundle_changed_says_so(deploy, clusters, tmp_path):
    shutil.copytree(tmp_path / "bundle", tmp_path / "mounted")
    (tmp_path / "mounted" / "model" / "model.json").write_text("{}")
    clusters[0].claims = {"pvc://models/covid-ct": tmp_path / "mounted"}
    done = deploy("--site", "bern")
    assert done.sites["bern"]["state"] == "rolled back"
    assert "ModelLoadFailed" in done.sites["bern"]["detail"]
    assert "model/model.json is not the file that was signed" in done.sites["bern"]["detail"]


def test_an_older_bundle_in_the_claim_does_not_pass_for_the_new_one(workshop, deploy, clusters, monkeypatch):
    asked = []
    clusters[0].falsify = lambda path, body: asked.append(path) or body
    # The time to wait is over once the service has answered, however long it took to start.
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600 * bool(asked))
    monkeypatch.setattr("assay.deployment.rollout.time", clock)
    workshop.make("newer", version="2.0.0", later=dt.timedelta(days=1))
    done = deploy("--site", "bern", bundle="newer")
    assert done.sites["bern"]["state"] == "rolled back"
    assert "another version answers: bundle " in done.sites["bern"]["detail"]


def test_fields_of_another_program_are_not_taken(deploy, clusters):
    site = clusters[0]
    theirs = {"metadata": {"name": "covid-ct"}, "spec": {"predictor": {"minReplicas": 5}}}
    site.apply("InferenceService", "covid-ct", theirs | {"kind": "Other"}, "argocd", trial=True, force=False)
    site.objects["InferenceService", "covid-ct"] = theirs | {"kind": "InferenceService"}
    site.managers["InferenceService", "covid-ct"] = {"argocd": theirs}
    done = deploy("--site", "bern")
    assert done.sites["bern"]["state"] == "refused"
    assert 'conflict with "argocd": .spec.predictor.minReplicas' in done.sites["bern"]["detail"]
    assert "deploy through it" in done.sites["bern"]["detail"]


def test_a_canary_is_asked_at_its_own_address(deploy, clusters):
    done = deploy("--site", "bern", "--mode", "knative", "--canary", "10")
    assert done.sites["bern"]["state"] == "deployed", done.sites
    assert clusters[0].service["spec"]["predictor"]["canaryTrafficPercent"] == 10


def test_a_plain_runtime_is_asked_for_what_the_network_says(deploy, clusters, tmp_path):
    clusters[0].claims = {"pvc://models/covid-ct": tmp_path / "bundle" / "model"}
    done = deploy("--site", "bern", "--format", "onnx", "--image", "")
    assert (done.status, done.sites["bern"]["detail"]) == (0, "it answers as here")
    assert clusters[0].kinds() == ["InferenceService"]
    other = write_linear_model(tmp_path / "other", np.full((4, 4), -0.3))
    clusters[0].claims = {"pvc://models/covid-ct": other}
    wrong = deploy("--site", "bern", "--format", "onnx", "--image", "", "--cpu", "2", wait=3)
    assert wrong.sites["bern"]["state"] == "rolled back"
    assert "it answers its own example with" in wrong.sites["bern"]["detail"]


def test_an_explainer_is_asked_where_kserve_leads_explanations(deploy, clusters):
    asked = []
    clusters[0].falsify = lambda path, body: asked.append(path) or body
    assert deploy("--site", "bern", "--explainer").status == 0
    assert "/v1/models/covid-ct:explain" in asked


def test_ctrl_c_rolls_back_what_is_not_done(workshop, clusters, tmp_path):
    clusters[0].never = True
    words = ["deploy", "bundle", "--storage", "pvc://models/covid-ct", "--site", "bern", "--json"]
    with subprocess.Popen(
        [*COMMAND, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as command:
        until = time.monotonic() + 240
        while clusters[0].service is None:
            assert time.monotonic() < until
            time.sleep(0.1)
        os.kill(command.pid, signal.SIGINT)
        out, err = command.communicate(timeout=240)
    assert command.returncode == 130, err
    assert json.loads(out)["sites"][0]["state"] == "rolled back"
    assert clusters[0].objects == {}


def test_who_is_not_known_or_not_there_is_told(deploy, clusters):
    clusters[0].token = "changed"
    refused = deploy("--site", "bern")
    assert (refused.status, refused.sites["bern"]["state"]) == (1, "refused")
    assert refused.sites["bern"]["detail"] == "bern does not know you (log in again)"
    unknown = deploy("--site", "berne")
    assert unknown.status == 2
    assert "did you mean 'bern'?" in unknown.err
    shutil.copy(clusters[0].folder / "tls.crt", clusters[1].folder / "tls.crt")
    assert "cannot be trusted" in deploy("--site", "basel").sites["basel"]["detail"]
    missing = deploy("--site", "bern", "--kubeconfig", "nowhere")
    assert (missing.status, "there is no kubeconfig" in missing.err) == (2, True)


def test_nothing_reaches_a_site_without_a_trusted_pass(workshop, deploy, clusters, tmp_path):
    shutil.rmtree(tmp_path / "keys")
    Keyring(tmp_path / "keys").add("other")
    refused = deploy("--site", "bern")
    assert refused.status == 2
    assert "not among the 1 trusted here" in refused.err
    assert clusters[0].objects == {}
