import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.data.splitting import (
    Part,
    age_group,
    divide,
    official,
    patient_facts,
    refuse_onesided,
    refuse_torn,
    summary,
    torn,
)
from assay.errors import ComponentError

patients = st.lists(
    st.tuples(
        st.sampled_from(["healthy", "covid"]),
        st.sampled_from(["F", "M", ""]),
        st.one_of(st.just(float("nan")), st.floats(18, 90)),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=60,
)
shares = st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)).map(
    lambda held: {Part.TRAIN: 1 - sum(held), Part.VALIDATION: held[0], Part.TEST: held[1]}
)
strata = st.sampled_from([["label"], ["label", "sex"], ["label", "sex", "age_group"]])


def index_of(people):
    rows = [
        {"file": f"{number}-{slice_}.png", "patient": f"p{number}", "label": label, "sex": sex, "age": age}
        for number, (label, sex, age, slices) in enumerate(people)
        for slice_ in range(slices)
    ]
    return pd.DataFrame(rows)


@settings(max_examples=60, deadline=None)
@given(patients, shares, strata, st.integers(0, 9))
def test_each_patient_is_in_one_part_and_none_is_lost(people, wanted, by, seed):
    index = index_of(people)
    parts = divide(patient_facts(index, "covid"), wanted, by, seed)
    assert set(parts.index) == set(index["patient"])
    assert parts.isin(list(Part)).all()
    assert torn(index["patient"], index["patient"].map(parts)) == []


@settings(max_examples=60, deadline=None)
@given(patients, shares, strata, st.integers(0, 9))
def test_each_part_is_near_its_share_overall_and_by_label(people, wanted, by, seed):
    facts = patient_facts(index_of(people), "covid")
    parts = divide(facts, wanted, by, seed)
    for part, share in wanted.items():
        assert abs((parts == part).sum() - share * len(facts)) <= 2
        for label in set(facts["label"]):
            of_label = facts["label"] == label
            assert abs((parts[of_label] == part).sum() - share * of_label.sum()) <= 3


@settings(max_examples=40, deadline=None)
@given(patients, shares, strata, st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(people, wanted, by, seed, chance):
    index = index_of(people)
    order = list(range(len(index)))
    chance.shuffle(order)
    first = divide(patient_facts(index, "covid"), wanted, by, seed)
    second = divide(patient_facts(index.iloc[order].reset_index(drop=True), "covid"), wanted, by, seed)
    assert first.to_dict() == second.to_dict()


def test_the_seed_chooses_the_draw():
    facts = patient_facts(index_of([("covid", "F", 50.0, 1)] * 40), "covid")
    wanted = {Part.TRAIN: 0.6, Part.VALIDATION: 0.2, Part.TEST: 0.2}
    draws = [tuple(divide(facts, wanted, ["label"], seed)) for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


def test_a_patient_with_several_labels_counts_as_positive():
    index = pd.DataFrame({"patient": ["a", "a", "b"], "label": ["healthy", "covid", "healthy"]})
    assert patient_facts(index, "covid")["label"].to_dict() == {"a": "covid", "b": "healthy"}
    assert patient_facts(index, "healthy")["label"].to_dict() == {"a": "healthy", "b": "healthy"}


@pytest.mark.parametrize(
    ("age", "group"),
    [(18, "under 40"), (39.9, "under 40"), (40, "40-59"), (60, "60-74"), (75, "75 and over"), (np.nan, "unknown")],
)
def test_age_groups(age, group):
    assert age_group(age) == group


def test_an_official_column_is_understood():
    index = pd.DataFrame({"patient": list("abcd"), "fold": ["Training", "val", "TEST", "x1"]})
    assert list(official(index, "fold", {"x1": "test"})) == ["train", "validation", "test", "test"]


@pytest.mark.parametrize(
    ("column", "words", "message"),
    [
        ("fodl", {}, "did you mean 'fold'?"),
        ("fold", {}, "'x1'"),
        ("fold", {"x1": "trian"}, "did you mean 'train'?"),
    ],
)
def test_an_official_column_that_says_nothing_is_refused(column, words, message):
    index = pd.DataFrame({"patient": ["a"], "fold": ["x1"]})
    with pytest.raises(ComponentError) as caught:
        official(index, column, words)
    assert message in str(caught.value)


def test_torn_patients_are_listed():
    patients_, parts = pd.Series(list("aabbc")), pd.Series(["train", "test", "train", "train", "test"])
    assert torn(patients_, parts) == ["a"]
    refuse_torn([])
    with pytest.raises(ComponentError, match="1 patients stand in more than one part: a"):
        refuse_torn(["a"])
    with pytest.raises(ComponentError, match="and 5 more"):
        refuse_torn([str(number) for number in range(15)])


@pytest.mark.parametrize(
    ("labels", "parts", "message"),
    [
        (["covid", "healthy", "healthy"], ["train", "train", "test"], "test has no patient with covid"),
        (["covid", "covid", "covid"], ["train", "train", "test"], "train has no patient with any label but covid"),
        (["covid", "healthy", "flu"], ["train", "train", "test"], "test has no patient with covid"),
    ],
)
def test_a_part_without_both_kinds_is_refused(labels, parts, message):
    facts = pd.DataFrame({"label": labels}, index=list("abc"))
    wanted = {Part.TRAIN: 0.7, Part.VALIDATION: 0.0, Part.TEST: 0.3}
    with pytest.raises(ComponentError, match=message):
        refuse_onesided(facts, pd.Series(parts, index=list("abc")), wanted, "covid")


def test_counts_add_up():
    index = index_of([("covid", "F", 50.0, 2), ("healthy", "M", 70.0, 3), ("covid", "", np.nan, 1)])
    facts = patient_facts(index, "covid")
    parts = pd.Series(["train", "train", "test"], index=facts.index)
    counted = summary(facts, parts, index.groupby("patient").size())
    assert counted["train"] == {
        "images": 5,
        "patients": 2,
        "label": {"covid": 1, "healthy": 1},
        "sex": {"F": 1, "M": 1},
        "age_group": {"40-59": 1, "60-74": 1},
    }
    assert counted["test"]["sex"] == {"unknown": 1}
    assert counted["validation"]["patients"] == 0
