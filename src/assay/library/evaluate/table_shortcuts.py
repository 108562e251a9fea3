"""evaluate/table-shortcuts."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from assay import Dataset, Evidence, Figure, Model, Param, component, step
from assay.library.evidencing import drawn, own_method, pictured, subject, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch

_CAVEATS = (
    "A cue that is not found is not shown to be absent: the learner is small.",
    "That the columns of a model tell of a sensitive one is told, not judged: leaving the sensitive column out does not make a model blind to it.",
)


class Audit(NamedTuple):
    """What an audit yields."""

    evidence: Evidence
    cues: Figure


@component(
    "evaluate/table-shortcuts",
    version="1.0.0",
    tags=("trust", "shortcut", "confounding", "leakage", "tables"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy", "onnxruntime"),
    preload=("numpy", "pandas", "scipy.special", "onnxruntime"),
)
def table_shortcuts(
    model: Model,
    table: Dataset,
    *,
    suspects: Annotated[list[str] | None, Param(column_of="table")] = None,
    sensitive: Annotated[list[str] | None, Param(column_of="table")] = None,
    most: Annotated[float, Param(min=0.5, max=1.0, unit="AUROC")] = 0.6,
    most_of_one: Annotated[float, Param(min=0.5, max=1.0, unit="AUROC")] = 0.95,
    most_rows: Annotated[int, Param(min=20, unit="rows")] = 4000,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 500,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Audit:
    """Ask of a table whether the label can be told from what should not matter, and whether one column alone gives it away.

    Cues that should not matter are the order of the rows, the number in a row's name, which cells are missing, and columns that you
    suspect. Of each column that the model takes it is asked whether it tells the label by itself nearly always: such a column was often
    written down after the fact. And it is told how well the model's columns tell of each sensitive column that was left out.

    Args:
        model: From train/tabular-classifier, or any model of kind table.
        table: Rows to audit, best those that the model is tested on.
        suspects: Further columns that should not matter, such as the clerk or the date of entry.
        sensitive: Columns that the others may give away; default sex, gender, race and ethnicity where they are there and not learnt from.
        most: Largest AUROC that a cue may have.
        most_of_one: Largest AUROC that one column of the model may have by itself.
        most_rows: More rows than this are drawn by lot, both classes in their shares.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of lot, folds and bootstrap.

    Returns:
        evidence: AUROC of every cue, of every column alone, and of the sensitive columns, with intervals, and what could not be asked.
        cues: AUROC of every cue with its interval (SVG, Vega-Lite inside).
    """
    parameters, watch = told(locals()), Stopwatch()
    from assay.library.evaluate.tablecues import TableAudit  # heavy imports stay out of the module

    audit = TableAudit.read(model.path, table.path, most_rows, seed, threads=step.threads)
    found = audit.found(suspects or [], sensitive, most=most, most_of_one=most_of_one, draws=draws, seed=seed)
    chart = audit.chart(found.statements, most)
    result = Result(
        title="Shortcuts in a table: can the label be told from what should not matter",
        method=own_method(
            "evaluate/table-shortcuts@1.0.0",
            "additive ridge logistic regression a cue, cross-fitted by patient",
            "Kapoor and Narayanan 2023; Holm 1979",
        ),
        subjects=[subject(Role.MODEL, model), subject(Role.DATA, table)],
        statements=found.statements,
        samples=audit.samples,
        parameters=parameters,
        labels=audit.facts.labels,
        positive=audit.facts.positive,
        seed=seed,
        synthetic=audit.cases.synthetic,
        not_measured=found.not_measured,
        figures=[pictured("cues", chart, Block.FAILURES)],
        caveats=_CAVEATS,
        cost=watch.cost(),
    )
    return Audit(written(result), drawn("cues", chart))
