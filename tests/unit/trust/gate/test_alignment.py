"""Predictions and truth, case by case."""

from __future__ import annotations

import pytest

from assay.trust.gate.alignment import misaligned

TRUTH = {"a.png": "covid", "b.png": "other", "c.png": "covid", "d.png": "other"}


def test_the_same_cases_in_any_order_fit():
    assert misaligned(list(reversed(TRUTH.items())), TRUTH) == []


@pytest.mark.parametrize(
    ("rows", "code", "message"),
    [
        (
            list(zip(TRUTH, ["other", "covid", "covid", "other"], strict=True)),
            "truth-differs",
            "2 of 4 cases have another truth",
        ),
        ([*TRUTH.items(), ("e.png", "covid")], "unknown-case", "1 of 4 cases are not in the test data: e.png"),
        (list(TRUTH.items())[1:], "missing-case", "1 of 4 cases of the test data have no prediction: a.png"),
        ([*TRUTH.items(), ("a.png", "covid")], "repeated-case", "more than once: a.png"),
    ],
)
def test_each_way_to_be_apart_has_its_name(rows, code, message):
    (fault,) = misaligned(rows, TRUTH)
    assert fault.code == code
    assert message in fault.message


def test_many_cases_are_counted_and_a_few_named():
    (fault,) = misaligned([(case, "x") for case in TRUTH], TRUTH)
    assert fault.message.endswith("a.png, b.png, c.png …")
