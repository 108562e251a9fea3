"""Correction for having looked at many comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that one false finding in the whole family stays as rare as promised (Holm 1979).

    For the family that was declared beforehand, whatever the dependence between its comparisons.
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return [float(each) for each in adjusted]


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that the share of false findings among the findings is bounded (Benjamini and Hochberg 1995).

    For exploration: what it finds is a lead, not a proof.
    """
    from scipy.stats import false_discovery_control  # heavy; only an exploration pays for it

    return [float(each) for each in false_discovery_control(list(p))] if len(p) else []


def max_t(errors: NDArray[np.float64], standard: NDArray[np.float64], *, confidence: float = 0.95) -> float:
    """Return how many standard errors hold all comparisons at once (Westfall and Young 1993; Hothorn, Bretz and Westfall 2008).

    Never less than for one comparison: where a bootstrap sees no spread, such as in a group in which nothing was missed, it has none to give.

    Args:
        errors: Bootstrap draw minus estimate, shape (draws, comparisons); NaN where not defined.
        standard: Standard error of each comparison, above 0, shape (comparisons,).
    """
    from scipy.special import ndtri  # heavy; see above

    alone = float(ndtri((1 + confidence) / 2))
    largest = np.nanmax(np.abs(errors) / standard, axis=1, initial=0.0)
    return max(alone, float(np.quantile(largest, confidence)))
