"""A pipeline file: its text, the model read from it, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assay.errors import AssayError, Fault, Fix, Location, Severity
from assay.ids import StepName
from assay.model.artifacts import Json
from assay.model.codec.annotations import read_groups, read_layout, read_notes
from assay.model.codec.declarations import read_declarations
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode, parse_nodes
from assay.model.codec.ports import read_inputs, read_outputs
from assay.model.codec.problems import Lines, Path, Problems
from assay.model.codec.reading import Reading
from assay.model.codec.steps import read_steps
from assay.model.pipeline import Pipeline

FORMAT = 1
_KEYS = "assay name description params inputs outputs steps finally layout notes groups".split()  # noqa: SIM905
_LARGEST = 10_000_000
_BOM = "\ufeff"
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class EditError(AssayError):
    """A change cannot be made in this text: nothing stands there, or it is written in a way that cannot be spliced."""

    code = "edit"


@dataclass(frozen=True, slots=True)
class Document:
    """A pipeline file that was read.

    Attributes:
        text: As read, byte for byte (in UTF-8), with its own line ends and byte order mark.
        file: What faults call it.
        pipeline: The model, without the parts that have faults; ``None`` when the text is not a map or broke off.
        faults: All of them, in the order of the file.
        broken: Paths of values that have faults, so that checks do not report what follows from them.
    """

    text: str
    file: str
    pipeline: Pipeline | None
    faults: tuple[Fault, ...]
    broken: frozenset[Path] = frozenset()
    root: Node | None = field(default=None, compare=False, repr=False)
    lines: Lines | None = field(default=None, compare=False, repr=False)

    def locate(self, path: Path) -> Location:
        """Return where the value at ``path`` stands, or its nearest ancestor: ``("steps", "train", "with", "epochs")``.

        An element that has a key is located at its key.
        """
        node, place = self.root, 0
        for step in path:
            if isinstance(node, MapNode) and isinstance(step, str) and step in node.entries:
                key, node = node.entries[step]
                place = key.start
            elif isinstance(node, ListNode) and isinstance(step, int) and 0 <= step < len(node.items):
                node = node.items[step]
                place = node.start
            else:
                break
        return self._where(place)

    def locate_value(self, path: Path) -> Location:
        """Return where the value at ``path`` begins; ``locate(path)`` when there is none."""
        node = self.node(path)
        return self.locate(path) if node is None else self._where(node.start)

    def node(self, path: Path) -> Node | None:
        """Return the node at exactly ``path``."""
        node = self.root
        for step in path:
            if isinstance(node, MapNode) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, ListNode) and isinstance(step, int) and 0 <= step < len(node.items):
                node = node.items[step]
            else:
                return None
        return node

    def key(self, path: Path) -> ScalarNode | None:
        """Return the key of the entry at exactly ``path``."""
        parent = self.node(path[:-1]) if path else None
        entry = parent.entries.get(str(path[-1])) if isinstance(parent, MapNode) else None
        return entry[0] if entry else None

    def json(self, path: Path = ()) -> Json:
        """Return what the text says at ``path`` as plain values; an empty map when nothing stands there."""
        node = self.node(path)
        return {} if node is None else Reading(self.text, Problems("", "")).json(node)

    def _where(self, place: int) -> Location:
        return (self.lines or Lines(self.text, self.file)).where(place)

    def set(self, path: Path, value: Json) -> Document:
        """Return the document with ``value`` at ``path``; all other text keeps its bytes. Raises ``EditError``."""
        from assay.model.codec.edit import set_value  # edits read the result back, so they need this module

        return set_value(self, path, value)

    def remove(self, path: Path) -> Document:
        """Return the document without the entry at ``path``. Raises ``EditError``."""
        from assay.model.codec.edit import remove_value  # edits read the result back, so they need this module

        return remove_value(self, path)

    def rename_step(self, old: str, new: str) -> Document:
        """Return the document with a step renamed wherever it is named. Raises ``EditError``."""
        from assay.model.codec.rename import rename  # edits read the result back, so they need this module

        return rename(self, StepName(old), StepName(new))


def load_bytes(data: bytes, file: str = "pipeline.yaml") -> Document:
    """Return the document in ``data``; never raises, a file that is not UTF-8 has a fault."""
    if len(data) > 4 * _LARGEST:
        return load(" " * (_LARGEST + 1), file)
    try:
        return load(data.decode("utf-8"), file)
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", errors="replace")
        place = len(data[: error.start].decode("utf-8", errors="replace"))
        problems = Problems(text, file)
        problems.add("encoding", f"byte {error.start} is not UTF-8", at=place, culprit=f"0x{data[error.start]:02x}")
        return Document(text, file, None, tuple(problems.faults))


def load(text: str, file: str = "pipeline.yaml") -> Document:
    """Return the document in ``text``; never raises: whatever is wrong is among its faults."""
    if len(text) > _LARGEST:
        problems = Problems("", file)
        problems.add("too-large", at=0)
        return Document(text, file, None, tuple(problems.faults))
    problems = Problems(text, file)
    root = parse_nodes(_printable(text, problems), problems, 1 if text.startswith(_BOM) else 0)
    pipeline = _read_root(Reading(text, problems), root)
    if problems.broken_text:
        pipeline = None
    faults = sorted(_reliable(problems), key=_place)
    return Document(text, file, pipeline, tuple(faults), frozenset(problems.broken), root, problems.lines)


def _reliable(problems: Problems) -> list[Fault]:
    """Where the text broke off, what its last line says is unknown: only the break itself is reported there."""
    if not problems.broken_text:
        return problems.faults
    broken = next(fault for fault in problems.faults if fault.code in ("yaml", "yaml-depth"))
    line = broken.location.line if broken.location else 0
    return [fault for fault in problems.faults if fault is broken or (fault.location and fault.location.line < line)]


def _place(fault: Fault) -> tuple[int, int]:
    return (fault.location.line, fault.location.column) if fault.location else (0, 0)


def _printable(text: str, problems: Problems) -> str:
    """Characters that YAML refuses become U+FFFD, so that the rest can be read; the first of them is a fault."""
    body = text.removeprefix(_BOM)
    found = _UNPRINTABLE.search(body)
    if found is None:
        return body
    place = found.start() + len(text) - len(body)
    problems.add("character", at=place, culprit=f"U+{ord(found[0]):04X}", break_path=False)
    return _UNPRINTABLE.sub("\ufffd", body)


def _read_root(reading: Reading, root: Node | None) -> Pipeline | None:
    if not isinstance(root, MapNode):
        if not reading.problems.broken_text or root is not None:
            reading.problems.add("not-a-pipeline", at=root.start if root else 0)
        return None
    _read_format(reading, root)
    name = _read_name(reading, root)
    with reading.at("description"):
        description = reading.words(root.get("description")) or ""
    with reading.at("params"):
        params = read_declarations(reading, root.get("params"))
    with reading.at("inputs"):
        inputs = read_inputs(reading, root.get("inputs"))
    with reading.at("outputs"):
        outputs = read_outputs(reading, root.get("outputs"))
    with reading.at("steps"):
        steps = read_steps(reading, root.get("steps"))
        if (
            not steps
            and ("steps",) not in reading.problems.broken
            and not (root.entries.get("steps") and root.get("steps"))
        ):
            reading.missing(root, "steps", "the pipeline has no steps", "add 'steps:'")
    with reading.at("finally"):
        final = read_steps(reading, root.get("finally"))
    with reading.at("layout"):
        layout = read_layout(reading, root.get("layout"))
    with reading.at("notes"):
        notes = read_notes(reading, root.get("notes"))
    with reading.at("groups"):
        groups = read_groups(reading, root.get("groups"))
    extra = reading.leftovers(root, _KEYS, "a pipeline")
    return Pipeline(name, steps, description, params, final, inputs, outputs, layout, notes, groups, extra)


def _read_format(reading: Reading, root: MapNode) -> None:
    node = root.get("assay")
    if node is None:
        if not root.cut:
            fix = (
                None
                if root.flow
                else Fix("add 'assay: 1'", root.start, root.start, f"assay: {FORMAT}{newline(reading.text)}")
            )
            reading.problems.add(
                "missing-key",
                "the format version is missing",
                at=root.start,
                culprit="assay",
                hint="begin with 'assay: 1'",
                fix=fix,
            )
        return
    value = reading.scalar(node) if isinstance(node, ScalarNode) else None
    if value == FORMAT and not isinstance(value, bool):
        return
    newer = isinstance(value, int) and value > FORMAT
    hint = "this file needs a newer Assay" if newer else ""
    reading.problems.add("format", at=node.start, culprit=str(value), hint=hint)


def _read_name(reading: Reading, root: MapNode) -> str:
    with reading.at("name"):
        node = root.get("name")
        if node is None:
            reading.missing(root, "name", "the pipeline has no name", "add 'name:'")
            return ""
        name = reading.words(node)
        if name is not None and (len(name) > 100 or not name.strip() or "\n" in name):
            reading.problems.add(
                "bad-name", "a pipeline's name is one line of at most 100 characters", at=node.start, culprit=name
            )
    return name or ""


def newline(text: str) -> str:
    """Return the line end that ``text`` uses first."""
    place = text.find("\n")
    return "\r\n" if place > 0 and text[place - 1] == "\r" else "\n"


def has_errors(document: Document) -> bool:
    """Whether any fault stops a run."""
    return any(fault.severity is Severity.ERROR for fault in document.faults)
