"""Drift from the counters of a predictor, as Prometheus writes them."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assay.deployment.drift import drift, wilson


def counted(*, covid=0, other=0, ratios=(), groups=(), rates=()):
    """What the predictor's counters look like after some answers."""
    registry = CollectorRegistry()
    pictures = Counter("assay_pictures", "Pictures by answer.", ["label"], registry=registry)
    pictures.labels("covid").inc(covid)
    pictures.labels("other").inc(other)
    unlike = Histogram("assay_out_of_distribution", "Distance.", buckets=(0.5, 1.0, 2.0), registry=registry)
    for ratio in ratios:
        unlike.observe(ratio)
    by = Counter("assay_group_pictures", "By group.", ["by", "group", "label"], registry=registry)
    for group, label, count in groups:
        by.labels("sex", group, label).inc(count)
    expected = Gauge("assay_evidence_selection_rate", "Expected.", ["by", "group"], registry=registry)
    for group, rate in rates:
        expected.labels("sex", group).set(rate)
    return drift(generate_latest(registry).decode(), "covid")


def test_few_pictures_tell_nothing():
    found = counted(covid=10, other=20, ratios=[5.0] * 30)
    assert (found.pictures, found.findings, found.words) == (30, [], "30 pictures, too few to tell")


def test_pictures_as_those_of_the_training_are_no_finding():
    found = counted(
        covid=50,
        other=150,
        ratios=[0.4] * 196 + [1.5] * 4,
        groups=[("F", "covid", 20), ("F", "other", 80)],
        rates=[("F", 0.2)],
    )
    assert found.words == "none in 200 pictures"


def test_a_changed_scanner_is_found():
    found = counted(other=100, ratios=[0.4] * 60 + [3.0] * 40)
    assert found.findings == ["40% (31% to 50%) of pictures are unlike those of the training"]


def test_a_group_that_is_called_otherwise_than_when_judged_is_named():
    groups = [("F", "covid", 60), ("F", "other", 40), ("M", "covid", 20), ("M", "other", 80)]
    found = counted(covid=80, other=120, groups=groups, rates=[("F", 0.2), ("M", 0.2)])
    assert found.findings == ["sex F: 60% (50% to 69%) called positive, 20% when it was judged"]


def test_a_small_group_is_not_accused():
    found = counted(covid=100, groups=[("F", "covid", 49)], rates=[("F", 0.1)])
    assert found.words == "none in 100 pictures"


@pytest.mark.parametrize(
    ("count", "total", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)]
)
def test_the_interval_is_that_of_wilson(count, total, low, high):
    assert wilson(count, total) == pytest.approx((low, high), abs=1e-4)


def test_what_is_no_text_of_prometheus_is_refused():
    with pytest.raises(ValueError, match=r".+"):
        drift("<html>", "covid")
