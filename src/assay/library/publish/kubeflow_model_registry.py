"""publish/kubeflow-model-registry."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated

from assay import Bundle, Param, component
from assay.bundle.source import FolderSource
from assay.deployment.candidate import admitted, trusted_keys
from assay.deployment.model_registry import register
from assay.deployment.registration import Api
from assay.deployment.storage import Storage
from assay.signing import Keyring, keyring_folder


@component(
    "publish/kubeflow-model-registry",
    version="1.0.0",
    tags=("trust", "deployment"),
    licence="Apache-2.0",
    requires=("cryptography", "pyyaml", "requests"),
    cache=False,
)
def kubeflow_model_registry(
    bundle: Bundle,
    *,
    server: str,
    storage: str,
    author: str = "",
    token: Annotated[str, Param(secret=True)] = "",
    key: Annotated[Path | None, Param(path="file")] = None,
) -> str:
    """Register a bundle in a Kubeflow Model Registry: a version with verdict and digests, the model, and every evidence file as a document.

    The bundle is verified first, to the last byte: without a valid pass for exactly this model, or an override that is signed into the
    bundle, nothing is registered. A bundle that is registered already is left as it is; another one of the same name and version is
    refused.

    Args:
        bundle: From publish/folder.
        server: Address of the registry.
        storage: Where the bundle lies for others: oci://registry/repository@sha256:digest, s3://bucket/folder or pvc://claim/folder.
        author: Of the version, for people; default: whoever signed the verdict.
        token: Bearer token of the registry; name the secret that holds it.
        key: The public key whose signature on bundle and verdict counts; default: all keys in this user's folder of keys.

    Returns:
        address: Of the version in the registry.
    """
    ring = Keyring(keyring_folder(os.environ))
    now = dt.datetime.now(dt.UTC)
    candidate = admitted(FolderSource(bundle.path), trusted_keys(key, ring), now, development=ring.development_ids())
    done = register(candidate, Storage.parse(storage), Api(server, token), author=author)
    print(f"{'registered' if done.new else 'there already'}: version {done.version}, {done.address}")
    return done.address
