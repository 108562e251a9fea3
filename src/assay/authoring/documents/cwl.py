"""A ``CommandLineTool`` of the Common Workflow Language, v1.0 to v1.2, whose command can be told without JavaScript.

After "Command Line Tool Description, v1.2"; what has no counterpart is a fault that names it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assay.authoring.documents.cwl_types import CwlType, read_type
from assay.authoring.documents.draft import Draft
from assay.authoring.documents.text import Text
from assay.authoring.reading import Reading
from assay.ids import ParamName, PortName
from assay.model.artifacts import ArtifactType, PortType
from assay.model.codec.nodes import MapNode, Node, ScalarNode
from assay.model.command import Each, Group, Item, Role, Slot, Word
from assay.model.component import MISSING, OutputPlace, ParamSpec, ParamType, PortSpec, Resources

_KEYS = [
    "class",
    "cwlVersion",
    "id",
    "label",
    "doc",
    "baseCommand",
    "arguments",
    "inputs",
    "outputs",
    "stdin",
    "stdout",
    "stderr",
    "requirements",
    "hints",
    "successCodes",
    "temporaryFailCodes",
    "permanentFailCodes",
    "intent",
]
_INPUT_KEYS = ["id", "label", "doc", "type", "default", "inputBinding", "format", "streamable", "name"]
_OUTPUT_KEYS = ["id", "label", "doc", "type", "outputBinding", "format", "streamable", "name"]
_BINDING_KEYS = ["position", "prefix", "separate", "itemSeparator", "valueFrom", "shellQuote"]
_REFERENCE = re.compile(r"\$\((?P<inner>[^()]*)\)")
_INPUT = re.compile(r"inputs\.(?P<name>[\w-]+)(?:\.(?P<part>\w+))?")
_ANNOTATION = re.compile(r"\$|[\w.+-]+:|https?://")
_HARMLESS = ("ToolTimeLimit", "WorkReuse", "SoftwareRequirement", "LoadListingRequirement", "InplaceUpdateRequirement")


def is_cwl(root: MapNode) -> bool:
    """Whether this is a document of CWL."""
    return "cwlVersion" in root.entries or (
        isinstance(found := root.get("class"), ScalarNode) and found.text in ("CommandLineTool", "Workflow")
    )


def read_cwl(text: Text, root: MapNode, name: str) -> Reading:
    """Read a CommandLineTool; every fault at once."""
    draft = Draft(text)
    kind = root.get("class")
    word = kind.text if isinstance(kind, ScalarNode) else ""
    draft.title = (text.reading.words(root.get("label")) or "").strip() if "label" in root.entries else ""
    if word != "CommandLineTool":
        text.unsupported(
            word or "class",
            kind or root,
            "only a CommandLineTool is a component",
            "use each tool of a workflow as a step",
        )
        return Reading((), tuple(text.faults))
    _Tool(draft, root).read()
    return draft.finish(name, "'label:'", "add 'DockerRequirement: {dockerPull: image}' under 'requirements:'")


@dataclass(slots=True)
class _Bound:
    """Words with the place that they are sorted by."""

    position: int
    source: tuple[int, int, str]
    items: list[Item]


class _Tool:
    def __init__(self, draft: Draft, root: MapNode) -> None:
        self._draft, self._text, self._reading, self._root = draft, draft.text, draft.text.reading, root
        self._types: dict[str, CwlType] = {}
        self._bound: list[_Bound] = []

    def read(self) -> None:
        draft, root = self._draft, self._root
        self._unknown(root, _KEYS, "a CommandLineTool")
        draft.description = self._doc(root)
        for refused in ("stdin", "stderr", "successCodes", "temporaryFailCodes"):
            if refused in root.entries:
                self._text.unsupported(refused, root.entries[refused][0], "it has no counterpart here")
        inputs = self._text.entries(root.get("inputs"), "id", "a map of inputs")
        for name, key, node in inputs:
            self._declare(name, key, node)
        for name, _, node in inputs:
            if name in self._types and isinstance(node, MapNode):
                self._bind(name, node)
        for name, key, node in self._text.entries(root.get("outputs"), "id", "a map of outputs"):
            self._output(name, key, node)
        for number, argument in enumerate(self._text.items(root.get("arguments"), "a list of words")):
            self._argument(number, argument)
        base = self._text.items(root.get("baseCommand"), "a list of words")
        draft.command = [Word((word,)) for node in base if (word := self._reading.words(node)) is not None]
        ordered = sorted(self._bound, key=lambda bound: (bound.position, bound.source))
        draft.args = [item for bound in ordered for item in bound.items]
        self._requirements()
        if not draft.command and draft.args:  # without baseCommand the first argument is the program
            draft.command, draft.args = draft.args, []

    def _unknown(self, node: MapNode, known: list[str], what: str) -> None:
        for name, key, _ in node:
            if name not in known and not _ANNOTATION.match(name):
                self._text.unsupported(name, key, f"{what} has no such key")

    def _doc(self, node: MapNode) -> str:
        lines = [self._reading.words(line) or "" for line in self._text.items(node.get("doc"), "a text")]
        return "\n".join(lines).strip()

    def _declare(self, name: str, key: Node, node: Node) -> None:
        """Take in an input as a parameter or a port."""
        body = node if isinstance(node, MapNode) else None
        kind = read_type(self._text, body.get("type") if body is not None else node, key)
        if body is not None:
            self._unknown(body, _INPUT_KEYS, "an input")
        if kind is None:
            return
        self._types[name] = kind
        told = " ".join(filter(None, [self._label(body), self._doc(body) if body is not None else ""]))
        written = body.get("default") if body is not None else None
        if kind.port is not None:
            if kind.stream or (written is not None and not self._reading.is_null(written)):
                what = kind.stream or "default"
                self._text.unsupported(what, written or key, f"input {name!r} is a file, which comes from a step")
            self._draft.input(PortSpec(PortName(name), PortType(kind.port, kind.many), kind.optional, told), key)
            return
        items = kind.param if kind.many else None
        default = self._reading.json(written) if written is not None else None if kind.optional else MISSING
        if kind.param is ParamType.FLOAT and isinstance(default, int) and not isinstance(default, bool):
            default = float(default)
        spec = ParamSpec(
            ParamName(name),
            ParamType.LIST if kind.many else kind.param or ParamType.STR,
            items,
            default,
            kind.optional,
            choices=kind.symbols,
            help=told,
        )
        self._draft.param(spec, key)

    def _label(self, body: MapNode | None) -> str:
        return (
            (self._reading.words(body.get("label")) or "").strip()
            if body is not None and "label" in body.entries
            else ""
        )

    def _bind(self, name: str, body: MapNode) -> None:
        """Add the words of an input that has an ``inputBinding``, or whose elements have."""
        kind, binding = self._types[name], body.get("inputBinding")
        bound = binding if isinstance(binding, MapNode) else None
        if bound is None and kind.binding is None:
            return
        role = Role.INPUT if kind.port is not None else Role.PARAM
        slot = self._draft.slot(role, name, ScalarNode(body.start, body.end, name, ""), name)
        if slot is None:
            return
        position = self._position(bound)
        items = self._words(slot, kind, bound or MapNode(body.start, flow=False))
        self._bound.append(_Bound(position, (1, 0, name), items))

    def _words(self, slot: Slot, kind: CwlType, binding: MapNode) -> list[Item]:
        self._unknown(binding, _BINDING_KEYS, "an inputBinding")
        prefix = self._reading.words(binding.get("prefix")) or ""
        apart = self._reading.boolean(binding.get("separate")) is not False
        separator = self._reading.words(binding.get("itemSeparator")) or ""
        if "valueFrom" in binding.entries:
            word = self._word(binding.get("valueFrom"), slot)
            return [] if word is None else [_prefixed(prefix, word, apart=apart)]
        if kind.param is ParamType.BOOL and not kind.many:
            return [Group((Word((prefix,)),), slot)] if prefix else []
        if kind.many and not separator:
            inner = kind.binding
            before = self._reading.words(inner.get("prefix")) or "" if inner is not None else ""
            joined = inner is not None and self._reading.boolean(inner.get("separate")) is False
            each = Each(slot, before, joined=joined)
            return [Group((Word((prefix,)), each), slot)] if prefix else [each]
        joined_slot = Slot(slot.role, slot.port, separator=separator)
        return [_prefixed(prefix, Word((joined_slot,)), apart=apart)]

    def _argument(self, number: int, node: Node) -> None:
        if isinstance(node, MapNode):
            self._unknown(node, _BINDING_KEYS, "an argument")
            word = self._word(node.get("valueFrom"), None)
            prefix = self._reading.words(node.get("prefix")) or ""
            apart = self._reading.boolean(node.get("separate")) is not False
            items: list[Item] = [] if word is None else [_prefixed(prefix, word, apart=apart)]
            self._bound.append(_Bound(self._position(node), (0, number, ""), items))
            return
        found = self._word(node, None)
        self._bound.append(_Bound(0, (0, number, ""), [] if found is None else [found]))

    def _position(self, binding: MapNode | None) -> int:
        node = binding.get("position") if binding is not None else None
        if isinstance(node, ScalarNode) and node.text.startswith("$"):
            self._text.unsupported(node.text, node, "a position that is computed has no counterpart here")
            return 0
        return self._reading.whole(node, -1_000_000, 1_000_000) or 0

    def _word(self, node: Node | None, own: Slot | None) -> Word | None:
        """Return a text with ``$(inputs.name)`` in it; ``own`` is what ``$(self)`` stands for."""
        if not isinstance(node, ScalarNode) or self._reading.words(node) is None:
            return None
        if "${" in node.text:
            self._text.unsupported("${…}", node, "JavaScript is not run")
            return None
        parts: list[str | Slot] = []
        end = 0
        for match in _REFERENCE.finditer(node.text):
            part = self._reference(match["inner"].strip(), match[0], node, own)
            if part is None:
                return None
            parts += [node.text[end : match.start()], part]
            end = match.end()
        rest = node.text[end:]
        if "$(" in rest:
            self._text.unsupported(rest[:40], node, "an expression that is more than a reference is not evaluated")
            return None
        return Word(tuple(part for part in (*parts, rest) if part != "") or ("",))

    def _reference(self, inner: str, written: str, node: ScalarNode, own: Slot | None) -> str | Slot | None:
        fixed = {"runtime.outdir": ".", "runtime.tmpdir": "/tmp"}.get(inner)  # noqa: S108  (inside the container)
        if fixed is not None:
            return fixed
        if own is not None and inner in ("self", "self.path"):
            return own
        found = _INPUT.fullmatch(inner)
        if found is None or found["name"] not in self._types or found["part"] not in (None, "path"):
            self._text.unsupported(
                written, node, "only $(inputs.name), $(inputs.name.path), $(self) and $(runtime.outdir) are known"
            )
            return None
        role = Role.INPUT if self._types[found["name"]].port is not None else Role.PARAM
        return self._draft.slot(role, found["name"], node, written)

    def _output(self, name: str, key: Node, node: Node) -> None:
        body = node if isinstance(node, MapNode) else None
        kind = read_type(self._text, body.get("type") if body is not None else node, key)
        if body is not None:
            self._unknown(body, _OUTPUT_KEYS, "an output")
        if kind is None:
            return
        if kind.port is None or kind.stream in ("stderr", "stdin"):
            self._text.unsupported(kind.stream or "type", key, f"output {name!r} is no file or folder")
            return
        binding = body.get("outputBinding") if body is not None else None
        if isinstance(binding, MapNode):
            self._unknown(binding, ["glob"], "an outputBinding")
        glob = binding.get("glob") if isinstance(binding, MapNode) else None
        word = self._word(glob, None) if isinstance(glob, ScalarNode) else None
        if glob is not None and not isinstance(glob, ScalarNode):
            self._text.unsupported("glob", glob, "a list of patterns has no counterpart here")
            return
        printed = self._reading.words(self._root.get("stdout")) if "stdout" in self._root.entries else None
        stdout = kind.stream == "stdout" or (word is not None and printed is not None and word.parts == (printed,))
        pattern = printed if stdout and printed else word.parts[-1] if word is not None else ""
        ending = pattern.rpartition(".")[2] if isinstance(pattern, str) and "." in pattern else ""
        suffix = f".{ending}" if ending.isalnum() else ""
        if word is None and not stdout and glob is None:
            self._text.error(
                "unwritten-output", f"output {name!r} has no glob", key, name, "add 'outputBinding: {glob: …}'"
            )
            return
        place = OutputPlace(PortName(name), suffix, None if stdout else word, stdout=stdout)
        told = " ".join(filter(None, [self._label(body), self._doc(body) if body is not None else ""]))
        artifact = ArtifactType.FOLDER if kind.many else kind.port
        self._draft.output(PortSpec(place.port, PortType(artifact), optional=kind.optional, help=told), place, key)

    def _requirements(self) -> None:
        for key in ("requirements", "hints"):
            for name, node, body in self._text.entries(self._root.get(key), "class", "a map of requirements"):
                self._requirement(
                    name.partition(":")[2] or name,
                    node,
                    body if isinstance(body, MapNode) else None,
                    wanted=key == "requirements",
                )

    def _requirement(self, name: str, node: Node, body: MapNode | None, *, wanted: bool) -> None:
        draft = self._draft
        entries = MapNode(node.start, flow=False) if body is None else body
        match name:
            case "DockerRequirement":
                draft.image_node = entries.get("dockerPull") or entries.get("dockerImageId") or node
                draft.image = self._reading.words(draft.image_node) or "" if draft.image_node is not node else ""
                for other in ("dockerFile", "dockerImport", "dockerLoad"):
                    if other in entries.entries:
                        self._text.unsupported(other, entries.entries[other][0], "images are pulled, not made here")
            case "ResourceRequirement":
                draft.resources = self._resources(entries)
            case "EnvVarRequirement":
                for variable, key, value in self._text.entries(entries.get("envDef"), "envName", "a map of variables"):
                    found = value.get("envValue") if isinstance(value, MapNode) else value
                    draft.variable(variable, self._word(found, None), key)
            case "NetworkAccess":
                draft.network = self._reading.boolean(entries.get("networkAccess")) is True
            case _ if name in _HARMLESS or not wanted:
                pass
            case "InlineJavascriptRequirement":  # a fault only where an expression is used
                pass
            case _:
                self._text.unsupported(name, node, "it has no counterpart here")

    def _resources(self, body: MapNode) -> Resources:
        cores = self._reading.number(body.get("coresMin") or body.get("coresMax"), 0.001, 4096)
        mebibytes = self._reading.number(body.get("ramMax") or body.get("ramMin"), 1, 1e9)
        return Resources(1.0 if cores is None else float(cores), None if mebibytes is None else int(mebibytes * 2**20))


def _prefixed(prefix: str, word: Word, *, apart: bool) -> Item:
    """Return a word behind its prefix; both are left out when the word has no value."""
    if not prefix:
        return word
    return Group((Word((prefix,)), word)) if apart else Word((prefix, *word.parts))
