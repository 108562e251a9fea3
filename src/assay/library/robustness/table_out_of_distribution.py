"""robustness/table-out-of-distribution."""

from __future__ import annotations

from typing import Annotated

from assay import Dataset, Evidence, Model, Param, component, step
from assay.library.evidencing import forest, own_method, pictured, subject, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch

_SIMULATED = "No second source was given: the strangers are the test rows with every column shuffled by itself, so that cells no longer belong together."
_CAVEAT = "How well strangers are told depends on how far they are: another source gives another figure."


@component(
    "robustness/table-out-of-distribution",
    version="1.0.0",
    tags=("trust", "robustness", "shift", "monitoring", "tables"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy", "onnxruntime"),
    preload=("numpy", "pandas", "scipy.special", "onnxruntime"),
)
def table_out_of_distribution(
    model: Model,
    table: Dataset,
    train: Dataset,
    other: Dataset | None = None,
    *,
    least: Annotated[float, Param(min=0.5, max=1.0, unit="AUROC")] = 0.6,
    most_rows: Annotated[int, Param(min=10, unit="rows")] = 4000,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 1000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Evidence:
    """Measure whether rows of another kind than a model's own can be told, so that a monitor would notice them.

    Two scores: the Mahalanobis distance to the training rows of the nearest label, in the columns that the model takes (numbers in
    deviations, categories as columns of 0 and 1), and 1 - the model's largest probability. Each one's AUROC says how well a monitor
    built on it would tell strangers from the model's own kind.

    Args:
        model: From train/tabular-classifier, or any model of kind table.
        table: Rows of the kind it was fitted on, of other patients.
        train: Rows it was fitted on.
        other: Rows of a second source with the same columns; default the test rows with every column shuffled by itself (simulated).
        least: Smallest AUROC of the Mahalanobis distance.
        most_rows: More rows than this of each are drawn by lot.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of lots, shuffles and bootstrap.

    Returns:
        evidence: Detection AUROC of both scores, with intervals.
    """
    parameters, watch = told(locals()), Stopwatch()
    from assay.library.robustness.strangers import Strangers, detection  # heavy imports stay out of the module

    found = Strangers.read(
        model.path, table.path, train.path, other.path if other else None, most_rows, seed, threads=step.threads
    )
    statements = detection(found, least, draws=draws, seed=seed)
    watch.model_calls = found.model.asked
    chart = forest("How well strangers are noticed", "AUROC", statements, synthetic=found.synthetic, reference=0.5)
    return written(
        Result(
            title="Noticing rows of another source",
            method=own_method(
                "robustness/table-out-of-distribution@1.0.0",
                "Mahalanobis distance in the model's columns, largest probability",
                "Lee et al. 2018; Hendrycks and Gimpel 2017",
            ),
            subjects=[
                subject(Role.MODEL, model),
                subject(Role.DATA, table, "the model's own kind"),
                subject(Role.TRAINING_DATA, train),
                *([subject(Role.OTHER_DATA, other, "second source")] if other else []),
            ],
            statements=statements,
            samples={
                "rows": len(found.own.scores),
                "patients": found.own.people,
                "other_rows": len(found.foreign.scores),
                "other_patients": found.foreign.people,
                "training_rows": found.learnt,
            },
            parameters=parameters,
            labels=found.model.facts.labels,
            positive=found.model.facts.positive,
            seed=seed,
            synthetic=found.synthetic,
            figures=[pictured("detection", chart, Block.SHIFT_DETECTION)],
            caveats=[_CAVEAT] if other else [_SIMULATED, _CAVEAT],
            cost=watch.cost(),
        )
    )
