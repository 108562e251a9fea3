"""The server's arithmetic: weights of several sites become one set, the same to the last bit whoever answers first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assay.errors import ComponentError

Weights = Mapping[str, NDArray[np.float32]]


def averaged(
    weights: Weights, changes: Mapping[str, Weights], images: Mapping[str, int]
) -> dict[str, NDArray[np.float32]]:
    """Return weights moved by the mean of the sites' changes, each counted by its training images (FedAvg).

    McMahan et al. 2017, arXiv:1602.05629. Sites are added in the order of their names, in double precision: floating-point sums
    depend on the order, and sites answer in another one each time.

    Args:
        weights: What the sites began the round with.
        changes: What each changed, by site.
        images: How many images each trained on.

    Raises:
        ComponentError: A change is not of the shape of the weights, or not finite.
    """
    total = sum(images[site] for site in changes)
    made = {}
    for name, before in weights.items():
        moved = np.zeros(before.shape, dtype=np.float64)
        for site in sorted(changes):
            change = changes[site].get(name)
            if change is None or change.shape != before.shape or not np.isfinite(change).all():
                raise ComponentError(f"site {site} sent no usable change of {name}", culprit=site)
            moved += change.astype(np.float64) * (images[site] / total)
        made[name] = (before + moved).astype(np.float32)
    return made
