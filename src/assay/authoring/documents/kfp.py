"""A component of Kubeflow Pipelines in the first format: inputs, outputs, and a container with placeholders.

After the component specification of KFP v1 (``kfp.components.structures``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assay.authoring.documents.draft import Draft
from assay.authoring.documents.text import Text
from assay.authoring.environment import convert
from assay.authoring.reading import Reading
from assay.ids import ParamName, PortName
from assay.model.artifacts import ArtifactType, Json, PortType
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode
from assay.model.command import Group, Item, Role, Slot, Word
from assay.model.component import MISSING, Form, Missing, OutputPlace, ParamSpec, ParamType, PortSpec

PARAM_TYPES = {
    "integer": ParamType.INT,
    "int": ParamType.INT,
    "float": ParamType.FLOAT,
    "double": ParamType.FLOAT,
    "bool": ParamType.BOOL,
    "boolean": ParamType.BOOL,
    "string": ParamType.STR,
    "str": ParamType.STR,
    "jsonobject": ParamType.MAP,
    "dict": ParamType.MAP,
    "jsonarray": ParamType.LIST,
    "list": ParamType.LIST,
}
"""The types whose values KFP writes into the command, in small letters."""

_ARTIFACTS = {
    "csv": (ArtifactType.DATASET, ".csv"),
    "tsv": (ArtifactType.FILE, ".tsv"),
    "dataset": (ArtifactType.DATASET, ".csv"),
    "html": (ArtifactType.REPORT, ".html"),
    "directory": (ArtifactType.FOLDER, ""),
    "gcspath": (ArtifactType.FILE, ""),
}
_VALUES = (ParamType.INT, ParamType.FLOAT, ParamType.LIST, ParamType.MAP)
_PLACEHOLDERS = ("inputValue", "inputPath", "outputPath", "concat", "if")
_TEXTS = Slot(Role.PARAM, "", true="True", false="False")
_GENERIC = re.compile(r"(\w+)\s*[\[(].*")


def is_kfp(root: MapNode) -> bool:
    """Whether this is a component of KFP's first format."""
    return isinstance(root.get("implementation"), MapNode)


@dataclass(slots=True)
class _Port:
    """One entry under ``inputs`` or ``outputs``."""

    name: str
    node: Node
    type: str
    help: str
    default: Node | None
    optional: bool


@dataclass(slots=True)
class _Uses:
    """Which inputs the command reads in which way."""

    value: set[str] = field(default_factory=set)
    path: set[str] = field(default_factory=set)


def read_kfp(text: Text, root: MapNode, name: str) -> Reading:
    """Read a component of KFP v1; every fault at once."""
    draft, reading = Draft(text, network=True), text.reading
    draft.title = (reading.words(root.get("name")) or "").strip()
    draft.description = (reading.words(root.get("description")) or "").strip()
    implementation = root.get("implementation")
    body = implementation.get("container") if isinstance(implementation, MapNode) else None
    if isinstance(implementation, MapNode) and "graph" in implementation.entries:
        text.unsupported(
            "graph",
            implementation.entries["graph"][0],
            "this is a pipeline of components",
            "use each of them as a step",
        )
        return Reading((), tuple(text.faults))
    container = reading.map(body, "a map with image and command")
    if container is None:
        text.error(
            "missing-key", "the component has no container", implementation or root, "container", "add 'container:'"
        )
        return Reading((), tuple(text.faults))
    _Component(draft, root, container).read()
    return draft.finish(name, "'name:'", "add 'image:' under 'container:'")


class _Component:
    def __init__(self, draft: Draft, root: MapNode, container: MapNode) -> None:
        self._draft, self._text, self._reading = draft, draft.text, draft.text.reading
        self._root, self._container = root, container
        self._names: dict[tuple[Role, str], str] = {}

    def read(self) -> None:
        uses = _uses([self._container])
        for port in self._ports("inputs"):
            self._input(port, uses)
        files = {name: value for name, _, value in self._reading.map(self._container.get("fileOutputs")) or ()}
        for port in self._ports("outputs"):
            self._output(port, files)
        draft, container = self._draft, self._container
        draft.image_node = container.get("image")
        draft.image = (self._reading.words(draft.image_node) or "").strip()
        draft.command = self._items(container.get("command"))
        draft.args = self._items(container.get("args"))
        for variable, key, value in self._reading.map(container.get("env"), "a map of variables") or ():
            item = self._item(value)
            draft.variable(variable, item if isinstance(item, Word) else None, key)

    def _ports(self, key: str) -> Iterator[_Port]:
        for name, node, entry in self._text.entries(self._root.get(key), "name", "a list of maps with 'name'"):
            body = entry if isinstance(entry, MapNode) else MapNode(node.start, flow=False)
            kind = body.get("type")
            yield _Port(
                name,
                node,
                kind.text if isinstance(kind, ScalarNode) else "",
                (self._reading.words(body.get("description")) or "").strip() if "description" in body.entries else "",
                body.get("default"),
                self._reading.boolean(body.get("optional")) is True,
            )

    def _input(self, port: _Port, uses: _Uses) -> None:
        kind = PARAM_TYPES.get(_base(port.type))
        called = legal(port.name)
        is_port = port.name in uses.path or (kind is None and bool(port.type) and port.name not in uses.value)
        role = Role.INPUT if is_port else Role.PARAM
        self._names[role, port.name] = called
        if is_port and port.name in uses.value:
            self._names[Role.PARAM, port.name] = called
        if is_port:
            artifact, _ = artifact_of(port.type)
            optional = port.optional
            self._draft.input(PortSpec(PortName(called), PortType(artifact), optional, port.help), port.node)
            return
        kind = kind or ParamType.STR
        default = self._default(port, kind)
        spec = ParamSpec(ParamName(called), kind, default=default, nullable=default is None, help=port.help)
        self._draft.param(spec, port.node)

    def _default(self, port: _Port, kind: ParamType) -> Json | Missing:
        if port.default is None:
            return None if port.optional else MISSING
        written = self._reading.json(port.default)
        try:
            return convert(written, kind, Form.JSON if kind in (ParamType.LIST, ParamType.MAP) else Form.TEXT)
        except (ValueError, TypeError, OverflowError):
            message = f"the default of {port.name!r} is no {kind}"
            self._text.error("bad-default", message, port.default, str(written))
            return MISSING

    def _output(self, port: _Port, files: dict[str, Node]) -> None:
        called = legal(port.name)
        self._names[Role.OUTPUT, port.name] = called
        kind = PARAM_TYPES.get(_base(port.type))
        artifact, suffix = artifact_of(port.type)
        if kind is not None:  # KFP writes texts and truth values in a way that is no JSON
            artifact, suffix = (ArtifactType.VALUE, ".json") if kind in _VALUES else (ArtifactType.FILE, ".txt")
        path = files.get(port.name)
        place = OutputPlace(PortName(called), suffix, path=path.text if isinstance(path, ScalarNode) else "")
        self._draft.output(PortSpec(place.port, PortType(artifact), help=port.help), place, port.node)

    def _items(self, node: Node | None) -> list[Item]:
        return [item for one in self._text.items(node, "a list of words") if (item := self._item(one)) is not None]

    def _item(self, node: Node) -> Item | None:
        match node:
            case ScalarNode():
                word = self._reading.words(node)
                return None if word is None else Word((word,))
            case MapNode(entries=entries) if len(entries) == 1:
                ((key, (key_node, value)),) = entries.items()
                match key:
                    case "inputValue" | "inputPath" | "outputPath":
                        slot = self._slot(key, value)
                        return None if slot is None else Word((slot,))
                    case "concat":
                        return self._concat(value)
                    case "if":
                        return self._if(value)
                self._text.unsupported(
                    key, key_node, "there is no such placeholder here", f"known: {', '.join(_PLACEHOLDERS)}"
                )
                return None
        self._reading.wrong(node, "a text or one placeholder")
        return None

    def _slot(self, key: str, node: Node) -> Slot | None:
        if not isinstance(node, ScalarNode):
            self._reading.wrong(node, "the name of an input or output")
            return None
        if key == "outputPath":
            return self._draft.slot(Role.OUTPUT, self._names.get((Role.OUTPUT, node.text), node.text), node, node.text)
        called = self._names.get((Role.INPUT, node.text))
        if called is not None:
            content = Slot(Role.INPUT, called, content=key == "inputValue")
            return self._draft.slot(Role.INPUT, called, node, node.text, content)
        return self._draft.slot(
            Role.PARAM, self._names.get((Role.PARAM, node.text), node.text), node, node.text, _TEXTS
        )

    def _concat(self, node: Node) -> Item | None:
        parts: list[str | Slot] = []
        for item in self._items(node if isinstance(node, ListNode) else None):
            if not isinstance(item, Word):
                self._text.unsupported("concat", node, "it holds a condition, which cannot be part of a word")
                return None
            parts += item.parts
        return Word(tuple(parts))

    def _if(self, node: Node) -> Item | None:
        body = self._reading.map(node, "a map with cond, then, else")
        if body is None:
            return None
        then, otherwise = (tuple(self._items(body.get(key))) for key in ("then", "else"))
        match body.get("cond"):
            case MapNode() as condition if (present := condition.get("isPresent")) is not None:
                slot, truth = self._slot("inputPath", present), False
            case MapNode() as condition if (value := condition.get("inputValue")) is not None:
                slot, truth = self._slot("inputValue", value), True
            case ScalarNode(text=text) if text.lower() in ("true", "false"):
                return Group(then if text.lower() == "true" else otherwise)
            case condition:
                self._text.unsupported(
                    "cond", condition or body, "only isPresent, inputValue, true and false are known"
                )
                return None
        return None if slot is None else Group(then, slot, otherwise, truth)


def legal(name: str) -> str:
    """Return a name of KFP as one of ours, as KFP does it for Python: small letters, everything else an underscore."""
    return re.sub(r"\W+", "_", name.strip().lower(), flags=re.ASCII).strip("_") or name


def artifact_of(kind: str) -> tuple[ArtifactType, str]:
    """Return our type of an artifact and the ending of its file; one that we cannot vouch for is a ``File``."""
    return _ARTIFACTS.get(_base(kind), (ArtifactType.FILE, ""))


def _base(kind: str) -> str:
    found = _GENERIC.fullmatch(kind.strip())
    return (found[1] if found else kind).strip().lower()


def _uses(nodes: Iterable[Node]) -> _Uses:
    uses = _Uses()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, ListNode):
            stack += node.items
        elif isinstance(node, MapNode):
            for key, _, value in node:
                if isinstance(value, ScalarNode) and key in ("inputValue", "inputPath"):
                    (uses.value if key == "inputValue" else uses.path).add(value.text)
                else:
                    stack.append(value)
    return uses
