"""Whether predictions and truth are about the same cases: held against the test data themselves, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from assay.errors import Fault

_MOST_NAMED = 3


def misaligned(predicted: Sequence[tuple[str, str]], truth: Mapping[str, str]) -> list[Fault]:
    """Return what is wrong between predictions and the data they claim to be about; empty when each case fits.

    Args:
        predicted: Case and true label of each row of the predictions.
        truth: Case to label, as the test data say.
    """
    named = [case for case, _ in predicted]
    there = set(named)
    found = {
        "unknown-case": ([case for case in named if case not in truth], "are not in the test data"),
        "missing-case": ([case for case in truth if case not in there], "of the test data have no prediction"),
        "repeated-case": (
            [case for case, count in Counter(named).items() if count > 1],
            "stand in the predictions more than once",
        ),
        "truth-differs": (
            [case for case, label in predicted if case in truth and truth[case] != label],
            "have another truth in the predictions than in the test data",
        ),
    }
    hint = "predictions and labels were shuffled apart, or are about other data: predict again on these"
    return [
        Fault(code, f"{len(cases)} of {len(truth)} cases {what}: {_some(cases)}", cases[0], hint=hint)
        for code, (cases, what) in found.items()
        if cases
    ]


def _some(cases: Sequence[str]) -> str:
    return ", ".join(cases[:_MOST_NAMED]) + (" …" if len(cases) > _MOST_NAMED else "")
