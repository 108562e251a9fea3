"""explain/aix360-brcg."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from assay import Dataset, Evidence, Param, Predictions, component, step
from assay.library.evidencing import forest, library_version, pictured, read_subjects, shown, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Method
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class Ruled(NamedTuple):
    """Outputs of ``aix360_brcg``."""

    rules: Dataset
    evidence: Evidence


@component(
    "explain/aix360-brcg",
    version="1.0.0",
    tags=("trust", "explanation", "failures", "tables", "aix360"),
    licence="Apache-2.0",
    requires=(
        "aix360==0.3.0",
        "cvxpy>=1.6",
        "ecos>=2.0.14",
        "lime==0.2.0.1",
        "numpy>=2.1,<2.4",
        "onnx>=1.19",
        "onnxruntime>=1.22",
        "pandas>=2.2",
        "pillow>=11",
        "scikit-learn>=1.5",
        "scipy>=1.15",
        "xport==2.0.2",
    ),
)
def aix360_brcg(
    predictions: Predictions,
    *,
    columns: Annotated[list[str] | None, Param(column_of="predictions")] = None,
    positive: str | None = None,
    threshold: Annotated[float | None, Param(min=0.0, max=1.0)] = None,
    clause: Annotated[float, Param(min=0.0, max=1.0)] = 0.01,
    condition: Annotated[float, Param(min=0.0, max=1.0)] = 0.01,
    most_conditions: Annotated[int, Param(min=1, max=10)] = 3,
    shuffles: Annotated[int, Param(min=1, max=100)] = 5,
    most_gap: Annotated[float, Param(min=0.0, max=1.0)] = 0.1,
    fewest: Annotated[int, Param(min=1, unit="patients")] = 10,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Ruled:
    """Find a rule of what is known of people that says where the model errs (BRCG of AI Explainability 360), and measure it.

    The rule is learnt on one half of the patients, with as many right as wrong answers, and its error rates are measured on the
    other half: a rule fits errors that are there by chance as well. Beside it stand rules that were learnt, and measured, in the
    same way after the errors were shuffled. Runs in an environment of its own.

    Args:
        predictions: Predictions of images or of a table, with what is known of the people as columns.
        columns: Columns that the rule may speak of; default those of sex, age, site, scanner, manufacturer and race that are there.
        positive: Label that counts as positive; default what the predictions state.
        threshold: Score from which a case is called positive; default the predictions' own.
        clause: Cost of one clause more, in shares of the errors.
        condition: Cost of one condition more in a clause.
        most_conditions: Conditions of a clause.
        shuffles: Rules learnt of shuffled errors.
        most_gap: Error rate inside less outside that is good enough.
        fewest: Patients on each side of the rule that a judgement needs.
        seed: Of the halves, of the lot of right answers and of the shuffles.

    Returns:
        rules: One row a clause: what it says, rows and errors on the half that it was not learnt from.
        evidence: Error rates where the rule holds and where not, with intervals that count patients, beside the shuffled rules.
    """
    parameters, watch = told(locals()), Stopwatch()
    from assay.library.explain.rules_of_aix360 import BooleanRule  # only in its environment is the library there
    from assay.library.explain.ruling import ruled
    from assay.trust.explain.rules import GAP
    from assay.trust.performance.table import read_cells, read_predictions

    table, cells = read_predictions(predictions, positive=positive, threshold=threshold), read_cells(predictions)

    def learn(features: pd.DataFrame, wrong: NDArray[np.bool_]) -> BooleanRule:
        return BooleanRule(features, wrong, clause=clause, condition=condition, most=most_conditions)

    found = ruled(table, cells, columns, learn, shuffles=shuffles, most_gap=most_gap, fewest=fewest, seed=seed)
    rules = step.output("rules", Dataset, suffix=".csv")
    found.clauses.to_csv(rules.path, index=False, lineterminator="\r\n")
    print(f"rule: {found.rule or 'none'}")
    stated = [one for one in found.statements if one.id == GAP]
    chart = (
        forest(
            "Error rate where the rule holds less elsewhere, beside rules of shuffled errors",
            "difference",
            stated,
            synthetic=table.synthetic,
            reference=0.0,
        )
        if stated
        else None
    )
    if chart is not None:
        shown(chart, "rule beside shuffled errors")
    result = Result(
        title="Where the model errs, as a rule",
        method=Method(
            "explain/aix360-brcg@1.0.0",
            "Boolean rules by column generation, beam search; measured on other patients",
            "aix360",
            library_version("aix360"),
            "Dash, Günlük and Wei 2018",
        ),
        subjects=read_subjects(table.origin, predictions),
        statements=found.statements,
        samples=found.samples,
        parameters=parameters,
        labels=table.labels,
        positive=table.positive,
        seed=seed,
        synthetic=table.synthetic,
        not_measured=found.not_measured,
        tables=found.tables,
        figures=[] if chart is None else [pictured("rules", chart, Block.FAILURES)],
        caveats=found.caveats,
        cost=watch.cost(),
    )
    return Ruled(rules, written(result))
