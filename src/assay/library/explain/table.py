"""explain/table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from assay import Dataset, Figure, Model, Param, component, step
from assay.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Attributed(NamedTuple):
    """What an explanation of a table model yields."""

    attributions: Dataset
    importance: Figure


@component(
    "explain/table",
    version="1.0.0",
    tags=("explanation", "tables", "attribution"),
    licence="Apache-2.0",
    requires=("onnxruntime", "numpy", "pandas"),
    preload=("onnxruntime", "numpy", "pandas"),
)
def table(
    model: Model,
    rows: Dataset,
    background: Dataset,
    *,
    columns: list[str],
    together: list[list[str]] | None = None,
    output: str | None = None,
    positive: Annotated[int, Param(min=0)] = 1,
    method: Literal["shap", "occlusion"] = "shap",
    most: Annotated[int, Param(min=1, max=1_000_000, unit="rows")] = 200,
    backgrounds: Annotated[int, Param(min=1, max=100_000, unit="rows")] = 100,
    samples: Annotated[int, Param(min=8, max=1_000_000, unit="samples")] = 2048,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Attributed:
    """Say what each column of a row adds to the answer of an ONNX model over tables.

    Shapley values sum to the row's answer less the background's mean answer; up to eleven columns or groups they are exact.

    Args:
        model: A folder with model.onnx: one input, rows x columns, float32.
        rows: What is explained, with a header row.
        background: Rows that values are held against, such as training rows.
        columns: The model's columns in its order; each a number.
        together: Groups of columns that belong together, such as the one-hot columns of a category; the others count alone.
        output: Output of the model to explain, rows x classes or rows; default its last.
        positive: Class that is explained, counted from 0.
        method: shap shares the answer out; occlusion takes one column away at a time.
        most: Rows explained, at most, drawn by lot.
        backgrounds: Background rows used, at most, drawn by lot.
        samples: Coalitions a row, for shap with many columns.
        seed: Of both lots and of the coalitions.

    Returns:
        attributions: One row an explained row: its number, the model's answer, and what each column or group adds.
        importance: Mean size of what each adds (SVG, Vega-Lite inside).
    """
    import numpy as np  # heavy imports stay out of the module: whoever lists components need not have them
    import pandas as pd

    from assay.library.evidencing import drawn
    from assay.training.session import open_session
    from assay.trust.charts.chart import IntervalChart, IntervalRow
    from assay.trust.explain.tables import occluded_columns, shap_columns

    shown, held = (_numbers(part, columns, what) for part, what in ((rows, "rows"), (background, "background")))
    groups, names = _grouped(columns, together or [])
    session = open_session(model.path / "model.onnx", step.threads)
    known = [one.name for one in session.get_outputs()]
    wanted = output or known[-1]
    if wanted not in known:
        hint = did_you_mean(wanted, known) or f"outputs: {', '.join(known)}"
        raise ComponentError(f"the model has no output {wanted!r}", culprit=wanted, hint=hint)
    feed = session.get_inputs()[0]
    if isinstance(feed.shape[-1], int) and feed.shape[-1] != len(columns):
        raise ComponentError(f"the model takes {feed.shape[-1]} columns, {len(columns)} are named", culprit="columns")

    def ask(values: NDArray[np.float64]) -> NDArray[np.float64]:
        answers = np.asarray(session.run([wanted], {feed.name: values.astype(np.float32)})[0], dtype=np.float64)
        if answers.ndim == 2 and answers.shape[1] > 1:
            if positive >= answers.shape[1]:
                raise ComponentError(f"the model has {answers.shape[1]} classes, counted from 0", culprit=str(positive))
            answers = answers[:, positive]
        flat: NDArray[np.float64] = answers.reshape(len(values))
        return flat

    random = np.random.default_rng(seed)
    chosen = np.sort(random.permutation(len(shown))[:most])
    held = held[np.sort(random.permutation(len(held))[:backgrounds])]
    values = (
        shap_columns(ask, shown[chosen], held, groups, samples=samples, seed=seed)
        if method == "shap"
        else occluded_columns(ask, shown[chosen], held, groups)
    )
    made = pd.DataFrame({"row": chosen, "answer": ask(shown[chosen]), **dict(zip(names, values.T, strict=True))})
    attributions = step.output("attributions", Dataset, suffix=".csv")
    made.to_csv(attributions.path, index=False, lineterminator="\r\n")
    size = np.abs(values).mean(axis=0)
    bars = [IntervalRow(names[place], float(size[place])) for place in np.argsort(-size)]
    chart = IntervalChart(
        f"What each column adds, mean size over {len(chosen)} rows", f"{method} value", bars, reference=0.0
    )
    return Attributed(attributions, drawn("importance", chart))


def _numbers(part: Dataset, columns: list[str], what: str) -> NDArray[np.float64]:
    """Return the columns as numbers; all that are missing or hold text are named at once."""
    import numpy as np  # as above
    import pandas as pd

    read = pd.read_csv(part.path)
    missing = [name for name in columns if name not in read.columns]
    if missing:
        hint = did_you_mean(missing[0], list(read.columns)) or f"columns there: {', '.join(map(str, read.columns))}"
        raise ComponentError(f"the {what} lack {', '.join(missing)}", culprit=missing[0], hint=hint)
    values: NDArray[np.float64] = read[columns].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    broken = [name for name, column in zip(columns, values.T, strict=True) if not np.isfinite(column).all()]
    if broken or not len(values):
        said = f"hold no numbers in {', '.join(broken)}" if broken else "are empty"
        raise ComponentError(
            f"the {what} {said}", culprit=broken[0] if broken else what, hint="encode text and fill gaps first"
        )
    return values


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
