"""The closed set of statements: what each is called, which block of the report it fills, and which way is better.

A policy may only name what stands here, so that a typing error in a rule is found before anything is judged.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Block(enum.StrEnum):
    """The measured blocks of a trust report, in its order."""

    INTENDED_USE = "intended-use"
    DATA = "data"
    LINEAGE = "lineage"
    DISCRIMINATION = "discrimination"
    CALIBRATION = "calibration"
    UTILITY = "utility"
    SUBGROUPS = "subgroups"
    EXPLANATION = "explanation"
    ROBUSTNESS = "robustness"
    SHIFT_DETECTION = "shift-detection"
    UNCERTAINTY = "uncertainty"
    PRIVACY = "privacy"
    FAILURES = "failures"
    MONITORING = "monitoring"


class Better(enum.StrEnum):
    """Which values are good."""

    HIGHER = "higher"
    LOWER = "lower"
    ZERO = "near 0"
    ONE = "near 1"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of statement.

    Attributes:
        title: What it is, as a heading of a table.
        block: Where the report shows it.
        better: Which values are good.
        help: One sentence: how to read it.
    """

    title: str
    block: Block
    better: Better
    help: str


def _discrimination() -> dict[str, Kind]:
    block, up = Block.DISCRIMINATION, Better.HIGHER
    return {
        "discrimination.auroc": Kind(
            "AUROC", block, up, "Chance that a positive scores above a negative; 0.5 is a coin."
        ),
        "discrimination.auprc": Kind("AUPRC", block, up, "Mean precision over recall; the prevalence is a coin."),
        "discrimination.sensitivity": Kind("Sensitivity", block, up, "Share of the positives that are found."),
        "discrimination.specificity": Kind("Specificity", block, up, "Share of the negatives that are cleared."),
        "discrimination.balanced_accuracy": Kind(
            "Balanced accuracy", block, up, "Mean of sensitivity and specificity."
        ),
        "discrimination.ppv": Kind("PPV", block, up, "Share of positive calls that are right; follows prevalence."),
        "discrimination.npv": Kind("NPV", block, up, "Share of negative calls that are right; follows prevalence."),
        "discrimination.f1": Kind("F1", block, up, "Harmonic mean of sensitivity and PPV."),
        "discrimination.accuracy": Kind("Accuracy", block, up, "Share of right calls; follows prevalence."),
    }


def _probabilities() -> dict[str, Kind]:
    calibration = Block.CALIBRATION
    return {
        "calibration.ece": Kind(
            "ECE", calibration, Better.LOWER, "Mean gap of score and observed share, bins of equal count."
        ),
        "calibration.brier": Kind("Brier score", calibration, Better.LOWER, "Mean squared error of the score."),
        "calibration.slope": Kind("Calibration slope", calibration, Better.ONE, "Below 1: scores are too extreme."),
        "calibration.intercept": Kind(
            "Calibration intercept", calibration, Better.ZERO, "Above 0: risks are underestimated."
        ),
        "utility.net_benefit": Kind(
            "Net benefit",
            Block.UTILITY,
            Better.HIGHER,
            "True positives less false ones weighed by the threshold's odds.",
        ),
        "utility.net_benefit_gain": Kind(
            "Net benefit over the better of all and none",
            Block.UTILITY,
            Better.HIGHER,
            "Above 0: using the model beats treating everybody or nobody.",
        ),
        "uncertainty.coverage": Kind(
            "Conformal coverage",
            Block.UNCERTAINTY,
            Better.HIGHER,
            "Share of cases whose truth is in the prediction set.",
        ),
        "uncertainty.selective_risk": Kind(
            "Selective risk", Block.UNCERTAINTY, Better.LOWER, "Error rate among the cases the model is surest of."
        ),
    }


CHANGING = ("tpr", "fpr", "ppv", "selection_rate", "accuracy", "auroc")
"""Figures of a group whose change from one model, or rule, to another is told."""


def _fairness() -> dict[str, Kind]:
    block = Block.SUBGROUPS
    rates = {
        "tpr": ("TPR", Better.HIGHER, "Share of the group's positives that are found."),
        "fpr": ("FPR", Better.LOWER, "Share of the group's negatives that are called positive."),
        "fnr": ("FNR", Better.LOWER, "Share of the group's positives that are missed."),
        "tnr": ("TNR", Better.HIGHER, "Share of the group's negatives that are cleared."),
        "ppv": ("PPV", Better.HIGHER, "Share of the group's positive calls that are right."),
        "npv": ("NPV", Better.HIGHER, "Share of the group's negative calls that are right."),
        "selection_rate": ("Selection rate", Better.NEITHER, "Share of the group that is called positive."),
        "base_rate": ("Base rate", Better.NEITHER, "Share of the group that has the disease."),
        "accuracy": ("Accuracy", Better.HIGHER, "Share of right calls in the group."),
        "auroc": ("AUROC", Better.HIGHER, "Discrimination within the group."),
        "ece": ("ECE", Better.LOWER, "Calibration error within the group."),
        "brier": ("Brier score", Better.LOWER, "Squared error within the group."),
    }
    kinds = {}
    for name, (title, better, told) in rates.items():
        kinds[f"fairness.{name}"] = Kind(title, block, better, told)
        kinds[f"fairness.{name}_difference"] = Kind(
            f"{title} difference", block, Better.ZERO, f"{title} of the group minus that of the reference."
        )
        if name in CHANGING:
            kinds[f"fairness.{name}_change"] = Kind(
                f"{title} change", block, better, f"{title} of the group after minus before, the same patients."
            )
    return kinds | {
        "fairness.statistical_parity_difference": Kind(
            "Statistical parity difference", block, Better.NEITHER, "Difference of selection rates; follows prevalence."
        ),
        "fairness.disparate_impact": Kind(
            "Disparate impact", block, Better.NEITHER, "Ratio of selection rates; follows prevalence."
        ),
        "fairness.equal_opportunity_difference": Kind(
            "Equal opportunity difference", block, Better.ZERO, "Difference of true positive rates."
        ),
        "fairness.average_odds_difference": Kind(
            "Average odds difference", block, Better.ZERO, "Mean of the differences of TPR and FPR."
        ),
        "fairness.largest_gap": Kind(
            "Largest gap",
            block,
            Better.ZERO,
            "Largest difference of any two groups, corrected for having been looked for.",
        ),
    }


def _explanation() -> dict[str, Kind]:
    block, up, down = Block.EXPLANATION, Better.HIGHER, Better.LOWER
    return {
        "explanation.pointing": Kind(
            "Pointing game", block, up, "Share of images whose hottest place is in the lesion."
        ),
        "explanation.iou": Kind(
            "IoU", block, up, "Overlap of the hottest area, as large as the lesion, with the lesion."
        ),
        "explanation.pixel_auroc": Kind("Pixel AUROC", block, up, "Heat inside the lesion against heat outside."),
        "explanation.energy": Kind("Energy inside", block, up, "Share of the positive heat that lies in the lesion."),
        "explanation.deletion": Kind("Deletion", block, down, "Score left while the hottest parts are taken away."),
        "explanation.insertion": Kind("Insertion", block, up, "Score won while the hottest parts are put in."),
        "explanation.infidelity": Kind(
            "Infidelity, normalised", block, down, "Error of heat as a forecast of score changes."
        ),
        "explanation.max_sensitivity": Kind(
            "Max-sensitivity", block, down, "How far a tiny change moves the heat map."
        ),
        "explanation.repeatability": Kind("Repeatability", block, up, "Rank correlation of maps of other seeds."),
        "explanation.randomisation_spearman": Kind(
            "Randomisation, rank correlation", block, down, "Likeness to the map of a network with random weights."
        ),
        "explanation.randomisation_ssim": Kind(
            "Randomisation, SSIM", block, down, "Structural likeness to the map of a network with random weights."
        ),
        "explanation.gain_over_control": Kind(
            "Gain over the best control", block, up, "How much better than random, intensity and edges; 0: no better."
        ),
        "explanation.monotonicity": Kind(
            "Monotonicity",
            block,
            up,
            "Share of cases whose score never falls while parts are added, the least important first.",
        ),
        "explanation.faithfulness": Kind(
            "Faithfulness correlation", block, up, "Correlation of heat with the loss when the part is removed."
        ),
        "explanation.prototype_accuracy": Kind(
            "Nearest prototype", block, up, "Share of cases whose nearest prototype has their label."
        ),
        "explanation.prototype_likeness": Kind(
            "Likeness to prototypes",
            block,
            up,
            "How much cases of other patients resemble the prototypes of their label; at most 0.5, where nothing differs.",
        ),
        "explanation.prototype_gain": Kind(
            "Prototypes over a lot", block, up, "How much more prototypes tell than as many images by lot; 0: no more."
        ),
    }


def _robustness() -> dict[str, Kind]:
    block, up, down = Block.ROBUSTNESS, Better.HIGHER, Better.LOWER
    return {
        "robustness.shift_auroc": Kind(
            "AUROC under shift", block, up, "Discrimination on cases of another acquisition."
        ),
        "robustness.shift_sensitivity": Kind("Sensitivity under shift", block, up, "At the model's own threshold."),
        "robustness.shift_specificity": Kind("Specificity under shift", block, up, "At the model's own threshold."),
        "robustness.shift_auroc_drop": Kind(
            "AUROC lost under shift", block, down, "Clean minus shifted, same patients."
        ),
        "robustness.accuracy": Kind(
            "Robust accuracy",
            block,
            up,
            "Share still right under an attack of this budget: an upper bound of the truth.",
        ),
        "robustness.certified_accuracy": Kind(
            "Certified accuracy", block, up, "Share proven right within this budget: a lower bound of the truth."
        ),
        "robustness.gradient_masking": Kind(
            "Gradient masking",
            block,
            Better.ZERO,
            "White-box checks that failed; above 0 robust accuracy is not to be believed.",
        ),
        "shift_detection.auroc": Kind(
            "Detection AUROC", Block.SHIFT_DETECTION, up, "Telling cases of another source from the model's own."
        ),
        "privacy.membership_advantage": Kind(
            "Membership advantage", Block.PRIVACY, down, "TPR minus FPR of guessing who was in the training data."
        ),
    }


def _data() -> dict[str, Kind]:
    failures, data, down = Block.FAILURES, Block.DATA, Better.LOWER
    return {
        "shortcut.cue_auroc": Kind(
            "AUROC of a cue", failures, down, "Predicting the target from what should not matter."
        ),
        "shortcut.score_drop": Kind(
            "Score lost without the cue", failures, down, "How much the model itself leans on it."
        ),
        "shortcut.auroc_drop": Kind(
            "AUROC lost without the cue", failures, down, "Discrimination that the cue carried."
        ),
        "leakage.patients": Kind("Patients in two splits", data, down, "Above 0 the test set is not independent."),
        "leakage.images": Kind("Images in two splits", data, down, "The same pixels on both sides."),
        "leakage.rows": Kind(
            "Equal rows in two splits",
            data,
            down,
            "Share of rows with an equal one on the other side; few columns make them by chance.",
        ),
        "leakage.near_duplicates": Kind("Near-duplicates in two splits", data, down, "By perceptual hash."),
        "data.units": Kind("Patients", data, Better.NEITHER, "Independent units of a part."),
        "data.rows": Kind("Images or rows", data, Better.NEITHER, "Rows of a part."),
        "data.prevalence": Kind("Prevalence", data, Better.NEITHER, "Share of a part with the disease."),
        "data.unreadable": Kind("Unreadable files", data, down, "Share of the files that could not be read."),
        "failures.error_rate": Kind(
            "Error rate", failures, down, "Of the worst cells, corrected for having been looked for."
        ),
        "failures.error_rate_difference": Kind(
            "Error rate of a rule",
            failures,
            down,
            "Inside less outside, on patients that the rule was not learnt from.",
        ),
    }


_PATIENTS = "patients"
_RARER = f"{_PATIENTS} of the rarer class"
_POSITIVE, _NEGATIVE = f"{_PATIENTS} of the positive class", f"{_PATIENTS} of the negative class"
_COUNTED = {
    _RARER: "auroc auprc balanced_accuracy shift_auroc shift_auroc_drop cue_auroc score_drop auroc_drop",
    _POSITIVE: "sensitivity shift_sensitivity tpr fnr equal_opportunity",
    _NEGATIVE: "specificity shift_specificity fpr tnr",
    f"{_PATIENTS} called positive": "ppv",
    f"{_PATIENTS} called negative": "npv",
    f"{_PATIENTS} of the smaller side": "membership_advantage",
    "images": "gradient_masking",
}
_DIFFERENCE, _CHANGE = "_difference", "_change"


def counted(statement: str) -> str:
    """Return in words what the ``n`` of a statement counts, such as ``patients of the rarer class``."""
    name = statement.partition(".")[2]
    base = name.removesuffix(_DIFFERENCE).removesuffix(_CHANGE)
    who = next((words for words, names in _COUNTED.items() if base in names.split()), _PATIENTS)
    return f"{who} in the smaller group" if name.endswith(_DIFFERENCE) else who


KINDS: dict[str, Kind] = _discrimination() | _probabilities() | _fairness() | _explanation() | _robustness() | _data()
"""Statement id to what it is."""
