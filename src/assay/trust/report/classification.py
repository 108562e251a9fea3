"""The report of evaluate/classification, from the very same facts as its Metrics file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assay.trust.performance.summary import FIGURES
from assay.trust.report.page import figures, heading, page, paragraph, table


def verdict_line(metrics: Mapping[str, Any]) -> str:
    """Return the result in one honest sentence, such as ``AUROC 0.95 [0.92, 0.98] on 36 synthetic test patients``."""
    data = metrics["data"]
    kind = {True: " synthetic", False: "", None: ""}[metrics["synthetic"]]
    people = f"{data['patients']}{kind} test patient{'s' if data['patients'] != 1 else ''}"
    figure = metrics["figures"].get("auroc")
    if figure is None:
        return f"AUROC not measured on {people}: {metrics['not_measured']['auroc']}"
    if figure["low"] is None:
        return f"AUROC {figure['value']:.2f} without an interval on {people}: too few of them for one"
    return (
        f"AUROC {figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}] on {people}{_against_chance(figure)}"
    )


def _against_chance(figure: Mapping[str, Any]) -> str:
    return "" if figure["low"] > 0.5 else ": not shown to be better than a constant answer"


def classification_report(metrics: Mapping[str, Any], drawings: Sequence[str]) -> str:
    """Return the page: banner, verdict, figures with intervals beside the constant answer, data facts, what was not measured.

    Args:
        metrics: Content of the Metrics file.
        drawings: SVG texts.
    """
    parts = []
    if metrics["synthetic"]:
        parts.append(
            paragraph(
                "Synthetic data: no patient stands behind them. These figures say nothing about real patients.",
                "banner",
            )
        )
    elif metrics["synthetic"] is None:
        parts.append(paragraph("The predictions do not say whether the data are synthetic.", "banner"))
    parts.append(paragraph(verdict_line(metrics), "verdict"))
    data, cut = metrics["data"], metrics["threshold"]
    parts += [
        heading("Figures by case"),
        _figures(metrics, "figures", metrics["baseline"]["figures"]),
        paragraph(
            f"Threshold {cut['value']:.4g} ({cut['source']}): a score of at least this is called {data['positive']}.",
            "note",
        ),
        figures(drawings),
        heading("Figures by patient"),
        paragraph(f"One score a patient: the {metrics['patient']['aggregation']} of the scores of its cases.", "note"),
        _figures(metrics["patient"], "figures", metrics["patient"]["baseline"]["figures"]),
        heading("Data"),
        table(
            "Test data",
            ["fact", "value"],
            [[name.replace("_", " ").replace("images", "cases"), str(value)] for name, value in data.items()],
        ),
        heading("How to read this"),
        paragraph(
            "Every interval covers 95 % and counts patients, not cases: pictures or rows of one person resemble each other. "
            "The constant answer is a classifier that never looks at the case; a model has to beat it. "
            f"Method: {metrics['method']}; {metrics['draws']} draws, seed {metrics['seed']}."
        ),
    ]
    missing = metrics["not_measured"]
    if missing:
        parts += [
            heading("Not measured"),
            table("Reasons", ["figure", "reason"], list(missing.items()), numbers_from=2),
        ]
    return page("Classification report", parts)


def _figures(metrics: Mapping[str, Any], key: str, baseline: Mapping[str, float]) -> str:
    rows = []
    for name, title in FIGURES.items():
        figure = metrics[key].get(name)
        constant = f"{baseline[name]:.3f}" if name in baseline else "-"
        if figure is None:
            rows.append([title, "not measured", "-", "-", constant])
            continue
        interval = "none" if figure["low"] is None else f"{figure['low']:.3f} to {figure['high']:.3f}"
        rows.append([title, f"{figure['value']:.3f}", interval, str(figure["n"]), constant])
    return table("Figures", ["figure", "value", "95 % interval", "patients", "constant answer"], rows)
