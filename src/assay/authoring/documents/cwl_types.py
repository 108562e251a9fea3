"""Types of the Common Workflow Language as ports and parameters."""

from __future__ import annotations

from dataclasses import dataclass

from assay.authoring.documents.text import Text
from assay.model.artifacts import ArtifactType
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode
from assay.model.component import ParamType

PARAMS = {
    "int": ParamType.INT,
    "long": ParamType.INT,
    "float": ParamType.FLOAT,
    "double": ParamType.FLOAT,
    "string": ParamType.STR,
    "boolean": ParamType.BOOL,
}
PORTS = {"File": ArtifactType.FILE, "Directory": ArtifactType.FOLDER}


@dataclass(frozen=True, slots=True)
class CwlType:
    """A type; exactly one of ``param`` and ``port`` is there, or ``stream`` (``stdout``, ``stderr``, ``stdin``).

    Attributes:
        binding: The ``inputBinding`` inside an array's type, which holds for each element.
    """

    param: ParamType | None = None
    port: ArtifactType | None = None
    many: bool = False
    optional: bool = False
    symbols: tuple[str, ...] = ()
    stream: str = ""
    binding: MapNode | None = None


def read_type(text: Text, node: Node | None, place: Node) -> CwlType | None:
    """Return the type that a node says; a fault and ``None`` for one without a counterpart."""
    match node:
        case ScalarNode(text=word):
            return _named(text, word, node)
        case ListNode(items=items):
            others = [item for item in items if not (isinstance(item, ScalarNode) and item.text == "null")]
            if len(others) == 1:
                inner = read_type(text, others[0], place)
                return None if inner is None else _with(inner, optional=inner.optional or len(others) < len(items))
            text.unsupported("type", node, "one of several types has no counterpart here")
            return None
        case MapNode():
            return _structured(text, node, place)
    text.error("missing-key", "it has no type", place, "type", "add 'type:'")
    return None


def _named(text: Text, word: str, node: Node) -> CwlType | None:
    bare = word.removesuffix("?")
    many = bare.endswith("[]")
    bare = bare.removesuffix("[]")
    optional = word.endswith("?")
    if bare in PARAMS:
        return CwlType(PARAMS[bare], many=many, optional=optional)
    if bare in PORTS:
        return CwlType(port=PORTS[bare], many=many, optional=optional)
    if bare in ("stdout", "stderr", "stdin") and not many:
        return CwlType(port=ArtifactType.FILE, stream=bare, optional=optional)
    text.unsupported(word, node, "there is no such type here", f"known: {', '.join((*PARAMS, *PORTS))}, [] and ?")
    return None


def _structured(text: Text, node: MapNode, place: Node) -> CwlType | None:
    kind = node.get("type")
    word = kind.text if isinstance(kind, ScalarNode) else ""
    if word == "array":
        inner = read_type(text, node.get("items"), place)
        binding = node.get("inputBinding")
        if inner is not None and not inner.many:
            return _with(inner, many=True, binding=binding if isinstance(binding, MapNode) else None)
        if inner is not None:
            text.unsupported("array", node, "a list of lists has no counterpart here")
        return None
    if word == "enum":
        symbols = [
            item.text.rpartition("#")[2].rpartition("/")[2]
            for item in text.items(node.get("symbols"), "a list of texts")
            if isinstance(item, ScalarNode)
        ]
        return CwlType(ParamType.STR, symbols=tuple(symbols))
    text.unsupported(word or "type", node, "there is no such type here")
    return None


def _with(
    kind: CwlType, *, many: bool | None = None, optional: bool | None = None, binding: MapNode | None = None
) -> CwlType:
    return CwlType(
        kind.param,
        kind.port,
        kind.many if many is None else many,
        kind.optional if optional is None else optional,
        kind.symbols,
        kind.stream,
        binding or kind.binding,
    )
