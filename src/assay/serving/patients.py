"""Whom a picture is of, as far as the caller says: read, answered about, counted by group, and never kept."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.serving.faults import RequestFault

SEXES = ("F", "M", "other", "unknown")
OLDEST = 150
"""Years."""

_YEARS = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)Y?")
_MODALITY = re.compile(r"[A-Z]{2,16}")


@dataclass(frozen=True, slots=True)
class Patient:
    """What the caller says of a patient.

    Attributes:
        sex: ``F``, ``M`` or ``other``; empty when not said.
        age: Years; ``None`` when not said.
    """

    sex: str = ""
    age: float | None = None


NOBODY = Patient()


def read_patients(parameters: Mapping[str, Any], number: int) -> list[Patient]:
    """Return the patient of each picture from ``sex`` and ``age``: one value for all pictures, or a list with one a picture.

    Raises:
        RequestFault: Another sex than ``SEXES``, an age that is no number of years, a list of another length.
    """
    sexes = [_sex(one) for one in _each(parameters, "sex", number)]
    ages = [_age(one) for one in _each(parameters, "age", number)]
    return [Patient(sex, age) for sex, age in zip(sexes, ages, strict=True)]


def read_modality(parameters: Mapping[str, Any]) -> str:
    """Return the DICOM modality that the caller says the pictures have, such as ``CT``; empty when not said.

    Raises:
        RequestFault: It is no such code.
    """
    given = parameters.get("modality")
    if given is None:
        return ""
    if not isinstance(given, str) or not _MODALITY.fullmatch(given):
        raise RequestFault("'modality' is a DICOM code", culprit="modality", hint="such as CT, MR or DX")
    return given


def _each(parameters: Mapping[str, Any], name: str, number: int) -> list[Any]:
    given = parameters.get(name)
    if not isinstance(given, list):
        return [given] * number
    if len(given) != number:
        raise RequestFault(f"{len(given)} values of {name!r} for {number} pictures", culprit=name)
    return given


def _sex(given: object) -> str:
    if given is None or given == "":
        return ""
    if not isinstance(given, str) or given not in SEXES:
        raise RequestFault("'sex' is none of the codes that are known", culprit="sex", hint=", ".join(SEXES))
    return "" if given == "unknown" else given


def _age(given: object) -> float | None:
    if given is None or given == "":
        return None
    if isinstance(given, str) and (match := _YEARS.fullmatch(given)):
        given = float(match[1])
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= OLDEST:
        raise RequestFault(f"'age' is a number of years from 0 to {OLDEST}", culprit="age", hint="such as 63 or 063Y")
    return float(given) if math.isfinite(given) else None
