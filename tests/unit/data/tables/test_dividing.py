"""Nobody in two parts, each part its share, and official splits taken at their word."""

import numpy as np
import pandas as pd
import pytest

from assay.data.splitting import Part
from assay.data.tables.dividing import as_told, divided
from assay.errors import ComponentError

SHARES = {Part.TRAIN: 0.5, Part.VALIDATION: 0.2, Part.TEST: 0.3}


def people(count: int = 400, visits: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(0)
    ill, women = random.random(count) < 0.3, random.random(count) < 0.5
    table = pd.DataFrame(
        {
            "patient": [f"p{number}" for number in range(count)],
            "label": np.where(ill, "ill", "well"),
            "sex": np.where(women, "F", "M"),
            "age": random.integers(20, 90, count).astype(str),
        }
    )
    made = table.loc[table.index.repeat(visits)].reset_index(drop=True)
    made.insert(0, "row", [str(number) for number in range(len(made))])
    return made


@pytest.mark.parametrize("visits", [1, 3])
def test_patients_stay_together_and_parts_have_their_share(visits: int) -> None:
    table = people(visits=visits)
    parts = divided(table, SHARES, ["sex", "age_group"], 0)
    assert len(set(zip(table["patient"], parts, strict=True))) == 400
    for part, share in SHARES.items():
        for label in ("ill", "well"):
            there = ((parts == part) & (table["label"] == label)).sum() / (table["label"] == label).sum()
            assert there == pytest.approx(share, abs=0.02)


def test_the_draw_depends_on_seed_and_ids_and_not_on_order() -> None:
    table = people(visits=1)
    first, shuffled = divided(table, SHARES, ["sex"], 3), divided(table[::-1], SHARES, ["sex"], 3)
    assert first.equals(shuffled.sort_index())
    assert not first.equals(divided(table, SHARES, ["sex"], 4))


def test_an_official_split_is_kept_and_completed() -> None:
    table = people(visits=2)
    table["split"] = np.where(table["patient"].str[-1] < "3", "testing", "train")
    said = as_told(table, "split", {}, SHARES, ["sex"], 0, "ill")
    assert (said == Part.TEST).equals(table["split"] == "testing")
    assert (said == Part.VALIDATION).mean() == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": ["train", "test"] * 400}, "400 patients stand in more than one part"),
        ({"split": "tset"}, "did you mean 'test'"),
        ({"other": "train"}, "no column 'split'"),
    ],
)
def test_wrong_official_splits_are_told(change, message: str) -> None:
    table = people(visits=2).assign(**change)
    with pytest.raises(ComponentError) as raised:
        as_told(table, "split", {}, SHARES, [], 0)
    assert message in str(raised.value)


def test_a_column_to_share_by_that_is_not_there_is_named() -> None:
    with pytest.raises(ComponentError, match="no column 'gender'"):
        divided(people(), SHARES, ["gender"], 0)
