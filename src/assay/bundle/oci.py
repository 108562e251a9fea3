"""A bundle as an OCI artifact (OCI image manifest 1.1): one layer a file, named by its title. Archive and registry hold the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.bundle.faults import Rejected
from assay.bundle.layout import MANIFEST, MOST_FILES, SIGNATURE
from assay.bundle.manifest import Item, Manifest
from assay.bundle.source import Source, bad_names
from assay.errors import Fault

ARTIFACT_TYPE = "application/vnd.assay.bundle.v1"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
EMPTY = b"{}"
EMPTY_TIME = "0001-01-01T00:00:00Z"
"""When something was made that is the same whenever it is made."""
TITLE = "org.opencontainers.image.title"
_KINDS = {
    ".json": "application/json",
    ".onnx": "application/onnx",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".png": "image/png",
}
_OTHER_KIND = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Blob:
    """Content by its digest, ``sha256:…``, and its size in bytes."""

    digest: str
    size: int


def sha256(data: bytes) -> str:
    """Return a digest as OCI writes it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def described(source: Source, manifest: Manifest) -> bytes:
    """Return the OCI manifest of a verified bundle; the same bundle has the same one wherever it lies."""
    documents = []
    for name in (MANIFEST, SIGNATURE):
        with source.open(name) as file:
            text = file.read()
        documents.append(Item(name, len(text), hashlib.sha256(text).hexdigest()))
    items = sorted([*documents, *manifest.items], key=lambda item: item.path)
    body = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": ARTIFACT_TYPE,
        "config": {"mediaType": EMPTY_TYPE, "digest": sha256(EMPTY), "size": len(EMPTY)},
        "layers": [_layer(item) for item in items],
        "annotations": _annotations(manifest),
    }
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def _layer(item: Item) -> dict[str, Any]:
    suffix = item.path[item.path.rfind(".") :]
    return {
        "mediaType": _KINDS.get(suffix, _OTHER_KIND),
        "digest": f"sha256:{item.digest}",
        "size": item.size,
        "annotations": {TITLE: item.path},
    }


def _annotations(manifest: Manifest) -> dict[str, str]:
    found = {
        "org.opencontainers.image.title": manifest.name,
        "org.opencontainers.image.version": manifest.version,
        "org.opencontainers.image.created": manifest.made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "io.assay.model": manifest.model,
        "io.assay.overridden": str(manifest.overridden).lower(),
    }
    return found | ({"org.opencontainers.image.licenses": manifest.licence} if manifest.licence else {})


def layers(text: bytes, name: str) -> Mapping[str, Blob]:
    """Return path to content of every file that an OCI manifest names; raises ``Rejected`` when it is none of a bundle."""
    try:
        body = json.loads(text)
        if body.get("artifactType") != ARTIFACT_TYPE:
            kind = body.get("artifactType") or body.get("mediaType") or "something without a type"
            hint = "it may be a container image or another artifact: check the address"
            raise Rejected(name, [Fault("no-bundle", f"it is no bundle but {kind!r}", name, hint=hint)])
        listed = [
            (str(one["annotations"][TITLE]), Blob(str(one["digest"]), int(one["size"]))) for one in body["layers"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"its OCI manifest cannot be read: {type(error).__name__}: {error}"
        raise Rejected(name, [Fault("no-bundle", message, name)]) from None
    faults = bad_names([path for path, _ in listed])
    if len(listed) > MOST_FILES:
        faults.append(Fault("too-large", f"more than {MOST_FILES} files", name))
    if len({path for path, _ in listed}) != len(listed):
        faults.append(Fault("twice", "two files have one name", name))
    faults += [
        Fault("manifest", f"{blob.digest!r} is no digest, or {blob.size} no size", path)
        for path, blob in listed
        if not is_digest(blob.digest) or blob.size < 0
    ]
    if faults:
        raise Rejected(name, faults)
    return dict(listed)


def is_digest(text: str) -> bool:
    """Whether this is ``sha256:`` and 64 hexadecimal digits."""
    kind, _, digits = text.partition(":")
    return kind == "sha256" and len(digits) == 64 and set(digits) <= set("0123456789abcdef")
