"""Changes between two models: paired, by group, counting patients."""

import numpy as np
import pytest

from assay.trust.fairness.audit import audit
from assay.trust.fairness.change import before_after, changes
from assay.trust.fairness.declared import Demand
from assay.trust.fairness.people import by_value
from assay.trust.performance.bootstrap import Scored


def world(seed: int, count: int, *, gain: float, slices: int = 1) -> tuple[Scored, Scored, list[str]]:
    """The second model finds ``gain`` more of the women's positives."""
    random = np.random.default_rng(seed)
    patient = np.repeat(np.arange(count), slices)
    sex = np.repeat(random.choice(["F", "M"], count), slices)
    truth = np.repeat(random.random(count) < 0.5, slices)
    luck = np.repeat(random.random(count), slices)
    women = sex == "F"
    hit = np.where(truth, luck < 0.6, luck < 0.1)
    more = np.where(truth & women, luck < 0.6 + gain, hit)
    made = [Scored(truth, np.where(called, 0.8, 0.2), called, patient) for called in (hit, more)]
    return made[0], made[1], sex.tolist()


def test_the_change_is_the_difference_of_rates_and_its_interval_holds_the_truth() -> None:
    inside, widths = 0, []
    for seed in range(60):
        before, after, sex = world(seed, 300, gain=0.2, slices=3)
        told, missing = changes(before, after, by_value("sex", sex), draws=200, seed=seed)
        assert not missing
        change = next(s for s in told if s.id == "fairness.tpr_change" and s.on == {"sex": "F"}).estimate
        women = (np.array(sex) == "F") & before.truth
        assert change.value == pytest.approx(after.called[women].mean() - before.called[women].mean())
        assert change.n == len(np.unique(before.patient[women]))
        inside += change.low <= 0.2 <= change.high
        widths.append(change.high - change.low)
    assert inside >= 54  # 95 % of 60 are 57; fewer than 54 happen in 3 % of runs, were it so
    assert np.mean(widths) < 0.2  # what both sides share has cancelled


def test_what_did_not_change_is_said_not_to_have_changed() -> None:
    before, _, sex = world(1, 200, gain=0.0)
    told, _ = changes(before, before, by_value("sex", sex))
    assert {each.id for each in told} >= {"fairness.tpr_change", "fairness.auroc_change"}
    assert all(each.estimate.value == 0.0 for each in told)
    assert all(each.estimate.low < 0 < each.estimate.high for each in told)


def test_a_rate_that_is_not_defined_has_no_change() -> None:
    truth = np.array([True, False, False, False])
    before = Scored(truth, np.full(4, 0.5), np.array([True, False, False, True]), np.arange(4))
    told, missing = changes(before, before, by_value("sex", ["F", "F", "M", "M"]))
    assert {(each.id, each.why) for each in missing if each.on == {"sex": "M"}} == {
        ("fairness.tpr_change", "the group has no positive case"),
        ("fairness.auroc_change", "the group has one class only"),
    }
    assert not {"fairness.tpr_change", "fairness.auroc_change"} & {s.id for s in told if s.on == {"sex": "M"}}


def test_the_table_holds_both_sides_with_their_intervals() -> None:
    before, after, sex = world(2, 300, gain=0.3)
    part = by_value("sex", sex)
    table = before_after(*(audit(rows, [part], Demand(draws=100)) for rows in (before, after)))
    rows = {(row[0], row[1]): row[2:] for row in table.rows}
    was, was_low, was_high, now, now_low, now_high = rows["tpr", "sex F"]
    assert was_low < was < was_high < now
    assert now_low < now < now_high
    assert ("tpr difference", "sex F against sex M") in rows or ("tpr difference", "sex M against sex F") in rows
