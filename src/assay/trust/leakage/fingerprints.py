"""Short descriptions of pictures by which nearly equal ones are found among many."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EDGE = 64
"""Pixels along the edge of the square picture that a fingerprint is made of."""

MOST_BITS = 12
LEAST_CORRELATION = 0.92
"""Measured: copies saved again, halved, brightened or made noisy reach 0.94 and more, two people at most 0.75 (films), 0.70 (CT), 0.89 (phantom)."""

_LOW, _COARSE = 8, 12
_ROWS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Of many pictures.

    Attributes:
        exact: sha256 of the pixels of each.
        bits: Perceptual hash, 64 bits, shape (pictures,), uint64.
        detail: What remains of the small picture when its coarse shape is taken away, of unit length, shape (pictures, pixels).
    """

    exact: tuple[str, ...]
    bits: NDArray[np.uint64]
    detail: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures of two parts that are alike, by row; ``correlation`` of their detail, 1 for equal pixels."""

    first: int
    second: int
    correlation: float


def exact_digest(pixels: NDArray[np.generic]) -> str:
    """Return sha256 of a picture's shape and pixels."""
    shape = repr((pixels.shape, pixels.dtype.str)).encode()
    return hashlib.sha256(shape + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def fingerprints(exact: tuple[str, ...], small: NDArray[np.float32]) -> Fingerprints:
    """Return the fingerprints of pictures.

    The hash is the sign of the 8 x 8 lowest cosine frequencies against their median (Zauner 2010). All chests look alike to
    it, so it only names candidates; two are called alike when the detail beyond those frequencies correlates as well.

    Args:
        exact: ``exact_digest`` of each.
        small: The pictures shrunk, shape (pictures, EDGE, EDGE).
    """
    cosine = _cosines()
    waves = cosine @ small.astype(np.float64) @ cosine.T
    low = waves[:, :_LOW, :_LOW].reshape(len(small), _LOW * _LOW)
    signs = low > np.median(low[:, 1:], axis=1, keepdims=True)
    bits = np.packbits(signs, axis=1).view(np.uint64).ravel()
    rest = waves.copy()
    rest[:, :_COARSE, :_COARSE] = 0
    detail = rest.reshape(len(small), EDGE * EDGE)
    length = np.linalg.norm(detail, axis=1, keepdims=True)
    return Fingerprints(exact, bits, (detail / np.maximum(length, 1e-9)).astype(np.float32))


def near_pairs(first: Fingerprints, second: Fingerprints) -> Iterator[Pair]:
    """Yield every pair of pictures of two parts that are equal or nearly so, in bounded memory."""
    for start in range(0, len(first.bits), _ROWS_AT_ONCE):
        bits = first.bits[start : start + _ROWS_AT_ONCE]
        apart = np.bitwise_count(bits[:, None] ^ second.bits[None, :])
        for row, other in np.argwhere(apart <= MOST_BITS):
            here = start + int(row)
            alike = float(first.detail[here] @ second.detail[other])
            if alike >= LEAST_CORRELATION or first.exact[here] == second.exact[other]:
                yield Pair(here, int(other), min(alike, 1.0))


def _cosines() -> NDArray[np.float64]:
    """Return the orthonormal cosine transform (DCT-II) of ``EDGE`` points."""
    place = np.arange(EDGE)
    waves: NDArray[np.float64] = np.cos(np.pi * (place[None, :] + 0.5) * place[:, None] / EDGE) * np.sqrt(2 / EDGE)
    waves[0] /= np.sqrt(2)
    return waves
