"""A rate as a smooth function of age, so that no finding hangs on where a group begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.proportions import Clusters, Proportion, proportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NARROWEST = 4.0
"""Years of standard deviation that the kernel has at least."""

_FEWEST = 10.0
"""Independent rows that a point of the curve rests on at least."""


def rate_over_age(
    age: NDArray[np.float64], hit: NDArray[np.bool_], patient: NDArray[np.intp], *, points: int = 25
) -> list[tuple[float, Proportion]]:
    """Return age and rate along a curve, each with a pointwise 95 % interval that counts patients.

    A local share with a normal kernel (Nadaraya 1964, Watson 1964) whose width follows Silverman's rule (1986, eq. 3.31); its interval is
    the score interval of the effective number of rows under the kernel.

    Args:
        age: Years of the rows that the rate is about; NaN: left out.
        hit: Whether the row has what is counted, shape (rows,).
        patient: Whole numbers, shape (rows,).
        points: Ages, evenly between the 2nd and 98th percentile; those with fewer than ten rows' worth are left out.
    """
    known = ~np.isnan(age)
    age, hit, patient = age[known], hit[known], patient[known]
    if len(age) < _FEWEST or np.ptp(age) == 0:
        return []
    quartiles = np.subtract(*np.quantile(age, [0.75, 0.25])) / 1.34
    width = max(0.9 * min(float(age.std()), float(quartiles) or np.inf) * len(age) ** -0.2, _NARROWEST)
    _, who = np.unique(patient, return_inverse=True)
    curve = []
    for at in np.linspace(np.quantile(age, 0.02), np.quantile(age, 0.98), points):
        weight = np.exp(-0.5 * ((age - at) / width) ** 2)
        weight *= weight.sum() / (weight @ weight)
        if weight.sum() < _FEWEST:
            continue
        trials, hits = np.bincount(who, weights=weight), np.bincount(who, weights=weight * hit)
        sums = Clusters.of(hits, trials)
        # Rounding must not make patients of one row look like patients of several; far away patients carry nothing.
        near = int((trials > 1e-3 * trials.max()).sum())
        found = proportion(replace(sums, trials_squared=sums.trials_squared * (1 - 1e-12), units=near))
        if found is not None and found.interval is not None:
            curve.append((float(at), found))
    return curve
