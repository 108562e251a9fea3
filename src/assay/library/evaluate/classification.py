"""evaluate/classification."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, NamedTuple

from assay import Evidence, Figure, Metrics, Param, Predictions, Report, component, step
from assay.trust.charts.chart import Chart, Line, LineChart, MatrixChart
from assay.trust.charts.svg import draw
from assay.trust.charts.vega import specification
from assay.trust.evidence.evidence import EvidenceFigure
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.text import evidence_text
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.confusion import cells
from assay.trust.performance.curves import precision_recall_curve, roc_curve
from assay.trust.performance.intervals import METHOD
from assay.trust.performance.statements import discrimination_evidence
from assay.trust.performance.summary import Performance, by_patient, constant_answer, performance
from assay.trust.performance.table import PredictionTable, read_predictions
from assay.trust.report.classification import classification_report, verdict_line

_MOST_POINTS = 500


class Evaluated(NamedTuple):
    """What an evaluation yields."""

    metrics: Metrics
    roc: Figure
    precision_recall: Figure
    confusion: Figure
    report: Report
    evidence: Evidence
    auroc: float | None


@component(
    "evaluate/classification",
    version="1.1.0",
    tags=("evaluation", "discrimination", "intervals"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy"),
)
def classification(
    predictions: Predictions,
    *,
    threshold: Annotated[float | None, Param(min=0.0, max=1.0, unit="probability")] = None,
    positive: str | None = None,
    patient_score: Literal["mean", "max"] = "mean",
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 2000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Evaluated:
    """Measure how well a score tells the positive label from the others, with 95 % intervals that count patients.

    AUROC, AUPRC, sensitivity, specificity, balanced accuracy, predictive values, F1 and accuracy, by case (image or row) and by patient, each
    beside what a classifier scores that never looks at the case. A figure that cannot be measured is listed with the reason.

    Args:
        predictions: Truth and score side by side, one row an image, or a row of a table.
        threshold: A score of at least this is called positive; default the model's own, chosen on validation data.
        positive: Label that counts as positive; default what the predictions state.
        patient_score: How a patient's cases make one score.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of the bootstrap.

    Returns:
        metrics: Every figure with its interval, sample size and method; threshold, baseline, data facts.
        roc: ROC curve (SVG, Vega-Lite inside).
        precision_recall: Precision over recall (SVG, Vega-Lite inside).
        confusion: Counts of truth against answer (SVG, Vega-Lite inside).
        report: One HTML page with all of it.
        evidence: The figures by case as statements for gate/judge and gate/report, with the hardest cases.
        auroc: The AUROC by case, for conditions of a pipeline; null when not measured.
    """
    watch = Stopwatch()
    table = read_predictions(predictions, positive=positive, threshold=threshold)
    step.progress(0, 2, "bootstrap by case")
    images = performance(table.rows, draws=draws, seed=seed)
    step.progress(1, 2, "bootstrap by patient")
    patients, mixed = by_patient(table.rows, table.threshold, how=patient_score)
    people = performance(patients, draws=draws, seed=seed)
    facts = _facts(table, images, people, patients, mixed, patient_score, draws, seed)
    _log(facts)
    charts = _charts(table)
    metrics = step.output("metrics", Metrics, suffix=".json")
    metrics.path.write_text(json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    drawings = {name: draw(chart) for name, chart in charts.items()}
    figures = {name: _write_figure(name, drawing) for name, drawing in drawings.items()}
    for name, chart in charts.items():
        step.preview(name, specification(chart), media_type="application/vnd.vegalite.v5+json")
    report = step.output("report", Report, suffix=".html")
    report.path.write_text(classification_report(facts, list(drawings.values())), encoding="utf-8")
    evidence = step.output("evidence", Evidence, suffix=".json")
    stated = discrimination_evidence(
        table,
        images,
        component="evaluate/classification@1.1.0",
        predictions=step.digest(predictions),
        parameters={"draws": draws, "patient_score": patient_score},
        seed=seed,
        figures=[
            EvidenceFigure(name, chart.title, Block.DISCRIMINATION, specification(chart), drawings[name])
            for name, chart in charts.items()
        ],
        cost=watch.cost(),
    )
    evidence.path.write_text(evidence_text(stated), encoding="utf-8")
    step.progress(2, 2, "done")
    print(verdict_line(facts))
    auroc = images.figures["auroc"].value if "auroc" in images.figures else None
    return Evaluated(metrics, report=report, evidence=evidence, auroc=auroc, **figures)


def _facts(
    table: PredictionTable,
    images: Performance,
    people: Performance,
    patients: Scored,
    mixed: int,
    how: str,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    reasons = dict(images.not_measured) | {f"patient_{name}": why for name, why in people.not_measured.items()}
    truth = table.rows.truth
    return {
        "format": 1,
        "figures": _as_json(images),
        "patient": {
            "aggregation": how,
            "figures": _as_json(people),
            "baseline": {"figures": dict(constant_answer(patients.truth)) if len(patients.truth) else {}},
        },
        "baseline": {"name": "constant answer", "figures": dict(constant_answer(truth))},
        "not_measured": reasons,
        "threshold": {"value": table.threshold, "source": table.threshold_source},
        "synthetic": table.synthetic,
        "data": {
            "images": len(truth),
            "patients": table.rows.patients,
            "positive": table.positive,
            "negative": ", ".join(table.negatives),
            "positive_images": int(truth.sum()),
            "negative_images": int((~truth).sum()),
            "patients_with_both_labels": mixed,
        },
        "method": METHOD,
        "draws": draws,
        "seed": seed,
    }


def _as_json(measured: Performance) -> dict[str, Any]:
    return {
        name: {
            "value": figure.value,
            "low": figure.interval.low if figure.interval else None,
            "high": figure.interval.high if figure.interval else None,
            "n": figure.units,
            "rows": figure.rows,
            "method": figure.method,
        }
        for name, figure in measured.figures.items()
    }


def _log(facts: dict[str, Any]) -> None:
    for prefix, figures in (("", facts["figures"]), ("patient_", facts["patient"]["figures"])):
        for name, figure in figures.items():
            step.log_metric(prefix + name, figure["value"])
    for name, value in facts["baseline"]["figures"].items():
        step.log_metric(f"baseline_{name}", value)


def _charts(table: PredictionTable) -> dict[str, Chart]:
    rows, mark = table.rows, " (synthetic data)" if table.synthetic else ""
    counts = cells(rows.truth, rows.called).sum(axis=0).astype(int).tolist()
    found, missed, alarms, cleared = counts
    others = " or ".join(table.negatives) or f"not {table.positive}"
    title = f"Confusion at {table.threshold:.3g}{mark}"
    matrix = MatrixChart(title, [table.positive, others], [[found, missed], [alarms, cleared]])
    roc, recall = _lines(rows)
    prevalence = float(rows.truth.mean())
    chance, level = Line("constant answer", [(0, 0), (1, 1)], dashed=True), [(0.0, prevalence), (1.0, prevalence)]
    return {
        "roc": LineChart(f"ROC{mark}", "1 - specificity", "sensitivity", [*roc, chance]),
        "precision_recall": LineChart(
            f"Precision and recall{mark}",
            "recall (sensitivity)",
            "precision (PPV)",
            [*recall, Line("constant answer", level, dashed=True)],
        ),
        "confusion": matrix,
    }


def _lines(rows: Scored) -> tuple[list[Line], list[Line]]:
    """Return the model's two curves, thinned to what a picture can show; none with one class only."""
    if rows.truth.all() or not rows.truth.any():
        return [], []
    lines = []
    for curve in (roc_curve(rows.truth, rows.score), precision_recall_curve(rows.truth, rows.score)):
        every = max(1, -(-len(curve.x) // _MOST_POINTS))
        points = [(float(x), float(y)) for x, y in zip(curve.x, curve.y, strict=True)]
        kept = points[::every]
        lines.append([Line("model", kept if kept[-1] == points[-1] else [*kept, points[-1]])])
    return lines[0], lines[1]


def _write_figure(name: str, drawing: str) -> Figure:
    figure = step.output(name, Figure, suffix=".svg")
    figure.path.write_text(drawing, encoding="utf-8")
    return figure
