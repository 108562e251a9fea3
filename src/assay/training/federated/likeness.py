"""What the pictures of all sites look like, from sums: no picture and no facts of one cross, and what is found is what pooling would find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from assay.errors import ComponentError
from assay.trust.robustness.typical import QUANTILE, Moments, Typical

SUMS, SCATTER = "sums", "scatter"
CENTRE, SCALE, MEANS, PRECISION = "centre", "scale", "means", "precision"
STEPS = 400
"""Distances of validation pictures are counted in so many steps: no distance of any one picture crosses."""

_NEAREST, _STEP = 4.0, 1.04
_EDGES = _NEAREST * _STEP ** np.arange(STEPS)


@dataclass(frozen=True, slots=True)
class Sums:
    """What one site says of its training pictures.

    Attributes:
        images: Pictures by class, shape (classes,).
        sums: Of each fact by class, shape (classes, facts).
        scatter: Products of the facts less their mean at this site and in this class, summed over all, shape (facts, facts).
    """

    images: NDArray[np.int64]
    sums: NDArray[np.float64]
    scatter: NDArray[np.float64]

    @classmethod
    def of(cls, facts: NDArray[np.float64], classes: NDArray[np.int64], number: int) -> Self:
        """Sum up facts of pictures, N x F, of ``number`` classes."""
        images = np.bincount(classes, minlength=number)
        sums = np.array([facts[classes == one].sum(axis=0) for one in range(number)])
        away = facts - (sums / np.maximum(images, 1)[:, None])[classes]
        return cls(images, sums, away.T @ away)

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return what crosses beside the counts."""
        return {SUMS: self.sums, SCATTER: self.scatter}


def merged(parts: Mapping[str, Sums]) -> Typical:
    """Return the statistics over several sites, without a bound as yet: exactly those of their pictures in one place, but for rounding.

    Sites are added in the order of their names: sums of floating-point numbers depend on the order, and sites answer in another one
    each time.

    Raises:
        ComponentError: A site's sums are not of the others' shape, or not finite.
    """
    known = [parts[site] for site in sorted(parts)]
    for site in sorted(parts):
        one = parts[site]
        fits = (one.sums.shape, one.scatter.shape) == (known[0].sums.shape, known[0].scatter.shape)
        if not (fits and np.isfinite(one.sums).all() and np.isfinite(one.scatter).all()):
            raise ComponentError(f"site {site} sent no usable sums of what its pictures look like", culprit=site)
    images = np.sum([one.images for one in known], axis=0)
    means = np.sum([one.sums for one in known], axis=0) / np.maximum(images, 1)[:, None]
    scatter = np.zeros_like(known[0].scatter)
    for one in known:  # what is scattered within a site, and how far the site's own means lie from those of all
        apart = one.sums / np.maximum(one.images, 1)[:, None] - means
        scatter += one.scatter + (apart * one.images[:, None]).T @ apart
    there = images > 0
    return Typical.of_moments(Moments(images[there], means[there], scatter))


def as_arrays(typical: Typical) -> dict[str, NDArray[np.float64]]:
    """Return the statistics as they go to sites."""
    known = typical.known
    return {CENTRE: typical.centre, SCALE: typical.scale, MEANS: known.means, PRECISION: known.precision}


def counted(typical: Typical, facts: NDArray[np.float64]) -> list[int]:
    """Return how many pictures lie how far from what is typical, STEPS counts; the first holds all nearer, the last all farther ones."""
    places = np.minimum(np.searchsorted(_EDGES, typical.distances(facts)), STEPS - 1)
    counts: list[int] = np.bincount(places, minlength=STEPS).tolist()
    return counts


def bounded(typical: Typical, counts: Sequence[Sequence[int]]) -> Typical:
    """Return the statistics with the bound within which the share ``QUANTILE`` of the sites' validation pictures lies.

    It is the upper edge of a step, at most 4 % farther than the distance of the picture itself.
    """
    whole = np.sum(np.array(counts, dtype=np.int64), axis=0)
    held_out = int(whole.sum())
    place = int(np.searchsorted(np.cumsum(whole), np.ceil(QUANTILE * (held_out - 1)) + 1))
    return typical.within(float(_EDGES[place]), held_out)


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Typical:
    """Return the statistics that came from the server; they have no bound as yet."""
    return Typical.unbounded(arrays[CENTRE], arrays[SCALE], arrays[MEANS], arrays[PRECISION])
