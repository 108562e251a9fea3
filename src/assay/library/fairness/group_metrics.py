"""fairness/group-metrics."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from assay import ComponentError, Dataset, Evidence, Figure, Param, Predictions, component
from assay.library.evidencing import drawn, own_method, pictured, read_subjects, told, written
from assay.trust.calibration.curve import reliability
from assay.trust.charts.chart import IntervalChart, IntervalRow, Line, LineChart
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import NotMeasured
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Statement
from assay.trust.fairness.age_curve import rate_over_age
from assay.trust.fairness.audit import Findings, audit
from assay.trust.fairness.declared import Demand
from assay.trust.fairness.joining import joined
from assay.trust.fairness.people import AGE, Grouping, ages, groupings
from assay.trust.fairness.rates import RATES
from assay.trust.performance.table import PredictionTable, read_cells, read_predictions

_CAVEATS = (
    "Statistical parity and disparate impact follow how common the disease is in a group: for a diagnosis they are no fault of the model.",
    "PPV and NPV differ between groups whenever prevalence does, however alike the model treats them; compare TPR, FPR and calibration first.",
    "A difference that is not shown is not shown to be absent: only a whole interval within the margin is a pass.",
)
_LEADING = ("tpr", "fpr", "ppv")


class GroupMetrics(NamedTuple):
    """What an audit by group yields."""

    evidence: Evidence
    rates: Figure
    gaps: Figure


@component(
    "fairness/group-metrics",
    version="1.0.0",
    tags=("trust", "fairness", "bias", "subgroups"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy"),
    preload=("numpy", "pandas", "scipy.special"),
)
def group_metrics(
    predictions: Predictions,
    people: Dataset | None = None,
    *,
    by: Annotated[list[str] | None, Param(column_of="predictions")] = None,
    age_cuts: list[float] | None = None,
    crossing: bool = True,
    reference: dict[str, str] | None = None,
    margin: Annotated[float, Param(min=0.001, max=1.0)] = 0.1,
    fewest: Annotated[int, Param(min=2, unit="patients")] = 20,
    family: list[str] | None = None,
    correction: Literal["holm", "none"] = "holm",
    id_column: Annotated[str, Param(column_of="people")] = "patient",
    threshold: Annotated[float | None, Param(min=0.0, max=1.0, unit="probability")] = None,
    positive: str | None = None,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 1000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> GroupMetrics:
    """Measure how a classifier treats groups of people: rates, calibration and gaps by group and where groups cross.

    Every figure has a 95 % interval that counts patients, never their slices. The gaps of the declared family (TPR and FPR) are
    held against the margin: a gap passes when its whole interval lies within, fails when it is shown to be there after correction
    for all comparisons and its estimate is beyond, and is insufficient evidence otherwise, with how many patients would settle it.
    Names and signs are those of AI Fairness 360 (group minus what it is held against). A figure that is not defined in a group, such
    as the TPR of a group without the disease, is named as not measured.

    Args:
        predictions: Truth and score side by side, with the columns to group by.
        people: Attributes of people in a table of their own, joined by id; each prediction's id has to be there.
        by: Columns to group by; default sex and age_group, which is made of the column age.
        age_cuts: Ages in years at which a new group begins, declared beforehand; default 40 and 60.
        crossing: Also audit where the groupings cross: a bias may hide in one cell.
        reference: Column to the group that others are held against, such as {sex: M}; a pair is compared once, other groups with all others.
        margin: Largest difference that counts as equal.
        fewest: Patients on either side without whom nothing passes.
        family: Rates whose gaps are judged, corrected together; default tpr and fpr.
        correction: holm keeps one false accusation in the whole family at 5 %.
        id_column: Column that joins people to predictions.
        threshold: A score of at least this is called positive; default the model's own.
        positive: Label that counts as positive; default what the predictions state.
        draws: Bootstrap samples of patients.
        seed: Of the bootstrap.

    Returns:
        evidence: Rates, gaps and calibration by group as statements, counts, what was not measured and why.
        rates: TPR, FPR and PPV by group with intervals (SVG, Vega-Lite inside).
        gaps: The judged gaps with intervals and the margin (SVG, Vega-Lite inside).
    """
    parameters, watch = told(locals()), Stopwatch()
    table = read_predictions(predictions, positive=positive, threshold=threshold)
    cells = read_cells(predictions)
    if people is not None:
        cells = joined(cells, read_cells(people), id_column)
    parts = groupings(cells, by or ["sex", "age_group"], age_cuts or [40.0, 60.0])
    if all(len(part.names) < 2 for part in parts):
        known = "; ".join(f"{part.column}: {', '.join(part.names) or 'nothing known'}" for part in parts)
        raise ComponentError(
            f"there are no two groups to compare ({known})",
            hint="; ".join(["group by another column", *(note for part in parts for note in part.notes)]),
            culprit=parts[0].column,
        )
    demand = Demand(margin, fewest, _family(family), correction, reference or {}, draws, seed)
    _check_reference(demand, parts)
    found = audit(table.rows, parts, demand, crossing=crossing)
    charts = {"rates": _rates(found, table), "gaps": _gaps(found, table, margin)}
    more = {"age_curve": _age_curve(table, cells), "calibration_by_group": _calibration(table, parts[0])}
    result = Result(
        title=f"How groups by {', '.join(part.column for part in parts)} are treated",
        method=own_method(
            "fairness/group-metrics@1.0.0",
            "Wilson, Newcombe, DeLong and bootstrap intervals that count patients; Holm over the declared family",
            "Newcombe 1998; Holm 1979; Hardt, Price and Srebro 2016; Bellamy et al. 2018 (AI Fairness 360)",
        ),
        subjects=read_subjects(table.origin, predictions),
        statements=found.statements,
        samples=found.samples,
        parameters=parameters,
        labels=table.labels,
        positive=table.positive,
        seed=seed,
        synthetic=table.synthetic,
        not_measured=[*found.not_measured, *_no_groups(parts, demand)],
        tables=[found.counts],
        figures=[
            pictured(name, chart, Block.SUBGROUPS) for name, chart in (charts | more).items() if chart is not None
        ],
        caveats=[*_CAVEATS, *(note for part in parts for note in part.notes)],
        cost=watch.cost(),
    )
    for note in (note for part in parts for note in part.notes):
        print(f"note: {note}")
    return GroupMetrics(written(result), drawn("rates", charts["rates"]), drawn("gaps", charts["gaps"]))


def _family(wanted: list[str] | None) -> list[str]:
    family = wanted or ["tpr", "fpr"]
    odd = [name for name in family if name not in RATES]
    if odd:
        raise ComponentError(f"{odd[0]!r} is no rate", culprit=odd[0], hint=f"rates: {', '.join(RATES)}")
    return family


def _check_reference(demand: Demand, parts: list[Grouping]) -> None:
    known = {part.column: part.names for part in parts}
    for column, group in demand.reference.items():
        if group not in known.get(column, ()):
            there = ", ".join(known.get(column, known))
            raise ComponentError(f"there is no group {group!r} of {column!r}", culprit=group, hint=f"there are {there}")


def _no_groups(parts: list[Grouping], demand: Demand) -> list[NotMeasured]:
    """Return what a policy may ask of a column that has one group only."""
    return [
        NotMeasured(
            f"fairness.{name}_difference",
            "; ".join([f"{part.column} has {'one group' if part.names else 'no group'} that is known", *part.notes]),
            {"by": part.column},
        )
        for part in parts
        if len(part.names) < 2
        for name in demand.family
    ]


def _row(label: str, statement: Statement, series: str) -> IntervalRow:
    estimate = statement.estimate
    return IntervalRow(label, estimate.value, estimate.low, estimate.high, series)


def _rates(found: Findings, table: PredictionTable) -> IntervalChart:
    rows = [
        _row(f"{name.upper()} {each.subject}", each, name.upper())
        for name in _LEADING
        for each in found.statements
        if each.id == f"fairness.{name}"
    ]
    return IntervalChart(f"Rates by group{_mark(table)}", "rate, 95 % interval", rows, x_range=(0.0, 1.0))


def _gaps(found: Findings, table: PredictionTable, margin: float) -> IntervalChart:
    judged = [each for each in found.statements if each.state is not None and each.id.endswith("_difference")]
    rows = [
        _row(
            f"{each.id.removeprefix('fairness.').split('_')[0].upper()} {each.subject}",
            each,
            each.state.words if each.state else "",
        )
        for each in judged
    ]
    rows = rows or [IntervalRow("nothing to compare", 0.0)]
    return IntervalChart(
        f"Gaps between groups{_mark(table)}", "difference, 95 % interval", rows, 0.0, allowed=(-margin, margin)
    )


def _age_curve(table: PredictionTable, cells: Any) -> LineChart | None:
    if AGE not in cells.columns:
        return None
    years, rows = ages(cells[AGE]), table.rows
    lines = []
    for name, about in (("TPR", rows.truth), ("FPR", ~rows.truth)):
        curve = rate_over_age(years[about], rows.called[about], rows.patient[about])
        band = [(rate.interval.low, rate.interval.high) for _, rate in curve if rate.interval]
        if curve:
            lines.append(Line(name, [(age, rate.value) for age, rate in curve], band=band))
    if not lines:
        return None
    reach = [age for line in lines for age, _ in line.points]
    title = f"TPR and FPR over age{_mark(table)}"
    return LineChart(title, "age (years)", "rate, pointwise 95 % band", lines, x_range=(min(reach), max(reach)))


def _calibration(table: PredictionTable, part: Grouping) -> LineChart:
    rows, lines = table.rows, [Line("perfect", [(0.0, 0.0), (1.0, 1.0)], dashed=True)]
    for number, name in enumerate(part.names):
        here = part.code == number
        points = reliability(rows.truth[here], rows.score[here], rows.patient[here], bins=5)
        ends = [point.observed.interval for point in points]
        band = [(each.low, each.high) for each in ends if each]
        line = [(point.score, point.observed.value) for point in points]
        lines.append(Line(f"{part.column} {name}", line, band=band if len(band) == len(line) else ()))
    return LineChart(f"Calibration by {part.column}{_mark(table)}", "score", "share of positives", lines)


def _mark(table: PredictionTable) -> str:
    return " (synthetic data)" if table.synthetic else ""
