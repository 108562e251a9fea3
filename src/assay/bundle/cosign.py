"""A bundle in a registry signed as cosign signs (github.com/sigstore/cosign, SIGNATURE_SPEC), for admission policies that know nothing of Assay.

The signature is an OCI manifest of its own, under the tag ``sha256-<digest>.sig`` where cosign 2 and Kyverno look for it, and with the
bundle as its subject, so that a registry of OCI 1.1 lists it among the referrers; where a registry has no such list, the index under the
tag ``sha256-<digest>`` takes its place, as OCI 1.1 says.
"""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path
from typing import Any

from assay.bundle.address import Address
from assay.bundle.oci import EMPTY_TIME, INDEX_TYPE, MANIFEST_TYPE, Blob, sha256
from assay.bundle.registry import RegistryClient
from assay.errors import NotFound
from assay.signing.cosign import CosignKeys, verifies

LAYER_TYPE = "application/vnd.dev.cosign.simplesigning.v1+json"
ARTIFACT_TYPE = "application/vnd.dev.cosign.artifact.sig.v1+json"
SIGNATURE = "dev.cosignproject.cosign/signature"
_CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"


def sign_in_registry(address: str, keys: CosignKeys, name: str) -> str:
    """Sign a bundle that was pushed; return the address of the signature. One that is there already is left as it is.

    Args:
        address: Of the bundle, by digest.
        keys: This user's keys for cosign.
        name: Which of them signs.

    Raises:
        NotFound: There is no such key, or no bundle at the address.
        RegistryFault: The registry cannot be reached or refuses.
    """
    where = Address.parse(address)
    subject = RegistryClient(where).manifest()
    place = Address.parse(where.at(f"{_dashed(where.digest)}.sig"))
    client = RegistryClient(place)
    payload = payload_of(where)
    layers = _layers(client)
    public = keys.public(name)
    if any(one["digest"] == sha256(payload) and verifies(public, _signature(one), payload) for one in layers):
        return place.at(place.tag)
    layers.append(_layer(payload, keys.sign(name, payload)))
    config = _config([str(one["digest"]) for one in layers])
    for content, kind in ((payload, LAYER_TYPE), (config, _CONFIG_TYPE)):
        _put(client, content, kind)
    text = _encoded(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "artifactType": ARTIFACT_TYPE,
            "config": {"mediaType": _CONFIG_TYPE, "digest": sha256(config), "size": len(config)},
            "layers": layers,
            "subject": {"mediaType": MANIFEST_TYPE, "digest": where.digest, "size": len(subject)},
        }
    )
    listed = client.put_manifest(text)
    if not listed:
        _list_as_referrer(where, text)
    return place.at(place.tag)


def payload_of(where: Address) -> bytes:
    """Return what is signed: the simple signing format of containers/image, with the bundle's digest."""
    critical = {
        "identity": {"docker-reference": f"{where.registry}/{where.repository}"},
        "image": {"docker-manifest-digest": where.digest},
        "type": "cosign container image signature",
    }
    return _encoded({"critical": critical, "optional": None})


def _layer(payload: bytes, signature: bytes) -> dict[str, Any]:
    return {
        "mediaType": LAYER_TYPE,
        "digest": sha256(payload),
        "size": len(payload),
        "annotations": {SIGNATURE: base64.b64encode(signature).decode()},
    }


def _signature(layer: dict[str, Any]) -> bytes:
    return base64.b64decode(str(layer.get("annotations", {}).get(SIGNATURE, "")))


def _layers(client: RegistryClient) -> list[dict[str, Any]]:
    """Return the signatures that are there already: those of others stay."""
    try:
        return list(json.loads(client.manifest())["layers"])
    except NotFound:
        return []


def _config(digests: list[str]) -> bytes:
    return _encoded(
        {
            "architecture": "",
            "created": EMPTY_TIME,
            "os": "",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": digests},
        }
    )


def _list_as_referrer(where: Address, signature: bytes) -> None:
    client = RegistryClient(Address.parse(where.at(_dashed(where.digest))))
    try:
        others = [
            one
            for one in json.loads(client.manifest(INDEX_TYPE))["manifests"]
            if one.get("artifactType") != ARTIFACT_TYPE
        ]
    except NotFound:
        others = []
    ours = {
        "mediaType": MANIFEST_TYPE,
        "digest": sha256(signature),
        "size": len(signature),
        "artifactType": ARTIFACT_TYPE,
    }
    index = {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": [*others, ours]}
    client.put_manifest(_encoded(index), INDEX_TYPE)


def _put(client: RegistryClient, content: bytes, kind: str) -> None:
    with tempfile.NamedTemporaryFile(prefix="assay-push-") as file:
        file.write(content)
        file.flush()
        client.put(Blob(sha256(content), len(content)), kind, Path(file.name))


def _dashed(digest: str) -> str:
    return digest.replace(":", "-")


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
