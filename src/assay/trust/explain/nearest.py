"""Prototypes measured: do they tell the labels of cases that they were not chosen from, better than a choice by lot?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.evidence import NotMeasured
from assay.trust.evidence.statement import Criterion, Statement
from assay.trust.explain.averages import mean, share
from assay.trust.explain.prototypes import median_distance, resemblance
from assay.trust.performance.intervals import Interval
from assay.trust.performance.proportions import difference

ACCURACY = "explanation.prototype_accuracy"
LIKENESS = "explanation.prototype_likeness"
GAIN = "explanation.prototype_gain"
OWN, LOT = {"method": "prototypes"}, {"control": "random"}
_LOTS = 100
_AT_ONCE = 2048
_OF_LOTS = f"widened by how much {_LOTS} lots differ (Zou and Donner 2008)"


@dataclass(frozen=True, slots=True)
class Pool:
    """Cases that prototypes of one label are chosen from.

    Attributes:
        features: Shape (cases, features).
        chosen: Rows of the prototypes.
        label: What they are called.
    """

    features: NDArray[np.float64]
    chosen: NDArray[np.intp]
    label: str = ""

    def lot(self, random: np.random.Generator) -> NDArray[np.intp]:
        """Return as many rows as there are prototypes, drawn from the same cases."""
        return random.permutation(len(self.features))[: len(self.chosen)]


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of other patients than those of the prototypes.

    Attributes:
        features: Shape (cases, features).
        truth: Number of each case's label, in the order of the pools.
        patient: Of each case.
        groups: Columns that people are told apart by, such as sex, each with a cell a case; an empty cell is in no group.
    """

    features: NDArray[np.float64]
    truth: NDArray[np.intp]
    patient: NDArray[np.intp]
    groups: Mapping[str, NDArray[np.str_]]


def told_by_nearest(
    prototypes: Sequence[NDArray[np.float64]], cases: NDArray[np.float64], truth: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return 1 for every case whose nearest prototype has its label, else 0.

    Args:
        prototypes: Of each label, shape (prototypes, features).
        cases: Shape (cases, features).
        truth: Number of each case's label.
    """
    every = np.concatenate(prototypes)
    label = np.repeat(np.arange(len(prototypes)), [len(one) for one in prototypes])
    norms = (every**2).sum(axis=1)
    right = np.empty(len(cases))
    for at in range(0, len(cases), _AT_ONCE):
        some = slice(at, at + _AT_ONCE)
        nearest = (norms - 2 * cases[some] @ every.T).argmin(axis=1)
        right[some] = label[nearest] == truth[some]
    return right


def prototype_statements(
    pools: Sequence[Pool], cases: Cases, *, least_gain: float, seed: int, fewest: int = 5
) -> tuple[list[Statement], list[NotMeasured]]:
    """State how well prototypes tell the label and resemble their label's cases, beside as many drawn by lot.

    Judged is the gain over what is to be expected of a lot. Its interval counts patients and also how much lots differ: with enough
    patients half of all lots are better than the mean of lots.

    The likeness of a case is its kernel likeness to the weighted prototypes of its label, less half of what these have among
    themselves: the higher its mean, the smaller the maximum mean discrepancy. A lot's weights are fitted as those of the prototypes.

    Args:
        pools: Of each label.
        cases: Of other patients.
        least_gain: By how much the nearest prototype has to tell more labels than the nearest of a lot.
        seed: Of the lots.
        fewest: A judgement needs at least these patients.
    """
    if bare := [pool.label for pool in pools if not len(pool.chosen)]:
        why = f"no image of {', '.join(bare)} to choose a prototype from, so that the nearest tells nothing"
        return [], [NotMeasured(ACCURACY, why), NotMeasured(LIKENESS, why)]
    if not len(cases.truth):
        why = "there is no case of another patient than those of the prototypes"
        return [], [NotMeasured(ACCURACY, why), NotMeasured(LIKENESS, why)]
    told = _accuracy(pools, cases, np.random.default_rng(seed))
    stated = [
        *_shares(told.own, cases, OWN),
        *_shares(told.by_lot, cases, LOT),
        *_told_by(pools, told.own, cases),
        *_gain(told, cases.patient, Criterion(least_gain, fewest=fewest), {"figure": "nearest prototype"}),
    ]
    missing = []
    for number, pool in enumerate(pools):
        here, about = cases.truth == number, {"label": pool.label}
        if not here.any():
            missing.append(NotMeasured(LIKENESS, "no case of another patient has this label", about))
            continue
        patient = cases.patient[here]
        alike = _likeness(pool, cases.features[here], np.random.default_rng(seed))
        for values, who in ((alike.own, OWN), (alike.by_lot, LOT)):
            if (found := mean(values, patient, least=-0.5, most=0.5)) is not None:
                stated.append(Statement(LIKENESS, found, on=who | about))
        stated += _gain(alike, patient, Criterion(0.0, fewest=fewest), {"figure": "likeness"} | about)
    return stated, missing


@dataclass(frozen=True, slots=True)
class _Beside:
    """A figure of each case, of the prototypes and of lots.

    Attributes:
        own: Of the prototypes, shape (cases,).
        lots: Of each lot, shape (lots, cases).
    """

    own: NDArray[np.float64]
    lots: NDArray[np.float64]

    @property
    def by_lot(self) -> NDArray[np.float64]:
        """What is to be expected of a lot."""
        return self.lots.mean(axis=0)  # type: ignore[no-any-return]


def _accuracy(pools: Sequence[Pool], cases: Cases, random: np.random.Generator) -> _Beside:
    """Return 1 for each case whose nearest has its label, else 0."""
    lots = [
        told_by_nearest([pool.features[pool.lot(random)] for pool in pools], cases.features, cases.truth)
        for _ in range(_LOTS)
    ]
    own = told_by_nearest([pool.features[pool.chosen] for pool in pools], cases.features, cases.truth)
    return _Beside(own, np.stack(lots))


def _likeness(pool: Pool, cases: NDArray[np.float64], random: np.random.Generator) -> _Beside:
    """Return how much each case resembles what was chosen of its label."""
    width = median_distance(pool.features)
    own, *lots = (
        resemblance(pool.features, rows, cases, width=width)
        for rows in (pool.chosen, *(pool.lot(random) for _ in range(_LOTS)))
    )
    return _Beside(own, np.stack(lots))


def _shares(values: NDArray[np.float64], cases: Cases, on: Mapping[str, str]) -> list[Statement]:
    found = share(values, cases.patient)
    return [] if found is None else [Statement(ACCURACY, found, on=on)]


def _told_by(pools: Sequence[Pool], own: NDArray[np.float64], cases: Cases) -> list[Statement]:
    """Return the accuracy within each label and each group of people."""
    parts = [({"label": pool.label}, cases.truth == number) for number, pool in enumerate(pools)]
    parts += [
        ({column: str(value)}, cells == value)
        for column, cells in cases.groups.items()
        for value in np.unique(cells)
        if value
    ]
    found = [(about, share(own[here], cases.patient[here])) for about, here in parts]
    return [Statement(ACCURACY, estimate, on=OWN | about) for about, estimate in found if estimate is not None]


def _gain(
    beside: _Beside, patient: NDArray[np.intp], criterion: Criterion, about: Mapping[str, str]
) -> list[Statement]:
    """Judge what is gained over a lot; the interval recovers the variance of patients and that of lots (Zou and Donner 2008)."""
    found = mean(beside.own - beside.by_lot, patient, least=-1.0, most=1.0)
    if found is None:
        return []
    if found.low is not None and found.high is not None:
        lots = beside.lots.mean(axis=1) - beside.by_lot.mean()
        low, high = np.quantile(lots, [0.025, 0.975])
        ends = difference(found.value, Interval(found.low, found.high), 0.0, Interval(float(low), float(high)))
        found = replace(found, low=max(ends.low, -1.0), high=min(ends.high, 1.0), method=f"{found.method}; {_OF_LOTS}")
    return [Statement.judged(GAIN, found, criterion, on={**OWN, **about}, against=LOT)]
