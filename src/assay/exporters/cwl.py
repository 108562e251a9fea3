"""``--to cwl``: a CommandLineTool of the Common Workflow Language 1.2, beside the program that it runs.

Source: https://www.commonwl.org/v1.2/CommandLineTool.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from assay.errors import Fault
from assay.exporters.exporter import Document, Documents, Request
from assay.exporters.fields import Map, Named, check_fields
from assay.exporters.foreign import (
    Foreign,
    Hole,
    filled,
    foreign,
    mixed_secrets,
    plain_variables,
    secret_variables,
    told,
)
from assay.exporters.naming import dns_label, legal_names, short_name
from assay.exporters.pack import check_pack, pack
from assay.exporters.program import unzipped
from assay.exporters.values import carried
from assay.exporters.yamltext import read_yaml, yaml_text
from assay.model.artifacts import FACTS, ArtifactType, Json
from assay.model.command import Role
from assay.model.component import ContainerImplementation, ParamSpec, ParamType, PortSpec
from assay.runtime.loading import SECRET_PREFIX

_FILE = "tool.cwl"
_PROGRAM = "assay_program"
_GIVEN = "assay-inputs.json"
_TYPES = {
    ParamType.INT: "long",
    ParamType.FLOAT: "double",
    ParamType.STR: "string",
    ParamType.BOOL: "boolean",
    ParamType.PATH: "string",
}
LARGEST_LONG = 2**63 - 1
_MEBIBYTE = 2**20


class CwlExporter:
    """A CWL tool with the program beside it, so that it runs in our image, in any image with the packages, or in none."""

    help = "a CWL 1.2 tool and the program that it runs"
    next = "cwltool {folder}/tool.cwl --help"
    containers = True

    def documents(self, request: Request, faults: list[Fault]) -> Documents:
        """Return the tool and its program."""
        spec = request.spec
        named = [("input port", str(name)) for name in spec.inputs]
        named += [("parameter", str(param.name)) for param in request.open_params]
        legal_names(named, _identifier, "the tool's inputs", faults, [_PROGRAM])
        outputs = _output_names(request, faults)
        values = carried(request, faults)
        own = foreign(request, values, faults, runtime=_pasted)
        for param in request.open_params:
            value = values.get(param.name)
            if isinstance(value, int) and abs(value) > LARGEST_LONG:
                message = f"{param.name!r} is a number of more than 64 bits, which CWL does not carry"
                faults.append(Fault("bad-value", message, str(param.name), hint="give it as a text"))
        if own is not None:
            _check_program(own, faults)
            return {_FILE: Document(yaml_text(foreign_tool(request, values, outputs, own), _head(request, own)))}
        program = f"{dns_label(short_name(spec.name))}.pyz"
        return {
            _FILE: Document(yaml_text(tool(request, values, outputs, program), _head(request))),
            program: Document(pack(spec, request.params).zipped(), executable=True),
        }

    def check(self, documents: Documents) -> Sequence[Fault]:
        """Hold the tool against the fields of a CommandLineTool and its expressions against those that need no JavaScript."""
        faults: list[Fault] = []
        for name, document in documents.items():
            if name.endswith(".pyz"):
                faults += check_pack(unzipped(document.content))
        found = read_yaml(documents[_FILE].content, _FILE, faults)
        if faults:
            return faults
        return [*faults, *check_fields(found, TOOL, "tool"), *_check_inputs(found, documents)]


def tool(request: Request, values: dict[str, Json], outputs: dict[str, str], program: str) -> dict[str, Json]:
    """Return the tool.

    All inputs reach the program in one file of JSON, and no value of theirs is part of a command or of an expression.

    Args:
        values: The default of every parameter that has one.
        outputs: Output port to its identifier.
        program: Name of the program file beside the tool.
    """
    spec = request.spec
    inputs: dict[str, Json] = {str(port.name): _input(port) for port in spec.inputs.values()}
    inputs |= {str(param.name): _param(param, values) for param in request.open_params}
    inputs[_PROGRAM] = {
        "type": "File",
        "doc": "The component and what runs it.",
        "default": {"class": "File", "location": program},
    }
    called = [word for name, one in outputs.items() if name != one for word in ("--output-called", one, name)]
    listing: list[Json] = [{"entryname": _GIVEN, "entry": "$(inputs)"}]
    return _titled(request) | {
        "requirements": {"InitialWorkDirRequirement": {"listing": listing}},
        "hints": _hints(request, request.reference),
        "inputs": inputs,
        "baseCommand": "python3",
        "arguments": [f"$(inputs.{_PROGRAM}.path)", "--step", *called, "--cwl", _GIVEN],
        "outputs": {outputs[port.name]: _output(port) for port in spec.outputs.values()},
    }


def foreign_tool(request: Request, values: dict[str, Json], outputs: dict[str, str], own: Foreign) -> dict[str, Json]:
    """Return the tool of a program in an image: its words hold references to the inputs, its outputs are found by their names."""
    spec = request.spec
    ports = [port for port in spec.inputs.values() if not port.optional]
    inputs: dict[str, Json] = {str(port.name): _input(port) for port in ports}
    inputs |= {str(param.name): _param(param, values) for param in own.open}

    def hole(one: Hole) -> str:
        match one.role:
            case Role.OUTPUT:
                return outputs[one.name]
            case Role.INPUT | Role.CONTENT:  # a content is refused before it comes here
                return f"$(inputs.{one.name}.path)"
            case Role.PARAM:
                return f"$(inputs.{one.name})"

    arguments: list[Json] = [filled(parts, str, hole) for parts in (*own.command, *own.args)]
    env = plain_variables(own)
    code = spec.implementation
    network = isinstance(code, ContainerImplementation) and code.network
    requirements: dict[str, Json] = {
        **({"EnvVarRequirement": {"envDef": env}} if env else {}),
        **({"NetworkAccess": {"networkAccess": True}} if network else {}),
    }
    made: dict[str, Json] = {
        outputs[port.name]: {
            "type": _optional("Directory" if FACTS[port.type.artifact].folder else "File", optional=port.optional),
            "outputBinding": {"glob": outputs[port.name]},
        }
        for port in spec.outputs.values()
    }
    return _titled(request) | {
        "requirements": requirements,
        "hints": _hints(request, own.image),
        "inputs": inputs,
        "arguments": arguments,
        "outputs": made,
    }


def _pasted(param: ParamSpec) -> bool:
    """Whether CWL puts the value into a word as it is: a flag on its own would vanish, a list become several words."""
    return param.type not in (ParamType.BOOL, ParamType.LIST, ParamType.MAP)


def _check_program(own: Foreign, faults: list[Fault]) -> None:
    if own.workdir:
        faults.append(Fault("no-workdir", "CWL decides where a program runs", own.workdir, hint="remove workdir"))
    faults += mixed_secrets(own)
    for parts in (*own.command, *own.args, *own.env.values()):
        faults += [
            Fault("bad-value", f"CWL would expand {part!r}", part, hint="-p gives another")
            for part in parts
            if isinstance(part, str) and re.search(r"\$[({]|\\", part)
        ]


def _titled(request: Request) -> dict[str, Json]:
    spec = request.spec
    document: dict[str, Json] = {"cwlVersion": "v1.2", "class": "CommandLineTool", "label": spec.title or spec.name}
    return document | ({"doc": spec.description} if spec.description else {})


def _hints(request: Request, image: str) -> dict[str, Json]:
    resources = request.spec.resources
    needs: dict[str, Json] = {"coresMin": max(1, round(resources.cpu))}
    if resources.memory is not None:
        needs["ramMin"] = -(-resources.memory // _MEBIBYTE)
    return {"DockerRequirement": {"dockerPull": image}, "ResourceRequirement": needs}


def _output_names(request: Request, faults: list[Fault]) -> dict[str, str]:
    """Return the identifier of each output: in CWL, inputs and outputs share one namespace."""
    taken = {*request.spec.inputs, *(param.name for param in request.open_params), _PROGRAM}
    named = [("output port", str(name)) for name in request.spec.outputs]
    return legal_names(named, lambda name: f"{name}_output" if name in taken else name, "the tool", faults, taken)


def _input(port: PortSpec) -> dict[str, Json]:
    return {"type": _optional(_port_type(port), optional=port.optional), **({"doc": port.help} if port.help else {})}


def _output(port: PortSpec) -> dict[str, Json]:
    """Return an output; where it is, the program says in ``cwl.output.json``."""
    value = port.type.artifact is ArtifactType.VALUE
    kind = "Any" if value else _port_type(port)
    told: dict[str, Json] = {"doc": port.help} if port.help else {}
    return {"type": _optional(kind, optional=port.optional or value), **told}


def _port_type(port: PortSpec) -> Json:
    kind = "Directory" if FACTS[port.type.artifact].folder else "File"
    return {"type": "array", "items": kind} if port.type.many else kind


def _param(param: ParamSpec, values: dict[str, Json]) -> dict[str, Json]:
    kind, as_json = _param_type(param)
    value = values.get(param.name)
    null = param.nullable or (param.name in values and value is None)
    found: dict[str, Json] = {"type": _optional(kind, optional=null)}
    told = f"{param.help} (JSON)".strip() if as_json else param.help
    if told:
        found["doc"] = told
    if value is not None:
        found["default"] = json.dumps(value, allow_nan=False) if as_json else value
    return found


def _param_type(param: ParamSpec) -> tuple[Json, bool]:
    """Return the type of a parameter, and whether its value is written as JSON: CWL has no free map or mixed list."""
    if param.type is ParamType.LIST and param.items in _TYPES:
        return {"type": "array", "items": _TYPES[param.items]}, False
    return _TYPES.get(param.type, "string"), param.type not in _TYPES


def _optional(kind: Json, *, optional: bool) -> Json:
    return ["null", kind] if optional else kind


def _identifier(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name)


TOOL = Map(
    {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "label": str,
        "doc": str,
        "requirements": Map(
            {
                "InitialWorkDirRequirement": Map({"listing": list}, ("listing",)),
                "EnvVarRequirement": Map({"envDef": Named(str)}, ("envDef",)),
                "NetworkAccess": Map({"networkAccess": bool}, ("networkAccess",)),
            }
        ),
        "hints": Map(
            {
                "DockerRequirement": Map({"dockerPull": str}, ("dockerPull",)),
                "ResourceRequirement": Map({"coresMin": int, "ramMin": int}),
            }
        ),
        "inputs": Named(Map({"type": object, "doc": str, "default": object}, ("type",))),
        "baseCommand": str,
        "arguments": list,
        "outputs": Named(Map({"type": object, "doc": str, "outputBinding": Map({"glob": str}, ("glob",))}, ("type",))),
    },
    ("cwlVersion", "class", "inputs", "outputs", "arguments"),
)
"""The fields of a CommandLineTool that we write."""

_KNOWN = {*_TYPES.values(), "File", "Directory", "Any", "null"}


def _check_inputs(found: dict[str, Json], documents: Documents) -> list[Fault]:
    faults: list[Fault] = []
    for group in ("inputs", "outputs"):
        ports = found.get(group)
        for name, port in (ports if isinstance(ports, dict) else {}).items():
            kind = port.get("type") if isinstance(port, dict) else None
            unknown = [one for one in _types_in(kind) if one not in _KNOWN]
            faults += [Fault("bad-type", f"{group}.{name} has the type {one!r}", name) for one in unknown]
            default = port.get("default") if isinstance(port, dict) else None
            if isinstance(default, dict) and default.get("location") not in documents:
                faults.append(Fault("bad-default", f"{group}.{name} names a file that is not beside the tool", name))
    return faults


def _types_in(kind: Json) -> list[str]:
    waiting, found = [kind], []
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.append(part.get("items"))
        else:
            found.append(str(part))
    return found


def _head(request: Request, own: Foreign | None = None) -> str:
    names = [f"{SECRET_PREFIX}{param.name.upper()}" for param in request.secret_params]
    if own is not None:
        names = secret_variables(own)
        about = f"An image with an entry point of its own gets the words as its arguments.{told(own)}"
        options = "".join(f" --preserve-environment {name}" for name in names)
        return f"{about}\nSecrets are taken from the environment: cwltool{options} tool.cwl" if names else about
    if not names:
        return "Runs with or without a container: cwltool [--no-container] tool.cwl"
    options = " ".join(f"--preserve-environment {name}" for name in names)
    return f"Secrets are taken from the environment, and are no inputs: cwltool {options} tool.cwl"


EXPORTER = CwlExporter()
