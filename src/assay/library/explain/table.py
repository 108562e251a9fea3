"""explain/table."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from assay import ComponentError, Dataset, Evidence, Figure, Model, Param, component, step
from assay.library.evidencing import drawn, own_method, pictured, subject, told, written
from assay.trust.evidence.spent import Stopwatch


class Attributed(NamedTuple):
    """What an explanation of a table model yields."""

    attributions: Dataset
    importance: Figure
    evidence: Evidence


@component(
    "explain/table",
    version="2.0.0",
    tags=("explanation", "tables", "attribution"),
    licence="Apache-2.0",
    requires=("onnxruntime", "onnx", "numpy", "pandas", "scipy"),
    preload=("onnxruntime", "numpy", "pandas"),
)
def table(
    model: Model,
    rows: Dataset,
    background: Dataset,
    *,
    columns: Annotated[list[str] | None, Param(column_of="rows")] = None,
    together: list[list[str]] | None = None,
    output: str | None = None,
    positive: Annotated[int, Param(min=0)] = 1,
    method: Literal["shap", "occlusion"] = "shap",
    most: Annotated[int, Param(min=1, max=1_000_000, unit="rows")] = 200,
    backgrounds: Annotated[int, Param(min=2, max=100_000, unit="rows")] = 100,
    samples: Annotated[int, Param(min=8, max=1_000_000, unit="samples")] = 2048,
    least_gain: Annotated[float, Param(min=0.0, max=2.0)] = 0.01,
    most_likeness: Annotated[float, Param(min=0.0, max=1.0)] = 0.5,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Attributed:
    """Say what each column of a row adds to the answer of a model over tables, and measure whether that is to be believed.

    Shapley values sum to the row's answer less the background's mean answer; up to eleven columns or groups they are exact. They are
    held against orders that know nothing of the row (random, those of another row, unusual values) by deletion and insertion, against
    a model whose learnt numbers were shuffled, and against themselves with other seeds and hardly changed rows.

    Args:
        model: Of kind table, as from train/tabular-classifier; or, with columns, any model.onnx with one input, rows x columns, float32.
        rows: What is explained, with a header row.
        background: Rows that values are held against, such as training rows.
        columns: Columns of a model that does not name them, in its order, each a number; default what model.json says.
        together: Groups of columns that belong together, such as the one-hot columns of a category; the others count alone.
        output: Output of a model with columns, rows x classes or rows; default its last.
        positive: Class of such a model that is explained, counted from 0.
        method: shap shares the answer out; occlusion takes one column away at a time.
        most: Rows explained, at most, drawn by lot.
        backgrounds: Background rows used, at most, drawn by lot.
        samples: Coalitions a row, for shap with many columns.
        least_gain: What insertion minus deletion has to be better than each control's.
        most_likeness: Largest rank correlation with the attributions of the shuffled model.
        seed: Of all lots and of the coalitions.

    Returns:
        attributions: One row an explained row: its number, the model's answer, and what each column or group adds.
        importance: Mean size of what each adds (SVG, Vega-Lite inside).
        evidence: Faithfulness, stability and likeness beside the controls; of a model whose answers are no probabilities, why not.
    """
    parameters, watch = told(locals()), Stopwatch()
    import numpy as np  # heavy imports stay out of the module: whoever lists components need not have them
    import pandas as pd

    from assay.library.explain.tablejudging import CAVEATS, Way, judged
    from assay.library.explain.tablemodels import plain_model, table_model
    from assay.trust.charts.chart import IntervalChart, IntervalRow
    from assay.trust.evidence.evidence import Evidence as Result
    from assay.trust.evidence.evidence import Role
    from assay.trust.evidence.kinds import Block
    from assay.trust.explain.findings import Limits

    made = table_model(model.path) if columns is None else plain_model(model, columns, output, positive)
    groups, names = _grouped(list(made.columns), together or [])
    given, pool = made.rows(rows, "rows"), made.rows(background, "background").matrix
    shown = given.chosen(np.sort(np.random.default_rng(seed).permutation(len(given.matrix))[:most]))
    way = Way(made, pool, groups, names, method, backgrounds, samples)
    values, answers = way.attribute(made.ask)(shown.matrix, seed), made.ask(shown.matrix)
    attributions = step.output("attributions", Dataset, suffix=".csv")
    table = pd.DataFrame({"row": shown.names, "answer": answers, **dict(zip(names, values.T, strict=True))})
    table.to_csv(attributions.path, index=False, lineterminator="\r\n")
    size = np.abs(values).mean(axis=0)
    bars = [IntervalRow(names[place], float(size[place])) for place in np.argsort(-size)]
    chart = IntervalChart(
        f"What each column adds, mean size over {len(values)} rows", f"{method} value", bars, reference=0.0
    )
    limits = Limits(gain=least_gain, likeness=most_likeness, patients=5)
    found = judged(way, shown, values, answers, limits, model, seed)
    result = Result(
        title=f"What each column adds to the answer ({method})",
        method=own_method(
            "explain/table@2.0.0",
            "Shapley values, coalitions filled from background rows"
            if method == "shap"
            else "one column from the background at a time",
            "Lundberg and Lee 2017" if method == "shap" else "Zeiler and Fergus 2014",
        ),
        subjects=[
            subject(Role.MODEL, model),
            subject(Role.DATA, rows),
            subject(Role.TRAINING_DATA, background, "background"),
        ],
        statements=found.statements,
        samples={"rows": len(values), "patients": len(np.unique(shown.patient))},
        parameters=parameters,
        labels=made.facts.labels if made.facts else (),
        positive=made.facts.positive if made.facts else "",
        seed=seed,
        synthetic=shown.synthetic,
        not_measured=found.not_measured,
        tables=found.tables,
        figures=[pictured("importance", chart, Block.EXPLANATION)],
        caveats=CAVEATS,
        cost=watch.cost(),
    )
    return Attributed(attributions, drawn("importance", chart), written(result))


def _grouped(columns: list[str], together: list[list[str]]) -> tuple[list[list[int]], list[str]]:
    """Return groups of column numbers and their names."""
    named = [name for group in together for name in group]
    unknown = [name for name in named if name not in columns]
    if unknown or len(set(named)) < len(named):
        twice = next((name for name in named if named.count(name) > 1), "")
        said = (
            f"'together' names {unknown[0]!r}, which is no column" if unknown else f"'together' names {twice!r} twice"
        )
        raise ComponentError(said, culprit=unknown[0] if unknown else twice, hint=f"columns: {', '.join(columns)}")
    groups = [[columns.index(name) for name in group] for group in together]
    names = ["+".join(group) for group in together]
    alone = [name for name in columns if name not in named]
    return groups + [[columns.index(name)] for name in alone], names + alone
