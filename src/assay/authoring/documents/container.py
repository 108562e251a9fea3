"""A container component of ours: ``tool.component.yaml``."""

from __future__ import annotations

import re

from assay.authoring.documents.draft import Draft
from assay.authoring.documents.text import Text
from assay.authoring.mention import stated_type
from assay.authoring.reading import Reading
from assay.ids import PortName
from assay.model.artifacts import ArtifactType, PortType
from assay.model.codec.declarations import read_declarations
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode
from assay.model.command import Each, Group, Item, Role, Slot, Word
from assay.model.component import OutputPlace, PortSpec, Resources
from assay.model.quantities import parse_memory

FORMAT = 1
_KEYS = [
    "component",
    "title",
    "description",
    "version",
    "tags",
    "licence",
    "authors",
    "image",
    "command",
    "args",
    "params",
    "inputs",
    "outputs",
    "env",
    "workdir",
    "network",
    "resources",
    "cache",
]
_PORT_KEYS = ("type", "optional", "help", "suffix", "path", "glob")
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_INNER = re.compile(r"\s*(params|inputs|outputs)\.([\w-]+)\s*")
_ROLES = {"params": Role.PARAM, "inputs": Role.INPUT, "outputs": Role.OUTPUT}
_FORMS = "write {{params.NAME}}, {{inputs.NAME}} or {{outputs.NAME}}"
_MOST = 4096


def is_container(root: MapNode) -> bool:
    """Whether this is a container component of ours."""
    return "component" in root.entries


def read_container(text: Text, root: MapNode, name: str) -> Reading:
    """Read a container component; every fault at once."""
    draft, reading = Draft(text), text.reading
    reading.leftovers(root, _KEYS, "a container component")
    _read_format(text, root)
    _read_words(draft, root)
    for spec in read_declarations(reading, root.get("params"), secrets=True).values():
        entry = root.get("params")
        node = entry.entries[spec.name][0] if isinstance(entry, MapNode) else root
        draft.param(spec, node, checked=True)
    _read_ports(draft, root)
    draft.command = [item for node in _listed(text, root, "command") if (item := _item(draft, node))]
    draft.args = [item for node in _listed(text, root, "args") if (item := _item(draft, node))]
    for variable, key, value in reading.map(root.get("env"), "a map of variables") or ():
        draft.variable(variable, _word(draft, value), key)
    _read_running(draft, root)
    return draft.finish(name, "'title:'", "add 'image:'")


def _read_format(text: Text, root: MapNode) -> None:
    version = text.reading.whole(root.get("component"), 1, 1_000_000)
    if version is not None and version != FORMAT:
        text.error("format", "the format of a container component is 1", root.entries["component"][0], str(version))


def _read_words(draft: Draft, root: MapNode) -> None:
    reading = draft.text.reading
    for key in ("title", "description", "version", "licence"):
        word = reading.words(root.get(key))
        if word:
            setattr(draft, key, word.strip())
    for key in ("tags", "authors"):
        words = [reading.words(node) for node in draft.text.items(root.get(key), "a list of texts")]
        setattr(draft, key, tuple(word for word in words if word))
    draft.image_node = root.get("image")
    draft.image = (reading.words(draft.image_node) or "").strip()


def _read_ports(draft: Draft, root: MapNode) -> None:
    for role, key in ((Role.INPUT, "inputs"), (Role.OUTPUT, "outputs")):
        for port, key_node, node in draft.text.reading.map(root.get(key), "a map of ports: 'name: Dataset'") or ():
            _read_port(draft, role, port, key_node, node)


def _read_port(draft: Draft, role: Role, port: str, key: ScalarNode, node: Node) -> None:
    reading = draft.text.reading
    body = node if isinstance(node, MapNode) else None
    if body is not None:
        reading.leftovers(body, _PORT_KEYS, "a port")
    written = body.get("type") if body is not None else node
    word = reading.string(written, "an artifact type") or "" if written is not None else "File"
    said = stated_type(word) if word else None
    kind = said.port if said is not None else None
    if said is not None and said.param is not None and role is Role.OUTPUT:
        kind = PortType(ArtifactType.VALUE)
    if (
        kind is None
        or (role is Role.INPUT and kind.artifact is ArtifactType.VALUE)
        or (kind.many and role is Role.OUTPUT)
    ):
        if word and written is not None:
            types = ", ".join(str(known) for known in ArtifactType)
            draft.text.error("unknown-type", f"{word!r} is no type of an {role} port", written, word, f"one of {types}")
        return
    optional = (said is not None and said.optional) or (
        body is not None and reading.boolean(body.get("optional")) is True
    )
    told = (reading.words(body.get("help")) or "") if body is not None else ""
    spec = PortSpec(PortName(port), kind, optional=optional and role is Role.INPUT, help=told)
    if role is Role.INPUT:
        draft.input(spec, key)
        return
    place = OutputPlace(spec.name)
    if body is not None:
        glob = reading.words(body.get("glob"))
        suffix, path = reading.words(body.get("suffix")) or "", reading.words(body.get("path")) or ""
        place = OutputPlace(spec.name, suffix, Word((glob,)) if glob else None, path)
        if path and not path.startswith("/"):
            draft.text.error(
                "bad-path", f"{path!r} is no absolute path", body.entries["path"][1], path, "begin it with /"
            )
    draft.output(spec, place, key)


def _read_running(draft: Draft, root: MapNode) -> None:
    reading = draft.text.reading
    draft.workdir = reading.words(root.get("workdir")) or ""
    draft.network = reading.boolean(root.get("network")) or False
    draft.cache = reading.boolean(root.get("cache")) is not False
    body = reading.map(root.get("resources"), "a map of cpu, memory, gpu")
    if body is not None:
        reading.leftovers(body, ("cpu", "memory", "gpu"), "resources")
        cpu = reading.number(body.get("cpu"), 0.001, _MOST)
        memory = reading.quantity(body.get("memory"), parse_memory)
        gpu = reading.whole(body.get("gpu"), 0, _MOST)
        draft.resources = Resources(1.0 if cpu is None else float(cpu), memory, gpu or 0)


def _listed(text: Text, root: MapNode, key: str) -> list[Node]:
    node = root.get(key)
    if isinstance(node, ScalarNode) and not text.reading.is_null(node) and (" " in node.text or "{{" in node.text):
        text.error(
            "one-text",
            f"'{key}' is one text, which no shell would take apart",
            node,
            node.text,
            "write a list of words: [a, b]",
        )
        return []
    return text.items(node, "a list of words")


def _item(draft: Draft, node: Node) -> Item | None:
    """Return a word; a list of words that are there together; ``{if, then, else}``; or ``{each, before}``."""
    match node:
        case ScalarNode():
            return _word(draft, node)
        case ListNode(items=items):
            return Group(tuple(item for inner in items if (item := _item(draft, inner))))
        case MapNode() if "each" in node.entries:
            return _each(draft, node)
        case MapNode() if "if" in node.entries:
            draft.text.reading.leftovers(node, ("if", "then", "else"), "a condition")
            given = _only_slot(draft, node.get("if"))
            then, otherwise = (
                tuple(
                    item
                    for inner in draft.text.items(node.get(key), "a list of words")
                    if (item := _item(draft, inner))
                )
                for key in ("then", "else")
            )
            return None if given is None else Group(then, given, otherwise)
    draft.text.reading.wrong(node, "a word, a list of words, {if: …, then: …} or {each: …}")
    return None


def _each(draft: Draft, node: MapNode) -> Item | None:
    draft.text.reading.leftovers(node, ("each", "before"), "a repeated word")
    slot = _only_slot(draft, node.get("each"))
    before = draft.text.reading.words(node.get("before")) or ""
    return None if slot is None else Each(slot, before, joined=before.endswith("="))


def _only_slot(draft: Draft, node: Node | None) -> Slot | None:
    """Return the placeholder that a scalar consists of."""
    if isinstance(node, ScalarNode):
        word = _word(draft, node)
        match word:
            case Word(parts=(Slot() as slot,)):
                return slot
            case None:
                return None
    if node is not None:
        draft.text.reading.wrong(node, "one placeholder, such as '{{params.NAME}}'")
    return None


def _word(draft: Draft, node: Node) -> Word | None:
    if not isinstance(node, ScalarNode) or draft.text.reading.words(node) is None:
        if not isinstance(node, ScalarNode):
            draft.text.reading.wrong(node, "a text")
        return None
    parts: list[str | Slot] = []
    end, sound = 0, True
    for match in _PLACEHOLDER.finditer(node.text):
        inner = _INNER.fullmatch(match[1])
        slot = None
        if inner is None:
            draft.text.error_inside("unknown-placeholder", f"{match[0]} is no placeholder", node, match[0], _FORMS)
        else:
            slot = draft.slot(_ROLES[inner[1]], inner[2], node, match[0])
        sound = sound and slot is not None
        parts += [node.text[end : match.start()], slot or ""]
        end = match.end()
    return Word(tuple(part for part in (*parts, node.text[end:]) if part != "") or ("",)) if sound else None
