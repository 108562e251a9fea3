"""Divide patients into parts: stratified, repeatable, and the same whatever the order of the rows."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from assay.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_MOST_NAMED = 10
_AGE_BOUNDS = (0, 40, 60, 75, 1000)
_AGE_NAMES = ("under 40", "40-59", "60-74", "75 and over")
UNKNOWN = "unknown"


class Part(enum.StrEnum):
    """Where an image goes."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


_WORDS = {
    Part.TRAIN: ("train", "training"),
    Part.VALIDATION: ("validation", "valid", "val", "dev"),
    Part.TEST: ("test", "testing"),
}
_PART_OF = {word: part for part, words in _WORDS.items() for word in words}


def age_group(age: float) -> str:
    """Return the group of an age in years; ``unknown`` for NaN."""
    if np.isnan(age):
        return UNKNOWN
    return _AGE_NAMES[int(np.searchsorted(_AGE_BOUNDS, age, side="right")) - 1]


def patient_facts(index: pd.DataFrame, positive: str) -> pd.DataFrame:
    """Return one row a patient, sorted by id: label, sex, age_group.

    A patient with several labels counts by ``positive`` when one of them is it, else by the first in the alphabet.
    Sex and age are those of most images, the first in order among equals; an empty sex is ``unknown``.
    """
    import pandas as pd  # heavy; the caller has loaded it

    def label(labels: pd.Series[str]) -> str:
        return positive if positive and (labels == positive).any() else str(labels.min())

    groups = index.groupby("patient", sort=True)
    facts = pd.DataFrame({"label": groups["label"].agg(label)})
    if "sex" in index:
        facts["sex"] = groups["sex"].agg(lambda column: column.mode().iloc[0]).replace("", UNKNOWN)
    else:
        facts["sex"] = UNKNOWN
    ages = groups["age"].median() if "age" in index else pd.Series(np.nan, index=facts.index)
    facts["age_group"] = [age_group(age) for age in ages]
    return facts


def divide(facts: pd.DataFrame, shares: Mapping[Part, float], by: Sequence[str], seed: int) -> pd.Series[str]:
    """Return the part of each patient.

    Patients are lined up by stratum, within a stratum by a hash of seed and id; each goes to the part that lags most
    behind its share. So every part is within one or two patients of its share, overall and by label, and a patient's
    place in line does not depend on the order of rows.

    Args:
        facts: ``patient_facts``.
        shares: Part → share, 0..1, summing to 1.
        by: Columns of ``facts`` that make a stratum.
        seed: Chooses the draw.
    """
    import pandas as pd  # heavy; the caller has loaded it

    line = facts[list(by)].assign(_draw=[_draw(str(patient), seed) for patient in facts.index])
    line = line.sort_values([*by, "_draw"], kind="stable")
    parts = [part for part in Part if shares.get(part, 0.0) > 0]
    wanted = np.array([shares[part] for part in parts])
    lag = np.zeros(len(parts))
    chosen = []
    for _ in range(len(line)):
        lag += wanted
        most = int(np.argmax(lag))
        lag[most] -= 1
        chosen.append(str(parts[most]))
    return pd.Series(chosen, index=line.index, dtype=str).reindex(facts.index)


def _draw(patient: str, seed: int) -> str:
    return hashlib.blake2b(patient.encode(), key=str(seed).encode()[:64], digest_size=16).hexdigest()


def official(index: pd.DataFrame, column: str, words: Mapping[str, str]) -> pd.Series[str]:
    """Return the part of each row as a column says it.

    Args:
        index: One row an image.
        column: Its column.
        words: The column's word → ``train``, ``validation`` or ``test``; the usual words need no entry.

    Raises:
        ComponentError: No such column, or words that stand for no part.
    """
    if column not in index:
        hint = did_you_mean(column, index.columns) or f"columns there: {', '.join(index.columns)}"
        raise ComponentError(f"the index has no column {column!r}", culprit=column, hint=hint)
    known = _PART_OF | {word.lower(): _part(name) for word, name in words.items()}
    said = index[column].astype(str).str.strip().str.lower()
    unknown = sorted(set(said) - set(known))
    if unknown:
        raise ComponentError(
            f"column {column!r} holds words that stand for no part: {', '.join(map(repr, unknown[:_MOST_NAMED]))}",
            culprit=unknown[0],
            hint=did_you_mean(unknown[0], known) or "say what they mean by split_map",
        )
    return said.map({word: str(part) for word, part in known.items()})


def _part(name: str) -> Part:
    if name not in set(Part):
        hint = did_you_mean(name, map(str, Part)) or f"one of {', '.join(Part)}"
        raise ComponentError(f"split_map names a part {name!r} that is not there", culprit=name, hint=hint)
    return Part(name)


def torn(patients: pd.Series[str], parts: pd.Series[str]) -> list[str]:
    """Return the patients with images in more than one part, sorted."""
    counts = parts.groupby(patients).nunique()
    return sorted(counts.index[counts > 1])


def refuse_torn(patients: Sequence[str]) -> None:
    """Raise ComponentError that lists patients in more than one part, if there are any."""
    if patients:
        more = f" and {len(patients) - _MOST_NAMED} more" if len(patients) > _MOST_NAMED else ""
        raise ComponentError(
            f"{len(patients)} patients stand in more than one part: {', '.join(patients[:_MOST_NAMED])}{more}",
            culprit=patients[0],
            hint="leave these patients out by repair: drop, or split anew without use_split",
        )


def refuse_onesided(facts: pd.DataFrame, parts: pd.Series[str], shares: Mapping[Part, float], positive: str) -> None:
    """Raise ComponentError when a wanted part lacks positive or negative patients (all labels, if none is positive)."""
    kinds = facts["label"]
    if positive:
        kinds = kinds.where(kinds == positive, f"not {positive}")
    for part in (part for part in Part if shares.get(part, 0.0) > 0):
        lacking = sorted(set(kinds) - set(kinds[parts == part]))
        if lacking or kinds.nunique() < 2:
            what = ", ".join(lacking) or f"any label but {kinds.iloc[0]}"
            raise ComponentError(
                f"{part} has no patient with {what}",
                culprit=str(part),
                hint="give it a larger share, more patients, or a share of 0",
            )


def summary(facts: pd.DataFrame, parts: pd.Series[str], images: pd.Series[int]) -> dict[str, dict[str, object]]:
    """Return counts a part: images, patients, and patients by label, sex and age group."""
    counted: dict[str, dict[str, object]] = {}
    for part in Part:
        here = facts[parts == part]
        counted[str(part)] = {
            "images": int(images[parts == part].sum()),
            "patients": len(here),
            **{
                name: {str(k): int(v) for k, v in here[name].value_counts().sort_index().items()}
                for name in facts.columns.astype(str)
            },
        }
    return counted
