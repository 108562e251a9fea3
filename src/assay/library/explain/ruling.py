"""A rule about errors: learnt on one half of the patients, measured on the other, beside rules that know nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assay import step
from assay.errors import ComponentError, did_you_mean
from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.explain.rules import (
    GAP,
    Condition,
    Pocket,
    balanced,
    binarised,
    conditions,
    halved,
    pocket_statements,
)
from assay.trust.performance.table import PredictionTable

_USUAL = ("sex", "age", "site", "scanner", "manufacturer", "race")
_FEWEST_ERRORS = 5


class Rule(Protocol):
    """What was learnt."""

    clauses: list[str]

    def holds(self, features: pd.DataFrame) -> NDArray[np.bool_]:
        """Return where each clause holds, shape (rows, clauses)."""


Learn = Callable[[pd.DataFrame, NDArray[np.bool_]], Rule]
"""Conditions met, and what the rule is to hold for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is said of the rule.

    Attributes:
        rule: In words; empty: none was found.
        clauses: One row each, for people.
    """

    rule: str
    clauses: pd.DataFrame
    statements: Sequence[Statement]
    not_measured: Sequence[NotMeasured]
    samples: dict[str, int]
    tables: Sequence[Table]
    caveats: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Halves:
    """Rows to learn from and rows to measure on."""

    known: Sequence[Condition]
    features: pd.DataFrame
    learning: NDArray[np.bool_]
    patient: NDArray[np.intp]
    seed: int

    def learnt(self, wrong: NDArray[np.bool_], learn: Learn) -> tuple[Rule, NDArray[np.bool_], Pocket]:
        """Learn a rule on one half; return it, where its clauses hold on the other half, and what was counted there."""
        mine = np.flatnonzero(self.learning)
        some = mine[balanced(wrong[mine], self.seed)]
        rule = learn(self.features.iloc[some].reset_index(drop=True), wrong[some])
        holds = rule.holds(self.features[~self.learning].reset_index(drop=True))
        return (
            rule,
            holds,
            Pocket.of(np.asarray(holds.any(axis=1)), wrong[~self.learning], self.patient[~self.learning]),
        )


def ruled(
    table: PredictionTable,
    cells: pd.DataFrame,
    columns: Sequence[str] | None,
    learn: Learn,
    *,
    shuffles: int,
    most_gap: float,
    fewest: int,
    seed: int,
) -> Found:
    """Learn a rule of the errors in predictions, and measure it.

    Args:
        table: The predictions.
        cells: Every cell of them.
        columns: What the rule may speak of; ``None``: the usual columns that are there.
        learn: Learns a rule.
        shuffles: Rules of shuffled errors.
        most_gap: Largest difference of error rates that is good enough.
        fewest: Patients on each side that a judgement needs.
        seed: Of everything.

    Raises:
        ComponentError: A column is not there, or none is left to speak of.
    """
    asked = _columns(cells, columns)
    wrong, patient = table.rows.called != table.rows.truth, table.rows.patient
    learning = halved(patient, seed)
    known, left = conditions({name: cells[name][learning].tolist() for name in asked})
    samples = {
        "rows": len(wrong),
        "patients": table.rows.patients,
        "errors": int(wrong.sum()),
        "errors_learnt_from": int(wrong[learning].sum()),
    }
    caveats = [
        "A rule says where errors are more frequent, not why. That none is found does not show that there is no such place.",
        *left,
    ]
    nothing = pd.DataFrame(columns=["clause", "rows", "errors"])
    few = min(int(wrong[learning].sum()), int((~wrong[learning]).sum()))
    if not known or few < _FEWEST_ERRORS:
        why = (
            f"{few} errors or right answers are too few to learn a rule of; it takes {_FEWEST_ERRORS}"
            if known
            else f"nothing to speak of: {'; '.join(left)}"
        )
        return Found("", nothing, [], [NotMeasured(GAP, why)], samples, [], caveats)
    features = binarised({name: cells[name].tolist() for name in asked}, known)
    halves = _Halves(known, features, learning, patient, seed)
    rule, holds, pocket = halves.learnt(wrong, learn)
    words = " OR ".join(rule.clauses)
    statements, missing = (
        pocket_statements(pocket, {"rule": words}, most_gap=most_gap, fewest=fewest)
        if words
        else ([], [NotMeasured(GAP, "no rule was found that is worth its cost")])
    )
    shuffled = []
    for number in range(1, shuffles + 1):
        shuffled.append(_shuffled(halves, wrong, learn, number))
        step.progress(number, shuffles, "shuffled errors")
    statements += [
        Statement(GAP, gap, on={"control": f"shuffled errors {number}"})
        for number, (_, gap) in enumerate(shuffled, start=1)
        if gap is not None
    ]
    rows: list[list[str | float | int | bool | None]] = [["learnt", words or "none", *_told(pocket)]]
    rows += [
        [f"shuffled errors {n}", said, gap.value if gap else None, gap.low if gap else None, gap.high if gap else None]
        for n, (said, gap) in enumerate(shuffled, start=1)
    ]
    names = ("errors", "rule", "error rate inside less outside", "low", "high")
    title = "The rule, and rules of errors that were shuffled, on patients they were not learnt from"
    errors = wrong[~learning][:, None] & holds
    clauses = pd.DataFrame({"clause": rule.clauses, "rows": holds.sum(axis=0), "errors": errors.sum(axis=0)})
    samples |= {"rule_rows": int(holds.any(axis=1).sum()), "measured_rows": len(holds)}
    return Found(words, clauses, statements, missing, samples, [Table("rules", title, names, rows)], caveats)


def _columns(cells: pd.DataFrame, columns: Sequence[str] | None) -> list[str]:
    there = [str(name) for name in cells.columns]
    asked = [name for name in _USUAL if name in there] if columns is None else list(dict.fromkeys(columns))
    if not asked:
        raise ComponentError(
            "the predictions have no column that a rule could speak of",
            culprit="columns",
            hint=f"name some of: {', '.join(there)}",
        )
    if lost := [name for name in asked if name not in there]:
        raise ComponentError(
            f"the predictions lack the column{'s' if len(lost) > 1 else ''} {', '.join(lost)}",
            culprit=lost[0],
            hint=did_you_mean(lost[0], there) or f"columns there: {', '.join(there)}",
        )
    return asked


def _shuffled(halves: _Halves, wrong: NDArray[np.bool_], learn: Learn, number: int) -> tuple[str, Estimate | None]:
    random = np.random.default_rng([halves.seed, number])
    moved = wrong.copy()
    for half in (halves.learning, ~halves.learning):
        moved[half] = random.permutation(wrong[half])
    rule, _, pocket = halves.learnt(moved, learn)
    return " OR ".join(rule.clauses) or "none", pocket.gap


def _told(pocket: Pocket) -> list[float | None]:
    gap = pocket.gap
    return [gap.value, gap.low, gap.high] if gap else [None, None, None]
