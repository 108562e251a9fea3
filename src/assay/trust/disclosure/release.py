"""Evidence as it may leave a site: figures of enough patients, rounded; no case, no table, no picture, no text that the site's data wrote.

What is released is a function of rounded counts of groups that are large enough, of areas and means in steps of 0.01, and of texts that the
bundle's maker knows already. See docs/guides/hospitals.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from assay.errors import AssayError
from assay.trust.disclosure.groups import EVERYBODY, Group, Size, group_of, sizes, tellable
from assay.trust.disclosure.rounding import (
    Cells,
    Limits,
    rounded_area,
    rounded_mean,
    rounded_share,
    told_share,
)
from assay.trust.disclosure.rules import CELL_RATES, CONDITIONS, RATE_GAPS, STEPS, Rule, rule_of
from assay.trust.evidence.evidence import Evidence, NotMeasured, Role, Subject
from assay.trust.evidence.statement import Estimate, Statement

ALL_OTHERS = "all others"
_WITHHELD = "withheld: it cannot be told without telling of single patients"
_SMALL = "withheld where a group has too few patients, or where a group that has too few would follow by subtraction"
_FAMILY = "told gaps"
_ELSEWHERE = "not measurable on the data of this site"
CAVEAT = (
    "Counts are rounded to multiples of {step}, groups with fewer than {fewest} patients on a side are left out, and "
    "intervals are made of rounded numbers: figures differ a little from what the site itself sees."
)


class TooFewPatients(AssayError):  # noqa: N818  (like its kin in errors.py)
    """The data have too few patients with or without the disease for anything to be told; says no number of them."""

    code: ClassVar[str] = "too-few-patients"

    def __init__(self, limits: Limits) -> None:
        super().__init__(
            f"the data have fewer than {limits.fewest} patients with or without the disease: nothing can be told",
            culprit="data",
            hint="measure more patients; evidence of so few would tell of single ones",
        )


@dataclass(frozen=True, slots=True)
class Release:
    """What is told of one site.

    Attributes:
        limits: How much.
        cells: Rounded counts of everybody and of every group that is told.
        measured: Every group that was measured, told or not.
        data: What stands for the digest of the site's data: the same for the same data, and of no use to anybody else.
        known: Evidence of the bundle, whose texts the world knows already.
    """

    limits: Limits
    cells: Mapping[Group, Cells]
    measured: Collection[Group]
    data: str
    known: Sequence[Evidence] = field(default_factory=tuple)

    def of(self, evidence: Evidence) -> Evidence:
        """Return what may be told of one evidence."""
        ledger = _Ledger(self)
        for statement in evidence.statements:
            ledger.take(statement)
        for missing in evidence.not_measured:
            made_of_counts = rule_of(missing.id) in {
                Rule.CELLS,
                Rule.GAP,
            }  # a share of nobody would say that a count is 0
            ledger.withheld.setdefault(missing.id, _SMALL if made_of_counts else _ELSEWHERE)
        original = next((one for one in self.known if _component(one) == _component(evidence)), None)
        texts = set(original.caveats) if original else set()
        parameters = dict(original.parameters) if original else {}
        method = original.method if original else evidence.method
        return Evidence(
            title=original.title if original else _component(evidence),
            method=replace(evidence.method, name=method.name, reference=method.reference),
            subjects=[*(one for one in evidence.subjects if one.role is Role.MODEL), self._data],
            statements=ledger.corrected(),
            samples=self.samples,
            parameters={
                name: value
                for name, value in evidence.parameters.items()
                if name in parameters and parameters[name] == value
            },
            labels=evidence.labels,
            positive=evidence.positive,
            seed=evidence.seed,
            synthetic=evidence.synthetic,
            not_measured=[NotMeasured(name, why) for name, why in ledger.withheld.items()],
            caveats=[
                CAVEAT.format(step=self.limits.step, fewest=self.limits.fewest),
                *(text for text in evidence.caveats if text in texts),
            ],
        )

    @property
    def samples(self) -> Mapping[str, int]:
        """Rounded numbers of patients."""
        everybody = self.cells[EVERYBODY]
        named = {
            ", ".join(f"{column}={value}" for column, value in sorted(group)): cells.positives + cells.negatives
            for group, cells in self.cells.items()
            if group
        }
        return {
            "patients": everybody.positives + everybody.negatives,
            "positive_patients": everybody.positives,
            **dict(sorted(named.items())),
        }

    @property
    def _data(self) -> Subject:
        return Subject(Role.DATA, self.data, "a site's data, by a number of its own")


def plan_release(evidence: Sequence[Evidence], limits: Limits, data: str, known: Sequence[Evidence] = ()) -> Release:
    """Decide of whom may be told, from all evidence of a site.

    Args:
        evidence: As it was measured.
        limits: How much is told.
        data: 64 hexadecimal digits that stand for the digest of the data.
        known: Evidence of the bundle.

    Raises:
        TooFewPatients: There are fewer than ``limits.fewest`` patients with or without the disease, or nobody measured how many.
    """
    found = sizes(evidence)
    kept = tellable(found, limits)
    if EVERYBODY not in kept:
        raise TooFewPatients(limits)
    rates = _rates(evidence)
    cells = {
        group: Cells.told(rates[group][0], found[group].positives, rates[group][1], found[group].negatives, limits)
        for group in kept
        if group in rates and _whole(found[group])
    }
    return Release(limits, cells, found.keys(), data, known)


def _whole(size: Size) -> bool:
    return size.positives > 0 and size.negatives > 0


def _rates(evidence: Sequence[Evidence]) -> dict[Group, tuple[float, float]]:
    """Return the TPR and FPR of every group, from the first evidence that has them."""
    sick: dict[Group, float] = {}
    well: dict[Group, float] = {}
    for statement in (each for one in evidence for each in one.statements):
        group, value = group_of(statement.on), statement.estimate.value
        if statement.id in {"fairness.tpr", "discrimination.sensitivity"}:
            sick.setdefault(group, value)
        elif statement.id == "fairness.fpr":
            well.setdefault(group, value)
        elif statement.id == "discrimination.specificity":
            well.setdefault(group, 1 - value)
    return {group: (sick[group], well[group]) for group in sick.keys() & well.keys()}


def _component(evidence: Evidence) -> str:
    return evidence.method.component.partition("@")[0]


@dataclass(slots=True)
class _Ledger:
    """Takes statements one by one; what is not told is named once a kind, with the reason and without about whom."""

    release: Release
    told: list[Statement] = field(default_factory=list)
    tested: dict[int, float] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)

    def take(self, statement: Statement) -> None:
        """Tell a statement, or note that it is withheld."""
        rule = rule_of(statement.id)
        people = {key: value for key, value in statement.on.items() if key not in CONDITIONS}
        cells = self.release.cells.get(group_of(people))
        if rule is Rule.WITHHELD or not _harmless(statement.on):
            self.withheld[statement.id] = _WITHHELD
            return
        estimate = None if cells is None else self._estimate(rule, statement, cells)
        if estimate is None:
            self.withheld[statement.id] = _SMALL
            return
        if statement.criterion is not None and (p := self._gap_p(statement, cells)) is not None:
            self.tested[len(self.told)] = p
        self.told.append(
            Statement.judged(
                statement.id, estimate, statement.criterion, on=dict(statement.on), against=dict(statement.against)
            )
        )

    def corrected(self) -> list[Statement]:
        """Return what is told; p-values are those of the rounded counts, corrected together."""
        from assay.trust.performance.multiplicity import holm  # numpy, which only whoever computes needs

        adjusted = dict(zip(self.tested, holm(list(self.tested.values())), strict=True))
        return [
            replace(one, family=_FAMILY, adjusted_p=adjusted[number]) if number in adjusted else one
            for number, one in enumerate(self.told)
        ]

    def _gap_p(self, statement: Statement, here: Cells | None) -> float | None:
        from assay.trust.fairness.rates import rate_difference  # as above

        there = self._against(statement)
        name = RATE_GAPS.get(statement.id)
        if here is None or there is None or name is None:
            return None
        found = rate_difference(here.rate(name), there.rate(name))
        return found.p if found else None

    def _estimate(self, rule: Rule, statement: Statement, cells: Cells) -> Estimate | None:
        limits, estimate = self.release.limits, statement.estimate
        match rule:
            case Rule.CELLS:
                found = cells.rate(CELL_RATES[statement.id])
                return told_share(found, limits) if found and found.units >= limits.fewest else None
            case Rule.GAP:
                return self._gap(statement, cells)
            case _ if estimate.n < limits.fewest:
                return None
            case Rule.AREA if statement.id == "robustness.shift_auroc":  # of a sample of the images: its own sizes
                size = limits.size(estimate.n)
                return rounded_area(estimate.value, size, size)
            case Rule.AREA:
                return rounded_area(estimate.value, cells.positives, cells.negatives)
            case Rule.SHARE:
                return rounded_share(estimate, limits)
            case _:
                return rounded_mean(estimate, limits, STEPS.get(statement.id, 0.01))

    def _gap(self, statement: Statement, here: Cells) -> Estimate | None:
        """Compute a gap from what is told of both sides: the measured one would tell more."""
        from assay.trust.fairness.rates import average_odds_difference, disparate_impact, rate_difference  # numpy

        there = self._against(statement)
        if there is None:
            return None
        pairs = {name: (here.rate(name), there.rate(name)) for name in ("tpr", "fpr", "selection_rate")}
        if statement.id == "fairness.disparate_impact":
            found = disparate_impact(*pairs["selection_rate"])
        elif statement.id == "fairness.average_odds_difference":
            found = average_odds_difference(rate_difference(*pairs["tpr"]), rate_difference(*pairs["fpr"]))
        else:
            name = RATE_GAPS[statement.id]
            found = rate_difference(here.rate(name), there.rate(name))
        if found is None or found.interval is None or found.units < self.release.limits.fewest:
            return None
        method = f"{found.method}, of counts rounded to multiples of {self.release.limits.step}"
        return Estimate(found.value, found.interval.low, found.interval.high, n=found.units, method=method)

    def _against(self, statement: Statement) -> Cells | None:
        """Return the counts of the other side; of all others only when each of them is told."""
        cells = self.release.cells
        if ALL_OTHERS not in statement.against.values():
            return cells.get(group_of(statement.against))
        columns, here = set(statement.against), group_of(statement.on)
        others = [
            group for group in self.release.measured if {column for column, _ in group} == columns and group != here
        ]
        if not others or any(group not in cells for group in others) or columns != set(statement.on):
            return None
        found = [cells[group] for group in others]
        return sum(found[1:], found[0])


def _harmless(on: Mapping[str, str]) -> bool:
    """Whether what a statement is about names no value that only this site's data have, such as a rare scanner."""
    target = on.get("target", "label")
    return target == "label" or target.startswith("label ")
