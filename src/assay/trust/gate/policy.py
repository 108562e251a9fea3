"""A policy: rules over evidence, as data."""

from __future__ import annotations

import enum
import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.trust.evidence.evidence import Evidence
from assay.trust.evidence.statement import Criterion, Estimate, Judgement, State, Statement, judge

EVERY = "*"
"""In a group: whatever value the column has."""


class Level(enum.StrEnum):
    """Whether a rule decides the verdict, or is only told beside it."""

    REQUIRED = "required"
    ADVISORY = "advisory"


class Signer(enum.StrEnum):
    """Whose signature makes a verdict count: only that of a key somebody made on purpose, or also a development key."""

    NAMED = "named"
    ANY = "any"


class End(enum.StrEnum):
    """Which part of an interval a bound is about."""

    LOW = "low"
    HIGH = "high"
    WHOLE = "whole"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Bound:
    """Where an end of the interval, or all of it, has to lie: at least ``least`` and at most ``most`` (``None``: no such bound)."""

    end: End
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            return f"{self.end} within [{self.least:g}, {self.most:g}]"
        return f"{self.end} >= {self.least:g}" if self.least is not None else f"{self.end} <= {self.most:g}"

    @property
    def words_of_value(self) -> str:
        """What it asks of a value, whichever end of an interval it is asked of."""
        return str(Criterion(self.least, self.most))

    def holds_for(self, value: float) -> bool:
        """Whether one number is within the bounds."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def judge(self, estimate: Estimate, fewest: int, who: str = "patients") -> Judgement:
        """Hold an estimate against the bound, for at least ``fewest`` independent units, which ``who`` names.

        Met is a pass, contradicted by the whole interval a fail, anything between insufficient evidence. A bound on ``point`` ignores the
        interval; ``high >= x`` and ``low <= x`` ask only that the value is not ruled out.
        """
        criterion = Criterion(self.least, self.most, fewest)
        lenient = (self.end is End.HIGH and self.most is None) or (self.end is End.LOW and self.least is None)
        if self.end is not End.POINT and not lenient:
            return judge(estimate, criterion, who)
        if self.end is End.POINT:
            held = self.holds_for(estimate.value)
        elif estimate.low is None or estimate.high is None:
            return judge(estimate, criterion, who)
        else:
            held = self.holds_for(estimate.high if self.end is End.HIGH else estimate.low)
        if not held:
            return Judgement(State.FAIL, f"{estimate}: {self} does not hold")
        if estimate.n < fewest:
            return Judgement(State.INSUFFICIENT, f"{estimate.n} {who}: fewer than the {fewest} asked for", fewest)
        return Judgement(State.PASS, f"{estimate}: {self} holds")


@dataclass(frozen=True, slots=True)
class Scope:
    """About whom a rule speaks.

    Attributes:
        everybody: Statements about all cases together.
        groups: Every statement about some group or condition.
        columns: Statements about exactly these columns, each with this value; ``*`` in it stands for any text.
    """

    everybody: bool = True
    groups: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.columns:
            return ", ".join(
                f"every {name}" if value == EVERY else f"{name} {value}" for name, value in self.columns.items()
            )
        if self.everybody and self.groups:
            return "everybody and every group"
        return "every group" if self.groups else "everybody"

    def takes(self, on: Mapping[str, str]) -> bool:
        """Whether a statement about ``on`` is meant."""
        if self.columns:
            return set(on) == set(self.columns) and all(_fits(value, on[name]) for name, value in self.columns.items())
        return self.groups if on else self.everybody


def _fits(pattern: str, value: str) -> bool:
    """Whether a value is meant; ``fnmatch`` would read the brackets of ``[40, 60)`` as more than brackets."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split(EVERY))), value, re.DOTALL) is not None


EVERYBODY = Scope()


class Need(enum.StrEnum):
    """How many of the statements that a rule selects have to meet it: all, or all of one evidence file (one explanation method, say)."""

    EVERY = "every"
    ONE_METHOD = "one-method"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: every statement it selects has to meet its bound, and there has to be at least one.

    Attributes:
        id: Short and stable; named in the verdict.
        title: What it asks, as a sentence.
        statement: Id of a statement, or a pattern such as ``leakage.*``.
        scope: On whom.
        bound: ``None``: the criterion that the component itself was given has to be met; figures without one are passed over.
        level: Whether it decides.
        fewest: Independent units that each figure needs at least.
        need: Whether all statements have to meet it, or all of one method.
        by: Pattern of the component that measured, such as ``explain/*``.
        why: Where the number comes from.
    """

    id: str
    title: str
    statement: str
    scope: Scope = EVERYBODY
    bound: Bound | None = None
    level: Level = Level.REQUIRED
    fewest: int = 0
    need: Need = Need.EVERY
    by: str = EVERY
    why: str = ""

    def selects(self, evidence: Evidence, statement: Statement) -> bool:
        """Whether the rule is about this statement."""
        stated = self.bound is not None or statement.state is not None
        return stated and self.takes(evidence, statement.id) and self.scope.takes(statement.on)

    def takes(self, evidence: Evidence, statement: str) -> bool:
        """Whether the rule is about a kind of statement of this evidence, on whomever."""
        component = evidence.method.component.partition("@")[0]
        return fnmatch.fnmatchcase(statement, self.statement) and fnmatch.fnmatchcase(component, self.by)


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules, and how long and by whom a verdict under them holds.

    Attributes:
        name: Short; part of every verdict.
        expires: Seconds from judgement to the end of the verdict.
        signer: Whose signature counts.
        rules: At least one.
        text: The file it was read from, as it is.
        digest: sha256 of ``text``.
    """

    name: str
    description: str
    expires: float
    signer: Signer
    rules: Sequence[Rule]
    text: str
    digest: str
