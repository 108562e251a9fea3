"""What two versions of a pipeline differ in."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import field

from assay.server.wire import Wire

Mark = Literal["added", "removed", "changed", "renamed"]


class Revision(Wire):
    """A commit that changed a file; ``time`` is seconds since 1970."""

    id: str
    title: str
    author: str
    time: int


class Against(Wire):
    """A text, and what it is held against: a git revision of the file, or, without one, the file as it lies on disk."""

    path: str
    text: str
    revision: str | None = None


class Change(Wire):
    """One entry with both its values; ``null`` where nothing stands."""

    path: str
    change: Mark
    before: Any = field(name="from")
    after: Any = field(name="to")


class StepDifference(Wire):
    """A step that is not the same in both; ``was``: its name before, where it has another now."""

    step: str
    use: str
    change: Mark
    was: str
    changes: list[Change]


class WireDifference(Wire):
    """A wire that is in one of the two only."""

    source: str
    port: str
    target: str
    into: str
    kind: Literal["port", "value", "order"]
    change: Mark


class AnnotationDifference(Wire):
    """A note or a group that is not the same in both; ``title``: what a group's frame says, and the beginning of a note."""

    kind: Literal["note", "group"]
    name: str
    title: str
    change: Literal["added", "removed", "changed"]
    changes: list[Change]


class VersionDifference(Wire):
    """All differences, in words and as data, and the whole text that they are counted from."""

    a: str
    b: str
    same: bool
    summary: str
    pipeline: list[Change]
    steps: list[StepDifference]
    wires: list[WireDifference]
    annotations: list[AnnotationDifference]
    before: str
