"""Typed reading of nodes: every mismatch becomes a fault at its place, and reading goes on."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from assay.errors import AssayError, Severity, bounded
from assay.ids import NAME
from assay.model.artifacts import Json
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode
from assay.model.codec.problems import Problems
from assay.model.codec.scalars import UnfitNumber, resolve

Parsed = TypeVar("Parsed")


class Deeper:
    """A path is one step longer while this is entered. Written out, for a file has tens of thousands of steps into it."""

    __slots__ = ("_path", "_step")

    def __init__(self, path: list[str | int], step: str | int) -> None:
        self._path = path
        self._step = step

    def __enter__(self) -> None:
        self._path.append(self._step)

    def __exit__(self, *error: object) -> None:
        self._path.pop()


class Reading:
    """What all decoders share: the text, and where faults go."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.text = text
        self.problems = problems

    def at(self, step: str | int) -> Deeper:
        """Read deeper in the tree: faults found inside belong to the longer path."""
        return Deeper(self.problems.path, step)

    def wrong(self, node: Node, wish: str) -> None:
        """Add a fault: the value is not what is wished for."""
        self.problems.add(
            "wrong-type", f"expected {wish}, not {self._show(node)}", at=node.start, culprit=self._source(node)
        )

    def _source(self, node: Node) -> str:
        return bounded(self.text[node.start : min(node.end, node.start + 500)].strip(), 80)

    def _show(self, node: Node) -> str:
        match node:
            case MapNode():
                return "a map"
            case ListNode():
                return "a list" if node.items else "an empty list"
            case ScalarNode() if node.plain and node.text == "":
                return "nothing"
            case ScalarNode():
                return repr(bounded(node.text, 60)) if not node.plain else bounded(node.text, 60)

    def json(self, node: Node) -> Json:
        """Return the JSON value of a node."""
        match node:
            case ScalarNode():
                return self.scalar(node)
            case ListNode():
                return [self.json(item) for item in node.items]
            case MapNode():
                return {self.key(key): self.json(value) for _, key, value in node}

    def key(self, node: ScalarNode) -> str:
        """Return a key of a free map; one that reads as number, truth value or null is a fault."""
        if node.plain and not isinstance(self.scalar(node), str):
            self.problems.add(
                "yaml-key", f"key {bounded(node.text, 60)!r} is not a text", at=node.start, culprit=node.text
            )
        return node.text

    def scalar(self, node: ScalarNode) -> Json:
        """Return the JSON value of a scalar."""
        if not node.plain:
            return node.text
        try:
            return resolve(node.text)
        except UnfitNumber:
            self.problems.add("yaml-number", at=node.start, culprit=node.text)
            return None

    def map(self, node: Node | None, wish: str = "a map") -> MapNode | None:
        """Return the node when it is a map; nothing written counts as absent."""
        if node is None or isinstance(node, MapNode):
            return node
        if not self.is_null(node):
            self.wrong(node, wish)
        return None

    @staticmethod
    def is_null(node: Node) -> bool:
        """Whether the node is a plain null."""
        return isinstance(node, ScalarNode) and node.plain and node.text in ("", "~", "null", "Null", "NULL")

    def string(self, node: Node | None, wish: str = "a text") -> str | None:
        """Return the text of a scalar; numbers and truth values are refused."""
        if node is None:
            return None
        value = self.scalar(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, str):
            return value
        self.wrong(node, wish)
        return None

    def words(self, node: Node | None) -> str | None:
        """Return the characters of any scalar but null, also of a number: for titles and environment variables."""
        if node is None:
            return None
        if isinstance(node, ScalarNode) and node.style != "alias" and not self.is_null(node):
            return node.text
        self.wrong(node, "a text")
        return None

    def boolean(self, node: Node | None) -> bool | None:
        """Return true or false."""
        if node is None:
            return None
        value = self.scalar(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, bool):
            return value
        self.wrong(node, "true or false")
        return None

    def number(self, node: Node | None, low: float, high: float, *, whole: bool = False) -> float | None:
        """Return a number within ``low`` and ``high``, inclusive."""
        if node is None:
            return None
        value = self.scalar(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            self.wrong(node, "a whole number" if whole else "a number")
            return None
        if not low <= value <= high:
            bound = f"at least {low:g}" if value < low else f"at most {high:g}"
            self.problems.add(
                "out-of-range",
                f"expected {bound}, not {bounded(str(value), 40)}",
                at=node.start,
                culprit=str(value)[:40],
            )
            return None
        return value

    def whole(self, node: Node | None, low: int, high: int) -> int | None:
        """Return a whole number within ``low`` and ``high``, inclusive."""
        number = self.number(node, low, high, whole=True)
        return None if number is None else int(number)

    def quantity(self, node: Node | None, parse: Callable[[str | int], Parsed]) -> Parsed | None:
        """Return an amount of memory or time."""
        if node is None:
            return None
        value = self.scalar(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.wrong(node, "an amount such as 30s or 4Gi")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            return None
        try:
            return parse(value)  # type: ignore[arg-type]  # durations take floats too; memory refuses them
        except AssayError as error:
            self.problems.add("bad-quantity", error.message, at=node.start, culprit=error.culprit, hint=error.hint)
            return None

    def choice(self, node: Node | None, known: Sequence[str], what: str) -> str | None:
        """Return one of ``known`` words."""
        word = self.string(node, f"{what}: {', '.join(known)}")
        if node is None or word is None or word in known:
            return word
        self.problems.unknown(
            "unknown-choice",
            word,
            known,
            f"{bounded(word, 60)!r} is not {what}",
            self.span(node),
            otherwise=f"one of {', '.join(known)}",
        )
        return None

    def span(self, node: Node, start: int = 0, length: int | None = None) -> tuple[int, int]:
        """Return where the characters of a scalar stand in the text, within its quotes; the whole node when they are escaped."""
        if isinstance(node, ScalarNode):
            inside = node.start + (1 if node.style in ("'", '"') else 0)
            if self.text.startswith(node.text, inside):
                first = inside + start
                return first, first + (len(node.text) - start if length is None else length)
        return node.start, node.end

    def name(self, node: ScalarNode, what: str) -> str:
        """Return a name of a step, port or parameter, with a fault when it is not legal."""
        if not NAME.fullmatch(node.text):
            self.problems.add(
                "bad-name", f"{bounded(node.text, 60)!r} is not a name for a {what}", at=node.start, culprit=node.text
            )
        return node.text

    def leftovers(self, node: MapNode, known: Collection[str], what: str) -> dict[str, Json]:
        """Return the unknown keys with their values, each reported as a warning unless it begins with ``x-``."""
        extra: dict[str, Json] = {}
        for name, key, value in node:
            if name in known:
                continue
            if not name.startswith("x-"):
                self.problems.unknown(
                    "unknown-key",
                    name,
                    known,
                    f"{what} has no key {bounded(name, 60)!r}; it is kept and ignored",
                    self.span(key),
                    severity=Severity.WARNING,
                )
            with self.at(name):
                extra[name] = self.json(value)
        return extra

    def missing(self, node: MapNode, key: str, message: str, hint: str = "") -> None:
        """Add a fault for a key that must be there, unless the text broke off before it could come."""
        if not node.cut:
            self.problems.add("missing-key", message, at=node.start, culprit=key, hint=hint)
