"""fairness/compare."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from assay import ComponentError, Evidence, Figure, Param, Predictions, component
from assay.library.evidencing import drawn, own_method, pictured, read_subjects, subject, told, written
from assay.library.fairness.mitigating import Cases
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.fairness.audit import audit
from assay.trust.fairness.change import before_after, before_after_chart, changes
from assay.trust.fairness.declared import Demand
from assay.trust.performance.bootstrap import Scored

_CAVEATS = (
    "A mitigation moves errors between groups; it does not remove the reason for them. Compare before and after in every group.",
    "Two models that were fitted with other seeds differ too: a change of that size is no work of the mitigation.",
)


class Compared(NamedTuple):
    """Outputs of ``compare``."""

    evidence: Evidence
    change: Figure


@component(
    "fairness/compare",
    version="1.0.0",
    tags=("trust", "fairness", "mitigation"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy"),
    preload=("numpy", "pandas", "scipy.special"),
)
def compare(
    before: Predictions,
    after: Predictions,
    *,
    by: Annotated[str, Param(column_of="before")] = "sex",
    age_cuts: list[float] | None = None,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 1000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Compared:
    """Compare two models on the same people, group by group: what a mitigation in training gave to whom, and took from whom.

    Rates, gaps and AUROC before and after have intervals that count patients; the change is paired: the same patients stand on
    both sides of every bootstrap draw. Rows are joined by their case, never by their order.

    Args:
        before: Predictions of the model as it was.
        after: Predictions of the other model about the same cases.
        by: Column whose groups are told.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        draws: Bootstrap samples of patients.
        seed: Of the bootstrap.

    Returns:
        evidence: Changes by group as statements, and the table of rates and gaps before and after.
        change: Rates by group before and after (SVG, Vega-Lite inside).
    """
    parameters, watch = told(locals()), Stopwatch()
    was, now = (Cases.read(each, by, age_cuts or [40.0, 60.0], strangers=True) for each in (before, after))
    order = _aligned(was, now)
    new = now.table.rows
    after_rows = Scored(was.table.rows.truth, new.score[order], new.called[order], was.table.rows.patient)
    demand = Demand(draws=draws, seed=seed)
    found = [audit(rows, [was.part], demand) for rows in (was.table.rows, after_rows)]
    statements, missing = changes(was.table.rows, after_rows, was.part, draws=draws, seed=seed)
    chart = before_after_chart(*found)
    result = Result(
        title=f"What changes between groups by {was.part.column} from one model to the other",
        method=own_method(
            "fairness/compare@1.0.0",
            "paired bootstrap of patients; Wilson and Newcombe intervals of each side",
            "Newcombe 1998; Field and Welsh 2007",
        ),
        subjects=[*read_subjects(now.table.origin, after), subject(Role.PREDICTIONS, before, "before")],
        statements=statements,
        samples=found[1].samples,
        parameters=parameters,
        labels=now.table.labels,
        positive=now.table.positive,
        seed=seed,
        synthetic=was.table.synthetic,
        not_measured=missing,
        tables=[before_after(*found)],
        figures=[pictured("change", chart, Block.SUBGROUPS)],
        caveats=[*_CAVEATS, *was.part.notes],
        cost=watch.cost(),
    )
    for each in statements:
        print(f"{each.id} of {each.subject}: {each.estimate}")
    return Compared(written(result), drawn("change", chart))


def _aligned(was: Cases, now: Cases) -> list[int]:
    """Return the row of ``now`` that is about each row of ``was``.

    Raises:
        ComponentError: Another positive label, cases that only one side knows, a truth, patient or group that differs.
    """
    if was.table.positive != now.table.positive:
        raise ComponentError(
            f"positive is {was.table.positive!r} before and {now.table.positive!r} after", culprit=now.table.positive
        )
    place = {str(case): row for row, case in enumerate(now.table.cases)}
    cases = [str(case) for case in was.table.cases]
    if lone := sorted({*cases} ^ {*place}):
        raise ComponentError(
            f"{len(lone)} cases are in one of the two predictions only",
            culprit=lone[0],
            hint="ask both models about the same images",
        )
    order = [place[case] for case in cases]
    for what, first, second in (
        ("truth", was.table.rows.truth, now.table.rows.truth),
        ("patient", was.cells["patient"].to_numpy(), now.cells["patient"].to_numpy()),
        (was.part.column, was.groups, now.groups),
    ):
        if (odd := np.flatnonzero(first != second[order])).size:
            raise ComponentError(
                f"the {what} of {odd.size} cases differs between the two predictions", culprit=cases[int(odd[0])]
            )
    return order
