"""Documents for KServe: what is in them, what can be chosen, and that nothing becomes one without a verdict."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil

import pytest
import yaml
from bundle_workshop import Workshop
from deployment_workshop import IMAGE, address, candidate, settings

from assay.bundle.faults import Rejected
from assay.deployment.documents import Undeployable, documents, text
from assay.deployment.fields import wrong_fields
from assay.deployment.settings import Form, Mode, service_name
from assay.deployment.storage import Storage
from assay.errors import AssayError
from assay.signing import SignatureFault, new_key
from assay.trust.evidence.statement import State


def service(found, **how):
    return documents(found, settings(found, **how))[-1]


def test_our_container_pulls_by_digest_and_verifies_with_the_signers_keys(passed, workshop):
    keys, made = documents(passed, settings(passed))
    assert keys["data"] == {"clinic.pub": workshop.key.public.pem}
    pod = made["spec"]["predictor"]
    (container,) = pod["containers"]
    assert container["command"] == ["assay"]
    assert container["args"] == ["serve", address(passed), "--host", "0.0.0.0", "--port", "8080", "--grpc-port", "8081"]
    assert [(one["name"], one["containerPort"]) for one in container["ports"]] == [("http1", 8080), ("grpc-port", 8081)]
    assert container["readinessProbe"]["httpGet"] == {"path": "/v2/health/ready", "port": 8080}
    assert {one["name"]: one["value"] for one in container["env"]}["ASSAY_KEYS"] == "/etc/assay/keys"
    assert {"name": "keys", "configMap": {"name": keys["metadata"]["name"]}} in pod["volumes"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    said = made["metadata"]["annotations"]
    assert (said["assay.verdict"], said["assay.bundle"]) == ("pass", f"sha256:{passed.found.digest}")
    assert said["assay.model"] == f"sha256:{passed.manifest.model}"
    assert said["assay.evidence"].count("sha256:") == 1
    assert "assay.overridden" not in said
    assert "explainer" not in made["spec"]


def test_buckets_and_claims_are_fetched_by_kserve_itself(passed):
    for place in ("s3://models/covid-ct/1.0.0", "pvc://models/covid-ct"):
        (container,) = service(passed, storage=place)["spec"]["predictor"]["containers"]
        assert {"name": "STORAGE_URI", "value": place} in container["env"]
        assert container["args"][1] == "/mnt/models"


def test_a_plain_runtime_gets_a_model_and_no_container(passed):
    (made,) = documents(
        passed, settings(passed, form=Form.ONNX, image="", storage="s3://models/covid", runtime="ort", account="reader")
    )
    predictor = made["spec"]["predictor"]
    assert predictor["model"]["modelFormat"] == {"name": "onnx"}
    assert (predictor["model"]["storageUri"], predictor["model"]["runtime"]) == ("s3://models/covid", "ort")
    assert predictor["serviceAccountName"] == "reader"
    assert "containers" not in predictor


def test_canary_zero_pods_explainer_and_accelerators(passed):
    made = service(
        passed, mode=Mode.KNATIVE, canary=10, least=0, most=3, explainer=True, gpu=1, cpu="500m", memory="2Gi"
    )
    predictor, explainer = made["spec"]["predictor"], made["spec"]["explainer"]
    assert (predictor["canaryTrafficPercent"], predictor["minReplicas"], predictor["maxReplicas"]) == (10, 0, 3)
    assert predictor["containers"][0]["resources"] == {
        "requests": {"cpu": "500m", "memory": "2Gi"},
        "limits": {"memory": "2Gi", "nvidia.com/gpu": "1"},
    }
    assert explainer["containers"] == predictor["containers"]
    assert predictor["containers"][0]["ports"] == [{"containerPort": 8080, "protocol": "TCP"}]
    assert "canaryTrafficPercent" not in explainer
    said = made["metadata"]["annotations"]
    assert said["serving.kserve.io/deploymentMode"] == "Serverless"
    assert said["serving.kserve.io/enable-tag-routing"] == "true"


def test_knative_leads_to_one_port_which_may_be_that_of_grpc(passed):
    spec = service(passed, mode=Mode.KNATIVE, grpc=True, explainer=True)["spec"]
    (predictor,), (explainer,) = spec["predictor"]["containers"], spec["explainer"]["containers"]
    assert predictor["ports"] == [{"name": "h2c", "containerPort": 8081, "protocol": "TCP"}]
    assert predictor["args"][-2:] == ["--grpc-port", "8081"]
    assert predictor["readinessProbe"]["tcpSocket"] == predictor["livenessProbe"]["tcpSocket"] == {"port": 8081}
    assert explainer["ports"] == [{"containerPort": 8080, "protocol": "TCP"}]
    assert "--grpc-port" not in explainer["args"]


def test_a_model_over_a_table_has_no_container_of_ours(passed):
    table = dataclasses.replace(passed, kind="table")
    with pytest.raises(Undeployable, match="our container answers about images"):
        service(table)
    assert service(table, form=Form.ONNX, image="", storage="s3://models/stays")["spec"]["predictor"]["model"]


def test_credentials_come_by_the_name_of_a_secret(passed):
    pod = service(passed, registry_secret="pull")["spec"]["predictor"]
    assert pod["imagePullSecrets"] == [{"name": "pull"}]
    item = {"key": ".dockerconfigjson", "path": ".docker/config.json"}
    assert {"name": "registry", "secret": {"secretName": "pull", "items": [item]}} in pod["volumes"]


def test_every_wrong_choice_is_told_at_once(passed):
    with pytest.raises(Undeployable) as caught:
        service(passed, name="Covid", image="UPPER:x", canary=100, least=0, most=-1, cpu="much", memory="1 GB", gpu=-1)
    told = str(caught.value)
    for part in ("'Covid'", "--image", "1 to 99", "no range", "'much'", "'1 GB'", "-1 accelerators", "--mode knative"):
        assert part in told


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"image": ""}, "needs an image"),
        ({"form": Form.ONNX, "storage": "s3://a/b", "image": IMAGE}, "nothing of it has an image"),
        ({"form": Form.ONNX, "image": ""}, "takes an oci:// address for a container image"),
        ({"form": Form.ONNX, "image": "", "storage": "s3://a/b", "explainer": True}, "nothing of it explains"),
        ({"form": Form.ONNX, "image": "", "storage": "s3://a/b", "grpc": True}, "is told which protocol to speak"),
        ({"runtime": "ort"}, "a serving runtime belongs to plain ONNX"),
        ({"namespace": "x" * 50}, "characters where 63 are allowed"),
        ({"namespace": "Not_A_Name"}, "cannot be the name of a namespace"),
        ({"storage": "oci://registry.example/a@sha256:" + "0" * 64}, "is another artifact"),
    ],
)
def test_choices_that_do_not_go_together(passed, how, told):
    with pytest.raises(Undeployable, match=told):
        service(passed, **how)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("oci://registry.example/a:1.0.0", "a tag can be moved"),
        ("s3://bucket/../other", "no place"),
        ("gs://bucket/a", "no place"),
        ("pvc://claim/a b", "no place"),
        ("/models", "no place"),
    ],
)
def test_places_that_are_none(place, told):
    with pytest.raises(AssayError, match=told):
        Storage.parse(place)


def test_the_same_deployment_is_the_same_text_each_time(passed):
    first, second = (text(passed, documents(passed, settings(passed))) for _ in range(2))
    assert first == second
    assert list(yaml.safe_load_all(first)) == documents(passed, settings(passed))
    assert first.startswith(b"# covid-ct 1.0.0, bundle ")
    assert b"# ! Synthetic data" in first


def test_an_override_stands_first_and_in_full(tmp_path):
    made = Workshop(tmp_path)
    made.make(materials=made.materials(state=State.FAIL, override=True))
    found = candidate(made)
    overridden = "OVERRIDDEN by Dr. A on 2026-11-01: For a demonstration only."
    assert service(found)["metadata"]["annotations"]["assay.overridden"] == overridden
    assert text(found, documents(found, settings(found))).splitlines()[1] == f"# ! {overridden}".encode()


def test_nothing_is_a_candidate_but_a_valid_pass_for_exactly_this_bundle(workshop, tmp_path):
    with pytest.raises(Rejected, match="expired"):
        candidate(workshop, later=dt.timedelta(days=400))
    stranger = Workshop(tmp_path, key=new_key("stranger"))
    stranger.make()
    stranger.key = workshop.key
    with pytest.raises(SignatureFault, match="not among the 1 trusted"):
        candidate(stranger)
    shutil.copytree(workshop.root / "bundle", tmp_path / "changed")
    (tmp_path / "changed" / "model" / "model.json").write_text("{}")
    changed = Workshop(tmp_path / "w", key=workshop.key)
    changed.root = tmp_path
    with pytest.raises(Rejected, match=r"model/model.json is not the file that was signed"):
        candidate(changed, "changed")


def test_fields_that_we_do_not_write_are_found():
    assert [fault.message for fault in wrong_fields({"kind": "Pod"})] == ["we write no 'Pod'"]


def test_a_misspelt_field_is_found_without_a_cluster(passed):
    made = service(passed)
    made["spec"]["predictor"]["minReplica"] = 1
    assert "has no field 'minReplica'" in wrong_fields(made)[0].message


@pytest.mark.parametrize(
    ("title", "name"), [("covid-ct", "covid-ct"), ("covid_ct.v2", "covid-ct-v2"), ("2nd", "model-2nd")]
)
def test_a_bundles_name_becomes_a_services(title, name):
    assert service_name(title) == name
