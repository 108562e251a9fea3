"""What may leave a site: changes of weights that came in, sums of what its pictures look like, and the numbers named here; nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.errors import ComponentError
from assay.training.federated.asking import Answer, Asked, Question
from assay.training.federated.judged import BINS
from assay.training.federated.likeness import SCATTER, STEPS, SUMS

Check = Callable[[Any], bool]
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_WORD = 64
_MOST_FACTS = 100
"""Facts of a picture whose sums may leave: an eighth by an eighth of it, and a few more. No sum is a picture's size."""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _counts(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == BINS and all(map(_count, value))


def _distances(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == STEPS and all(map(_count, value))


def _word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_WORD


def _words(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_word, value))


def _by_label(value: Any) -> bool:
    return isinstance(value, Mapping) and all(_word(label) and _count(rows) for label, rows in value.items())


def _digest(value: Any) -> bool:
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


def _part(value: Any) -> bool:
    return isinstance(value, Mapping) and not refused(value, PART)


PART: Mapping[str, Check] = {"images": _by_label, "patients": _by_label, "sha256": _digest}
DESCRIBED: Mapping[str, Check] = {
    "labels": _words,
    "positive": _word,
    "intensity": _word,
    "modality": _word,
    "height": _count,
    "width": _count,
    "spacing": _number,
    "mean": _number,
    "std": _number,
    "train": _part,
    "validation": _part,
    "synthetic": lambda value: isinstance(value, bool),
}
JUDGED: Mapping[str, Check] = {"loss": _number, "weight": _number, "positives": _counts, "negatives": _counts}
TRAINED: Mapping[str, Check] = {"images": _count, "training_loss": _number, **JUDGED}
LOOKED: Mapping[str, Check] = {"images": _by_label}
MEASURED: Mapping[str, Check] = {"distances": _distances}
CHECKED: Mapping[str, Check] = {"difference": _number, "images": _count}


_NUMBERS: Mapping[Asked, Mapping[str, Check]] = {
    Asked.DESCRIBE: DESCRIBED,
    Asked.LOOK: LOOKED,
    Asked.MEASURE: MEASURED,
    Asked.TRAIN: TRAINED,
    Asked.VALIDATE: JUDGED,
    Asked.CHECK: CHECKED,
}


def refused(told: Mapping[str, Any], allowed: Mapping[str, Check]) -> list[str]:
    """Return the names of numbers that are lacking, unknown, or no such numbers."""
    odd = {name for name in told.keys() & allowed.keys() if not allowed[name](told[name])}
    return sorted(odd | (told.keys() ^ allowed.keys()))


def refuse_other(question: Question, answer: Answer) -> None:
    """Hold an answer against the question that it answers.

    Raises:
        ComponentError: It holds other numbers than those named for the question, or another array than a change of each weight that came:
            of its name and shape, in single precision; or, asked what its pictures look like, another array than sums by label and a scatter.
    """
    names = refused(answer.told, _NUMBERS[question.asked])
    if question.asked is Asked.TRAIN:
        names += sorted(set(answer.change) ^ set(question.arrays))
        names += [
            name
            for name in question.arrays
            if name in answer.change and not _fits(answer.change[name], question.arrays[name])
        ]
    elif question.asked is Asked.LOOK:
        names += _odd_sums(answer.change, len(question.terms["labels"]))
    else:
        names += sorted(answer.change)
    if names:
        raise ComponentError(f"a site may not send {names[0]} as it is", culprit=names[0])


def _odd_sums(sent: Mapping[str, Any], labels: int) -> list[str]:
    """Return the names of arrays that are no sums by label and no scatter of few facts."""
    odd = set(sent) ^ {SUMS, SCATTER}
    facts = np.shape(sent.get(SUMS, ()))[-1:]
    if facts > (_MOST_FACTS,) or not _is_table(sent.get(SUMS), (labels, *facts)):
        odd.add(SUMS)
    if not _is_table(sent.get(SCATTER), (*facts, *facts)):
        odd.add(SCATTER)
    return sorted(odd)


def _is_table(sent: Any, shape: tuple[int, ...]) -> bool:
    right = isinstance(sent, np.ndarray) and sent.dtype == np.float64 and sent.ndim == 2 and sent.shape == shape
    return right and bool(np.isfinite(sent).all())


def _fits(sent: object, came: NDArray[Any]) -> bool:
    return isinstance(sent, np.ndarray) and sent.dtype == np.float32 and sent.shape == came.shape
