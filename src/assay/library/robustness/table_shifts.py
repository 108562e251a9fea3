"""robustness/table-shifts."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from assay import Dataset, Evidence, Figure, Model, Param, component, step
from assay.library.evidencing import drawn, own_method, pictured, subject, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch

_CAVEATS = (
    "Shifts are simulated: they show what a change of one kind does, not how often it happens.",
    "Other people are the same rows weighed otherwise: a population in which the label depends otherwise on the columns is not among them.",
)


class Robustness(NamedTuple):
    """What the component yields."""

    evidence: Evidence
    curves: Figure


@component(
    "robustness/table-shifts",
    version="1.0.0",
    tags=("trust", "robustness", "tables"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy", "onnxruntime"),
    preload=("numpy", "pandas", "scipy.special", "onnxruntime"),
)
def table_shifts(
    model: Model,
    table: Dataset,
    *,
    shifts: list[str] | None = None,
    severities: list[int] | None = None,
    columns_gone: bool = True,
    tilt: Annotated[list[str] | None, Param(column_of="table")] = None,
    by: Annotated[list[str] | None, Param(column_of="table")] = None,
    age_cuts: list[float] | None = None,
    judged: Annotated[int, Param(min=1, max=5, unit="severity")] = 2,
    most_drop: Annotated[float, Param(min=0.0, max=1.0, unit="AUROC")] = 0.05,
    most_rows: Annotated[int, Param(min=20, unit="rows")] = 2000,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 500,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Robustness:
    """Measure what a model over tables withstands of what happens to tables between training and use.

    Cells go missing, numbers get noise, categories become another one, each at growing severity; one column after the other is missing
    altogether; and other people come: those with a high, or a low, value of a column become more frequent. AUROC, sensitivity and
    specificity at the model's own threshold follow, with intervals that count patients, by group too, and the AUROC that is lost.

    Args:
        model: From train/tabular-classifier, or any model of kind table.
        table: Rows that it was not fitted on.
        shifts: Which of missing values, noise, category swaps; default all.
        severities: Which of 1 (everyday) to 5; default 1, 2, 4. In the evidence a table says what each means.
        columns_gone: Whether each column is left out in turn; told as severity 5.
        tilt: Columns of numbers by which other people come; default age where it is there, else the first number that the model takes.
        by: Columns whose groups are measured as well, at the judged severity; default sex where the table has it.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        judged: Up to this severity the AUROC lost is held against most_drop; beyond it is told.
        most_drop: Largest AUROC that a shift may cost.
        most_rows: More rows than this are drawn by lot, both classes in their shares.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of noise, lots and bootstrap.

    Returns:
        evidence: Figures under every shift and severity, clean figures as severity 0.
        curves: AUROC lost by every shift at the largest severity asked for (SVG, Vega-Lite inside); the evidence has the curves.
    """
    parameters, watch = told(locals()), Stopwatch()
    from assay.library.robustness.shifted_tables import Bench, measured  # heavy imports stay out of the module

    bench = Bench.read(model.path, table.path, most_rows, seed, threads=step.threads)
    groups = bench.groups(by, age_cuts or [40.0, 60.0])
    asked = bench.asked(shifts, severities, tilt)
    found = measured(
        bench, asked, groups, columns_gone=columns_gone, judged=judged, most_drop=most_drop, draws=draws, seed=seed
    )
    watch.model_calls = bench.model.asked
    result = Result(
        title="Robustness of a model over tables to shifts",
        method=own_method(
            "robustness/table-shifts@1.0.0",
            "simulated damage of cells, columns left out, rows weighed by an exponential tilt",
            "Hendrycks and Dietterich 2019; Kish 1965",
        ),
        subjects=[subject(Role.MODEL, model), subject(Role.DATA, table)],
        statements=found.statements,
        samples={
            "rows": len(bench.cases),
            "patients": bench.cases.patients,
            **{f"{name}={value}": int(mask.sum()) for on, mask in groups for name, value in on.items()},
        },
        parameters=parameters,
        labels=bench.model.facts.labels,
        positive=bench.model.facts.positive,
        seed=seed,
        synthetic=bench.cases.synthetic,
        not_measured=found.not_measured,
        tables=[found.meanings],
        figures=[pictured(f"shift-{number}", each, Block.ROBUSTNESS) for number, each in enumerate(found.charts)],
        caveats=[*_CAVEATS, *found.caveats],
        cost=watch.cost(),
    )
    return Robustness(written(result), drawn("curves", found.lost))
