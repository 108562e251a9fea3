"""publish/mlflow."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated

from assay import Bundle, Param, component
from assay.bundle.source import FolderSource
from assay.deployment.candidate import admitted, trusted_keys
from assay.deployment.mlflow import register
from assay.deployment.registration import Api
from assay.deployment.storage import Storage
from assay.signing import Keyring, keyring_folder


@component(
    "publish/mlflow",
    version="1.0.0",
    tags=("trust", "deployment"),
    licence="Apache-2.0",
    requires=("cryptography", "pyyaml", "requests"),
    cache=False,
)
def mlflow(
    bundle: Bundle,
    *,
    server: str,
    storage: str,
    experiment: str = "assay",
    alias: str = "",
    token: Annotated[str, Param(secret=True)] = "",
    key: Annotated[Path | None, Param(path="file")] = None,
) -> str:
    """Register a bundle in the model registry of an MLflow server, with verdict, digests and links to all evidence as tags.

    The bundle is verified first, to the last byte: without a valid pass for exactly this model, or an override that is signed into the
    bundle, nothing is registered. Evidence, reports and verdict are stored with a run; the version points at the bundle where it lies. A
    bundle that is registered already is left as it is; another one of the same name and version is refused.

    Args:
        bundle: From publish/folder.
        server: Address of the tracking server.
        storage: Where the bundle lies for others: oci://registry/repository@sha256:digest, s3://bucket/folder or pvc://claim/folder.
        experiment: That the run with the evidence belongs to; made when it is not there.
        alias: That points at this version from now on, such as champion; default: none.
        token: Bearer token of the server; name the secret that holds it.
        key: The public key whose signature on bundle and verdict counts; default: all keys in this user's folder of keys.

    Returns:
        version: Its number in the registry.
    """
    ring = Keyring(keyring_folder(os.environ))
    source = FolderSource(bundle.path)
    now = dt.datetime.now(dt.UTC)
    candidate = admitted(source, trusted_keys(key, ring), now, development=ring.development_ids())
    done = register(source, candidate, Storage.parse(storage), Api(server, token), experiment=experiment, alias=alias)
    print(
        f"{'registered' if done.new else 'there already'}: version {done.version}, {done.address} {done.remark}".rstrip()
    )
    return done.version
