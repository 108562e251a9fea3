"""``--to kfp``: a component YAML of Kubeflow Pipelines, which ``kfp.components.load_component_from_file`` reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assay.errors import Fault
from assay.exporters.containerfile import HOME
from assay.exporters.exporter import Document, Documents, Request
from assay.exporters.fields import Many, Map, Named, check_fields
from assay.exporters.foreign import (
    Foreign,
    Hole,
    Parts,
    filled,
    foreign,
    mixed_secrets,
    plain_variables,
    secret_variables,
    told,
)
from assay.exporters.naming import kfp_name, legal_names, shared_name
from assay.exporters.values import carried, check_kubeflow
from assay.exporters.yamltext import read_yaml, yaml_text
from assay.model.artifacts import ArtifactType, Json
from assay.model.command import Role
from assay.model.component import ParamSpec, ParamType, PortSpec

_FILE = "component.yaml"
_TYPES = {
    ParamType.INT: "Integer",
    ParamType.FLOAT: "Float",
    ParamType.STR: "String",
    ParamType.BOOL: "Boolean",
    ParamType.LIST: "JsonArray",
    ParamType.MAP: "JsonObject",
    ParamType.PATH: "String",
}
_ARTIFACTS = {ArtifactType.DATASET: "Dataset", ArtifactType.PREDICTIONS: "Dataset", ArtifactType.MODEL: "Model"}
"""Types that Kubeflow knows; any other is its ``Artifact``."""


class KfpExporter:
    """A component of Kubeflow Pipelines: it takes its parameters from the executor input, as JSON of their own types."""

    help = "a component YAML for Kubeflow Pipelines"
    next = "python3 -c 'from kfp import components; components.load_component_from_file(\"{folder}/component.yaml\")'"
    containers = True

    def documents(self, request: Request, faults: list[Fault]) -> Documents:
        """Return the one file."""
        spec = request.spec
        inputs = [("input port", str(name)) for name in spec.inputs]
        inputs += [("parameter", str(param.name)) for param in request.open_params]
        names = legal_names(inputs, kfp_name, "Kubeflow Pipelines", faults)
        outputs = legal_names([("output port", str(n)) for n in spec.outputs], kfp_name, "Kubeflow Pipelines", faults)
        values = carried(request, faults)
        own = foreign(request, values, faults, runtime=lambda _: True)
        if own is not None:
            _check_program(own, faults)
        for param in request.open_params:
            check_kubeflow(param, values.get(param.name), faults)
        return {_FILE: Document(yaml_text(component(request, names, outputs, values, own), _head(request, own)))}

    def check(self, documents: Documents) -> Sequence[Fault]:
        """Hold the document against the format, and its placeholders against what it declares and what the backend does."""
        faults: list[Fault] = []
        found = read_yaml(documents[_FILE].content, _FILE, faults)
        if faults:
            return faults
        faults += check_fields(found, COMPONENT, "component")
        return faults or _check_placeholders(found)


def component(
    request: Request,
    names: dict[str, str],
    outputs: dict[str, str],
    values: dict[str, Json],
    own: Foreign | None = None,
) -> dict[str, Json]:
    """Return the document.

    Args:
        names: Parameter or input port to its legal name.
        outputs: Output port to its legal name.
    """
    spec = request.spec
    ports = [port for port in spec.inputs.values() if own is None or not port.optional]
    declared: list[Json] = [_input(port, names) for port in ports]
    declared += [_param(param, names, values) for param in (request.open_params if own is None else own.open)]
    made: list[Json] = [_output(port, outputs) for port in spec.outputs.values()]
    document: dict[str, Json] = {"name": shared_name(spec.name)}
    if spec.title or spec.description:
        document["description"] = "\n\n".join(filter(None, (spec.title, spec.description)))
    annotations: dict[str, Json] = {"assay_version": spec.version, "assay_code": f"sha256:{spec.implementation.code}"}
    document["metadata"] = {"annotations": annotations}
    if declared:
        document["inputs"] = declared
    if made:
        document["outputs"] = made
    container: dict[str, Json] = {
        "image": request.reference,
        "command": ["python3", HOME],
        "args": _args(request, names, outputs),
    }
    if own is not None:
        container = _program(request, own, names, outputs)
    document["implementation"] = {"container": container}
    return document


def _program(request: Request, own: Foreign, names: dict[str, str], outputs: dict[str, str]) -> dict[str, Json]:
    """Return the container of a program in an image; a word with a text beside a placeholder has the placeholder's own form."""
    values = {name for name, port in request.spec.outputs.items() if port.type.artifact is ArtifactType.VALUE}

    def hole(one: Hole) -> str:
        match one.role:
            case Role.PARAM:
                return f"{{{{$.inputs.parameters['{names[one.name]}']}}}}"
            case Role.INPUT | Role.CONTENT:  # a content is refused before it comes here
                return f"{{{{$.inputs.artifacts['{names[one.name]}'].path}}}}"
            case Role.OUTPUT:
                kind, field = ("parameters", "output_file") if one.name in values else ("artifacts", "path")
                return f"{{{{$.outputs.{kind}['{outputs[one.name]}'].{field}}}}}"

    def texts(lines: Sequence[Parts]) -> list[Json]:
        return [filled(parts, str, hole) for parts in lines]

    env = plain_variables(own)
    return {
        "image": own.image,
        "command": texts(own.command),
        "args": texts(own.args),
        **({"env": env} if env else {}),
    }


def _check_program(own: Foreign, faults: list[Fault]) -> None:
    """Add a fault for what Kubeflow does not do with a program: find its entry point, put a secret beside a text, set a folder."""
    if not own.command:
        faults.append(
            Fault("no-command", "Kubeflow needs the command of an image", own.image, hint="write command: […]")
        )
    if own.workdir:
        faults.append(Fault("no-workdir", "Kubeflow decides where a program runs", own.workdir, hint="remove workdir"))
    faults += mixed_secrets(own)
    for parts in (*own.command, *own.args, *own.env.values()):
        faults += [
            Fault("bad-value", f"Kubeflow would expand {part!r}", part, hint="-p gives another")
            for part in parts
            if isinstance(part, str) and "{{$" in part
        ]


def _args(request: Request, names: dict[str, str], outputs: dict[str, str]) -> list[Json]:
    words: list[Json] = ["--step"]
    for option, legal_of in (("--input-called", names), ("--output-called", outputs)):
        for name, legal in legal_of.items():
            words += [option, legal, name] if name != legal else []
    if request.open_params:
        words += ["--executor-input", {"executorInput": None}]
    for port in request.spec.inputs.values():
        name = names[port.name]
        taken: list[Json] = ["--input", name, {"inputPath": name}]
        words += [{"if": {"cond": {"isPresent": name}, "then": taken}}] if port.optional else taken
    for legal in outputs.values():
        words += ["--output", legal, {"outputPath": legal}]
    return words


def _input(port: PortSpec, names: dict[str, str]) -> dict[str, Json]:
    found: dict[str, Json] = {"name": names[port.name], "type": _artifact(port)}
    if port.help:
        found["description"] = port.help
    if port.optional:
        found["optional"] = True
    return found


def _param(param: ParamSpec, names: dict[str, str], values: dict[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = {"name": names[param.name], "type": _TYPES[param.type]}
    if param.help:
        found["description"] = param.help
    value = values.get(param.name)
    if value is not None:
        found["default"] = value if isinstance(value, str) else _default(value)
    if param.name in values:
        found["optional"] = True
    return found


def _default(value: Json) -> str:
    """Return a default as this format writes it: as a text, which the type tells how to read."""
    import json  # light; the module has no other use for it

    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _output(port: PortSpec, names: dict[str, str]) -> dict[str, Json]:
    kind = "String" if port.type.artifact is ArtifactType.VALUE else _artifact(port)
    return {"name": names[port.name], "type": kind, **({"description": port.help} if port.help else {})}


def _artifact(port: PortSpec) -> str:
    """Return the type of a port; a list of artifacts is one folder."""
    return "Artifact" if port.type.many else _ARTIFACTS.get(port.type.artifact, "Artifact")


_PLACEHOLDERS = ("inputPath", "outputPath", "executorInput", "if")
"""Those of the format that every backend carries out; ``concat`` is accepted by the schema and done by none."""

_PORT = Map({"name": str, "type": str, "description": str, "default": str, "optional": bool}, ("name", "type"))
COMPONENT = Map(
    {
        "name": str,
        "description": str,
        "metadata": Map({"annotations": Named(str)}),
        "inputs": Many(_PORT),
        "outputs": Many(_PORT),
        "implementation": Map(
            {
                "container": Map(
                    {"image": str, "command": Many(str), "args": Many(object), "env": Named(str)}, ("image", "command")
                )
            },
            ("container",),
        ),
    },
    ("name", "implementation"),
)
"""The fields of a component YAML that we write."""


def _check_placeholders(found: dict[str, Json]) -> list[Fault]:
    """Return a fault for a placeholder that is none, or that names what is not declared, and for a type that is unknown."""
    faults: list[Fault] = []
    declared: dict[str, set[str]] = {}
    for kind in ("inputs", "outputs"):
        ports = found.get(kind)
        named = [str(port["name"]) for port in ports if isinstance(port, dict)] if isinstance(ports, list) else []
        declared[kind] = set(named)
        twice = sorted({name for name in named if named.count(name) > 1 or kfp_name(name) != name})
        faults += [Fault("bad-name", f"{name!r} is given twice, or no name", name) for name in twice]
    for kind, name in _placeholders(found):
        group = "outputs" if kind == "outputPath" else "inputs"
        if kind not in (*_PLACEHOLDERS, "isPresent"):
            faults.append(Fault("bad-placeholder", f"{kind!r} is no placeholder that a backend carries out", kind))
        elif kind not in ("executorInput", "if") and name not in declared[group]:
            faults.append(Fault("bad-placeholder", f"{kind} names {name!r}, which is not declared", name))
    return faults


def _placeholders(found: dict[str, Json]) -> Iterator[tuple[str, str]]:
    waiting: list[Json] = [found["implementation"]]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            for one in part:
                if isinstance(one, dict):
                    yield from ((key, str(value)) for key, value in one.items())
            waiting.extend(part)
        elif isinstance(part, dict):
            if "isPresent" in part:
                yield "isPresent", str(part["isPresent"])
            waiting.extend(part.values())


def _head(request: Request, own: Foreign | None = None) -> str:
    secrets = [f"ASSAY_PARAM_{param.name.upper()}" for param in request.secret_params]
    about = "The image: assay build COMPONENT --to image"
    if own is not None:
        about = f"A program in an image of its own.{told(own)}"
        secrets = secret_variables(own)
    if secrets:
        return f"{about}\nSecrets, by kubernetes.use_secret_as_env of kfp-kubernetes: {', '.join(secrets)}"
    return about


EXPORTER = KfpExporter()
