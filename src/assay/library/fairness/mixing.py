"""Fairlearn's exponentiated gradient over rows of numbers: logistic regressions that are mixed until a constraint holds."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError

_LEAST_WEIGHT = 1e-6
_CERTAIN = 50.0
"""Log-odds of a member that always answers the same."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What the fit is told."""

    constraint: str
    bound: float
    rounds: int
    strength: float


@dataclass(frozen=True, slots=True)
class Mixture:
    """Logistic regressions and the share of each.

    Attributes:
        slopes: Shape (members, prepared columns).
        offsets: Shape (members,).
        shares: Shape (members,), summing to 1.
    """

    slopes: NDArray[np.float64]
    offsets: NDArray[np.float64]
    shares: NDArray[np.float64]

    def log_odds(self, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each member says, shape (rows, members)."""
        return prepared @ self.slopes.T + self.offsets

    def score(self, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean probability of the positive label, shape (rows,)."""
        found: NDArray[np.float64] = (1 / (1 + np.exp(-self.log_odds(prepared)))) @ self.shares
        return found

    def facts(self, held: NDArray[np.float64], rounds: int) -> dict[str, Any]:
        """Return what ``model.json`` says of the game, and say it; ``held`` are validation rows."""
        score, drawn = self.score(held), self.drawn(held)
        alike = float(np.where(score >= 0.5, drawn, 1 - drawn).mean())
        members = len(self.shares)
        print(f"{members} classifiers mixed after {rounds} rounds; at 0.5 the model decides as the lot for {alike:.1%}")
        return {"rounds": rounds, "members": members, "decides_as_the_lot": alike}

    def drawn(self, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how often a member drawn by lot calls each row positive: Fairlearn's randomised classifier."""
        found: NDArray[np.float64] = (self.log_odds(prepared) > 0) @ self.shares
        return found


def refuse_groups(names: Sequence[str], code: NDArray[np.intp], truth: NDArray[np.bool_], by: str) -> None:
    """Raise ComponentError when a constraint cannot be put on groups: fewer than two, or one of a single class.

    Args:
        names: Of the groups.
        code: Group of each case; below 0: not known.
        truth: Whether each case is positive.
        by: Column that the groups are of.
    """
    if len(names) < 2:
        raise ComponentError(f"the training cases have fewer than two groups of {by!r}", culprit=by)
    for number, name in enumerate(names):
        here = truth[code == number]
        if here.all() or not here.any():
            raise ComponentError(f"the training cases of the group {name!r} have one class only", culprit=name)


def mixed(
    rows: NDArray[np.float64], truth: NDArray[np.bool_], groups: NDArray[np.str_], demand: Demand
) -> tuple[Mixture, int]:
    """Play the game; return the mixture and how many rounds it took.

    Args:
        rows: What is learnt from, scaled, shape (rows, columns).
        truth: Whether each row is positive.
        groups: Of each row.
        demand: What is asked for.
    """
    from fairlearn import reductions  # heavy; only this fit needs it
    from sklearn.linear_model import LogisticRegression

    moments = {
        "equalized_odds": reductions.EqualizedOdds,
        "true_positive_rate_parity": reductions.TruePositiveRateParity,
        "false_positive_rate_parity": reductions.FalsePositiveRateParity,
        "demographic_parity": reductions.DemographicParity,
    }
    game = reductions.ExponentiatedGradient(
        LogisticRegression(C=demand.strength, max_iter=5000),
        moments[demand.constraint](difference_bound=demand.bound),
        eps=demand.bound,
        max_iter=demand.rounds,
    )
    with warnings.catch_warnings():  # of pandas and scikit-learn about what Fairlearn does inside
        warnings.simplefilter("ignore")
        game.fit(rows, truth.astype(int), sensitive_features=groups)
    used = [number for number, share in game.weights_.items() if share > _LEAST_WEIGHT]
    lines = [_line(game.predictors_[number], rows.shape[1]) for number in used]
    shares = np.array([float(game.weights_[number]) for number in used])
    slopes, offsets = (np.array(each) for each in zip(*lines, strict=True))
    return Mixture(slopes, offsets, shares / shares.sum()), int(game.last_iter_) + 1


def _line(member: Any, columns: int) -> tuple[NDArray[np.float64], float]:
    """Return slopes and offset of a member; one that was given a single class always answers that."""
    if hasattr(member, "coef_"):
        return member.coef_[0], float(member.intercept_[0])
    always = float(member.predict(np.zeros((1, columns)))[0])
    return np.zeros(columns), _CERTAIN if always > 0.5 else -_CERTAIN
