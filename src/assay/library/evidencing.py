"""What every component that writes evidence does alike: name what it measured and how, and write the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assay import Evidence, Figure, Predictions, __version__, step
from assay.runtime.artifacts import Handle
from assay.trust.charts.chart import Chart, IntervalChart, IntervalRow
from assay.trust.charts.svg import draw
from assay.trust.charts.vega import specification
from assay.trust.evidence import evidence as records
from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.evidence.statement import Statement
from assay.trust.evidence.text import evidence_text
from assay.trust.performance.origin import Origin


def subject(role: records.Role, artifact: Handle, name: str = "") -> records.Subject:
    """Return what was measured, by the digest that the store knows it by."""
    return records.Subject(role, step.digest(artifact), name)


def read_subjects(origin: Origin, predictions: Predictions) -> list[records.Subject]:
    """Return the predictions, and the model and data that they say they come from."""
    stated = {records.Role.MODEL: origin.model, records.Role.DATA: origin.data}
    named = [records.Subject(role, digest) for role, digest in stated.items() if digest]
    return [*named, subject(records.Role.PREDICTIONS, predictions)]


def own_method(component: str, name: str, reference: str = "") -> records.Method:
    """Return a method of Assay's own code."""
    return records.Method(component, name, "assay", __version__, reference)


def library_version(library: str) -> str:
    """Return the version of the package whose code computed something."""
    if library == "assay":
        return __version__
    from importlib.metadata import version  # its readers of mail headers cost a twentieth of a step's imports

    return version(library)


def told(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as evidence keeps them: those that the component was told, ports left out."""
    return {name: value for name, value in parameters.items() if not isinstance(value, Handle)}


def pictured(name: str, chart: Chart, block: Block) -> records.EvidenceFigure:
    """Return a chart as evidence keeps it: its numbers, and drawn."""
    return records.EvidenceFigure(name, chart.title, block, specification(chart), draw(chart))


def forest(
    title: str, x: str, statements: Iterable[Statement], *, synthetic: bool | None, reference: float | None = None
) -> IntervalChart:
    """Return statements as estimates with their intervals, one below the other, each named by whom it is about.

    Args:
        title: One line; that the data are synthetic is added.
        x: What is estimated, with its unit.
        statements: At least one.
        synthetic: Whether no patient was imaged.
        reference: A value to compare with, such as a coin's.
    """
    rows = [IntervalRow(one.subject, one.estimate.value, one.estimate.low, one.estimate.high) for one in statements]
    return IntervalChart(f"{title}{' (synthetic)' if synthetic else ''}", f"{x}, 95 % interval", rows, reference)


def shared_between_parts(x: str, statements: Iterable[Statement], *, synthetic: bool | None) -> IntervalChart:
    """Return what the parts of a data set share as a chart: counted and not estimated, so that its intervals have no width.

    Args:
        x: What is counted.
        statements: At least one, each about ``parts``.
        synthetic: Whether no patient was imaged.
    """
    rows = [
        IntervalRow(
            f"{KINDS[one.id].title}: {one.on['parts']}", one.estimate.value, one.estimate.low, one.estimate.high
        )
        for one in statements
    ]
    mark = " (synthetic)" if synthetic else ""
    return IntervalChart(f"What the parts of the data share{mark}", x, rows, reference=0.0)


def beyond_controls(method: str, statements: Iterable[Statement], *, synthetic: bool | None) -> IntervalChart | None:
    """Return what a method gains over each of its controls as a chart; ``None`` when nothing was held against one.

    Args:
        method: Its name in words.
        statements: Any; those of a gain are drawn.
        synthetic: Whether no patient was imaged.
    """
    rows = [
        IntervalRow(
            f"{one.on['figure']}{', ' + one.on['fill'] if 'fill' in one.on else ''} against {one.against['control']}",
            one.estimate.value,
            one.estimate.low,
            one.estimate.high,
        )
        for one in statements
        if one.id == "explanation.gain_over_control"
    ]
    mark = " (synthetic)" if synthetic else ""
    return IntervalChart(f"{method} beyond its controls{mark}", "gain", rows, reference=0.0) if rows else None


def shown(chart: Chart, preview: str = "") -> None:
    """Show a chart while the step runs, under a name; default its title."""
    step.preview(preview or chart.title, specification(chart), media_type="application/vnd.vegalite.v5+json")


def drawn(port: str, chart: Chart) -> Figure:
    """Draw a chart to an output port, and show it while the step runs."""
    shown(chart)
    figure = step.output(port, Figure, suffix=".svg")
    figure.path.write_text(draw(chart), encoding="utf-8")
    return figure


def written(result: records.Evidence, port: str = "evidence") -> Evidence:
    """Write the evidence to an output port, and say in the log what it shows."""
    output = step.output(port, Evidence, suffix=".json")
    output.path.write_text(evidence_text(result), encoding="utf-8")
    for statement in result.statements:
        if statement.state is not None:
            print(f"{statement.state.words}: {statement.id} of {statement.subject}: {statement.reason}")
    for reason in result.not_measured:
        print(f"not measured: {reason.id} {dict(reason.on) or ''}: {reason.why}")
    return output
