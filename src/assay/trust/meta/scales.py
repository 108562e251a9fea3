"""The scale on which sites are averaged: log-odds for figures in 0..1, logarithms for ratios, as they are for the others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from assay.trust.evidence.statement import Estimate

_NORMAL = 1.959963984540054
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Scale:
    """To a scale and back; ``name`` for people."""

    name: str
    to: Callable[[float], float]
    back: Callable[[float], float]


def _logit(value: float) -> float:
    value = min(max(value, _EDGE), 1 - _EDGE)
    return math.log(value / (1 - value))


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


def _same(value: float) -> float:
    return value


def _log(value: float) -> float:
    return math.log(max(value, _EDGE))


def _apart(value: float) -> float:
    return min(max(value, -1.0), 1.0)


LOGIT, LOG, IDENTITY, DIFFERENCE = (
    Scale("log-odds", _logit, _expit),
    Scale("logarithm", _log, math.exp),
    Scale("none", _same, _same),
    Scale("none", _same, _apart),  # two shares are at most 1 apart, however few sites there are
)

_RATIOS = ("fairness.disparate_impact",)
_SHARES = frozenset(
    {f"discrimination.{name}" for name in ("auroc", "auprc", "sensitivity", "specificity", "ppv", "npv", "accuracy")}
    | {f"fairness.{name}" for name in ("tpr", "fpr", "fnr", "tnr", "ppv", "npv", "selection_rate", "base_rate")}
    | {f"fairness.{name}" for name in ("accuracy", "auroc")}
    | {f"robustness.{name}" for name in ("shift_auroc", "shift_sensitivity", "shift_specificity", "accuracy")}
    | {"robustness.certified_accuracy", "uncertainty.coverage", "uncertainty.selective_risk", "shift_detection.auroc"}
    | {"explanation.pointing", "explanation.pixel_auroc", "shortcut.cue_auroc", "data.prevalence"}
)


def scale_of(statement: str) -> Scale:
    """Return the scale of a kind of statement."""
    if statement in _RATIOS:
        return LOG
    if statement.endswith("_difference"):
        return DIFFERENCE
    return LOGIT if statement in _SHARES else IDENTITY


def effect(estimate: Estimate, scale: Scale) -> tuple[float, float] | None:
    """Return the estimate and its variance on a scale; ``None`` where it has no interval.

    Wilson's interval lies symmetrically on the log-odds scale (Newcombe 1998), so that its width there is the standard error's. A share of 0
    or 1 gets one half added to both of its counts (Haldane 1956, Anscombe 1956).
    """
    if estimate.low is None or estimate.high is None:
        return None
    if scale is LOGIT and estimate.value in {0.0, 1.0}:
        if estimate.n < 1:
            return None
        hits = estimate.value * estimate.n
        return math.log((hits + 0.5) / (estimate.n - hits + 0.5)), 1 / (hits + 0.5) + 1 / (estimate.n - hits + 0.5)
    width = scale.to(estimate.high) - scale.to(estimate.low)
    return (scale.to(estimate.value), (width / (2 * _NORMAL)) ** 2) if width > 0 else None
