"""The Kubeflow Model Registry: a registered model, a version of it, the model as an artifact and every evidence file as a document (REST API v1alpha3)."""

from __future__ import annotations

from collections.abc import Mapping

from assay.deployment.candidate import Candidate
from assay.deployment.registration import BUNDLE, Api, Registered, described, evidence_links, properties, refuse_another
from assay.deployment.storage import Storage
from assay.model.artifacts import Json

_BASE = "/api/model_registry/v1alpha3"


def register(candidate: Candidate, storage: Storage, api: Api, *, author: str = "") -> Registered:
    """Register a bundle; one that is there already is left as it is.

    Args:
        candidate: A bundle that passed.
        storage: Where it lies.
        api: The registry.
        author: Of the version, for people; empty: the key that signed the verdict.

    Raises:
        RegistrationFault: The registry cannot be reached, refuses, or has another bundle of this version.
    """
    manifest = candidate.manifest
    said = _custom(properties(candidate, storage))
    model = api.get(f"{_BASE}/registered_model", name=manifest.name) or api.post(
        f"{_BASE}/registered_models",
        {
            "name": manifest.name,
            "description": f"Models that passed the gate of Assay as {manifest.name}.",
            "state": "LIVE",
        },
    )
    number = str(model["id"])
    page = f"{api.base}{_BASE}/model_versions"
    there = api.get(f"{_BASE}/model_version", name=manifest.version, parentResourceId=number)
    if there is not None:
        mark = (there.get("customProperties") or {}).get(BUNDLE, {}).get("string_value")
        refuse_another(mark, candidate, api.base)
        return Registered(str(there["name"]), new=False, address=f"{page}/{there['id']}")
    version = api.post(
        f"{_BASE}/model_versions",
        {
            "name": manifest.version,
            "registeredModelId": number,
            "description": described(candidate),
            "author": author or candidate.found.admission.verdict.signer,
            "state": "LIVE",
            "customProperties": said,
        },
    )
    artifacts = f"{_BASE}/model_versions/{version['id']}/artifacts"
    api.post(
        artifacts,
        {
            "artifactType": "model-artifact",
            "name": f"{manifest.name}-{manifest.version}",
            "uri": storage.address,
            "modelFormatName": "onnx",
            "state": "LIVE",
            "customProperties": said,
        },
    )
    for name, address in evidence_links(candidate, storage).items():
        document: dict[str, Json] = {
            "artifactType": "doc-artifact",
            "name": f"{manifest.name}-{manifest.version}-{name}",
            "uri": address,
            "state": "LIVE",
        }
        api.post(artifacts, document)
    return Registered(manifest.version, new=True, address=f"{page}/{version['id']}")


def _custom(said: Mapping[str, str]) -> dict[str, Json]:
    return {name: {"metadataType": "MetadataStringValue", "string_value": value} for name, value in said.items()}
