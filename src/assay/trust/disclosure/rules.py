"""What happens to each kind of statement before it leaves a site. A kind that is not named here is withheld."""

from __future__ import annotations

import enum

from assay.trust.evidence.kinds import KINDS


class Rule(enum.Enum):
    """How a kind of figure is told."""

    CELLS = "computed from the rounded counts of the group"
    GAP = "computed from what is told of both groups"
    SHARE = "rounded to whole steps of the patients that carry it"
    AREA = "rounded to 0.01, its interval from rounded counts"
    MEAN = "rounded to 0.01, its interval outwards"
    WITHHELD = "withheld"


CELL_RATES = {
    "discrimination.sensitivity": "tpr",
    "discrimination.specificity": "tnr",
    "discrimination.ppv": "ppv",
    "discrimination.npv": "npv",
    "discrimination.accuracy": "accuracy",
} | {
    f"fairness.{name}": name
    for name in ("tpr", "fpr", "fnr", "tnr", "ppv", "npv", "selection_rate", "base_rate", "accuracy")
}
"""Statement to the rate it is, in the names of ``fairness.rates.RATES``."""

RATE_GAPS = {f"fairness.{name}_difference": name for name in CELL_RATES.values()} | {
    "fairness.statistical_parity_difference": "selection_rate",
    "fairness.equal_opportunity_difference": "tpr",
}
"""Statement to the rate whose difference it is."""

AREAS = ("discrimination.auroc", "fairness.auroc", "robustness.shift_auroc")

SHARES = (
    "robustness.shift_sensitivity",
    "robustness.shift_specificity",
    "robustness.accuracy",
    "robustness.certified_accuracy",
    "uncertainty.coverage",
    "uncertainty.selective_risk",
)

MEANS = (
    "discrimination.auprc",
    "calibration.ece",
    "calibration.brier",
    "calibration.slope",
    "calibration.intercept",
    "utility.net_benefit",
    "utility.net_benefit_gain",
    "fairness.ece",
    "fairness.brier",
    "robustness.shift_auroc_drop",
    "robustness.gradient_masking",
    "shortcut.cue_auroc",
    "shortcut.score_drop",
    "shortcut.auroc_drop",
    *(name for name in KINDS if name.startswith("explanation.") and name != "explanation.pointing"),
)

STEPS = {"calibration.slope": 0.05, "calibration.intercept": 0.05}
"""Steps of figures that are told less finely than 0.01."""

CONDITIONS = frozenset(
    {
        "shift",
        "severity",
        "threshold",
        "promised",
        "surest",
        "attack",
        "budget",
        "norm",
        "sigma",
        "method",
        "figure",
        "fill",
        "control",
        "removed",
        "cue",
        "target",
    }
)
"""Keys of ``on`` that name a condition and no people; any other key names a group, or the statement is withheld."""


def rule_of(statement: str) -> Rule:
    """Return what happens to a kind of statement."""
    if statement in CELL_RATES:
        return Rule.CELLS
    if statement in RATE_GAPS or statement in {"fairness.disparate_impact", "fairness.average_odds_difference"}:
        return Rule.GAP
    if statement in SHARES:
        return Rule.SHARE
    if statement in AREAS:
        return Rule.AREA
    return Rule.MEAN if statement in MEANS else Rule.WITHHELD
