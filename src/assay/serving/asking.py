"""A request of the open inference protocol, whichever way it came: one input, its tensor, and what is said of the patients."""

from __future__ import annotations

import math
import struct
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.serving.decoding import Pixels, as_shape, from_pictures, from_tensor, other_modality
from assay.serving.faults import RequestFault
from assay.serving.model import Answer, ServedModel
from assay.serving.patients import Patient, read_modality, read_patients

KINDS: dict[str, np.dtype[Any]] = {
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    "FP16": np.dtype("<f2"),
    "UINT8": np.dtype("u1"),
}
TENSOR, PICTURE, LABEL = "image", "picture", "label"
LONGEST_ID = 200
_MOST_ELEMENTS = 1 << 28


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was understood.

    Attributes:
        id: The caller's, or a new one: an answer always has one.
        pixels: Ready for the model.
        warnings: What is unusual about the input.
        patients: Whom each picture is of, as far as the caller says.
        wanted: Names of the outputs that are asked for; empty: all.
        binary: Names of outputs that the caller wants as bytes.
    """

    id: str
    pixels: Pixels
    warnings: Sequence[str]
    patients: Sequence[Patient]
    wanted: Sequence[str] = ()
    binary: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """A request as it came.

    Attributes:
        id: The caller's, or empty.
        name: Of the input.
        kind: Its type, in the protocol's words.
        shape: Its shape, not yet believed.
        strings: Reads the elements of a BYTES tensor.
        numbers: Reads the elements of any other, flat.
        parameters: What is said beside it.
        wanted: Names of the outputs that are asked for; empty: all.
        binary: Names of outputs that are wanted as bytes.
    """

    id: str
    name: str
    kind: str
    shape: object
    strings: Callable[[], Sequence[bytes]]
    numbers: Callable[[np.dtype[Any]], NDArray[Any]]
    parameters: Mapping[str, Any]
    wanted: Sequence[str] = ()
    binary: frozenset[str] = frozenset()


def understood(given: Given, model: ServedModel) -> Asked:
    """Return what a request asks.

    Raises:
        RequestFault: There is no such input, output or type, or what it holds is not what the model takes.
    """
    shape, said = _shape(given.shape), given.parameters
    if given.name == PICTURE and given.kind == "BYTES":
        contents = given.strings()
        if len(contents) != math.prod(shape):
            raise RequestFault(f"{len(contents)} pictures, the shape says {math.prod(shape)}", culprit="shape")
        pixels, warnings = from_pictures(contents, model.facts, read_modality(said))
    elif given.name == TENSOR and given.kind in KINDS:
        pixels = from_tensor(as_shape(given.numbers(KINDS[given.kind]), shape), model.facts)
        warnings = other_modality(read_modality(said), model.facts)
    else:
        raise RequestFault(
            f"there is no input {given.name!r} of type {given.kind!r}",
            culprit=given.name,
            hint=f"inputs are {TENSOR!r} ({', '.join(KINDS)}) and {PICTURE!r} (BYTES)",
        )
    known = [*number_outputs(model), LABEL]
    for name in given.wanted:
        if name not in known:
            raise RequestFault(f"there is no output {name!r}", culprit=name, hint=f"outputs are {', '.join(known)}")
    patients = read_patients(said, len(pixels))
    return Asked(given.id[:LONGEST_ID] or uuid.uuid4().hex, pixels, warnings, patients, given.wanted, given.binary)


def number_outputs(model: ServedModel) -> list[str]:
    """Return the names of the outputs that are numbers."""
    return ["probabilities", "score", *(["out_of_distribution"] if model.typical is not None else [])]


def outputs(model: ServedModel, asked: Asked, answers: Sequence[Answer]) -> dict[str, NDArray[np.float32] | list[str]]:
    """Return the outputs that were asked for, in order: arrays of FP32, and the labels."""
    made: dict[str, NDArray[np.float32] | list[str]] = {}
    for name in asked.wanted or [*number_outputs(model), LABEL]:
        if name == "probabilities":
            rows = [[one.probabilities[label] for label in model.facts.labels] for one in answers]
            made[name] = np.array(rows, dtype="<f4")
        elif name == LABEL:
            made[name] = [one.label for one in answers]
        else:
            made[name] = np.array([one.score if name == "score" else one.unlike for one in answers], dtype="<f4")
    return made


def all_warnings(model: ServedModel, asked: Asked, answers: Sequence[Answer]) -> list[str]:
    """Return everything that must stand beside these answers: of the bundle, of the pictures, of the patients."""
    return [*model.cautions, *asked.warnings, *model.remarks(answers, asked.patients)]


def raw_numbers(raw: bytes, kind: np.dtype[Any]) -> NDArray[Any]:
    """Return the elements of a tensor of numbers as they come as bytes; raises ``RequestFault``."""
    if len(raw) % kind.itemsize:
        raise RequestFault(f"{len(raw)} bytes are no whole numbers of {kind.itemsize} bytes", culprit="data")
    return np.frombuffer(raw, dtype=kind)


def raw_strings(raw: bytes) -> list[bytes]:
    """Return the elements of a BYTES tensor: four bytes of length, little-endian, before each; raises ``RequestFault``."""
    found, place = [], 0
    while place < len(raw):
        if place + 4 > len(raw):
            raise RequestFault("a BYTES tensor ends within a length", culprit="data")
        (length,) = struct.unpack_from("<I", raw, place)
        if place + 4 + length > len(raw):
            raise RequestFault("a BYTES tensor is shorter than it says", culprit="data")
        found.append(raw[place + 4 : place + 4 + length])
        place += 4 + length
    return found


def _shape(given: object) -> list[int]:
    whole = isinstance(given, list) and all(type(one) is int and one >= 0 for one in given)
    if not whole or not isinstance(given, list) or not 0 < len(given) <= 4 or math.prod(given) > _MOST_ELEMENTS:
        raise RequestFault("'shape' is a list of one to four whole numbers", culprit="shape")
    return given
