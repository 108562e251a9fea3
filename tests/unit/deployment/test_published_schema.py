"""Our documents and our field tables against the InferenceService CRD that KServe publishes; `.ci/run` names the folder in ASSAY_SCHEMAS."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from deployment_workshop import settings

from assay.deployment.documents import documents
from assay.deployment.fields import INFERENCE_SERVICE
from assay.deployment.settings import Form, Mode
from assay.exporters.fields import Many, Map, Named

pytestmark = pytest.mark.schemas

CHOICES = [
    {},
    {"storage": "s3://models/covid-ct", "account": "reader"},
    {"storage": "pvc://models/covid-ct", "namespace": "radiology"},
    {"form": Form.ONNX, "image": "", "storage": "s3://models/covid", "runtime": "ort"},
    {"mode": Mode.KNATIVE, "grpc": True, "explainer": True},
    {"mode": Mode.KNATIVE, "canary": 10, "least": 0, "most": 3, "explainer": True, "gpu": 1, "registry_secret": "pull"},
]


@pytest.fixture(scope="module")
def published():
    """The schema, closed: a field that it does not name would be dropped in silence by the API server."""
    crd = yaml.safe_load((Path(os.environ["ASSAY_SCHEMAS"]) / "kserve-inferenceservice-crd.yaml").read_text())
    (version,) = crd["spec"]["versions"]
    assert (crd["spec"]["group"], version["name"]) == ("serving.kserve.io", "v1beta1")
    return closed(version["schema"]["openAPIV3Schema"])


def closed(schema):
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {name: closed(one) for name, one in found["properties"].items()}
        found["additionalProperties"] = False
    if "items" in found:
        found["items"] = closed(found["items"])
    return found


def held(document, published):
    body = {key: value for key, value in document.items() if key != "metadata"}
    jsonschema.Draft202012Validator(published).validate(body)


@pytest.mark.parametrize("how", CHOICES)
def test_the_documents_are_valid(passed, published, how):
    held(documents(passed, settings(passed, **how))[-1], published)


def test_the_closed_schema_refuses_what_we_must_not_write(passed, published):
    good = documents(passed, settings(passed))[-1]
    for place, value in (("minReplica", 1), ("minReplicas", "one"), ("containers", [{"imagee": "a"}])):
        bad = copy.deepcopy(good)
        bad["spec"]["predictor"][place] = value
        with pytest.raises(jsonschema.ValidationError):
            held(bad, published)


def test_every_field_of_our_tables_is_one_of_theirs_and_of_its_kind(published):
    kinds = {bool: "boolean", int: "integer", str: "string"}
    waiting, seen = [(INFERENCE_SERVICE.fields["spec"], published["properties"]["spec"], "spec")], 0
    while waiting:
        ours, theirs, where = waiting.pop()
        seen += 1
        match ours:
            case Map(fields, required):
                assert theirs["type"] == "object", where
                assert set(theirs.get("required", ())) <= set(required) | {"name"}, where
                for name, one in fields.items():
                    assert name in theirs["properties"], f"{where}.{name}"
                    waiting.append((one, theirs["properties"][name], f"{where}.{name}"))
            case Many(item):
                assert theirs["type"] == "array", where
                waiting.append((item, theirs["items"], f"{where}[]"))
            case Named():
                assert theirs["type"] == "object", where
                assert "additionalProperties" in theirs, where
            case str() | re.Pattern():
                assert theirs.get("type") == "string" or theirs.get("x-kubernetes-int-or-string"), where
            case _:
                assert theirs.get("type") == kinds[ours] or theirs.get("x-kubernetes-int-or-string"), where
    assert seen > 80
