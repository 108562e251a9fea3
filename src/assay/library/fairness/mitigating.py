"""What every mitigation does alike: learn on validation predictions, change decisions on test predictions, and tell before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from assay import ComponentError, Evidence, Figure, Predictions, step
from assay.library.evidencing import drawn, pictured, subject, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Method, Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.fairness.audit import audit
from assay.trust.fairness.change import before_after, before_after_chart
from assay.trust.fairness.declared import Demand
from assay.trust.fairness.people import Grouping, groupings
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.origin import MODEL, SEAL, seal_rows
from assay.trust.performance.table import PredictionTable, read_cells, read_predictions

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

CAVEATS = (
    "Decisions that depend on a protected group treat people of equal score unequally. Under many laws that is direct discrimination, whatever its purpose: have it examined by a lawyer before it is used on anybody.",
    "A mitigation moves errors between groups; it does not remove the reason for them. Compare before and after in every group.",
    "Scores of the changed predictions carry the decision and the order within it; they are no probabilities any more.",
)


class Mitigated(NamedTuple):
    """What a mitigation yields."""

    predictions: Predictions
    evidence: Evidence
    change: Figure


@dataclass(frozen=True, slots=True)
class Cases:
    """Predictions with one grouping, in which every row has a group."""

    table: PredictionTable
    cells: pd.DataFrame
    part: Grouping

    @classmethod
    def read(cls, predictions: Predictions, by: str, age_cuts: Sequence[float], *, strangers: bool = False) -> Self:
        """Read predictions.

        Args:
            predictions: Which.
            by: Column to group by.
            age_cuts: As ``groupings`` takes them.
            strangers: Whether rows of no known group may be there.

        Raises:
            ComponentError: As ``read_predictions`` and ``groupings``; rows whose group is not known, which no rule covers.
        """
        table, cells = read_predictions(predictions), read_cells(predictions)
        (part,) = groupings(cells, [by], age_cuts)
        if not strangers and (lost := int((part.code < 0).sum())):
            raise ComponentError(
                f"{by} is not known for {lost} of {len(part.code)} rows, so that no rule by group covers them",
                culprit=by,
            )
        return cls(table, cells, part)

    @property
    def groups(self) -> NDArray[np.str_]:
        """The group of each row; empty when not known."""
        return np.array([*self.part.names, ""])[self.part.code]


def refuse_strangers(known: Cases, asked: Cases) -> None:
    """Raise ComponentError when a group or the positive label of ``asked`` is not in ``known``, or a patient is in both."""
    new = sorted(set(asked.part.names) - set(known.part.names))
    if new:
        raise ComponentError(f"no validation case is of the group {new[0]!r}", culprit=new[0])
    if known.table.positive != asked.table.positive:
        raise ComponentError(
            "validation and test predictions have another positive label", culprit=asked.table.positive
        )
    if both := sorted(set(known.cells["patient"]) & set(asked.cells["patient"])):
        raise ComponentError(
            f"{len(both)} patients are in validation and test: the rule would be measured on people it was made for",
            culprit=both[0],
        )
    for name, here in zip(known.part.names, range(len(known.part.names)), strict=True):
        truth = known.table.rows.truth[known.part.code == here]
        if truth.all() or not truth.any():
            raise ComponentError(f"the validation cases of the group {name!r} have one class only", culprit=name)


def finished(
    cases: Cases,
    called: NDArray[np.bool_],
    source: Predictions,
    method: Method,
    parameters: dict[str, Any],
    seed: int,
    watch: Stopwatch,
) -> Mitigated:
    """Write the changed predictions and what they changed.

    The changed predictions name no model: what decides now is the model together with the rule.
    """
    rows = cases.table.rows
    score = np.where(called, 0.5 + rows.score / 2, np.minimum(rows.score, 1 - 1e-9) / 2)
    changed = Scored(rows.truth, score, called, rows.patient)
    demand = Demand(seed=seed)
    before, after = (audit(each, [cases.part], demand) for each in (rows, changed))
    chart = before_after_chart(before, after)
    result = Result(
        title=f"What {method.name} changes between groups by {cases.part.column}",
        method=method,
        subjects=[subject(Role.PREDICTIONS, source)],
        statements=after.statements,
        samples=after.samples,
        parameters=parameters,
        labels=cases.table.labels,
        positive=cases.table.positive,
        seed=seed,
        synthetic=cases.table.synthetic,
        not_measured=after.not_measured,
        tables=[before_after(before, after)],
        figures=[pictured("change", chart, Block.SUBGROUPS)],
        caveats=CAVEATS,
        cost=watch.cost(),
    )
    return Mitigated(_written(cases, score, called), written(result), drawn("change", chart))


def _written(cases: Cases, score: NDArray[np.float64], called: NDArray[np.bool_]) -> Predictions:
    table, facts = cases.cells.copy(), cases.table
    dropped = [name for name in table.columns if name in {MODEL, SEAL} or name.startswith("p_")]
    table = table.drop(columns=dropped)
    other = facts.negatives[0] if len(facts.negatives) == 1 else f"not {facts.positive}"
    table["score"], table["threshold"] = score, 0.5
    table["predicted"], table["positive"] = np.where(called, facts.positive, other), facts.positive
    table[SEAL] = seal_rows(table)
    output = step.output("predictions", Predictions, suffix=".csv")
    table.to_csv(output.path, index=False, lineterminator="\r\n")
    print(f"{int((called != facts.rows.called).sum())} of {len(called)} decisions changed")
    return output
