"""``--to k8s-job``: a Kubernetes Job that runs the component once, on files of a volume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from assay.errors import Fault, bounded
from assay.exporters.cluster import (
    INPUTS,
    OUTPUTS,
    SCRATCH,
    check_size,
    container_security,
    foreign_container,
    labels,
    metadata,
    pod_security,
    resources,
    secret_variables,
)
from assay.exporters.exporter import Document, Documents, Request
from assay.exporters.fields import CONTAINER, META, POD_SECURITY, VOLUME, Many, Map, check_fields
from assay.exporters.foreign import foreign
from assay.exporters.naming import dns_label, short_name
from assay.exporters.values import carried, json_text, require_values
from assay.exporters.yamltext import read_yaml, yaml_text
from assay.model.artifacts import Json
from assay.model.component import ContainerImplementation
from assay.runtime.stepwords import PARAMS_VARIABLE

_FILE = "job.yaml"
_VOLUME = "files"


class JobExporter:
    """One Job: parameters as JSON in a variable, inputs and outputs in two folders of a volume claim."""

    help = "a Kubernetes Job; inputs and outputs are the folders of these names on a volume claim"
    next = "kubectl apply --filename {folder}/job.yaml"
    containers = True

    def documents(self, request: Request, faults: list[Fault]) -> Documents:
        """Return the one file."""
        if not isinstance(request.spec.implementation, ContainerImplementation):
            require_values(request, faults)
        values = carried(request, faults)
        params = json_text(values)
        check_size(params, "the parameters together", faults)
        found = foreign(request, values, faults, runtime=lambda _: False)
        own = foreign_container(request, found) if found else None
        return {_FILE: Document(yaml_text(job(request, params, own), _head(request)))}

    def check(self, documents: Documents) -> Sequence[Fault]:
        """Hold the Job against the fields of a Job, and its parts against each other."""
        faults: list[Fault] = []
        found = read_yaml(documents[_FILE].content, _FILE, faults)
        if faults:
            return faults
        faults += check_fields(found, JOB, "Job")
        return faults or _check_expansions(found)


def job(request: Request, params: str, own: dict[str, Json] | None = None) -> dict[str, Json]:
    """Return the Job.

    Args:
        params: Value of the variable that carries the parameters.
        own: The container of a component that is a program in an image.
    """
    spec = request.spec
    container: dict[str, Json] = {
        "name": "component",
        "image": request.reference,
        "args": ["--step", "--inputs", INPUTS, "--outputs", OUTPUTS],
        "env": [{"name": PARAMS_VARIABLE, "value": params}, *secret_variables(request)],
        "volumeMounts": [
            {"name": _VOLUME, "mountPath": INPUTS, "subPath": "inputs", "readOnly": True},
            {"name": _VOLUME, "mountPath": OUTPUTS, "subPath": "outputs"},
            {"name": SCRATCH, "mountPath": "/tmp"},  # noqa: S108  (in the container)
        ],
    }
    container |= own or {}
    container |= {"resources": resources(spec), "securityContext": container_security(ours=own is None)}
    claim: dict[str, Json] = {"claimName": request.claim or dns_label(short_name(spec.name))}
    pod: dict[str, Json] = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": pod_security(),
        "containers": [container],
        "volumes": [{"name": _VOLUME, "persistentVolumeClaim": claim}, {"name": SCRATCH, "emptyDir": {}}],
    }
    template: dict[str, Json] = {"metadata": {"labels": labels(spec)}, "spec": pod}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(spec),
        "spec": {"backoffLimit": 0, "template": template},
    }


_POD = Map(
    {
        "restartPolicy": "Never",
        "automountServiceAccountToken": bool,
        "securityContext": POD_SECURITY,
        "containers": Many(CONTAINER),
        "volumes": Many(VOLUME),
    },
    ("restartPolicy", "containers"),
)
JOB = Map(
    {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": META,
        "spec": Map({"backoffLimit": int, "template": Map({"metadata": META, "spec": _POD}, ("spec",))}, ("template",)),
    },
    ("apiVersion", "kind", "metadata", "spec"),
)
"""The fields of a Job that we write."""


def _check_expansions(found: dict[str, Any]) -> list[Fault]:
    """Return a fault for every text of the container in which the kubelet expands something that is no secret of it."""
    container = found["spec"]["template"]["spec"]["containers"][0]
    env = container.get("env", [])
    texts = [*container.get("command", []), *container.get("args", []), *(one.get("value", "") for one in env)]
    known = "|".join(re.escape(one["name"]) for one in env if "valueFrom" in one) or "(?!)"
    allowed = re.compile(rf"\$\$|\$\((?:{known})\)")
    return [
        Fault("bad-document", f"the kubelet would expand {bounded(text, 80)!r}", "$")
        for text in texts
        if "$" in allowed.sub("", text)
    ]


def _head(request: Request) -> str:
    ports = ", ".join(f"inputs/{name}" for name in request.spec.inputs) or "nothing"
    made = ", ".join(f"outputs/{name}" for name in request.spec.outputs) or "nothing"
    return f"Reads {ports} on the volume claim, with any ending; writes {made}.\nThe image: assay build COMPONENT --to image"


EXPORTER = JobExporter()
