"""evaluate/calibration."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np

from assay import Evidence, Figure, Param, Predictions, component
from assay.library.evidencing import drawn, own_method, pictured, read_subjects, told, written
from assay.trust.calibration.curve import reliability
from assay.trust.calibration.decision import NetBenefit, decision_curve
from assay.trust.calibration.stating import (
    calibration_statements,
    coverage_statements,
    selective_statement,
    utility_statements,
)
from assay.trust.charts.chart import Line, LineChart
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Statement
from assay.trust.fairness.people import AGE_GROUP, SEX, groupings
from assay.trust.performance.table import PredictionTable, read_cells, read_predictions


class Calibrated(NamedTuple):
    """What a calibration check yields."""

    evidence: Evidence
    reliability: Figure
    decision: Figure


@component(
    "evaluate/calibration",
    version="1.0.0",
    tags=("trust", "calibration", "uncertainty", "utility"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy"),
    preload=("numpy", "pandas", "scipy.special"),
)
def calibration(
    predictions: Predictions,
    *,
    bins: Annotated[int, Param(min=2, max=100)] = 10,
    highest_threshold: Annotated[float, Param(min=0.05, max=0.99, unit="risk")] = 0.8,
    coverage: Annotated[float, Param(min=0.5, max=0.99, unit="share")] = 0.9,
    surest: Annotated[float, Param(min=0.1, max=1.0, unit="share")] = 0.8,
    by: Annotated[list[str] | None, Param(column_of="predictions")] = None,
    age_cuts: list[float] | None = None,
    threshold: Annotated[float | None, Param(min=0.0, max=1.0, unit="probability")] = None,
    positive: str | None = None,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 1000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Calibrated:
    """Ask whether the score means what it says, and whether acting on it does more good than treating everybody or nobody.

    ECE with bins of equal count and its bias removed, Brier score, calibration slope and intercept, the reliability curve, net
    benefit over a range of thresholds, coverage of split-conformal prediction sets in all and by group, and the error among
    the cases the model is surest of. Intervals count patients.

    Args:
        predictions: Truth and score side by side, one row an image or case.
        bins: Of the reliability curve and the ECE, of equal count; fewer when there are fewer than ten rows for each.
        highest_threshold: Where the decision curve ends.
        coverage: Share of prediction sets that are promised to hold the truth; half of the patients calibrate them.
        surest: Share of the cases, the surest first, whose error rate is told.
        by: Columns to tell coverage by; default sex and age_group where they are known.
        age_cuts: Ages in years at which a new group begins; default 40 and 60.
        threshold: A score of at least this is called positive; default the model's own.
        positive: Label that counts as positive; default what the predictions state.
        draws: Bootstrap samples of patients behind the interval of the ECE.
        seed: Of the bootstrap and of the halves.

    Returns:
        evidence: Every figure with its interval, the points of both curves, what was not measured and why.
        reliability: Observed share over score with intervals (SVG, Vega-Lite inside).
        decision: Net benefit over threshold, beside treating everybody and nobody (SVG, Vega-Lite inside).
    """
    parameters, watch = told(locals()), Stopwatch()
    table, cells = read_predictions(predictions, positive=positive, threshold=threshold), read_cells(predictions)
    parts = groupings(cells, _known(cells, by), age_cuts or [40.0, 60.0])
    curve = decision_curve(
        table.rows.truth, table.rows.score, table.rows.patient, list(np.linspace(0.02, highest_threshold, 40))
    )
    found: list[Statement | NotMeasured] = [
        *calibration_statements(table.rows, bins=bins, draws=draws, seed=seed),
        *utility_statements(table.rows, table.threshold),
        *coverage_statements(table, cells, parts, level=coverage, seed=seed),
        selective_statement(table.rows, table.threshold, surest),
    ]
    points = _reliability(table, bins)
    charts = {"reliability": points, "decision": _decision(table, curve)}
    blocks = {"reliability": Block.CALIBRATION, "decision": Block.UTILITY}
    result = Result(
        title="Whether the score means what it says",
        method=own_method(
            "evaluate/calibration@1.0.0",
            "bins of equal count, logistic recalibration, net benefit, split-conformal sets; intervals count patients",
            "Van Calster et al. 2019; Vickers and Elkin 2006; Sadinle, Lei and Wasserman 2019",
        ),
        subjects=read_subjects(table.origin, predictions),
        statements=[each for each in found if isinstance(each, Statement)],
        samples={"rows": len(table.rows.truth), "patients": table.rows.patients},
        parameters=parameters,
        labels=table.labels,
        positive=table.positive,
        seed=seed,
        synthetic=table.synthetic,
        not_measured=[each for each in found if isinstance(each, NotMeasured)],
        tables=[_table(curve)],
        figures=[pictured(name, chart, blocks[name]) for name, chart in charts.items()],
        caveats=[note for part in parts for note in part.notes],
        cost=watch.cost(),
    )
    return Calibrated(written(result), drawn("reliability", points), drawn("decision", charts["decision"]))


def _known(cells: Any, by: list[str] | None) -> list[str]:
    if by is not None:
        return by
    there = set(cells.columns)
    return [name for name in (SEX, AGE_GROUP) if name in there or (name == AGE_GROUP and "age" in there)]


def _reliability(table: PredictionTable, bins: int) -> LineChart:
    points = reliability(table.rows.truth, table.rows.score, table.rows.patient, bins=bins)
    ends = [point.observed.interval for point in points]
    band = [(each.low, each.high) for each in ends if each]
    line = [(point.score, point.observed.value) for point in points]
    model = Line("model", line, band=band if len(band) == len(line) else ())
    ideal = Line("perfect", [(0.0, 0.0), (1.0, 1.0)], dashed=True)
    return LineChart(f"Reliability{_mark(table)}", "score", "share of positives, 95 % band", [model, ideal])


def _decision(table: PredictionTable, curve: list[NetBenefit]) -> LineChart:
    ends = [each.model.interval for each in curve]
    band = [(each.low, each.high) for each in ends if each]
    model = Line(
        "model",
        [(each.threshold, each.model.value) for each in curve],
        band=band if len(band) == len(curve) else (),
    )
    floor = -0.1
    everybody = [(each.threshold, each.everybody) for each in curve if each.everybody >= floor]
    lines = [
        model,
        *([Line("treat everybody", everybody, dashed=True)] if everybody else []),
        Line("treat nobody", [(curve[0].threshold, 0.0), (curve[-1].threshold, 0.0)], dashed=True),
    ]
    top = max(0.05, *(y for line in lines for _, y in line.points), *(high for _, high in band))
    model_floor = min(floor, *(y for _, y in model.points), *(low for low, _ in band))
    title = f"Decision curve{_mark(table)}"
    return LineChart(title, "threshold (risk)", "net benefit", lines, (0.0, curve[-1].threshold), (model_floor, top))


def _table(curve: list[NetBenefit]) -> Table:
    columns = ("threshold", "model", "low", "high", "everybody", "gain", "gain low", "gain high")
    lines = [
        [
            each.threshold,
            each.model.value,
            each.model.interval.low if each.model.interval else None,
            each.model.interval.high if each.model.interval else None,
            each.everybody,
            each.gain,
            each.gain_interval.low if each.gain_interval else None,
            each.gain_interval.high if each.gain_interval else None,
        ]
        for each in curve
    ]
    return Table("decision_curve", "Net benefit over threshold", columns, lines)


def _mark(table: PredictionTable) -> str:
    return " (synthetic data)" if table.synthetic else ""
