"""Differences as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from assay.errors import bounded
from assay.model.artifacts import Json
from assay.views.drawing.sketch import Mark
from assay.views.outline import Outline, Wire

_LONGEST_VALUE = 200


class Absent(Enum):
    """Nothing stands there; ``null`` is something."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
Side = Json | Absent


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that differs: ``with.epochs`` was ``before`` and is ``after``."""

    path: str
    before: Side
    after: Side

    @property
    def mark(self) -> Mark:
        """Whether it came, went or changed."""
        return Mark.ADDED if self.before is ABSENT else Mark.REMOVED if self.after is ABSENT else Mark.CHANGED

    def text(self) -> str:
        """Return ``with.epochs: 8 → 12``, or a sign and the one value."""
        if self.before is ABSENT or self.after is ABSENT:
            return f"{self.mark.sign} {self.path}: {value_text(self.after if self.before is ABSENT else self.before)}"
        return f"{self.path}: {value_text(self.before)} → {value_text(self.after)}"

    def json(self) -> dict[str, Json]:
        """``path``, ``change`` (``added``, ``removed``, ``changed``), ``from`` and ``to`` (``null`` where nothing stands)."""
        before = None if self.before is ABSENT else self.before
        after = None if self.after is ABSENT else self.after
        return {"path": self.path, "change": str(self.mark), "from": before, "to": after}


@dataclass(frozen=True, slots=True)
class StepDifference:
    """A step that is not the same in both; ``was`` is its name before, where it has another now."""

    name: str
    use: str
    mark: Mark
    was: str = ""
    changes: tuple[Change, ...] = ()

    def json(self) -> dict[str, Json]:
        """``step``, ``use``, ``change``, ``was``, ``changes``."""
        changes: list[Json] = [change.json() for change in self.changes]
        return {"step": self.name, "use": self.use, "change": str(self.mark), "was": self.was, "changes": changes}


@dataclass(frozen=True, slots=True)
class WireDifference:
    """A wire that is in one of the two only; of steps that were renamed, in their new names."""

    wire: Wire
    mark: Mark

    def json(self) -> dict[str, Json]:
        """``source``, ``port``, ``target``, ``into``, ``kind``, ``change``."""
        wire = self.wire
        return {
            "source": wire.source,
            "port": wire.port,
            "target": wire.target,
            "into": wire.into,
            "kind": str(wire.kind),
            "change": str(self.mark),
        }


@dataclass(frozen=True, slots=True)
class AnnotationDifference:
    """A note or a group that is not the same in both; ``title`` is what a group's frame says, and the beginning of a note."""

    kind: Literal["note", "group"]
    name: str
    title: str
    mark: Mark
    changes: tuple[Change, ...] = ()

    def json(self) -> dict[str, Json]:
        """``kind``, ``name``, ``title``, ``change``, ``changes``."""
        changes: list[Json] = [change.json() for change in self.changes]
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "change": str(self.mark),
            "changes": changes,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions of a pipeline, A before and B after.

    Attributes:
        a: What A is called: a path, or ``HEAD~1:path``.
        head: What differs outside the steps: name, description, parameters, other keys.
        steps: Those that differ, in the order of B, then those that went.
        wires: Those that came or went.
        before: All of A, for a picture.
        after: All of B.
        annotations: Notes and groups that differ, in the order of B, then those that went.
    """

    a: str
    b: str
    head: tuple[Change, ...]
    steps: tuple[StepDifference, ...]
    wires: tuple[WireDifference, ...]
    before: Outline = field(repr=False)
    after: Outline = field(repr=False)
    annotations: tuple[AnnotationDifference, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.head or self.steps or self.wires or self.annotations)

    def counts(self) -> Mapping[Mark, int]:
        """Return how many steps were added, removed, changed and renamed, those that are none left out."""
        found = {mark: sum(step.mark is mark for step in self.steps) for mark in Mark}
        return {mark: count for mark, count in found.items() if count}

    def summary(self) -> str:
        """Return one line: ``1 step added, 2 changed; 3 wires added, 1 removed``."""
        if not self:
            return "no difference"
        steps = _counted("step", self.counts())
        wires = {mark: sum(wire.mark is mark for wire in self.wires) for mark in (Mark.ADDED, Mark.REMOVED)}
        head = f"{len(self.head)} {'entry' if len(self.head) == 1 else 'entries'} of the pipeline changed"
        drawn = [
            _counted(
                kind, {mark: sum(one.kind == kind and one.mark is mark for one in self.annotations) for mark in Mark}
            )
            for kind in ("note", "group")
        ]
        return "; ".join(part for part in (steps, _counted("wire", wires), *drawn, head if self.head else "") if part)

    def json(self) -> dict[str, Json]:
        """``a``, ``b``, ``same``, ``pipeline`` (changes outside the steps), ``steps``, ``wires``, ``annotations``."""
        head: list[Json] = [change.json() for change in self.head]
        steps: list[Json] = [step.json() for step in self.steps]
        wires: list[Json] = [wire.json() for wire in self.wires]
        annotations: list[Json] = [one.json() for one in self.annotations]
        return {
            "a": self.a,
            "b": self.b,
            "same": not self,
            "pipeline": head,
            "steps": steps,
            "wires": wires,
            "annotations": annotations,
        }


def value_text(value: Side) -> str:
    """Return a value on one line, as JSON, its middle cut out when it is long."""
    return "" if value is ABSENT else bounded(json.dumps(value, ensure_ascii=False), _LONGEST_VALUE)


def _counted(what: str, counts: Mapping[Mark, int]) -> str:
    def parts() -> Iterator[str]:
        for mark, count in counts.items():
            if count:
                yield f"{count} {mark}"

    listed = list(parts())
    if not listed:
        return ""
    number, word = listed[0].split()
    return ", ".join([f"{number} {what}{'' if number == '1' else 's'} {word}", *listed[1:]])
