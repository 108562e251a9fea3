"""Fairlearn's exponentiated gradient on a table, and what it found as one ONNX file."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError
from assay.library.train.tablefitting import Parts
from assay.training.tables.export import as_onnx
from assay.training.tables.facts import OUTPUT
from assay.training.tables.fitting import preparation
from assay.trust.fairness.people import groupings

_PREPARED = "transformed_column"
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

    def drawn(self, prepared: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how often a member drawn by lot calls each row positive: Fairlearn's randomised classifier."""
        found: NDArray[np.float64] = (self.log_odds(prepared) > 0) @ self.shares
        return found


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted.

    Attributes:
        network: As ONNX.
        answers: Of the validation rows, rows x labels.
        facts: For model.json.
    """

    network: Any
    answers: NDArray[np.float64]
    facts: dict[str, Any]


def fitted(parts: Parts, by: str, cuts: Sequence[float], demand: Demand) -> Fitted:
    """Fit under a constraint.

    Raises:
        ComponentError: Three labels, rows that are weighed already, fewer than two groups, a group of one class only, no such column.
    """
    if len(parts.labels) != 2:
        raise ComponentError(
            f"there are {len(parts.labels)} labels, and the constraint is about two", culprit=str(parts.labels[0])
        )
    if (parts.weight != parts.weight[0]).any():
        raise ComponentError(
            "the training rows are weighed already, and the fit chooses weights of its own",
            culprit="weight",
            hint="take the column out, or fit by train/tabular-classifier after fairness/reweighing-table",
        )
    (part,) = groupings(parts.train, [by], cuts)
    for note in part.notes:
        print(f"warning: {note}")
    known = part.code >= 0
    truth = parts.classes == list(parts.labels).index(parts.positive)
    _refuse(part.names, part.code, truth, by)
    prepare = preparation(parts.features, scaled=True).fit(parts.values)
    rows, groups = prepare.transform(parts.values)[known], np.array(part.names)[part.code[known]]
    mixture, rounds = _mixture(np.asarray(rows, dtype=np.float64), truth[known], groups, demand)
    held = np.asarray(prepare.transform(parts.held), dtype=np.float64)
    score, drawn = mixture.score(held), mixture.drawn(held)
    alike = float(np.where(score >= 0.5, drawn, 1 - drawn).mean())
    print(
        f"{len(mixture.shares)} classifiers mixed after {rounds} rounds; at 0.5 the model decides as the lot for {alike:.1%}"
    )
    facts = {"rounds": rounds, "members": len(mixture.shares), "decides_as_the_lot": alike, "groups": list(part.names)}
    return Fitted(
        _network(as_onnx(prepare, len(parts.features), _PREPARED), mixture), np.stack([1 - score, score], axis=1), facts
    )


def _refuse(names: Sequence[str], code: NDArray[np.intp], truth: NDArray[np.bool_], by: str) -> None:
    if len(names) < 2:
        raise ComponentError(f"the training rows have fewer than two groups of {by!r}", culprit=by)
    for number, name in enumerate(names):
        here = truth[code == number]
        if here.all() or not here.any():
            raise ComponentError(f"the training rows of the group {name!r} have one class only", culprit=name)


def _mixture(
    rows: NDArray[np.float64], truth: NDArray[np.bool_], groups: NDArray[np.str_], demand: Demand
) -> tuple[Mixture, int]:
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


def _network(network: Any, mixture: Mixture) -> Any:
    """Return the preprocessing with the mixture after it, as one ONNX model."""
    from onnx import TensorProto, helper, numpy_helper  # heavy; see above

    graph = network.graph
    labels = np.array([[-1.0, 1.0]]), np.array([1.0, 0.0])
    for name, values in (
        ("slopes", mixture.slopes.T),
        ("offsets", mixture.offsets),
        ("shares", mixture.shares[:, None]),
        ("signs", labels[0]),
        ("ends", labels[1]),
    ):
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name))
    graph.node.extend(
        [
            helper.make_node("Gemm", [_PREPARED, "slopes", "offsets"], ["log_odds"]),
            helper.make_node("Sigmoid", ["log_odds"], ["members"]),
            helper.make_node("MatMul", ["members", "shares"], ["positive"]),
            helper.make_node("Gemm", ["positive", "signs", "ends"], [OUTPUT]),
        ]
    )
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [None, 2]))
    return network
