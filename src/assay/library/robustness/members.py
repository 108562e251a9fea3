"""What both components of membership inference do alike: the advantage of everybody and by label, as statements and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError
from assay.trust.evidence.evidence import Table
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.robustness.membership import METHOD, Advantage, advantage

FEWEST = 20
REFERENCE = "Yeom et al. 2018"
CAVEATS = (
    "One simple attacker, who knows the model's probability of the true label: a stronger one may learn more, so this is a lower bound.",
    "Where training and other cases differ in kind, the attacker may tell the kind and not the membership.",
)


@dataclass(frozen=True, slots=True)
class Side:
    """Cases that were trained on, or that were not.

    Attributes:
        sure: Probability of each case's own label.
        label: Of each case.
        patient: Whole number of the patient of each case.
    """

    sure: NDArray[np.float64]
    label: NDArray[np.str_]
    patient: NDArray[np.intp]

    @classmethod
    def of(
        cls,
        probabilities: NDArray[np.float64],
        labels: Sequence[str],
        label: NDArray[np.str_],
        patient: NDArray[np.intp],
    ) -> Side:
        """Take each case's own label out of the probabilities, shape (cases, labels)."""
        column = [list(labels).index(each) for each in label]
        return cls(probabilities[np.arange(len(column)), column], label, patient)

    def only(self, label: str) -> Side:
        """Return the cases of one label, their patients numbered anew."""
        rows = self.label == label
        patient = np.unique(self.patient[rows], return_inverse=True)[1].astype(np.intp)
        return Side(self.sure[rows], self.label[rows], patient)


def refuse_shared(members: Sequence[str], others: Sequence[str], what: str, hint: str) -> None:
    """Raise ComponentError when a patient is on both sides."""
    if shared := set(members) & set(others):
        raise ComponentError(
            f"{len(shared)} patients are among the training {what} and among the others",
            culprit=min(shared),
            hint=f"split by patient; {hint} lists all of them",
        )


def advantages(members: Side, others: Side, labels: Sequence[str], draws: int, seed: int) -> Mapping[str, Advantage]:
    """Return the advantage of everybody (empty name) and of each label that both sides have."""
    pairs = {"": (members, others)}
    for label in labels:
        if (members.label == label).any() and (others.label == label).any():
            pairs[label] = members.only(label), others.only(label)
    return {
        label: advantage(one.sure, other.sure, one.patient, other.patient, draws=draws, seed=seed)
        for label, (one, other) in pairs.items()
    }


def statements(found: Mapping[str, Advantage], most: float) -> list[Statement]:
    """State the advantages; that of everybody is held against ``most``."""
    bound = Criterion(most=most, fewest=FEWEST)
    return [_statement(label, each, None if label else bound) for label, each in found.items()]


def areas(found: Mapping[str, Advantage]) -> Table:
    """Return how well the attacker's score tells both sides apart."""
    rows: list[list[str | float]] = [[label or "everybody", each.auroc, each.rows] for label, each in found.items()]
    return Table("attacker", "AUROC of the attacker's score", ("cases", "auroc", "rows"), rows)


def _statement(label: str, found: Advantage, criterion: Criterion | None) -> Statement:
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    estimate = Estimate(found.value, low, high, n=found.units, rows=found.rows, method=METHOD)
    return Statement.judged("privacy.membership_advantage", estimate, criterion, on={"label": label} if label else {})
