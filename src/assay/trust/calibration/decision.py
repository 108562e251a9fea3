"""Decision curves: whether acting on the score does more good than treating everybody or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.trust.performance.intervals import Interval
from assay.trust.performance.means import Mean, mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """True positives less false ones, weighed by the odds of the threshold, a person.

    Attributes:
        threshold: Risk at which one would just about treat, above 0 and below 1.
        model: Treating whom the score calls, with interval.
        everybody: Treating all.
        gain: Model less the better of all and none.
        gain_interval: Where both differences surely lie (intersection-union); ``None`` with fewer than two patients.
    """

    threshold: float
    model: Mean
    everybody: float
    gain: float
    gain_interval: Interval | None


def decision_curve(
    truth: NDArray[np.bool_], score: NDArray[np.float64], patient: NDArray[np.intp], thresholds: Sequence[float]
) -> list[NetBenefit]:
    """Return the net benefit at each threshold (Vickers and Elkin 2006), intervals from the variance between patients."""
    curve = []
    for threshold in thresholds:
        odds = threshold / (1 - threshold)
        called = score >= threshold
        model = np.where(called, np.where(truth, 1.0, -odds), 0.0)
        everybody = np.where(truth, 1.0, -odds)
        over_none, over_all = mean(model, patient), mean(model - everybody, patient)
        ends = None
        if over_none.interval and over_all.interval:
            ends = Interval(
                min(over_none.interval.low, over_all.interval.low), min(over_none.interval.high, over_all.interval.high)
            )
        gain = min(over_none.value, over_all.value)
        curve.append(NetBenefit(float(threshold), over_none, float(everybody.mean()), gain, ends))
    return curve
