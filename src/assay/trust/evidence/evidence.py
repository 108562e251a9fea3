"""One machine-readable trust result."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.evidence.statement import State, Statement

FORMAT = 1
"""Version of the schema; a reader of version 1 ignores keys it does not know."""

HARDEST = "hardest_cases"
"""Name of a table of errors, the surest first: a report shows it among the failures."""


class Role(enum.StrEnum):
    """What a subject is to the evidence."""

    MODEL = "model"
    DATA = "data"
    TRAINING_DATA = "training-data"
    PREDICTIONS = "predictions"
    OTHER_DATA = "other-data"


@dataclass(frozen=True, slots=True)
class Subject:
    """What was measured: an artifact by its content.

    Attributes:
        digest: sha256 in hexadecimal, the same that the store and ``assay artifacts`` know it by.
        name: For people.
    """

    role: Role
    digest: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """How it was measured.

    Attributes:
        component: Name and version, such as ``fairness/group-metrics@1.0.0``.
        name: The method, in words.
        library: Whose code computed it, such as ``assay`` or ``captum``.
        version: Of that library.
        reference: Paper or standard.
    """

    component: str
    name: str
    library: str = "assay"
    version: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A figure that is missing, and why; ``on`` as in a statement."""

    id: str
    why: str
    on: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.id not in KINDS:
            raise ValueError(f"{self.id!r} is no statement that trust/evidence/kinds.py knows")


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers that are no statement of their own: counts by group, points of a curve, the hardest cases."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float | int | bool | None]]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"table {self.name}: every row has a cell for each of {list(self.columns)}")


@dataclass(frozen=True, slots=True)
class EvidenceFigure:
    """A picture with its numbers.

    Attributes:
        block: Where the report shows it.
        specification: Vega-Lite, data included; empty for a picture of pixels.
        svg: The same, drawn; empty for a picture of pixels.
        png: Base64, for pictures of pixels; empty otherwise.
    """

    name: str
    title: str
    block: Block
    specification: Mapping[str, Any] = field(default_factory=dict)
    svg: str = ""
    png: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What measuring took."""

    cpu_seconds: float
    wall_seconds: float
    model_calls: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """One trust result: what was measured, on whom, how, with which uncertainty, and what was not.

    Attributes:
        title: One line.
        subjects: What was measured, by digest; the model under judgement always with role ``model`` when there is one.
        labels: The model's labels in the order of its classes; empty when no model is concerned.
        positive: The label that counts as positive.
        samples: Named counts: ``patients``, ``rows``, ``positive_patients``, ``sex=F`` …
        parameters: What the component was told, without secrets.
        seed: Of everything random; ``None`` when nothing is.
        synthetic: Whether no patient was imaged; ``None``: not known.
        caveats: Sentences that must stand beside the figures wherever they are shown.
    """

    title: str
    method: Method
    subjects: Sequence[Subject]
    statements: Sequence[Statement]
    samples: Mapping[str, int]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    labels: Sequence[str] = ()
    positive: str = ""
    seed: int | None = None
    synthetic: bool | None = None
    not_measured: Sequence[NotMeasured] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[EvidenceFigure] = ()
    caveats: Sequence[str] = ()
    cost: Cost | None = None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of a report that it has something for, in their order."""
        ids = [statement.id for statement in self.statements] + [reason.id for reason in self.not_measured]
        found = {KINDS[each].block for each in ids} | {figure.block for figure in self.figures}
        return tuple(block for block in Block if block in found)

    def subject(self, role: Role) -> Subject | None:
        """Return the first subject of a role."""
        return next((subject for subject in self.subjects if subject.role is role), None)

    def worst(self) -> State | None:
        """Return fail before insufficient before pass; ``None`` when nothing was held against a criterion."""
        found = {statement.state for statement in self.statements}
        return next((state for state in (State.FAIL, State.INSUFFICIENT, State.PASS) if state in found), None)
