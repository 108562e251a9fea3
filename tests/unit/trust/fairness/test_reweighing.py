"""Weights that make group and label independent: AI Fairness 360's, for any number of groups and labels."""

import warnings

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError
from assay.trust.fairness.people import Grouping, by_value
from assay.trust.fairness.reweighing import reweighed

RANDOM = np.random.default_rng(5)
SEX = RANDOM.choice(["F", "M"], 400, p=[0.3, 0.7])
LABEL = np.where(RANDOM.random(400) < np.where(SEX == "F", 0.2, 0.6), "covid", "healthy")


@pytest.mark.filterwarnings("ignore")  # the library's imports warn of optional packages that are not there
@pytest.mark.parametrize("weight", [None, RANDOM.uniform(0.1, 3, 400)])
def test_they_are_those_of_aif360(weight: np.ndarray | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from aif360.algorithms.preprocessing import Reweighing
        from aif360.datasets import BinaryLabelDataset
    frame = pd.DataFrame({"sex": (SEX == "M").astype(float), "label": (LABEL == "covid").astype(float)})
    data = BinaryLabelDataset(df=frame, label_names=["label"], protected_attribute_names=["sex"])
    if weight is not None:
        data.instance_weights = weight.copy()
    theirs = Reweighing([{"sex": 0.0}], [{"sex": 1.0}]).fit_transform(data).instance_weights
    ours = reweighed(by_value("sex", SEX.tolist()), LABEL.tolist(), weight).weight
    assert np.abs(ours - theirs).max() < 1e-12


def test_group_and_label_are_independent_afterwards_for_many_of_both() -> None:
    group = RANDOM.choice(["a", "b", "c"], 900, p=[0.5, 0.3, 0.2])
    label = np.array([RANDOM.choice(["x", "y", "z"], p=RANDOM.dirichlet([2, 2, 2])) for _ in group])
    found = reweighed(by_value("ward", group.tolist()), label.tolist())
    weighted = pd.DataFrame({"group": group, "label": label, "w": found.weight}).pivot_table(
        index="group", columns="label", values="w", aggfunc="sum"
    )
    shares = weighted.div(weighted.sum(axis=1), axis=0).to_numpy()
    assert np.abs(shares - shares[0]).max() < 1e-12
    assert found.weight.sum() == pytest.approx(900)
    after = [row[4] for row in found.cells.rows if row[1] == "x"]
    assert np.ptp(after) < 1e-12
    assert np.ptp([row[3] for row in found.cells.rows if row[1] == "x"]) > 0.01


def test_a_cap_bounds_the_factor_and_unknown_groups_keep_their_weight() -> None:
    code = np.array([0] * 40 + [0] + [1] * 20 + [1] * 20 + [-1] * 5)
    label = ["n"] * 40 + ["p"] + ["n"] * 20 + ["p"] * 20 + ["p"] * 5
    found = reweighed(Grouping("sex", ["F", "M"], code), label, most=2.0)
    assert found.weight.max() == 2.0
    assert found.weight[-5:].tolist() == [1.0] * 5
    assert reweighed(Grouping("sex", ["F", "M"], code), label).weight.max() > 2.0


def test_what_no_weight_can_do_is_refused() -> None:
    with pytest.raises(ComponentError, match="nobody is 'p' among sex F"):
        reweighed(by_value("sex", ["F", "F", "M", "M"]), ["n", "n", "n", "p"])
    with pytest.raises(ComponentError, match=r"no two groups by sex \(F\)"):
        reweighed(by_value("sex", ["F", "F"]), ["n", "p"])
