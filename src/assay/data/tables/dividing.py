"""Divide a table of cases into parts so that nobody is in two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assay.data.splitting import Part, age_group, divide, official, refuse_onesided, refuse_torn, torn
from assay.data.tables.rows import refuse_unknown
from assay.data.tables.schema import LABEL, PATIENT, numbers

if TYPE_CHECKING:
    import pandas as pd

AGE, AGE_GROUP = "age", "age_group"


def person_facts(table: pd.DataFrame, by: Sequence[str], positive: str) -> pd.DataFrame:
    """Return one row a patient, sorted by id: label and the columns that parts have their share of.

    A patient with several labels counts by ``positive`` when one of them is it, else by the first in the alphabet; of any other
    column the most frequent value counts, the first in the alphabet among equals. ``age_group`` is made of ``age``.

    Raises:
        UnfitTable: Columns that are not there.
    """
    import pandas as pd  # heavy; the caller has loaded it

    made = table
    if AGE_GROUP in by and AGE_GROUP not in table and AGE in table:
        made = table.assign(**{AGE_GROUP: [age_group(age) for age in numbers(table[AGE].tolist())]})
    refuse_unknown(made, by, "by")
    names = [LABEL, *(name for name in by if name != LABEL)]
    if made[PATIENT].is_unique:  # two functions in Python for every person would take a minute for a million
        return made.set_index(PATIENT)[names].sort_index()
    groups = made.groupby(PATIENT, sort=True)
    facts = pd.DataFrame({name: groups[name].agg(_usual) for name in names})
    facts[LABEL] = groups[LABEL].agg(
        lambda labels: positive if positive and (labels == positive).any() else str(labels.min())
    )
    return facts


def _usual(column: pd.Series[str]) -> str:
    return str(column.mode().iloc[0])


def divided(
    table: pd.DataFrame, shares: Mapping[Part, float], by: Sequence[str], seed: int, positive: str = ""
) -> pd.Series[str]:
    """Return the part of each row, drawn by patient within strata of label and ``by``.

    Raises:
        ComponentError: A part lacks a class; a column is not there.
    """
    facts = person_facts(table, by, positive)
    parts = divide(facts, shares, list(facts.columns), seed)
    refuse_onesided(facts, parts, shares, positive)
    return table[PATIENT].map(parts)


def as_told(
    table: pd.DataFrame,
    column: str,
    words: Mapping[str, str],
    shares: Mapping[Part, float],
    by: Sequence[str],
    seed: int,
    positive: str = "",
) -> pd.Series[str]:
    """Return the part of each row as a column says it; parts that it lacks are drawn from its training patients.

    Raises:
        ComponentError: No such column, words that stand for no part, patients in two parts, no training part.
    """
    said = official(table, column, words)
    refuse_torn(torn(table[PATIENT], said))
    there = {*said}
    lacking: dict[Part, float] = {
        part: share for part, share in shares.items() if part not in there and share > 0 and part is not Part.TRAIN
    }
    if lacking and Part.TRAIN in there:
        training = table[said == Part.TRAIN]
        scale = len(table) / len(training)
        drawn: dict[Part, float] = {part: share * scale for part, share in lacking.items()}
        said = said.copy()
        said[training.index] = divided(training, {Part.TRAIN: 1 - sum(drawn.values()), **drawn}, by, seed, positive)
    facts = person_facts(table, [], positive)
    first = said.groupby(table[PATIENT]).first().reindex(facts.index)
    refuse_onesided(facts, first, dict.fromkeys({*said}, 1.0) | {Part.TRAIN: 1.0}, positive)
    return said
