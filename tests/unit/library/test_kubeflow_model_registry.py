"""publish/kubeflow-model-registry on files, as a pipeline runs it, against a server on loopback."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import jsonschema
import pytest
import yaml
from bundle_workshop import Workshop
from model_registry_workshop import ModelRegistry

from assay import Bundle
from assay.bundle.faults import Rejected
from assay.deployment.registration import RegistrationFault
from assay.errors import AssayError
from assay.library.publish.kubeflow_model_registry import kubeflow_model_registry
from assay.signing import Keyring
from assay.trust.evidence.statement import State

STORAGE = "s3://models/covid-ct/1.0.0"


@pytest.fixture
def site(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    made = Workshop(tmp_path, now=dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=2))
    Keyring(tmp_path / "keys").add_public("clinic", made.key.public.pem)
    made.make()
    return made


@pytest.fixture
def registry():
    found = ModelRegistry()
    yield found
    found.close()


def register(tmp_path, registry, name="bundle", **how):
    return kubeflow_model_registry(Bundle(tmp_path / name), server=registry.address, **({"storage": STORAGE} | how))


def test_model_version_model_and_evidence_are_registered_once(site, registry, tmp_path, capsys):
    address = register(tmp_path, registry)
    assert address == f"{registry.address}/api/model_registry/v1alpha3/model_versions/1"
    assert register(tmp_path, registry) == address
    assert "there already" in capsys.readouterr().out
    (model,), (version,) = registry.models, registry.versions
    assert (model["name"], version["name"], version["registeredModelId"]) == ("covid-ct", "1.0.0", "1")
    assert version["customProperties"]["assay.verdict"]["string_value"] == "pass"
    assert version["author"] == "clinic"
    assert [(one["artifactType"], one["uri"]) for one in registry.artifacts] == [
        ("model-artifact", STORAGE),
        ("doc-artifact", f"{STORAGE}/evidence/auroc.json"),
    ]


def test_another_bundle_of_the_same_version_is_refused(site, registry, tmp_path):
    register(tmp_path, registry)
    site.make("other", materials=site.materials(value=0.8))
    with pytest.raises(RegistrationFault, match=r"has another model covid-ct 1\.0\.0 already"):
        register(tmp_path, registry, "other")
    assert len(registry.versions) == 1


def test_an_override_stands_first_in_what_people_read(site, registry, tmp_path):
    site.make("failed", materials=site.materials(state=State.FAIL, override=True))
    register(tmp_path, registry, "failed")
    assert registry.versions[0]["description"].startswith("OVERRIDDEN by Dr. A")
    assert registry.versions[0]["customProperties"]["assay.overridden"]["string_value"].startswith("OVERRIDDEN")


def test_what_did_not_pass_or_was_changed_is_not_registered(site, registry, tmp_path):
    (tmp_path / "bundle" / "model" / "model.json").write_text("{}")
    with pytest.raises(Rejected):
        register(tmp_path, registry)
    assert registry.models == []


def test_servers_that_refuse_or_are_none_are_told(site, registry, tmp_path):
    registry.token = "secret"
    with pytest.raises(RegistrationFault, match="answers 401"):
        register(tmp_path, registry)
    assert register(tmp_path, registry, token="secret")
    with pytest.raises(AssayError, match="is no address of a server"):
        kubeflow_model_registry(Bundle(tmp_path / "bundle"), server="registry:80", storage=STORAGE)
    with pytest.raises(RegistrationFault, match="cannot be reached"):
        kubeflow_model_registry(Bundle(tmp_path / "bundle"), server="http://127.0.0.1:1", storage=STORAGE)


@pytest.mark.schemas
def test_every_body_is_valid_by_the_published_api(site, registry, tmp_path):
    api = yaml.safe_load((Path(os.environ["ASSAY_SCHEMAS"]) / "kubeflow-model-registry.openapi.yaml").read_text())
    kinds = {"/registered_models": "RegisteredModelCreate", "/model_versions": "ModelVersionCreate"}
    documents = {"model-artifact": "ModelArtifactCreate", "doc-artifact": "DocArtifactCreate"}
    seen = []

    def fields(schema):
        schema = api["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        found = set(schema.get("properties", ()))
        return found.union(*(fields(one) for one in schema.get("allOf", ())))

    def check(path, body):
        name = kinds.get(path) or documents[body["artifactType"]]
        jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", **api}).validate(body)
        assert set(body) <= fields(api["components"]["schemas"][name])
        seen.append(name)

    registry.check = check
    register(tmp_path, registry)
    assert seen == ["RegisteredModelCreate", "ModelVersionCreate", "ModelArtifactCreate", "DocArtifactCreate"]
