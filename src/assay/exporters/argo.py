"""``--to argo``: an Argo WorkflowTemplate with one template, to be run as it is or referred to by workflows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assay.errors import Fault
from assay.exporters.cluster import (
    INPUTS,
    OUTPUTS,
    SCRATCH,
    container_security,
    foreign_container,
    metadata,
    pod_security,
    resources,
    secret_variables,
    untemplated,
)
from assay.exporters.containerfile import HOME
from assay.exporters.exporter import Document, Documents, Request
from assay.exporters.fields import CONTAINER, META, NAME, PATH, POD_SECURITY, VOLUME, Many, Map, check_fields
from assay.exporters.foreign import Foreign, foreign, told
from assay.exporters.naming import legal_names
from assay.exporters.values import carried, json_text, text_of
from assay.exporters.yamltext import read_yaml, yaml_text
from assay.model.artifacts import FACTS, ArtifactType, Json
from assay.model.component import PortSpec

PARAMS = "/assay/params"
_FILE = "workflowtemplate.yaml"
_TEMPLATE = "component"
_PARAM_PREFIX = "assay-param-"


class ArgoExporter:
    """One WorkflowTemplate: parameters as files of JSON, which no shell and no variable ever sees."""

    help = "an Argo WorkflowTemplate; parameters are JSON texts, ports are artifacts"
    next = "argo template create {folder}/workflowtemplate.yaml"
    containers = True

    def documents(self, request: Request, faults: list[Fault]) -> Documents:
        """Return the one file."""
        named = [("input port", str(name)) for name in request.spec.inputs]
        legal_names(
            named, str, "the template's artifacts", faults, [_file_name(str(p.name)) for p in request.open_params]
        )
        values = carried(request, faults)
        own = foreign(request, values, faults, runtime=lambda _: True)
        if own is not None:
            _check_texts(own, values, faults)
        return {_FILE: Document(yaml_text(workflow_template(request, values, own), _head(request, own)))}

    def check(self, documents: Documents) -> Sequence[Fault]:
        """Hold the document against the fields of a WorkflowTemplate, and its references against what it declares."""
        faults: list[Fault] = []
        found = read_yaml(documents[_FILE].content, _FILE, faults)
        if faults:
            return faults
        faults += check_fields(found, WORKFLOW_TEMPLATE, "WorkflowTemplate")
        return faults or _check_references(documents[_FILE].content.decode("ascii"), found)


def workflow_template(request: Request, values: dict[str, Json], own: Foreign | None = None) -> dict[str, Json]:
    """Return the document.

    A parameter's value goes ``arguments`` → ``inputs.parameters`` → a raw artifact, a file of its own: as a part of the
    environment it would be expanded once more, by the kubelet.
    """
    spec = request.spec
    opened = request.open_params if own is None else own.open
    names = [str(param.name) for param in opened]
    arguments: list[Json] = []
    for param in opened:
        one: dict[str, Json] = {"name": str(param.name)}
        if param.name in values:
            one["value"] = json_text(values[param.name]) if own is None else text_of(values[param.name])
        if param.help:
            one["description"] = untemplated(param.help)
        arguments.append(one)
    raw: list[Json] = [
        {"name": _file_name(name), "path": f"{PARAMS}/{name}", "raw": {"data": f"{{{{inputs.parameters.{name}}}}}"}}
        for name in (names if own is None else ())
    ]
    ports: list[Json] = [
        {"name": str(port.name), "path": f"{INPUTS}/{port.name}", **({"optional": True} if port.optional else {})}
        for port in spec.inputs.values()
        if own is None or not port.optional
    ]
    parameters: list[Json] = [{"name": name} for name in names]
    template: dict[str, Json] = {
        "name": _TEMPLATE,
        "inputs": {"parameters": parameters, "artifacts": [*raw, *ports]},
        "outputs": _outputs(list(spec.outputs.values())),
        "securityContext": pod_security(),
        "volumes": [{"name": SCRATCH, "emptyDir": {}}, {"name": "outputs", "emptyDir": {}}],
        "container": _container(request) if own is None else _foreign(request, own),
    }
    body: dict[str, Json] = {"entrypoint": _TEMPLATE, "templates": [template]}
    if arguments:
        body["arguments"] = {"parameters": arguments}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "WorkflowTemplate",
        "metadata": metadata(spec),
        "spec": body,
    }


def _container(request: Request) -> dict[str, Json]:
    words: list[Json] = ["--step", "--params-dir", PARAMS]
    for port in request.spec.inputs:
        words += ["--input", str(port), f"{INPUTS}/{port}"]
    for port in request.spec.outputs:
        words += ["--output", str(port), f"{OUTPUTS}/{port}"]
    variables = secret_variables(request)
    return {
        "image": request.reference,
        "command": ["python3", HOME],  # Argo replaces the entry point of an image, and cannot ask every registry for it
        "args": words,
        **({"env": variables} if variables else {}),
        "resources": resources(request.spec),
        "securityContext": container_security(),
        "volumeMounts": [
            {"name": SCRATCH, "mountPath": "/tmp"},  # noqa: S108  (in the container)
            {"name": "outputs", "mountPath": OUTPUTS},
        ],
    }


def _foreign(request: Request, own: Foreign) -> dict[str, Json]:
    return {
        **foreign_container(request, own, lambda name: f"{{{{inputs.parameters.{name}}}}}"),
        "resources": resources(request.spec),
        "securityContext": container_security(ours=False),
        "volumeMounts": [{"name": "outputs", "mountPath": OUTPUTS}],
    }


def _check_texts(own: Foreign, values: dict[str, Json], faults: list[Fault]) -> None:
    """Add a fault for a default that Argo would expand, or could not paste into the JSON of a template."""
    for param in own.open:
        text = text_of(values.get(param.name))
        if "{{" in text or not all(sign.isprintable() or sign in "\n\r\t" for sign in text):
            message = f"the default of {param.name!r} has signs that Argo does not paste as they are"
            faults.append(Fault("bad-value", message, str(param.name), hint="-p gives another"))


def _outputs(ports: list[PortSpec]) -> dict[str, Json]:
    values: list[Json] = []
    artifacts: list[Json] = []
    for port in ports:
        place = f"{OUTPUTS}/{port.name}"
        if port.type.artifact is ArtifactType.VALUE:
            source: dict[str, Json] = {"path": place, **({"default": "null"} if port.optional else {})}
            values.append({"name": str(port.name), "valueFrom": source})
            continue
        one: dict[str, Json] = {"name": str(port.name), "path": place}
        if port.optional:
            one["optional"] = True
        if not FACTS[port.type.artifact].folder and not port.type.many:
            one["archive"] = {"none": {}}
        artifacts.append(one)
    return {**({"parameters": values} if values else {}), **({"artifacts": artifacts} if artifacts else {})}


def _file_name(param: str) -> str:
    return f"{_PARAM_PREFIX}{param}"


_WORD = re.compile(r"[-a-zA-Z0-9_]+")
_PARAMETER = Map(
    {
        "name": _WORD,
        "value": str,
        "description": str,
        "valueFrom": Map({"path": PATH, "default": str}, ("path",)),
    },
    ("name",),
)
_ARTIFACT = Map(
    {
        "name": _WORD,
        "path": PATH,
        "optional": bool,
        "raw": Map({"data": str}, ("data",)),
        "archive": Map({"none": Map({})}),
    },
    ("name", "path"),
)
_INPUTS = Map({"parameters": Many(_PARAMETER), "artifacts": Many(_ARTIFACT)}, ("parameters", "artifacts"))
_OUTPUTS = Map({"parameters": Many(_PARAMETER), "artifacts": Many(_ARTIFACT)})
_TEMPLATE_FIELDS = Map(
    {
        "name": NAME,
        "inputs": _INPUTS,
        "outputs": _OUTPUTS,
        "securityContext": POD_SECURITY,
        "volumes": Many(VOLUME),
        "container": CONTAINER,
    },
    ("name", "inputs", "container"),
)
WORKFLOW_TEMPLATE = Map(
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "WorkflowTemplate",
        "metadata": META,
        "spec": Map(
            {
                "entrypoint": NAME,
                "arguments": Map({"parameters": Many(_PARAMETER)}),
                "templates": Many(_TEMPLATE_FIELDS),
            },
            ("entrypoint", "templates"),
        ),
    },
    ("apiVersion", "kind", "metadata", "spec"),
)
"""The fields of a WorkflowTemplate that we write."""

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def _check_references(text: str, found: Mapping[str, Any]) -> list[Fault]:
    """Return a fault for every ``{{…}}`` that is not a parameter of the template: it would be expanded to something else."""
    known = {f"inputs.parameters.{name}" for name in _declared(found)}
    return [
        Fault("bad-reference", f"{{{{{tag}}}}} names no parameter of the template", tag)
        for tag in _TAG.findall(text)
        if tag not in known
    ]


def _declared(found: Mapping[str, Any]) -> list[str]:
    templates = found["spec"]["templates"]
    return [one["name"] for template in templates for one in template["inputs"]["parameters"]]


def _head(request: Request, own: Foreign | None = None) -> str:
    if own is not None:
        return f"Parameters are texts, put into the command as they are.{told(own)}"
    if not request.spec.params:
        return "The image: assay build COMPONENT --to image"
    return "Parameters are JSON: a text stands in double quotes (without them it is taken as it is).\nThe image: assay build COMPONENT --to image"


EXPORTER = ArgoExporter()
