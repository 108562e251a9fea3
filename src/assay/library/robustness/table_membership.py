"""robustness/table-membership."""

from __future__ import annotations

from typing import Annotated

from assay import Dataset, Evidence, Model, Param, component, step
from assay.library.evidencing import forest, own_method, pictured, subject, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch


@component(
    "robustness/table-membership",
    version="1.0.0",
    tags=("trust", "privacy", "membership", "tables"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "scipy", "onnxruntime"),
    preload=("numpy", "pandas", "scipy.special", "onnxruntime"),
)
def table_membership(
    model: Model,
    train: Dataset,
    table: Dataset,
    *,
    most: Annotated[float, Param(min=0.0, max=1.0)] = 0.15,
    most_rows: Annotated[int, Param(min=4, unit="rows")] = 4000,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 1000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Evidence:
    """Measure whether a model over tables gives away who was in its training data.

    An attacker guesses that a row was trained on when the model is sure enough of its true label; the advantage is the share of
    training rows found less the share of other rows accused, 0 for a coin. The threshold is chosen on other patients than it is
    judged on, and the interval counts patients.

    Args:
        model: From train/tabular-classifier, or any model of kind table.
        train: Rows that it was fitted on.
        table: Rows of other patients, of the same kind.
        most: Largest advantage.
        most_rows: More rows than this on a side are drawn by lot, both classes in their shares.
        draws: Bootstrap samples of patients behind the interval.
        seed: Of halves, lots and bootstrap.

    Returns:
        evidence: Advantage of everybody and by label, with intervals.
    """
    parameters, watch = told(locals()), Stopwatch()
    from assay.data.tables.schema import LABEL, PATIENT  # heavy imports stay out of the module
    from assay.library.robustness.members import CAVEATS, REFERENCE, Side, advantages, areas, refuse_shared, statements
    from assay.training.tables.asking import TableModel
    from assay.training.tables.cases import TableCases

    asker = TableModel(model.path, threads=step.threads)
    parts = [TableCases.read(train.path, asker.facts, "the training table"), TableCases.read(table.path, asker.facts)]
    people = [part.rows[PATIENT].tolist() for part in parts]
    refuse_shared(people[0], people[1], "rows", "evaluate/find-table-leakage")
    trained, others = (part.sample(most_rows, seed) for part in parts)
    sides = [
        Side.of(
            asker.probabilities(part.matrix), asker.facts.labels, part.rows[LABEL].to_numpy(dtype=str), part.patient
        )
        for part in (trained, others)
    ]
    watch.model_calls = asker.asked
    found = advantages(sides[0], sides[1], asker.facts.labels, draws, seed)
    stated = statements(found, most)
    chart = forest("What membership inference gains", "advantage", stated, synthetic=others.synthetic, reference=0.0)
    return written(
        Result(
            title="Membership inference",
            method=own_method(
                "robustness/table-membership@1.0.0", "threshold on the true label's probability", REFERENCE
            ),
            subjects=[
                subject(Role.MODEL, model),
                subject(Role.DATA, table, "other rows"),
                subject(Role.TRAINING_DATA, train),
            ],
            statements=stated,
            samples={
                "training_patients": trained.patients,
                "training_rows": len(trained),
                "patients": others.patients,
                "rows": len(others),
            },
            parameters=parameters,
            labels=asker.facts.labels,
            positive=asker.facts.positive,
            seed=seed,
            synthetic=others.synthetic,
            tables=[areas(found)],
            figures=[pictured("advantage", chart, Block.PRIVACY)],
            caveats=CAVEATS,
            cost=watch.cost(),
        )
    )
