"""What an audit found, as statements of evidence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.kinds import counted
from assay.trust.evidence.statement import Criterion, Estimate, State, Statement, judge
from assay.trust.performance import paired
from assay.trust.performance.intervals import METHOD, Interval
from assay.trust.shortcuts.audit import Found

_ERROR = 0.05


def cue_statement(
    found: Found, on: Mapping[str, str], criterion: Criterion | None, adjusted: float, family: str
) -> Statement:
    """Return the statement of a cue's area.

    A pass needs the whole interval below the bound: that holds for all cues at once when it holds for each. A fail needs that
    the corrected p says so too, because the worst of many harmless cues looks guilty by chance.
    """
    method = "the cue is the same in every image: it can tell nothing" if found.constant else METHOD
    interval = found.interval
    estimate = Estimate(
        found.auroc,
        interval.low if interval else None,
        interval.high if interval else None,
        n=found.units,
        rows=found.rows,
        positives=found.units,
        method=method,
    )
    if criterion is None:
        return Statement("shortcut.cue_auroc", estimate, on=on, family=family, adjusted_p=adjusted)
    verdict = judge(estimate, criterion, counted("shortcut.cue_auroc"))
    state, reason = verdict.state, verdict.reason
    if state is State.FAIL and adjusted >= _ERROR:
        state = State.INSUFFICIENT
        reason = f"{estimate} is above {criterion.most}, but not beyond what the worst of all cues shows by chance (p {adjusted:.2g})"
    return Statement(
        "shortcut.cue_auroc",
        estimate,
        on=on,
        criterion=criterion,
        state=state,
        reason=reason,
        needed=verdict.needed,
        family=family,
        adjusted_p=adjusted,
    )


def loss_statements(
    removal: str,
    truth: NDArray[np.bool_],
    patient: NDArray[np.intp],
    clean: NDArray[np.float64],
    without: NDArray[np.float64],
    criterion: Criterion | None,
    *,
    draws: int,
    seed: int,
) -> list[Statement]:
    """Return what the model's score loses when a cue is taken out: in AUROC, held against ``criterion``, and in the gap of mean scores.

    Args:
        removal: What was taken out.
        truth: Whether the row is positive; both classes are there.
        patient: Whole number of the patient of each row.
        clean: The model's scores.
        without: Its scores without the cue.
        criterion: Bound on the lost AUROC.
        draws: Bootstrap samples of patients.
        seed: Of the bootstrap.
    """
    units = min(len(np.unique(patient[truth])), len(np.unique(patient[~truth])))
    on = {"removed": removal}
    drop, ends = paired.auroc_drop(truth, clean, without, patient, draws=draws, seed=seed)
    gap, gap_ends = paired.mean_difference(truth, clean, without, patient, draws=draws, seed=seed)
    return [
        Statement.judged("shortcut.auroc_drop", _estimate(drop, ends, units, len(truth)), criterion, on=on),
        Statement.judged("shortcut.score_drop", _estimate(gap, gap_ends, units, len(truth)), None, on=on),
    ]


def _estimate(value: float, ends: Interval | None, units: int, rows: int) -> Estimate:
    low, high = (ends.low, ends.high) if ends else (None, None)
    return Estimate(value, low, high, n=units, rows=rows, positives=units, method=paired.METHOD)
