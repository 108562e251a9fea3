"""What may leave a site: changes of weights that came in, of the same names and shapes, and the numbers named here. All else is held back."""

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

Check = Callable[[Any], bool]
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_WORD = 64


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _counts(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == BINS and all(map(_count, value))


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
CHECKED: Mapping[str, Check] = {"difference": _number, "images": _count}


_NUMBERS: Mapping[Asked, Mapping[str, Check]] = {
    Asked.DESCRIBE: DESCRIBED,
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
            of its name and shape, in single precision.
    """
    names = refused(answer.told, _NUMBERS[question.asked])
    if question.asked is Asked.TRAIN:
        names += sorted(set(answer.change) ^ set(question.arrays))
        names += [
            name
            for name in question.arrays
            if name in answer.change and not _fits(answer.change[name], question.arrays[name])
        ]
    else:
        names += sorted(answer.change)
    if names:
        raise ComponentError(f"a site may not send {names[0]} as it is", culprit=names[0])


def _fits(sent: object, came: NDArray[Any]) -> bool:
    return isinstance(sent, np.ndarray) and sent.dtype == np.float32 and sent.shape == came.shape
