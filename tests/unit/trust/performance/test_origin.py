"""Predictions whose truth and scores were shuffled apart are refused; whole rows may move."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from assay.errors import ComponentError
from assay.trust.performance.origin import DATA, MODEL, SEAL, Origin, seal_rows
from assay.trust.performance.table import read_predictions


@pytest.fixture
def table():
    random = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "file": [f"{number}.png" for number in range(40)],
            "patient": [f"0{number // 2}" for number in range(40)],
            "label": ["covid", "other"] * 20,
            "score": random.uniform(size=40),
            "positive": "covid",
            "threshold": 0.5,
            MODEL: "ab" * 32,
            DATA: "cd" * 32,
        }
    )
    rows[SEAL] = seal_rows(rows)
    return rows


@pytest.fixture
def read(tmp_path):
    def read(table):
        table.to_csv(tmp_path / "predictions.csv", index=False)
        return read_predictions(tmp_path / "predictions.csv")

    return read


def test_the_origin_is_read_with_the_rows(table, read):
    assert read(table).origin == Origin("ab" * 32, "cd" * 32)
    assert read(table.drop(columns=[MODEL, DATA, SEAL])).origin == Origin()


def test_whole_rows_may_be_moved_left_out_and_given_more_columns(table, read):
    assert len(read(table.sample(frac=0.5, random_state=1).assign(sex="F")).rows.truth) == 20


@pytest.mark.parametrize("column", ["label", "score", "patient", "file"])
def test_a_column_that_was_shuffled_alone_is_refused(table, read, column):
    table[column] = table[column].sample(frac=1, random_state=3).to_numpy()
    with pytest.raises(ComponentError, match="truth and score do not belong together in") as caught:
        read(table)
    assert caught.value.culprit == SEAL


def test_two_predictions_in_another_order_cannot_be_put_side_by_side(table, read):
    """The classic fault: the scores of one pass beside the labels of another, each shuffled for itself."""
    other = table.sample(frac=1, random_state=5).reset_index(drop=True)
    with pytest.raises(ComponentError, match="truth and score do not belong together"):
        read(table.assign(label=other["label"]))


def test_one_edited_score_is_refused_with_its_row(table, read):
    table.loc[17, "score"] = 0.987654321
    with pytest.raises(ComponentError, match="in 1 of 40 predictions, first in row 18"):
        read(table)


def test_answers_of_two_models_are_not_one_measurement(table, read):
    table.loc[3, MODEL] = "ef" * 32
    with pytest.raises(ComponentError, match="come from 2 models"):
        read(table)
