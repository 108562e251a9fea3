"""A function's return annotation as the output ports of the component."""

from __future__ import annotations

import ast
from dataclasses import replace

from assay.authoring.annotations import ParamShape, PortShape, artifact_type, read_annotation
from assay.authoring.docstring import Docstring
from assay.authoring.faults import Faults, shown
from assay.authoring.source import FunctionNode, Source
from assay.ids import NAME, PortName
from assay.model.artifacts import ArtifactType, PortType
from assay.model.component import ParamType, PortSpec

_VALUE = PortType(ArtifactType.VALUE)


def read_outputs(node: FunctionNode, source: Source, faults: Faults, doc: Docstring) -> dict[PortName, PortSpec]:
    """Return the output ports: the fields of a ``NamedTuple``, or one port named after its type (``images``, ``value``)."""
    returns = node.returns
    if isinstance(returns, ast.Constant) and isinstance(returns.value, str):
        returns = _unquoted(returns, returns.value)
    if returns is None:
        hint = "write '-> None', an artifact class, or a NamedTuple of outputs"
        faults.error(
            "no-return-type", f"function {node.name!r} does not say what it returns", node, culprit=node.name, hint=hint
        )
        return {}
    if isinstance(returns, ast.Constant) and returns.value is None:
        return {}
    name = source.dotted(returns)
    found = source.find(name) if name and artifact_type(name) is None else None
    if found is not None and isinstance(found[1], ast.ClassDef):
        return _fields(found[1], found[0], returns, faults, source, doc)
    if isinstance(returns, ast.Subscript) and source.dotted(returns.value) in ("tuple", "typing.Tuple"):
        hint = "declare a class of NamedTuple: its fields name the ports"
        faults.error("unnamed-outputs", "a tuple does not name its outputs", returns, culprit=shown(returns), hint=hint)
        return {}
    spec = _port(PortName(""), returns, source, faults, "the output")
    if spec is None:
        return {}
    port = PortName(spec.type.artifact.lower())
    return {port: replace(spec, name=port, help=doc.returns.get(port) or doc.result)}


def _fields(
    node: ast.ClassDef, home: Source, returns: ast.expr, faults: Faults, source: Source, doc: Docstring
) -> dict[PortName, PortSpec]:
    if not any(home.dotted(base) in ("typing.NamedTuple", "typing_extensions.NamedTuple") for base in node.bases):
        hint = f"write class {node.name}(NamedTuple)"
        faults.error(
            "unknown-type", f"{node.name} is not a NamedTuple of outputs", returns, culprit=node.name, hint=hint
        )
        return {}
    inside = faults if home is source else Faults(home)
    ports: dict[PortName, PortSpec] = {}
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = PortName(statement.target.id)
        if not NAME.fullmatch(name):
            inside.error("illegal-name", f"output {name!r} has an illegal name", statement, culprit=name)
            continue
        spec = _port(name, statement.annotation, home, inside, f"output {name!r}")
        if spec is not None:
            ports[name] = replace(spec, help=doc.returns.get(name, ""))
    if inside is not faults:
        faults.found.extend(inside.found)
    if not ports and not inside.found:
        faults.error("no-outputs", f"{node.name} has no fields", returns, culprit=node.name, hint="write '-> None'")
    return ports


def _port(name: PortName, annotation: ast.expr, source: Source, faults: Faults, what: str) -> PortSpec | None:
    match read_annotation(annotation, source, faults, what):
        case PortShape(type=kind, nullable=nullable):
            return PortSpec(name, kind, optional=nullable)
        case ParamShape(type=ParamType.PATH):
            hint = "use File, Folder or a more special artifact class"
            faults.error(
                "unknown-type", f"{what} is a path without a type", annotation, culprit=shown(annotation), hint=hint
            )
        case ParamShape(nullable=nullable):
            return PortSpec(name, _VALUE, optional=nullable)
        case None:
            pass
    return None


def _unquoted(node: ast.expr, text: str) -> ast.expr:
    try:
        inner = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return node
    for part in ast.walk(inner):
        ast.copy_location(part, node)
    return inner
