"""The documents of a deployment, as plain dicts and as text: an InferenceService, and the public keys that its pods verify with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from assay.deployment.candidate import Candidate
from assay.deployment.fields import wrong_fields
from assay.deployment.settings import Form, Mode, Settings, wrong_settings
from assay.deployment.storage import StorageKind
from assay.errors import InvalidDocument
from assay.exporters.yamltext import yaml_text
from assay.model.artifacts import Json
from assay.trust.gate.words import override_line, warnings

Document = dict[str, Json]

PORT, GRPC_PORT = 8080, 8081
MOUNT = "/mnt/models"
"""Where KServe's storage initializer puts what it fetched, and where our container keeps what it pulled."""

_KEYS = "/etc/assay/keys"
_HOME = "/etc/assay/home"
"""Home folder of the container: holds the registry's credentials, where there are any."""

_DEPLOYMENT_MODE = {Mode.STANDARD: "RawDeployment", Mode.KNATIVE: "Serverless"}
"""The words that every version of KServe understands; the newest write Standard and Knative."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a pod that the cluster leads to; without a name it is HTTP."""

    number: int
    name: str = ""


_HTTP = (Port(PORT),)
_BOTH = (Port(PORT, "http1"), Port(GRPC_PORT, "grpc-port"))  # Istio knows a protocol by the beginning of the name
_KNATIVE_GRPC = (Port(GRPC_PORT, "h2c"),)  # Knative leads to one port of a pod, and knows gRPC by this name


class Undeployable(InvalidDocument):
    """What was chosen cannot be deployed; ``faults`` lists every reason."""

    code: ClassVar[str] = "undeployable"


def documents(candidate: Candidate, settings: Settings) -> list[Document]:
    """Return the documents that a cluster is given, in the order in which it needs them.

    Args:
        candidate: A bundle that passed: there is no other way to documents.
        settings: How it is to be deployed.

    Raises:
        Undeployable: With every reason.
    """
    if faults := wrong_settings(settings, candidate):
        raise Undeployable(faults, what="the deployment")
    keys = _key_map(candidate, settings)
    made = [*([keys] if settings.form is Form.ASSAY else []), _service(candidate, settings, str(_name(keys)))]
    if faults := [fault for one in made for fault in wrong_fields(one)]:
        raise Undeployable(faults, what="the deployment")
    return made


def text(candidate: Candidate, made: list[Document]) -> bytes:
    """Return the documents as one YAML file for ``kubectl apply`` and GitOps: the same deployment has the same bytes each time."""
    parts = [yaml_text(one) for one in made]
    head = "".join(f"# {_plain(line)}\n" for line in headlines(candidate))
    return head.encode("ascii") + b"---\n".join(parts)


def headlines(candidate: Candidate) -> list[str]:
    """Return what stands above the documents: what it is, and every caution."""
    manifest, admission = candidate.manifest, candidate.found.admission
    cautions = [f"! {line}" for line in warnings(admission.verdict, admission.override)]
    until = f"verdict {admission.verdict.state.words}, holds until {admission.verdict.expires:%Y-%m-%d %H:%M} UTC"
    return [f"{manifest.title}, bundle {candidate.found.digest[:12]}, model {manifest.model[:12]}: {until}", *cautions]


def _plain(line: str) -> str:
    return " ".join(line.split()).encode("ascii", "backslashreplace").decode()


def _name(document: Document) -> Json:
    metadata = document["metadata"]
    return metadata["name"] if isinstance(metadata, dict) else None


def _metadata(name: str, candidate: Candidate, settings: Settings) -> Document:
    labels: Document = {
        "app.kubernetes.io/name": settings.name,
        "app.kubernetes.io/version": candidate.manifest.version.replace("+", "_")[:63].rstrip("-_."),
        "app.kubernetes.io/managed-by": "assay",
    }
    return {"name": name, **({"namespace": settings.namespace} if settings.namespace else {}), "labels": labels}


def _key_map(candidate: Candidate, settings: Settings) -> Document:
    """Return the public keys; what is in it is part of its name, so that pods of an older version keep theirs."""
    data: Document = {f"{name}.pub": pem for name, pem in candidate.keys.items()}
    mark = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]
    metadata = _metadata(f"{settings.name[:40].rstrip('-')}-keys-{mark}", candidate, settings)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "immutable": True, "data": data}


def _service(candidate: Candidate, settings: Settings, keys: str) -> Document:
    metadata = _metadata(settings.name, candidate, settings)
    spec: Document = {"predictor": _predictor(settings, keys)}
    if settings.explainer:
        spec["explainer"] = _pod(settings, keys, _HTTP)  # the protocol knows no explanation over gRPC
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": metadata | {"annotations": described(candidate, settings)},
        "spec": spec,
    }


def described(candidate: Candidate, settings: Settings) -> Document:
    """Return what stands on the InferenceService for people and for admission policies: digests, verdict, and an override in full."""
    found, verdict, override = candidate.found, candidate.found.admission.verdict, candidate.found.admission.override
    said: Document = {
        "serving.kserve.io/deploymentMode": _DEPLOYMENT_MODE[settings.mode],
        "assay.name": found.manifest.name,
        "assay.version": found.manifest.version,
        "assay.bundle": f"sha256:{found.digest}",
        "assay.artifact": candidate.artifact,
        "assay.model": f"sha256:{found.manifest.model}",
        "assay.verdict": str(verdict.state),
        "assay.policy": verdict.policy.name,
        "assay.expires": verdict.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "assay.evidence": ",".join(f"sha256:{one.digest}" for one in verdict.evidence),
    }
    if settings.canary is not None:
        said["serving.kserve.io/enable-tag-routing"] = (
            "true"  # the new version has an address of its own, to be asked at
        )
    if settings.storage.kind is StorageKind.OCI:
        said["assay.reference"] = settings.storage.address.removeprefix(
            "oci://"
        )  # where admission policies look for an image
    if override is not None:
        said["assay.overridden"] = override_line(override)
    if cautions := warnings(verdict):
        said["assay.cautions"] = " ".join(cautions)
    return said


def _predictor(settings: Settings, keys: str) -> Document:
    canary: Document = {} if settings.canary is None else {"canaryTrafficPercent": settings.canary}
    if settings.form is Form.ASSAY:
        return canary | _pod(settings, keys, _ports(settings))
    model: Document = {
        "modelFormat": {"name": "onnx"},
        "protocolVersion": "v2",
        **({"runtime": settings.runtime} if settings.runtime else {}),
        "storageUri": settings.storage.address,
        "resources": _resources(settings),
    }
    return canary | _scale(settings) | {"model": model}


def _scale(settings: Settings) -> Document:
    return {
        "minReplicas": settings.least,
        **({"maxReplicas": settings.most} if settings.most else {}),
        **({"serviceAccountName": settings.account} if settings.account else {}),
        **({"imagePullSecrets": [{"name": settings.registry_secret}]} if settings.registry_secret else {}),
    }


def _pod(settings: Settings, keys: str, ports: Sequence[Port]) -> Document:
    volumes: list[Json] = [
        {"name": "keys", "configMap": {"name": keys}},
        {"name": "scratch", "emptyDir": {}},
    ]
    mounts: list[Json] = [
        {"name": "keys", "mountPath": _KEYS, "readOnly": True},
        {"name": "scratch", "mountPath": "/tmp"},  # noqa: S108  (in the container)
    ]
    pulled = settings.storage.kind is StorageKind.OCI
    if pulled:
        volumes.append({"name": "bundles", "emptyDir": {}})
        mounts.append({"name": "bundles", "mountPath": MOUNT})
    if pulled and settings.registry_secret:
        item: Json = {"key": ".dockerconfigjson", "path": ".docker/config.json"}
        volumes.append({"name": "registry", "secret": {"secretName": settings.registry_secret, "items": [item]}})
        mounts.append({"name": "registry", "mountPath": _HOME, "readOnly": True})
    return _scale(settings) | {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [_container(settings, mounts, ports, pulled=pulled)],
        "volumes": volumes,
    }


def _container(settings: Settings, mounts: list[Json], ports: Sequence[Port], *, pulled: bool) -> Document:
    place = settings.storage.address if pulled else MOUNT
    found = {"ASSAY_BUNDLES": MOUNT} if pulled else {"STORAGE_URI": settings.storage.address}
    variables = {"ASSAY_KEYS": _KEYS, "HOME": _HOME} | found
    grpc = ["--grpc-port", str(GRPC_PORT)] if GRPC_PORT in {port.number for port in ports} else []
    return {
        "name": "kserve-container",
        "image": settings.image,
        "command": ["assay"],
        "args": ["serve", place, "--host", "0.0.0.0", "--port", str(PORT), *grpc],  # noqa: S104  (the pod's own network)
        "env": [{"name": name, "value": value} for name, value in variables.items()],
        "ports": [
            {**({"name": port.name} if port.name else {}), "containerPort": port.number, "protocol": "TCP"}
            for port in ports
        ],
        "resources": _resources(settings),
        "readinessProbe": {**_probed(ports[0], "ready"), "periodSeconds": 5, "failureThreshold": 3},
        # Late: a pod that still pulls and verifies its bundle must not be killed for it.
        "livenessProbe": {
            **_probed(ports[0], "live"),
            "periodSeconds": 10,
            "failureThreshold": 6,
            "initialDelaySeconds": 120,
        },
        "securityContext": {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": mounts,
    }


def _ports(settings: Settings) -> Sequence[Port]:
    if settings.mode is Mode.STANDARD:
        return _BOTH
    return _KNATIVE_GRPC if settings.grpc else _HTTP


def _probed(port: Port, what: str) -> Document:
    """Return what a probe asks. The port of gRPC opens after the model answered its example, so a connection says enough."""
    if port.number == GRPC_PORT:
        return {"tcpSocket": {"port": GRPC_PORT}}
    return {"httpGet": {"path": f"/v2/health/{what}", "port": PORT}}


def _resources(settings: Settings) -> Document:
    limits: Document = {"memory": settings.memory}
    if settings.gpu:
        limits["nvidia.com/gpu"] = str(settings.gpu)
    return {"requests": {"cpu": settings.cpu, "memory": settings.memory}, "limits": limits}
