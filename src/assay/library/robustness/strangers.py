"""Rows of a model's own kind beside strangers: how far each is from the training rows, and how sure the model is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from assay.data.tables.rows import people, read_rows
from assay.data.tables.schema import Kind
from assay.training.tables.asking import TableModel
from assay.training.tables.cases import TableCases
from assay.training.tables.facts import Feature, encode
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.performance.intervals import METHOD
from assay.trust.robustness.outliers import Gaussian, OutlierScore
from assay.trust.shortcuts.audit import score_found

_FEWEST = 20
_JUDGED = OutlierScore.MAHALANOBIS


@dataclass(frozen=True, slots=True)
class Scores:
    """Rows with both scores.

    Attributes:
        scores: Score to one number a row; larger means stranger.
        patient: Whole number of the patient of each row.
    """

    by_name: Mapping[OutlierScore, NDArray[np.float64]]
    patient: NDArray[np.intp]

    @property
    def scores(self) -> NDArray[np.float64]:
        """The score that is judged."""
        return self.by_name[_JUDGED]

    @property
    def people(self) -> int:
        """How many patients there are."""
        return len(np.unique(self.patient))


@dataclass(frozen=True, slots=True)
class Strangers:
    """The model's own kind and strangers, scored.

    Attributes:
        learnt: Training rows that the distance rests on.
    """

    model: TableModel
    own: Scores
    foreign: Scores
    learnt: int
    synthetic: bool

    @classmethod
    def read(
        cls, model: Path, table: Path, train: Path, other: Path | None, most: int, seed: int, *, threads: int
    ) -> Self:
        """Read and score; without ``other`` the strangers are the rows of ``table``, each column shuffled by itself.

        Raises:
            ComponentError: As ``TableModel``, ``TableCases.read`` and ``encode``.
        """
        asker = TableModel(model, threads=threads)
        facts = asker.facts
        learnt = TableCases.read(train, facts, "the training table").sample(most, seed)
        cases = TableCases.read(table, facts).sample(most, seed)
        features = numeric(learnt.matrix, facts.features)
        fitted = Gaussian.fitted(features, learnt.truth.astype(np.intp))
        random = np.random.default_rng(seed)
        if other is None:
            strange = np.stack([random.permutation(column) for column in cases.matrix.T], axis=1)
            theirs = np.arange(len(strange))
        else:
            rows = read_rows(other, "the second source")
            rows = rows.iloc[np.sort(random.permutation(len(rows))[:most])].reset_index(drop=True)
            strange, theirs = encode(rows, facts.features, "the second source").matrix, people(rows)

        def scored(values: NDArray[np.float32], patient: NDArray[np.intp]) -> Scores:
            doubt = 1 - asker.probabilities(values).max(axis=1)
            far = fitted.distance(numeric(values, facts.features))
            return Scores({OutlierScore.CONFIDENCE: doubt, _JUDGED: far}, patient)

        own, foreign = scored(cases.matrix, cases.patient), scored(strange, theirs)
        return cls(asker, own, foreign, len(learnt), cases.synthetic)


def numeric(values: NDArray[np.float32], features: Sequence[Feature]) -> NDArray[np.float64]:
    """Return encoded rows as numbers to measure distances in: deviations of training, and a column of 0 and 1 a category.

    A missing number is as usual as can be, the middle of its range, and says so in a column of its own.
    """
    parts = []
    for place, feature in enumerate(features):
        column = values[:, place].astype(np.float64)
        if feature.kind is Kind.NUMBER:
            lost = np.isnan(column)
            scale = max(feature.deviation, 1e-12)
            parts += [np.where(lost, 0.0, (column - (feature.low + feature.high) / 2) / scale), lost.astype(np.float64)]
        else:
            parts += [(column == code).astype(np.float64) for code in range(len(feature.categories))]
    return np.stack(parts, axis=1)


def detection(found: Strangers, least: float, *, draws: int, seed: int) -> list[Statement]:
    """State how well each score tells strangers; the Mahalanobis distance is held against ``least``."""
    patient = np.concatenate([found.own.patient, found.foreign.patient + found.own.patient.max() + 1]).astype(np.intp)
    truth = np.r_[np.zeros(len(found.own.patient), dtype=bool), np.ones(len(found.foreign.patient), dtype=bool)]
    made = []
    for name, own in found.own.by_name.items():
        score = np.concatenate([own, found.foreign.by_name[name]])
        told = score_found(truth, score, patient, 0.5, draws=draws, seed=seed)
        low, high = (told.interval.low, told.interval.high) if told.interval else (None, None)
        estimate = Estimate(told.auroc, low, high, n=told.units, rows=told.rows, method=METHOD)
        criterion = Criterion(least=least, fewest=_FEWEST) if name is _JUDGED else None
        made.append(Statement.judged("shift_detection.auroc", estimate, criterion, on={"score": str(name)}))
    return made
