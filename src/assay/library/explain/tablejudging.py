"""Evidence of explain/table: the method beside its controls, on the rows that it explains."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay import Model, step
from assay.library.explain.tablemodels import Explained, Rows
from assay.training.tables.asking import TableModel
from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.statement import Statement
from assay.trust.explain.findings import Limits, Measured, Randomised, findings, overview
from assay.trust.explain.likeness import spearman
from assay.trust.explain.shuffled_table_onnx import shuffled_table
from assay.trust.explain.table_judging import AttributeRows, TableControl, TableJudge, moved, repeated
from assay.trust.explain.tables import AskRows, occluded_columns, shap_columns

CAVEATS = (
    "An attribution says what the model makes of a column, not what the column does in the world: columns that go together share their part by convention.",
    "Columns are taken away by values of other rows, so that rows arise which nobody is like; a model may answer them oddly.",
)
_FEW = 20
_SEEDS = 3
_LEADING = 3


@dataclass(frozen=True, slots=True)
class Way:
    """A method of attribution with all that it needs.

    Attributes:
        explained: The model.
        pool: Rows that backgrounds are drawn from, shape (rows, columns).
        groups: Columns that go together.
        names: Of the groups.
        method: ``shap`` or ``occlusion``.
        backgrounds: Rows drawn for an attribution; another seed draws others.
        samples: Coalitions a row.
    """

    explained: Explained
    pool: NDArray[np.float64]
    groups: Sequence[Sequence[int]]
    names: Sequence[str]
    method: str
    backgrounds: int
    samples: int

    def background(self, seed: int) -> NDArray[np.float64]:
        """Return the background rows of a seed."""
        return self.pool[np.sort(np.random.default_rng([seed, 7]).permutation(len(self.pool))[: self.backgrounds])]

    def attribute(self, ask: AskRows) -> AttributeRows:
        """Return the method for a model."""

        def shap(rows: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
            return shap_columns(ask, rows, self.background(seed), self.groups, samples=self.samples, seed=seed)

        def occlusion(rows: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
            return occluded_columns(ask, rows, self.background(seed), self.groups)

        return shap if self.method == "shap" else occlusion


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of the method."""

    statements: Sequence[Statement] = ()
    not_measured: Sequence[NotMeasured] = ()
    tables: Sequence[Table] = field(default=())


def judged(
    way: Way,
    shown: Rows,
    values: NDArray[np.float64],
    answers: NDArray[np.float64],
    limits: Limits,
    model: Model,
    seed: int,
) -> Judged:
    """Measure a method and its controls on the rows that it explains.

    Args:
        way: The method.
        shown: The rows.
        values: Its attributions of them, shape (rows, groups).
        answers: What the model says of them.
        limits: What was declared.
        model: The model's folder: its learnt numbers are shuffled.
        seed: Of everything.
    """
    if ((answers < 0) | (answers > 1)).any():
        why = "the model's answers are no probabilities, so that its score has no area to compare"
        return Judged(not_measured=[NotMeasured("explanation.gain_over_control", why, {"method": way.method})])
    made, first = way.explained, shown.matrix[:_FEW]
    judge = TableJudge(made.ask, shown.matrix, way.background(seed), way.groups, made.numeric, seed)
    attribute = way.attribute(made.ask)
    began = time.process_time()
    attribute(first, seed)
    spent = (time.process_time() - began) / len(first)
    step.progress(0, 3, "stability")
    steady = moved(attribute, first, made.reach, draws=2, seed=seed)
    again = repeated(attribute, first, [seed + number for number in range(_SEEDS)])
    step.progress(1, 3, "a model that knows nothing")
    randomised = _randomised(way, model, first, values, seed)
    step.progress(2, 3, "controls")
    constant = int((np.ptp(values, axis=1) == 0).sum())
    method = Measured(way.method, judge.figures(values), steady, again, randomised, constant, spent)
    controls = [Measured(str(kind), judge.figures(judge.control(kind, values))) for kind in TableControl]
    # Rows of both classes are explained, so that a fill the model calls positive still tells orders apart: no fill is blind.
    found = findings(method, controls, shown.patient, judge.fill_scores(), math.inf, limits)
    tables = [overview([method, *controls], "rows")]
    if len(shown.truth):
        tables.append(_one_of_each(shown, answers, made.facts.threshold if made.facts else 0.5, values, way.names))
    state, reason = found.state(way.method)
    print(f"{way.method}: {state.words if state else 'not judged'} {reason}".rstrip())
    return Judged(found.statements, found.not_measured, tables)


def _randomised(
    way: Way, model: Model, rows: NDArray[np.float64], values: NDArray[np.float64], seed: int
) -> list[Randomised]:
    if way.explained.facts is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        blind = Path(folder)
        (blind / "model.json").write_bytes((model / "model.json").read_bytes())
        (blind / "model.onnx").write_bytes(shuffled_table((model / "model.onnx").read_bytes(), seed))
        nothing = TableModel(blind, threads=step.threads)
    other = way.attribute(lambda asked: nothing.scores(asked.astype(np.float32)))(rows, seed)
    likeness = np.array([spearman(one, two) for one, two in zip(values, other, strict=False)])
    return [Randomised(1, 1, likeness, np.empty(0))]


def _one_of_each(
    rows: Rows, answers: NDArray[np.float64], threshold: float, values: NDArray[np.float64], names: Sequence[str]
) -> Table:
    """Return the first row of each outcome, the rows having been drawn by lot, with the columns that add most to its answer."""
    called = answers >= threshold
    outcomes = {
        "true positive": called & rows.truth,
        "false positive": called & ~rows.truth,
        "false negative": ~called & rows.truth,
        "true negative": ~called & ~rows.truth,
    }
    lines: list[list[str | float | int | bool | None]] = []
    for outcome, members in outcomes.items():
        if not members.any():
            lines.append([outcome, 0, None, None, "none among the rows explained"])
            continue
        row = int(np.flatnonzero(members)[0])
        leading = np.argsort(-np.abs(values[row]))[:_LEADING]
        told = ", ".join(f"{names[place]} {values[row, place]:+.3f}" for place in leading)
        lines.append([outcome, int(members.sum()), rows.names[row], round(float(answers[row]), 4), told])
    columns = ("outcome", "rows", "row", "answer", "adds most")
    return Table("one_of_each", "One row of each outcome, drawn by lot", columns, lines)
