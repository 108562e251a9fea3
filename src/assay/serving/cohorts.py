"""What the evidence in a bundle says about patients like the one who is asked about, and what it does not say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assay.serving.patients import Patient
from assay.trust.evidence.evidence import Evidence
from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.evidence.statement import State, Statement
from assay.trust.evidence.text import evidence_of
from assay.trust.fairness.people import AGE_GROUP, SEX, years_of

UNKNOWN = "unknown"
OTHER = "other"
"""A group that the evidence does not know."""

_LARGEST = 64 << 20
_SHOWN = frozenset({Block.DISCRIMINATION, Block.CALIBRATION, Block.SUBGROUPS, Block.UNCERTAINTY})
_MOST_REASONS = 2


@dataclass(frozen=True, slots=True)
class Groups:
    """The group of a patient in each column; ``unknown`` where nobody said, ``other`` where the evidence has no such group."""

    sex: str
    age_group: str


class Cohorts:
    """The evidence of a bundle, by groups of patients.

    Args:
        evidence: Every evidence file that the verdict rests on, as far as it is in Assay's format.
    """

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        self._statements = [one for each in evidence for one in each.statements if KINDS[one.id].block in _SHOWN]
        self._lacking = [one for each in evidence for one in each.not_measured]
        self.sexes = sorted(self._values(SEX))
        self.ages = sorted(self._values(AGE_GROUP), key=lambda name: (years_of(name) or (0, 0))[0])
        self._warned = lru_cache(maxsize=1024)(self._warnings)

    @classmethod
    def read(cls, folder: Path) -> Cohorts:
        """Read the evidence of a bundle that was verified; files of other formats say nothing about groups."""
        files = [path for path in sorted(folder.glob("*.json")) if path.stat().st_size <= _LARGEST]
        return cls([evidence for path in files if (evidence := _parsed(path))])

    def groups(self, patient: Patient) -> Groups:
        """Return the groups a patient counts to."""
        sex = UNKNOWN if not patient.sex else patient.sex if patient.sex in self.sexes else OTHER
        return Groups(sex, UNKNOWN if patient.age is None else self._age_group(patient.age) or OTHER)

    def warnings(self, patient: Patient) -> Sequence[str]:
        """Return why the model should not be believed about patients like this one; empty where the evidence is whole."""
        return self._warned(patient)

    def about(self, patient: Patient) -> list[Statement]:
        """Return what was measured on everybody and on the groups of this patient, gaps to other groups included."""
        mine = self._mine(patient)
        return [
            one
            for one in self._statements
            if (not one.on and KINDS[one.id].block is Block.DISCRIMINATION)
            or (one.on and _about(one.on, mine))
            or (one.against and _about(one.against, mine) and set(one.on) <= {SEX, AGE_GROUP})
        ]

    def selection_rates(self) -> dict[tuple[str, str], float]:
        """Return by column and group the share that was called positive when the model was judged, where it was measured."""
        return {
            (column, group): one.estimate.value
            for one in self._statements
            if one.id == "fairness.selection_rate" and not one.against and len(one.on) == 1
            for column, group in one.on.items()
            if column in {SEX, AGE_GROUP}
        }

    def _warnings(self, patient: Patient) -> tuple[str, ...]:
        found = []
        for column, group in self._mine(patient).items():
            told = (
                f"{column.replace('_', ' ')} {group}"
                if group
                else f"age {patient.age:g}"
                if column == AGE_GROUP
                else f"sex {patient.sex}"
            )
            if not self._values(column):
                found.append(f"not for this patient group: no evidence by {column.replace('_', ' ')}")
            elif not group or group not in self._values(column):
                found.append(f"not for this patient group: no evidence about {told}")
            else:
                found += self._judged(column, group, told)
        return tuple(found)

    def _judged(self, column: str, group: str, told: str) -> list[str]:
        """Return what judged figures say against a group that the evidence knows."""
        here = [
            one
            for one in self._statements
            if one.state is not None and {column: group} in (dict(one.on), dict(one.against))
        ]
        failed = [f"{_titled(one)}: {one.reason}" for one in here if one.state is State.FAIL]
        open_ = [f"{_titled(one)}: {one.reason}" for one in here if one.state is State.INSUFFICIENT]
        open_ += [f"{KINDS[one.id].title}: {one.why}" for one in self._lacking if dict(one.on) == {column: group}]
        found = []
        if failed:
            found.append(f"the evidence speaks against the model for {told}: {_joined(failed)}")
        if open_:
            found.append(f"not for this patient group: insufficient evidence about {told}: {_joined(open_)}")
        return found

    def _mine(self, patient: Patient) -> dict[str, str]:
        """Return the groups of what is said of the patient; empty where the evidence has no group for it."""
        mine = {}
        if patient.sex:
            mine[SEX] = patient.sex
        if patient.age is not None:
            mine[AGE_GROUP] = self._age_group(patient.age)
        return mine

    def _age_group(self, age: float) -> str:
        for name in self.ages:
            if (years := years_of(name)) and years[0] <= age < years[1]:
                return name
        return ""

    def _values(self, column: str) -> set[str]:
        return {one.on[column] for one in self._statements if set(one.on) == {column} and not one.against}


def told(statement: Statement) -> dict[str, Any]:
    """Return a statement as JSON."""
    estimate, state = statement.estimate, statement.state
    return {
        "figure": KINDS[statement.id].title,
        "group": statement.subject,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "patients": estimate.n,
        "state": state and state.words,
        "reason": statement.reason,
    }


def _about(group: Mapping[str, str], mine: Mapping[str, str]) -> bool:
    return bool(group) and all(mine.get(column) == value for column, value in group.items())


def _titled(statement: Statement) -> str:
    return f"{KINDS[statement.id].title} of {statement.subject}"


def _joined(reasons: Sequence[str]) -> str:
    more = len(reasons) - _MOST_REASONS
    return "; ".join(reasons[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")


def _parsed(path: Path) -> Evidence | None:
    try:
        return evidence_of(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
