"""Whether a deployed model still meets patients as it did when it was judged, as far as the counters of its predictor tell.

Two questions are put to the counters, each with a Wilson interval of 95 % (Wilson 1927): what share of pictures is unlike those of the
training, and, in each group of patients, what share is called positive beside the share that the evidence measured. A finding is an
interval that lies beyond its bound as a whole; with few pictures there is none, and that is said.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 50
"""Pictures below which nothing is said."""

UNLIKE = 0.05
"""Share of pictures unlike those of the training above which the scanner or the patients have changed."""

GAP = 0.05
"""Difference of a share called positive from that of the evidence below which nothing is said."""

_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Drift:
    """What the counters of one predictor say.

    Attributes:
        pictures: Answered since it started.
        findings: In words; empty: none, or too few pictures.
    """

    pictures: int
    findings: Sequence[str]

    @property
    def words(self) -> str:
        """In one line."""
        if self.pictures < LEAST:
            return f"{self.pictures} pictures, too few to tell"
        return "; ".join(self.findings) or f"none in {self.pictures} pictures"


def drift(metrics: str, positive: str) -> Drift:
    """Return what the counters of a predictor say.

    Args:
        metrics: Its answer to ``/metrics``, in the text format of Prometheus.
        positive: The label that counts as positive.

    Raises:
        ValueError: This is not that format.
    """
    from prometheus_client.parser import text_string_to_metric_families  # only where sites are looked at

    pictures, unlike, near = 0.0, 0.0, 0.0
    called: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    expected: dict[tuple[str, str], float] = {}
    for sample in (one for family in text_string_to_metric_families(metrics) for one in family.samples):
        group = sample.labels.get("by", ""), sample.labels.get("group", "")
        match sample.name:
            case "assay_pictures_total":
                pictures += sample.value
            case "assay_out_of_distribution_count":
                unlike += sample.value
            case "assay_out_of_distribution_bucket" if float(sample.labels["le"]) == 1.0:
                near += sample.value
            case "assay_group_pictures_total":
                called[group][0] += sample.value * (sample.labels.get("label") == positive)
                called[group][1] += sample.value
            case "assay_evidence_selection_rate":
                expected[group] = sample.value
    findings = _unlike(unlike - near, unlike)
    for group, share in sorted(expected.items()):
        findings += _shifted(" ".join(group), called[group], share)
    return Drift(round(pictures), findings)


def _unlike(count: float, total: float) -> list[str]:
    if total < LEAST:
        return []
    low, high = wilson(count, total)
    if low <= UNLIKE:
        return []
    return [f"{count / total:.0%} ({low:.0%} to {high:.0%}) of pictures are unlike those of the training"]


def _shifted(group: str, called: Sequence[float], share: float) -> list[str]:
    count, total = called
    if total < LEAST:
        return []
    low, high = wilson(count, total)
    if low - GAP <= share <= high + GAP:
        return []
    return [f"{group}: {count / total:.0%} ({low:.0%} to {high:.0%}) called positive, {share:.0%} when it was judged"]


def wilson(count: float, total: float) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a share; ``total`` is above 0."""
    share, spread = count / total, _Z * _Z / total
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
