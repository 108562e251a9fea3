"""One statement: an estimate with its interval, about whom, held against a criterion."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.trust.evidence.kinds import KINDS, counted


class State(enum.StrEnum):
    """What a statement's interval says about its criterion. Not shown to fail is not shown to pass."""

    PASS = "pass"  # noqa: S105  (no password)
    FAIL = "fail"
    INSUFFICIENT = "insufficient"

    @property
    def words(self) -> str:
        """The state as a person reads it."""
        return "insufficient evidence" if self is State.INSUFFICIENT else str(self)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One measured number.

    Attributes:
        value: The point estimate.
        low: Lower end of the interval; ``None`` when there is none (then ``high`` is ``None`` too).
        high: Upper end.
        n: Independent units that carry it (patients, not slices; of the rarer class for an area).
        rows: Rows behind them.
        positives: Units with the disease among them, where the figure depends on it.
        method: How the interval was made, in words, with its source.
        level: Coverage of the interval.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int = 0
    rows: int = 0
    positives: int | None = None
    method: str = ""
    level: float = 0.95

    def __post_init__(self) -> None:
        ends = [end for end in (self.low, self.high) if end is not None]
        if len(ends) == 1 or not all(map(math.isfinite, [self.value, *ends])):
            raise ValueError(f"an estimate is finite and has both ends or none: {self}")
        if ends and not ends[0] <= ends[1]:
            raise ValueError(f"the interval's ends are the wrong way round: {self}")

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.3g} (no interval)"
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"


@dataclass(frozen=True, slots=True)
class Criterion:
    """Where the whole interval has to lie.

    Attributes:
        least: Smallest value that is good enough; ``None`` for no such bound.
        most: Largest.
        fewest: Units that a judgement needs at least.
    """

    least: float | None = None
    most: float | None = None
    fewest: int = 0

    def __post_init__(self) -> None:
        if self.least is None and self.most is None:
            raise ValueError("a criterion has a bound")

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            return f"between {self.least:g} and {self.most:g}"
        return f"at least {self.least:g}" if self.most is None else f"at most {self.most:g}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A state, why, and how many units would settle it when the evidence is insufficient (``None``: more will not help)."""

    state: State
    reason: str
    needed: int | None = None


def judge(estimate: Estimate, criterion: Criterion, who: str = "patients") -> Judgement:
    """Hold an interval against a criterion.

    The whole interval inside is a pass, the whole interval outside is a fail, anything else is insufficient evidence: that
    a difference is "not significant" does not show that there is none (Altman and Bland 1995). Too few units are
    insufficient whatever the interval says, but for a fail. ``who`` says in words what ``n`` counts (``kinds.counted``).
    """
    if estimate.low is None or estimate.high is None:
        return Judgement(State.INSUFFICIENT, f"{estimate.value:.3g} has no interval, so it shows nothing")
    least = -math.inf if criterion.least is None else criterion.least
    most = math.inf if criterion.most is None else criterion.most
    if estimate.high < least or estimate.low > most:
        return Judgement(State.FAIL, f"{estimate} is not {criterion}")
    if estimate.n < criterion.fewest:
        reason = f"{estimate.n} {who}: fewer than the {criterion.fewest} that were declared as the least"
        return Judgement(State.INSUFFICIENT, reason, criterion.fewest)
    if least <= estimate.low and estimate.high <= most:
        return Judgement(State.PASS, f"{estimate} is {criterion}")
    needed = _needed(estimate, (estimate.low, estimate.high), (least, most))
    advice = f"; about {needed} {who} would settle it if the estimate stays" if needed else ""
    return Judgement(State.INSUFFICIENT, f"{estimate} is not shown to be {criterion}{advice}", needed)


def _needed(estimate: Estimate, ends: tuple[float, float], bounds: tuple[float, float]) -> int | None:
    """Return the units at which an interval that shrinks with the root of n no longer crosses a bound."""
    low, high = ends
    factors = [1.0]
    for bound in bounds:
        if not low < bound < high:
            continue
        distance = bound - estimate.value
        arm = high - estimate.value if distance > 0 else estimate.value - low
        if abs(distance) < 1e-3 * max(arm, 1e-12):
            return None
        factors.append((arm / distance) ** 2)
    return math.ceil(max(estimate.n, 1) * max(factors))


@dataclass(frozen=True, slots=True)
class Statement:
    """What evidence says about one figure.

    Attributes:
        id: One of ``kinds.KINDS``, such as ``fairness.tpr_difference``.
        estimate: The figure.
        on: About whom or under which condition: ``{"sex": "F"}``, ``{"shift": "noise", "severity": "2"}``; empty for everybody.
        against: The group a difference or ratio is taken against: ``{"sex": "M"}``.
        criterion: What was declared beforehand as good enough; ``None`` for a figure that is only told.
        state: ``None`` without a criterion.
        reason: One sentence: why this state.
        needed: Units that would settle an insufficient statement.
        family: Name of the family of comparisons it was corrected with; empty for none.
        adjusted_p: Its p-value after that correction.
    """

    id: str
    estimate: Estimate
    on: Mapping[str, str] = field(default_factory=dict)
    against: Mapping[str, str] = field(default_factory=dict)
    criterion: Criterion | None = None
    state: State | None = None
    reason: str = ""
    needed: int | None = None
    family: str = ""
    adjusted_p: float | None = None

    def __post_init__(self) -> None:
        if self.id not in KINDS:
            raise ValueError(f"{self.id!r} is no statement that trust/evidence/kinds.py knows")
        if (self.state is None) != (self.criterion is None):
            raise ValueError(f"{self.id}: a state needs a criterion, and a criterion a state")

    @classmethod
    def judged(
        cls,
        id: str,  # noqa: A002  the field's name
        estimate: Estimate,
        criterion: Criterion | None,
        *,
        on: Mapping[str, str] | None = None,
        against: Mapping[str, str] | None = None,
        family: str = "",
        adjusted_p: float | None = None,
    ) -> Statement:
        """Return the statement with the state that ``judge`` gives it."""
        found = None if criterion is None else judge(estimate, criterion, counted(id))
        return cls(
            id,
            estimate,
            on=on or {},
            against=against or {},
            criterion=criterion,
            state=found.state if found else None,
            reason=found.reason if found else "",
            needed=found.needed if found else None,
            family=family,
            adjusted_p=adjusted_p,
        )

    @property
    def subject(self) -> str:
        """About whom, in words: ``everybody``, ``sex F, age_group 60+ against sex M``."""
        return (_words(self.on) or "everybody") + (f" against {_words(self.against)}" if self.against else "")


def _words(group: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in group.items())
