"""A compiled component of Kubeflow Pipelines v2: a ``PipelineSpec`` with one executor.

After ``pipeline_spec.proto`` of ``kfp-pipeline-spec`` and the placeholders of ``kfp.dsl.placeholders``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from assay.authoring.documents.draft import Draft
from assay.authoring.documents.kfp import artifact_of, legal
from assay.authoring.documents.text import Text
from assay.authoring.environment import convert
from assay.authoring.reading import Reading
from assay.ids import ParamName, PortName
from assay.model.artifacts import ArtifactType, Json, PortType
from assay.model.codec.nodes import MapNode, Node, ScalarNode
from assay.model.command import Group, Item, Role, Slot, Word
from assay.model.component import MISSING, Missing, OutputPlace, ParamSpec, ParamType, PortSpec, Resources
from assay.model.quantities import QuantityError, parse_memory

_TYPES = {
    "NUMBER_INTEGER": ParamType.INT,
    "NUMBER_DOUBLE": ParamType.FLOAT,
    "STRING": ParamType.STR,
    "BOOLEAN": ParamType.BOOL,
    "LIST": ParamType.LIST,
    "STRUCT": ParamType.MAP,
}
_VALUES = (ParamType.INT, ParamType.FLOAT, ParamType.BOOL, ParamType.LIST, ParamType.MAP)
_PLACEHOLDER = re.compile(r"\{\{\$(.*?)\}\}", re.DOTALL)
_INNER = re.compile(
    r"\.(?P<side>inputs|outputs)\.(?P<kind>parameters|artifacts)"
    r"(?:\[(?P<quote>['\"])(?P<name>.+?)(?P=quote)\]|\.(?P<bare>[\w-]+))(?:\.(?P<part>\w+))?"
)
_PARTS = {
    ("inputs", "parameters"): ("",),
    ("inputs", "artifacts"): ("path",),
    ("outputs", "parameters"): ("output_file",),
    ("outputs", "artifacts"): ("path",),
}


def is_pipelinespec(root: MapNode) -> bool:
    """Whether this is a compiled pipeline or component of KFP v2."""
    return "deploymentSpec" in root.entries and "components" in root.entries


def read_pipelinespec(text: Text, root: MapNode, name: str) -> Reading:
    """Read a compiled component; every fault at once."""
    draft, reading = Draft(text, network=True), text.reading
    info = reading.map(root.get("pipelineInfo"))
    draft.title = reading.words(info.get("name")) or "" if info is not None else ""
    draft.description = (
        reading.words(info.get("description")) or "" if info is not None and "description" in info.entries else ""
    )
    found = _single(text, root)
    if found is None:
        return Reading((), tuple(text.faults))
    _Compiled(draft, *found).read()
    return draft.finish(name, "a name under 'pipelineInfo:'", "add 'image:' to the container of its executor")


def _single(text: Text, root: MapNode) -> tuple[MapNode, MapNode] | None:
    """Return the only component that runs a container, and that container."""
    deployment, components = root.get("deploymentSpec"), root.get("components")
    executors = deployment.get("executors") if isinstance(deployment, MapNode) else None
    if not isinstance(executors, MapNode) or not isinstance(components, MapNode):
        text.error("missing-key", "there is no executor under 'deploymentSpec:'", root, "executors")
        return None
    running = [
        (label.text, key, body)
        for _, key, body in components
        if isinstance(body, MapNode) and isinstance(label := body.get("executorLabel"), ScalarNode)
    ]
    if len(running) != 1:
        names = ", ".join(key.text for _, key, _ in running)
        message = f"this is a pipeline of {len(running)} components ({names}), not one"
        text.error(
            "several-components", message, root.entries["components"][0], names, "compile each component by itself"
        )
        return None
    executor_label, _, component = running[0]
    executor = executors.get(executor_label)
    container = executor.get("container") if isinstance(executor, MapNode) else None
    if not isinstance(container, MapNode):
        what = next(iter(executor.entries), "nothing") if isinstance(executor, MapNode) else "nothing"
        text.unsupported(what, executor or executors, "the executor runs no container")
        return None
    return component, container


class _Compiled:
    def __init__(self, draft: Draft, component: MapNode, container: MapNode) -> None:
        self._draft, self._text, self._reading = draft, draft.text, draft.text.reading
        self._component, self._container = component, container
        self._names: dict[tuple[str, str, str], tuple[Role, str]] = {}

    def read(self) -> None:
        for side in ("inputs", "outputs"):
            definitions = self._component.get(f"{side.removesuffix('s')}Definitions")
            for kind in ("parameters", "artifacts"):
                entries = definitions.get(kind) if isinstance(definitions, MapNode) else None
                for name, key, body in self._reading.map(entries, "a map") or ():
                    self._port(
                        side, kind, name, key, body if isinstance(body, MapNode) else MapNode(key.start, flow=False)
                    )
        draft, container = self._draft, self._container
        draft.image_node = container.get("image")
        draft.image = self._reading.words(draft.image_node) or ""
        draft.command = self._items(self._text.items(container.get("command"), "a list of words"))
        draft.args = self._items(self._text.items(container.get("args"), "a list of words"))
        for name, node, entry in self._text.entries(container.get("env"), "name", "a list of name and value"):
            value = entry.get("value") if isinstance(entry, MapNode) else None
            item = self._item(value) if isinstance(value, ScalarNode) else Word(("",))
            draft.variable(name, item if isinstance(item, Word) else None, node)
        self._resources(container.get("resources"))

    def _port(self, side: str, kind: str, name: str, key: Node, body: MapNode) -> None:
        called = legal(name)
        told = (self._reading.words(body.get("description")) or "").strip() if "description" in body.entries else ""
        optional = self._reading.boolean(body.get("isOptional")) is True
        if side == "outputs":
            self._names[side, kind, name] = (Role.OUTPUT, called)
            self._output(kind, called, key, body, told)
        elif kind == "artifacts":
            self._names[side, kind, name] = (Role.INPUT, called)
            artifact, _ = artifact_of(_schema(body))
            many = self._reading.boolean(body.get("isArtifactList")) is True
            self._draft.input(PortSpec(PortName(called), PortType(artifact, many), optional, told), key)
        else:
            self._names[side, kind, name] = (Role.PARAM, called)
            written = body.get("parameterType")
            type_name = written.text if isinstance(written, ScalarNode) else ""
            if type_name not in _TYPES:
                self._text.unsupported(
                    type_name or "parameterType", written or key, f"parameter {name!r} has no type known here"
                )
                return
            default = self._default(body.get("defaultValue"), _TYPES[type_name], optional=optional)
            spec = ParamSpec(ParamName(called), _TYPES[type_name], default=default, nullable=default is None, help=told)
            self._draft.param(spec, key)

    def _default(self, node: Node | None, kind: ParamType, *, optional: bool) -> Json | Missing:
        if node is None:
            return None if optional else MISSING
        value = self._reading.json(node)
        whole = kind is ParamType.INT and isinstance(value, float) and value.is_integer()  # its JSON knows doubles only
        try:
            return convert(int(value) if whole and isinstance(value, float) else value, kind)
        except (ValueError, TypeError, OverflowError):
            self._text.error("bad-default", f"the default is no {kind}", node, str(value))
            return MISSING

    def _output(self, kind: str, called: str, key: Node, body: MapNode, told: str) -> None:
        if kind == "artifacts":
            artifact, suffix = artifact_of(_schema(body))
        else:
            written = body.get("parameterType")
            known = _TYPES.get(written.text) if isinstance(written, ScalarNode) else None
            artifact, suffix = (ArtifactType.VALUE, ".json") if known in _VALUES else (ArtifactType.FILE, ".txt")
        place = OutputPlace(PortName(called), suffix)
        self._draft.output(PortSpec(place.port, PortType(artifact), help=told), place, key)

    def _items(self, nodes: Sequence[Node]) -> list[Item]:
        return [item for node in nodes if (item := self._item(node)) is not None]

    def _item(self, node: Node) -> Item | None:
        if not isinstance(node, ScalarNode):
            self._reading.wrong(node, "a text")
            return None
        if node.text.startswith(('{"Concat"', '{"IfPresent"')):
            try:
                return self._structure(json.loads(node.text), node)
            except (ValueError, RecursionError):
                self._text.unsupported(node.text[:40], node, "it begins like a placeholder, but is no JSON")
                return None
        return self._word(node.text, node)

    def _structure(self, value: Any, node: ScalarNode) -> Item | None:
        match value:
            case str():
                return self._word(value, node)
            case {"Concat": list(parts)}:
                found = [self._structure(part, node) for part in parts]
                words = [part for part in found if isinstance(part, Word)]
                if len(words) == len(found):
                    return Word(tuple(part for word in words for part in word.parts))
            case {"IfPresent": {"InputName": str(name), "Then": then, **rest}}:
                sides = [then, rest.get("Else", [])]
                lists = [side if isinstance(side, list) else [side] for side in sides]
                items = [
                    tuple(item for one in side if (item := self._structure(one, node)) is not None) for side in lists
                ]
                for kind in ("parameters", "artifacts"):
                    role, called = self._names.get(("inputs", kind, name), (None, ""))
                    if role is not None:
                        return Group(items[0], Slot(role, called), items[1], truth=False)
        self._text.unsupported(json.dumps(value)[:60], node, "there is no such placeholder here")
        return None

    def _word(self, text: str, node: ScalarNode) -> Word | None:
        parts: list[str | Slot] = []
        end = 0
        for match in _PLACEHOLDER.finditer(text):
            slot = self._slot(match, node)
            if slot is None:
                return None
            parts += [text[end : match.start()], slot]
            end = match.end()
        return Word(tuple(part for part in (*parts, text[end:]) if part != "") or ("",))

    def _slot(self, match: re.Match[str], node: ScalarNode) -> Slot | None:
        inner = _INNER.fullmatch(match[1])
        if not match[1]:
            why = "it asks for KFP's own launcher, as components made of Python functions do"
            self._text.unsupported(match[0], node, why, "make a component of the function: ./file.py:function")
            return None
        if inner is None or (inner["part"] or "") not in _PARTS[inner["side"], inner["kind"]]:
            self._text.unsupported(
                match[0], node, "there is no such placeholder here", "paths and values of inputs and outputs are known"
            )
            return None
        name = inner["name"] or inner["bare"]
        role, called = self._names.get((inner["side"], inner["kind"], name), (Role.PARAM, name))
        return self._draft.slot(role, called, node, match[0])

    def _resources(self, node: Node | None) -> None:
        body = self._reading.map(node)
        if body is None:
            return
        cpu = _first(body, "resourceCpuRequest", "resourceCpuLimit", "cpuRequest", "cpuLimit")
        memory = _first(body, "resourceMemoryLimit", "memoryLimit", "resourceMemoryRequest", "memoryRequest")
        try:
            cores = float(cpu.removesuffix("m")) / (1000 if cpu.endswith("m") else 1) if cpu else 1.0
            held = (parse_memory(memory) if not _is_number(memory) else int(float(memory) * 1e9)) if memory else None
            self._draft.resources = Resources(cores, held, 0)
        except (ValueError, QuantityError):
            self._text.warning("bad-quantity", "the resources cannot be read", body, f"{cpu} {memory}")


def _schema(body: MapNode) -> str:
    kind = body.get("artifactType")
    title = kind.get("schemaTitle") if isinstance(kind, MapNode) else None
    return title.text.removeprefix("system.") if isinstance(title, ScalarNode) else ""


def _first(body: MapNode, *keys: str) -> str:
    found = (body.get(key) for key in keys)
    return next((node.text for node in found if isinstance(node, ScalarNode) and node.text), "")


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
