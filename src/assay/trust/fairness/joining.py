"""Attributes of people from a table of their own, joined by id: never by the order of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd


def joined(predictions: pd.DataFrame, people: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the predictions with the columns of ``people`` that they lack.

    Args:
        predictions: One row an image or case, cells as text.
        people: One row an id.
        key: Column of both with the id.

    Raises:
        ComponentError: No such column, an id twice among the people, a prediction whose id is not there, or truths that contradict.
    """
    for name, table in (("predictions", predictions), ("people", people)):
        if key not in table.columns:
            hint = did_you_mean(key, table.columns) or f"columns there: {', '.join(table.columns)}"
            raise ComponentError(f"the {name} have no column {key!r} to be joined by", culprit=key, hint=hint)
    twice = people[key][people[key].duplicated()]
    if len(twice):
        raise ComponentError(
            f"{key} {twice.iloc[0]!r} stands more than once among the people", culprit=str(twice.iloc[0])
        )
    lost = predictions[key][~predictions[key].isin(people[key])]
    if len(lost):
        raise ComponentError(
            f"{len(lost)} of {len(predictions)} predictions are of a {key} that is not among the people, first {lost.iloc[0]!r}",
            culprit=str(lost.iloc[0]),
            hint="both tables must be of the same cases",
        )
    beside = people.set_index(key).loc[predictions[key]].reset_index(drop=True)
    if "label" in beside.columns and (other := (beside["label"] != predictions["label"].reset_index(drop=True))).any():
        row = int(other.to_numpy().argmax())
        raise ComponentError(
            f"{int(other.sum())} of {len(predictions)} labels differ between predictions and people, first in row {row + 1}",
            culprit=str(predictions[key].iloc[row]),
            hint="the predictions are not of these people, or truth and answers were shuffled apart",
        )
    new = [name for name in beside.columns if name not in predictions.columns]
    return predictions.reset_index(drop=True).join(beside[new])
