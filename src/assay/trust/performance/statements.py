"""What an evaluation states, as evidence: discrimination figures, the counts behind them, and the hardest cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.trust.evidence.evidence import (
    HARDEST,
    Cost,
    Evidence,
    EvidenceFigure,
    Method,
    NotMeasured,
    Role,
    Subject,
    Table,
)
from assay.trust.evidence.kinds import KINDS
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.performance.intervals import METHOD
from assay.trust.performance.summary import Performance
from assay.trust.performance.table import PredictionTable

_MOST_CASES = 20


def discrimination_evidence(
    table: PredictionTable,
    measured: Performance,
    *,
    component: str,
    predictions: str,
    parameters: Mapping[str, Any],
    seed: int,
    figures: Sequence[EvidenceFigure],
    cost: Cost,
) -> Evidence:
    """Return what ``measured`` says as evidence.

    Args:
        table: The predictions.
        measured: Their figures by row, with intervals that count patients.
        component: Name and version of who measured.
        predictions: sha256 of the predictions.
        parameters: What the component was told.
        seed: Of the bootstrap.
        figures: Charts.
        cost: What it took.
    """
    origin, truth = table.origin, table.rows.truth
    digests = {Role.MODEL: origin.model, Role.DATA: origin.data, Role.PREDICTIONS: predictions}
    ids = {name: f"discrimination.{name}" for name in (*measured.figures, *measured.not_measured)}
    return Evidence(
        title="How well the score tells the classes apart",
        method=Method(component, METHOD),
        subjects=[Subject(role, digest, str(role)) for role, digest in digests.items() if digest],
        statements=[
            Statement(
                ids[name],
                Estimate(
                    figure.value,
                    figure.interval.low if figure.interval else None,
                    figure.interval.high if figure.interval else None,
                    n=figure.units,
                    rows=figure.rows,
                    method=figure.method,
                ),
            )
            for name, figure in measured.figures.items()
            if ids[name] in KINDS
        ],
        samples={
            "patients": table.rows.patients,
            "rows": len(truth),
            "positive_patients": len(np.unique(table.rows.patient[truth])),
            "positive_rows": int(truth.sum()),
        },
        parameters=dict(parameters) | {"threshold": table.threshold},
        labels=table.labels,
        positive=table.positive,
        seed=seed,
        synthetic=table.synthetic,
        not_measured=[NotMeasured(ids[name], why) for name, why in measured.not_measured.items() if ids[name] in KINDS],
        tables=[_hardest(table)],
        figures=figures,
        caveats=["PPV, NPV and accuracy follow the share of the sick in these data, and will be others elsewhere."],
        cost=cost,
    )


def _hardest(table: PredictionTable) -> Table:
    """The errors, those that the score was surest of first: what to look at to learn why."""
    rows = table.rows
    wrong = np.flatnonzero(rows.called != rows.truth)
    distance = np.abs(rows.score[wrong] - table.threshold)
    order = wrong[np.argsort(-distance, kind="stable")][:_MOST_CASES]
    cells = [
        [str(table.cases[row]), "missed" if rows.truth[row] else "false alarm", round(float(rows.score[row]), 4)]
        for row in order
    ]
    return Table(HARDEST, f"Hardest cases: {len(order)} of {len(wrong)} errors", ["case", "error", "score"], cells)
