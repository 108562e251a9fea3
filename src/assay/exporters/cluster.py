"""What a Kubernetes Job and an Argo template share: who runs, with what, and where secrets come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from assay.errors import Fault
from assay.exporters.containerfile import USER
from assay.exporters.exporter import Request
from assay.exporters.foreign import Foreign, Hole, Parts, doubled, filled
from assay.exporters.naming import dns_label, shared_name, short_name
from assay.model.artifacts import Json
from assay.model.command import Role
from assay.model.component import ComponentSpec
from assay.runtime.loading import SECRET_PREFIX

SCRATCH = "scratch"
INPUTS = "/assay/inputs"
OUTPUTS = "/assay/outputs"
LARGEST_VALUE = 100_000
"""Bytes of one text in a container's environment: Linux takes 128 KiB, and etcd 1.5 MB for the whole document."""


def metadata(spec: ComponentSpec) -> dict[str, Json]:
    """Return the metadata of the object."""
    return {
        "name": dns_label(short_name(spec.name)),
        "labels": labels(spec),
        "annotations": {
            "assay.component": f"{shared_name(spec.name)}@{spec.version}",
            "assay.code": f"sha256:{spec.implementation.code}",
            **({"assay.title": untemplated(spec.title)} if spec.title else {}),
        },
    }


def labels(spec: ComponentSpec) -> dict[str, Json]:
    """Return the recommended labels of Kubernetes."""
    version = re.sub(r"[^A-Za-z0-9_.-]+", "-", spec.version).strip("-_.")[:63].rstrip("-_.")
    found = {
        "app.kubernetes.io/name": dns_label(short_name(spec.name)),
        "app.kubernetes.io/version": version,
        "app.kubernetes.io/managed-by": "assay",
    }
    return {key: value for key, value in found.items() if value}


def pod_security() -> dict[str, Json]:
    """Return the security context of a pod: the user of our images, who owns what is mounted."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security(*, ours: bool = True) -> dict[str, Json]:
    """Return the security context of the container (the ``restricted`` pod security standard); one of ours writes to /tmp only."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": ours,
        "capabilities": {"drop": ["ALL"]},
    }


def resources(spec: ComponentSpec) -> dict[str, Json]:
    """Return requests and limits: cpu is asked for, memory and accelerators are bounded."""
    asked: dict[str, Json] = {"cpu": f"{max(1, round(spec.resources.cpu * 1000))}m"}
    bounds: dict[str, Json] = {}
    if spec.resources.memory is not None:
        asked["memory"] = bounds["memory"] = f"{-(-spec.resources.memory // 2**20)}Mi"
    if spec.resources.gpu:
        bounds["nvidia.com/gpu"] = str(spec.resources.gpu)
    return {"requests": asked, **({"limits": bounds} if bounds else {})}


def secret_variables(request: Request) -> list[Json]:
    """Return a variable for every secret parameter; its value stays in the cluster's secret."""
    found: list[Json] = []
    for param in request.secret_params:
        name, _, key = request.secrets.get(param.name, "").partition("/")
        reference: dict[str, Json] = {
            "name": name or dns_label(short_name(request.spec.name)),
            "key": key or str(param.name),
        }
        found.append({"name": f"{SECRET_PREFIX}{param.name.upper()}", "valueFrom": {"secretKeyRef": reference}})
    return found


def untemplated(text: str) -> str:
    """Return a text for people in which Argo finds no ``{{``."""
    return text.replace("{{", "{ {")


PLACES = {Role.INPUT: INPUTS, Role.OUTPUT: OUTPUTS}
"""Where ports are in a pod."""


def foreign_container(request: Request, found: Foreign, param: Callable[[str], str] = str) -> dict[str, Json]:
    """Return the fields of the container of a program in an image.

    Args:
        param: What the platform writes for a parameter that is given when it runs.
    """
    secret = {str(one.name): f"$({SECRET_PREFIX}{one.name.upper()})" for one in request.secret_params}

    def hole(one: Hole) -> str:
        if one.role is not Role.PARAM:
            return f"{PLACES[one.role]}/{one.name}"
        return secret.get(one.name) or param(one.name)

    def texts(lines: Iterable[Parts]) -> list[Json]:
        return [filled(parts, doubled, hole) for parts in lines]

    named: list[Json] = [{"name": name, "value": filled(parts, doubled, hole)} for name, parts in found.env.items()]
    return {
        "image": found.image,
        **({"command": texts(found.command)} if found.command else {}),
        "args": texts(found.args),
        "env": [*secret_variables(request), *named],
        **({"workingDir": found.workdir} if found.workdir else {}),
    }


def check_size(text: str, what: str, faults: list[Fault]) -> None:
    """Add a fault when a text is too long for the environment of a process."""
    if len(text) > LARGEST_VALUE:
        message = f"{what} is {len(text)} bytes, and a container's environment takes {LARGEST_VALUE}"
        faults.append(Fault("bad-value", message, what, hint="give large values as an input file"))
