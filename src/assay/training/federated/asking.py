"""What a server may ask of sites, whatever carries the messages."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

MODEL = "model.onnx"
"""Name of the ONNX file's bytes beside the weights."""


class Asked(enum.StrEnum):
    """The closed set of questions."""

    DESCRIBE = "describe"
    LOOK = "look"
    MEASURE = "measure"
    TRAIN = "train"
    VALIDATE = "validate"
    CHECK = "check"


class Question(NamedTuple):
    """What goes to every site; the first one holds nothing.

    Attributes:
        arrays: Weights of the network, and with ``CHECK`` the bytes of the ONNX file; with ``MEASURE`` what pictures look like.
        terms: ``Terms.as_json``.
        round: Of training, from 0.
    """

    asked: Asked
    arrays: Mapping[str, NDArray[Any]]
    terms: Mapping[str, Any]
    round: int = 0


class Answer(NamedTuple):
    """What comes back: numbers, with ``TRAIN`` the change of each weight, and with ``LOOK`` sums of what pictures look like."""

    told: Mapping[str, Any]
    change: Mapping[str, NDArray[Any]]


class Sites(Protocol):
    """The sites that still take part."""

    def ask(self, question: Question) -> Mapping[str, Answer]:
        """Return the answer of each site, by name.

        Raises:
            ComponentError: A site refused, or too few are left.
        """
        ...


def as_bytes(array: NDArray[Any]) -> bytes:
    """Return the file behind an array of bytes."""
    return np.asarray(array, dtype=np.uint8).tobytes()
