"""ProtoDash as AI Explainability 360 has it."""

from __future__ import annotations

import contextlib
import io

import numpy as np
from aix360.algorithms.protodash import ProtodashExplainer
from numpy.typing import NDArray

from assay.trust.explain.prototypes import median_distance

_FAR = 1e3
"""Kernel widths away, where nothing is like anything."""


def protodash(features: NDArray[np.float64], count: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the rows that stand for all, and the weight of each; those that add nothing are left out.

    The library lets its second candidate replace the first whatever their gain, so that the first is never chosen. A row that is
    like none stands first, and changes nothing.

    Args:
        features: Shape (rows, features).
        count: How many are chosen, at most.
    """
    width = median_distance(features)
    nobody = features.mean(axis=0, keepdims=True) + _FAR * width
    with contextlib.redirect_stdout(io.StringIO()):  # the solver behind it prints what nobody asked for
        weights, rows, _ = ProtodashExplainer().explain(
            features, np.concatenate([nobody, features]), min(count, len(features)), kernelType="Gaussian", sigma=width
        )
    weights = np.asarray(weights, dtype=np.float64).ravel()
    real = (np.asarray(rows) > 0) & (weights > 1e-9)
    return np.asarray(rows, dtype=np.intp)[real] - 1, weights[real]
