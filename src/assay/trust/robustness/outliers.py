"""Does the model notice images of another kind: scores by which they may be told from its own.

Three, each from what ONNX Runtime answers: the energy of the logits (Liu et al. 2020, arXiv:2010.03759), the largest
probability (Hendrycks and Gimpel 2017, arXiv:1610.02136), and the Mahalanobis distance in a feature layer (Lee et al. 2018,
arXiv:1807.03888).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RIDGE = 0.05


class OutlierScore(enum.StrEnum):
    """The closed set of scores; larger means less like the model's own images."""

    ENERGY = "energy"
    CONFIDENCE = "1 - largest probability"
    MAHALANOBIS = "Mahalanobis distance of features"


def energy(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return minus the log of the sum of the powers of logits N x K, shape (N,)."""
    top = logits.max(axis=1)
    score: NDArray[np.float64] = -(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)))
    return score


def doubt(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 minus the largest probability, shape (N,)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    score: NDArray[np.float64] = 1 - powers.max(axis=1) / powers.sum(axis=1)
    return score


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Class means of features and one precision for all."""

    means: NDArray[np.float64]
    precision: NDArray[np.float64]

    @classmethod
    def fitted(cls, features: NDArray[np.float64], classes: NDArray[np.intp]) -> Gaussian:
        """Fit to features N x F of the model's own images; the covariance is drawn towards its diagonal by 5 %."""
        kinds = np.unique(classes)
        means = np.array([features[classes == kind].mean(axis=0) for kind in kinds])
        rest = features - means[np.searchsorted(kinds, classes)]
        return cls.of(means, rest.T @ rest / max(1, len(rest) - len(kinds)))

    @classmethod
    def of(cls, means: NDArray[np.float64], spread: NDArray[np.float64]) -> Gaussian:
        """Return the model of class means K x F and a covariance F x F, drawn towards its diagonal by 5 %."""
        diagonal = np.diag(np.diag(spread))
        mixed = (1 - _RIDGE) * spread + _RIDGE * diagonal + np.eye(len(spread)) * (1e-6 + 1e-6 * np.trace(spread))
        return cls(means, np.linalg.inv(mixed))

    def distance(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the squared Mahalanobis distance to the nearest class mean, shape (N,)."""
        away = features[:, None, :] - self.means[None]
        squared = ((away @ self.precision) * away).sum(axis=2)
        nearest: NDArray[np.float64] = squared.min(axis=1)
        return nearest
