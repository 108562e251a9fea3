"""ProtoDash (Gurumoorthy et al. 2019, arXiv:1707.01212): the few cases, with weights, that stand for many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ENOUGH = 1e-9


@dataclass(frozen=True, slots=True)
class Prototypes:
    """What stands for the rest.

    Attributes:
        rows: Numbers of the candidates chosen, in the order of choice.
        weights: Of each, not negative.
        objective: ``mean similarity - half the similarity among themselves``, after each choice; it never falls.
    """

    rows: NDArray[np.intp]
    weights: NDArray[np.float64]
    objective: NDArray[np.float64]


def prototypes(
    candidates: NDArray[np.float64], target: NDArray[np.float64], count: int, *, width: float | None = None
) -> Prototypes:
    """Choose candidates whose weighted sum is nearest to the target in the mean of a Gaussian kernel (MMD).

    Greedy: the candidate with the steepest gain is taken, then all weights are fitted anew, none below 0.

    Args:
        candidates: Rows to choose from, such as embeddings, shape (candidates, features).
        target: Rows to stand for, shape (targets, features).
        count: How many are chosen, at most; fewer when no further one gains anything.
        width: Of the kernel; default the median distance among up to 500 rows of the target.

    Raises:
        ValueError: Nothing to choose from, nothing to stand for, or another number of features.
    """
    if not len(candidates) or not len(target) or candidates.shape[1] != target.shape[1]:
        raise ValueError(f"{candidates.shape} candidates cannot stand for a target of shape {target.shape}")
    scale = width or median_distance(target)
    wanted = _kernel(candidates, target, scale).mean(axis=1)
    chosen: list[int] = []
    weights, objective = np.empty(0), []
    among = np.empty((len(candidates), 0))
    for _ in range(min(count, len(candidates))):
        gain = wanted - among @ weights
        gain[chosen] = -np.inf
        best = int(gain.argmax())
        if gain[best] <= _ENOUGH:
            break
        chosen.append(best)
        among = np.column_stack([among, _kernel(candidates, candidates[best : best + 1], scale)])
        weights = _fitted(among[chosen], wanted[chosen])
        objective.append(float(weights @ wanted[chosen] - weights @ among[chosen] @ weights / 2))
    return Prototypes(np.array(chosen, dtype=np.intp), weights, np.array(objective))


def resemblance(
    candidates: NDArray[np.float64], chosen: NDArray[np.intp], cases: NDArray[np.float64], *, width: float
) -> NDArray[np.float64]:
    """Return how much each case resembles what was chosen: its similarity to them, weighted, less half of theirs among themselves.

    Weights are fitted to the candidates. The mean over cases is what ProtoDash maximises, for cases that it has not seen: half of how much
    nearer the chosen are to them in the kernel's mean than nothing at all.

    Args:
        candidates: Rows that were chosen from, shape (candidates, features).
        chosen: Rows of these.
        cases: Shape (cases, features).
        width: Of the kernel; ``prototypes`` takes the ``median_distance`` of its target.

    Returns:
        Shape (cases,), each at most 0.5.
    """
    few = candidates[chosen]
    among = _kernel(few, few, width)
    weights = _fitted(among, _kernel(few, candidates, width).mean(axis=1))
    alike: NDArray[np.float64] = _kernel(cases, few, width) @ weights - weights @ among @ weights / 2
    return alike


def _fitted(matrix: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maximise ``w @ wanted - w @ matrix @ w / 2`` over w >= 0: a least-squares problem through the Cholesky factor."""
    from scipy.optimize import nnls  # a tenth of a second that only this choice needs

    root = np.linalg.cholesky(matrix + 1e-10 * np.eye(len(matrix)))
    found: NDArray[np.float64] = nnls(root.T, np.linalg.solve(root, wanted))[0]
    return found


def _kernel(one: NDArray[np.float64], other: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    far = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None] - 2 * one @ other.T
    near: NDArray[np.float64] = np.exp(-np.clip(far, 0.0, None) / (2 * width**2))
    return near


def median_distance(rows: NDArray[np.float64]) -> float:
    """Return the median distance among up to 500 rows, 1 when all are the same."""
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), 500)).astype(int)]
    # Row by row: the array of all differences would be 2 GB for 1,024 features.
    far = np.sqrt(np.concatenate([((some[at:] - one) ** 2).sum(axis=1) for at, one in enumerate(some, start=1)]))
    apart = far[far > 0]
    return float(np.median(apart)) if len(apart) else 1.0
