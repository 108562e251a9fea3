"""publish/kserve."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Annotated, Literal

from assay import Bundle, File, Param, component, step
from assay.bundle.source import FolderSource
from assay.deployment.candidate import admitted, trusted_keys
from assay.deployment.documents import documents, headlines, text
from assay.deployment.settings import Form, Mode, Settings, service_name
from assay.deployment.storage import Storage
from assay.signing import Keyring, keyring_folder


@component(
    "publish/kserve",
    version="1.1.0",
    tags=("trust", "deployment"),
    licence="Apache-2.0",
    requires=("cryptography", "pyyaml"),
    cache=False,
)
def kserve(
    bundle: Bundle,
    *,
    storage: str,
    image: str = "",
    name: str = "",
    namespace: str = "",
    form: Literal["assay", "onnx"] = "assay",
    mode: Literal["standard", "knative"] = "standard",
    grpc: bool = False,
    explainer: bool = False,
    canary: Annotated[int, Param(min=0, max=99, unit="percent")] = 0,
    min_replicas: Annotated[int, Param(min=0)] = 1,
    max_replicas: Annotated[int, Param(min=0)] = 0,
    cpu: str = "1",
    memory: str = "1Gi",
    gpu: Annotated[int, Param(min=0)] = 0,
    service_account: str = "",
    registry_secret: str = "",
    runtime: str = "",
    key: Annotated[Path | None, Param(path="file")] = None,
) -> File:
    """Write the documents that serve a bundle on KServe: an InferenceService, and the public keys its pods verify with.

    The bundle is verified first, to the last byte: without a valid pass for exactly this model, or an override that is signed into the
    bundle, no document is written. Every field is checked without a cluster. The same bundle and parameters give the same bytes, so that
    a repository for GitOps shows real changes only. Digests, verdict, evidence and an override stand in the annotations.

    Args:
        bundle: From publish/folder.
        storage: Where the cluster finds the bundle: oci://registry/repository@sha256:digest, s3://bucket/folder or pvc://claim/folder.
        image: The container that runs assay serve; best by digest.
        name: Of the InferenceService; default: the bundle's.
        namespace: Of the cluster; default: whatever applies the documents says.
        form: assay runs our container, which verifies and explains; onnx a runtime of the cluster, which does neither.
        mode: standard for plain Deployments; knative for a canary and scaling to zero.
        grpc: With knative, answer over gRPC in place of HTTP; standard always answers over both.
        explainer: Give explanations pods of their own.
        canary: Percent of requests that the new version gets at first; 0 for all.
        min_replicas: Fewest pods; 0 for none while nobody asks.
        max_replicas: Most pods; 0 for the cluster's own limit.
        cpu: Processor cores of a pod, such as 500m.
        memory: Of a pod, such as 1Gi.
        gpu: Accelerators of a pod.
        service_account: Of the pods: whoever may read the storage.
        registry_secret: Secret with the credentials of the registry.
        runtime: Serving runtime for the form onnx; default: the cluster chooses.
        key: The public key whose signature on bundle and verdict counts; default: all keys in this user's folder of keys.

    Returns:
        documents: YAML for kubectl apply.
    """
    ring = Keyring(keyring_folder(os.environ))
    now = dt.datetime.now(dt.UTC)
    candidate = admitted(FolderSource(bundle.path), trusted_keys(key, ring), now, development=ring.development_ids())
    settings = Settings(
        name=name or service_name(candidate.manifest.name),
        storage=Storage.parse(storage),
        namespace=namespace,
        form=Form(form),
        image=image,
        mode=Mode(mode),
        grpc=grpc,
        explainer=explainer,
        canary=canary or None,
        least=min_replicas,
        most=max_replicas,
        cpu=cpu,
        memory=memory,
        gpu=gpu,
        account=service_account,
        registry_secret=registry_secret,
        runtime=runtime,
    )
    print("\n".join(headlines(candidate)))
    written = step.output("documents", File, suffix=".yaml")
    written.path.write_bytes(text(candidate, documents(candidate, settings)))
    return written
