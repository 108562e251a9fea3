"""Randomised smoothing: a decision that is proven to hold within a radius (Cohen, Rosenfeld and Kolter 2019, arXiv:1902.02918)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Certified:
    """What smoothing proves.

    Attributes:
        called: The smoothed model's decision, shape (N,).
        radius: L2 distance within which it is proven to hold; negative: no decision was sure enough (it abstains).
        cap: The largest radius that this number of samples can prove: larger ones are not disproven, they were not looked for.
    """

    called: NDArray[np.bool_]
    radius: NDArray[np.float64]
    cap: float


def certify(
    is_positive: Callable[[NDArray[np.float32]], NDArray[np.bool_]],
    pixels: NDArray[np.float32],
    sigma: float,
    *,
    choose: int = 20,
    samples: int = 500,
    alpha: float = 0.001,
    seed: int = 0,
) -> Certified:
    """Certify the smoothed model: the decision that most noisy copies of a picture get.

    It is another model than the one that is deployed: a lower bound for it says what a hospital would gain by smoothing.

    Args:
        is_positive: The base model's decision on pixels N x 1 x H x W.
        pixels: N x 1 x H x W in 0..1.
        sigma: Standard deviation of the noise.
        choose: Noisy copies by which the decision is chosen.
        samples: Further copies by which it is certified.
        alpha: Chance that a certificate is wrong.
        seed: Of the noise.

    Returns:
        Radius ``sigma * ndtri(p)``, p the Clopper-Pearson lower bound of the share that agrees.
    """
    from scipy.special import betaincinv, ndtri  # heavy; only certificates need it

    random = np.random.default_rng(seed)
    called, radius = np.empty(len(pixels), dtype=bool), np.empty(len(pixels))
    for row, picture in enumerate(pixels):
        called[row] = 2 * _positives(is_positive, picture, sigma, choose, random) >= choose
        agree = _positives(is_positive, picture, sigma, samples, random)
        agree = agree if called[row] else samples - agree
        sure = float(betaincinv(agree, samples - agree + 1, alpha)) if agree else 0.0
        radius[row] = sigma * float(ndtri(sure)) if sure > 0.5 else -1.0
    return Certified(called, radius, largest_radius(sigma, samples, alpha))


def largest_radius(sigma: float, samples: int, alpha: float = 0.001) -> float:
    """Return the largest radius that ``samples`` noisy copies can prove, all of them agreeing."""
    from scipy.special import ndtri  # heavy; only certificates need it

    return sigma * float(ndtri(alpha ** (1 / samples)))


def _positives(
    is_positive: Callable[[NDArray[np.float32]], NDArray[np.bool_]],
    picture: NDArray[np.float32],
    sigma: float,
    count: int,
    random: np.random.Generator,
) -> int:
    found = 0
    for start in range(0, count, _AT_ONCE):
        shape = (min(_AT_ONCE, count - start), *picture.shape)
        noisy = picture[None] + np.float32(sigma) * random.standard_normal(shape, dtype=np.float32)
        found += int(is_positive(noisy).sum())
    return found
