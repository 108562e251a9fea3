"""What a type annotation says: a port's artifact type, or a parameter's type with its limits."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from assay.authoring.faults import Faults, shown
from assay.authoring.literal import NotLiteral, literal
from assay.authoring.source import Source
from assay.errors import did_you_mean
from assay.model.artifacts import ArtifactType, Json, PortType
from assay.model.component import ParamType

_SCALARS = {
    "int": ParamType.INT,
    "float": ParamType.FLOAT,
    "str": ParamType.STR,
    "bool": ParamType.BOOL,
    "pathlib.Path": ParamType.PATH,
    "os.PathLike": ParamType.PATH,
}
_LISTS = ("list", "tuple", "typing.List", "typing.Sequence", "collections.abc.Sequence", "typing.Tuple")
_MAPS = ("dict", "typing.Dict", "typing.Mapping", "collections.abc.Mapping")
_ANYTHING = ("typing.Any", "object", "assay.model.artifacts.Json")
_ARTIFACTS = {str(kind): kind for kind in ArtifactType if kind is not ArtifactType.VALUE}
_KNOWN = (*_ARTIFACTS, "int", "float", "str", "bool", "Path", "list", "dict", "Literal", "Sequence", "Mapping")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class ParamShape:
    """A parameter's type as annotated."""

    type: ParamType
    items: ParamType | None = None
    nullable: bool = False
    choices: tuple[Json, ...] = ()
    limits: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PortShape:
    """A port's type as annotated."""

    type: PortType
    nullable: bool = False


Shape = ParamShape | PortShape


class _Unknown(Exception):  # noqa: N818  (never leaves this file)
    """The annotation, or the part of it at ``node``, is no type that we know."""

    def __init__(self, node: ast.AST, why: str = "") -> None:
        self.node = node
        self.why = why


def read_annotation(node: ast.expr, source: Source, faults: Faults, what: str) -> Shape | None:
    """Return the shape that an annotation has; a fault and ``None`` when it has none.

    Args:
        what: Names the annotated thing in a fault, such as ``parameter 'epochs'``.
    """
    try:
        return _Reader(faults).shape(node, source, 0)
    except _Unknown as unknown:
        text = shown(unknown.node)
        message = f"{what} has the type {text}, which no port or parameter can have"
        named = isinstance(unknown.node, (ast.Name, ast.Attribute))
        near = did_you_mean(text.rpartition(".")[2], _KNOWN) if named and not unknown.why else ""
        hint = near or "use an artifact class, int, float, str, bool, Path, list or dict"
        faults.error(
            "unknown-type", f"{what}: {unknown.why}" if unknown.why else message, node, culprit=text, hint=hint
        )
        return None


class _Reader:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def shape(self, node: ast.expr, source: Source, depth: int) -> Shape:
        if depth > _DEEPEST:
            raise _Unknown(node, "the type is nested too deeply")
        match node:
            case ast.Constant(value=str() as text):
                return self.shape(_quoted(text, node), source, depth + 1)
            case ast.BinOp(op=ast.BitOr()):
                return self._union(_alternatives(node), source, depth)
            case ast.Subscript(value=base, slice=inside):
                return self._subscript(node, source.dotted(base), inside, source, depth)
            case ast.Name() | ast.Attribute():
                return self._named(node, source, depth)
        raise _Unknown(node)

    def _named(self, node: ast.expr, source: Source, depth: int) -> Shape:
        name = source.dotted(node)
        if name in _SCALARS:
            return ParamShape(_SCALARS[name])
        if name in _LISTS:
            return ParamShape(ParamType.LIST)
        if name in _MAPS:
            return ParamShape(ParamType.MAP)
        kind = artifact_type(name)
        if kind is not None:
            return PortShape(PortType(kind))
        found = source.find(name) if name else None
        if found is not None and isinstance(found[1], ast.expr):
            return self.shape(found[1], found[0], depth + 1)
        raise _Unknown(node)

    def _subscript(self, node: ast.Subscript, base: str, inside: ast.expr, source: Source, depth: int) -> Shape:
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        base = base.replace("typing_extensions.", "typing.")
        if base == "typing.Annotated":
            return self._annotated(parts, source, depth)
        if base == "typing.Optional":
            return replace(self.shape(inside, source, depth + 1), nullable=True)
        if base == "typing.Union":
            return self._union(parts, source, depth)
        if base == "typing.Literal":
            return _choices(node, parts, source)
        if base in _LISTS:
            return self._list(node, base, parts, source, depth)
        if base in _MAPS and len(parts) == 2:
            return self._map(node, parts, source, depth)
        if base == "os.PathLike":
            return ParamShape(ParamType.PATH)
        raise _Unknown(node)

    def _annotated(self, parts: list[ast.expr], source: Source, depth: int) -> Shape:
        shape = self.shape(parts[0], source, depth + 1)
        for note in parts[1:]:
            if isinstance(note, ast.Call) and is_ours(source.dotted(note.func), "Param"):
                limits = self._limits(note, source)
                if isinstance(shape, PortShape):
                    self._faults.error("param-on-port", "Param says nothing about a port", note, culprit=shown(note))
                else:
                    shape = replace(shape, limits={**shape.limits, **limits})
        return shape

    def _limits(self, call: ast.Call, source: Source) -> dict[str, Json]:
        names = tuple(_TAKES)
        limits: dict[str, Json] = {}
        for extra in call.args:
            self._faults.error(
                "bad-param", "Param takes its facts by name", extra, culprit=shown(extra), hint="write Param(min=…)"
            )
        for keyword in call.keywords:
            if keyword.arg not in names:
                hint = did_you_mean(keyword.arg or "", names) or f"Param knows {', '.join(names)}"
                self._faults.error(
                    "bad-param", f"Param has no {keyword.arg!r}", keyword, culprit=keyword.arg or "**", hint=hint
                )
                continue
            try:
                value = literal(keyword.value, source)
            except NotLiteral:
                text = shown(keyword.value)
                self._faults.error(
                    "not-literal", f"Param({keyword.arg}=…) is not a literal", keyword.value, culprit=text
                )
                continue
            if _suits(keyword.arg, value):
                limits[keyword.arg] = value
            else:
                message = f"Param({keyword.arg}=…) takes {_TAKES[keyword.arg]}"
                self._faults.error("bad-param", message, keyword.value, culprit=shown(keyword.value))
        return limits

    def _union(self, parts: list[ast.expr], source: Source, depth: int) -> Shape:
        kept = [part for part in parts if not (isinstance(part, ast.Constant) and part.value is None)]
        if not kept:
            raise _Unknown(parts[0])
        shapes = [self.shape(part, source, depth + 1) for part in kept]
        nullable = len(kept) < len(parts) or any(shape.nullable for shape in shapes)
        types = {shape.type for shape in shapes}
        if len(types) == 1 and len(shapes) == 1:
            return replace(shapes[0], nullable=nullable)
        if types == {ParamType.INT, ParamType.FLOAT}:
            return ParamShape(ParamType.FLOAT, nullable=nullable)
        if types == {ParamType.STR, ParamType.PATH}:
            return ParamShape(ParamType.PATH, nullable=nullable)
        raise _Unknown(kept[1], f"{' | '.join(map(shown, kept))} is more than one type")

    def _list(self, node: ast.Subscript, base: str, parts: list[ast.expr], source: Source, depth: int) -> Shape:
        if base in ("tuple", "typing.Tuple"):
            if len(parts) != 2 or not (isinstance(parts[1], ast.Constant) and parts[1].value is ...):
                raise _Unknown(node, "a tuple of a fixed length is no port or parameter")
            parts = parts[:1]
        if len(parts) != 1:
            raise _Unknown(node)
        if _is_anything(parts[0], source):
            return ParamShape(ParamType.LIST)
        inner = self.shape(parts[0], source, depth + 1)
        if isinstance(inner, PortShape):
            if inner.type.many or inner.nullable:
                raise _Unknown(node, "a list port holds plain artifacts")
            return PortShape(PortType(inner.type.artifact, many=True))
        return ParamShape(ParamType.LIST, inner.type, choices=inner.choices)

    def _map(self, node: ast.Subscript, parts: list[ast.expr], source: Source, depth: int) -> Shape:
        if source.dotted(parts[0]) != "str":
            raise _Unknown(node, "the keys of a map are str")
        if _is_anything(parts[1], source):
            return ParamShape(ParamType.MAP)
        inner = self.shape(parts[1], source, depth + 1)
        if isinstance(inner, PortShape):
            raise _Unknown(node, "a map holds values, not artifacts")
        return ParamShape(ParamType.MAP, inner.type, choices=inner.choices)


_TAKES = {
    "min": "a number",
    "max": "a number",
    "unit": "a text",
    "help": "a text",
    "secret": "True or False",
    "choices": "a tuple of values",
    "path": "'file' or 'folder'",
    "column_of": "the name of an input port or of a Path parameter",
}


def _suits(name: str, value: Json) -> bool:
    match _TAKES[name]:
        case "a number":
            return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
        case "a text":
            return isinstance(value, str)
        case "True or False":
            return isinstance(value, bool)
        case "'file' or 'folder'":
            return value in ("file", "folder")
        case "the name of an input port or of a Path parameter":
            return isinstance(value, str) and bool(value)
        case _:
            return isinstance(value, list)


def is_ours(dotted: str, name: str) -> bool:
    """Whether a full name is ``assay.<name>``, by the facade or from where it lives."""
    return dotted == f"assay.{name}" or (dotted.startswith("assay.runtime.") and dotted.endswith(f".{name}"))


def artifact_type(dotted: str) -> ArtifactType | None:
    """Return the artifact type whose class has this full name."""
    kind = _ARTIFACTS.get(dotted.rpartition(".")[2])
    return kind if kind is not None and is_ours(dotted, str(kind)) else None


def _is_anything(node: ast.expr, source: Source) -> bool:
    return source.dotted(node) in _ANYTHING


def _quoted(text: str, node: ast.expr) -> ast.expr:
    try:
        inner = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise _Unknown(node) from error
    for part in ast.walk(inner):
        ast.copy_location(part, node)
    return inner


def _alternatives(node: ast.expr) -> list[ast.expr]:
    """Return the parts of ``a | b | c`` in order."""
    parts: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts.append(node.right)
        node = node.left
    return [node, *reversed(parts)]


def _choices(node: ast.expr, parts: list[ast.expr], source: Source) -> ParamShape:
    values: list[Json] = []
    for part in parts:
        try:
            values.append(literal(part, source))
        except NotLiteral as error:
            raise _Unknown(part) from error
    nullable = None in values
    values = [value for value in values if value is not None]
    kinds = {type(value) for value in values}
    if len(kinds) != 1 or not kinds <= {int, str, bool}:
        raise _Unknown(node, "the choices of a Literal are all int, all str or all bool")
    return ParamShape(ParamType(kinds.pop().__name__), nullable=nullable, choices=tuple(values))
