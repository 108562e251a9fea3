"""What a cue tells, corrected for many cues, and what is said when it cannot be asked."""

import numpy as np
import pytest

from assay.trust.evidence.statement import Criterion, State
from assay.trust.performance.intervals import Interval
from assay.trust.shortcuts.audit import Found, Target, findings, score_found
from assay.trust.shortcuts.learner import Features
from assay.trust.shortcuts.records import RecordCue, record_cues
from assay.trust.shortcuts.stating import cue_statement, loss_statements

BOUND = Criterion(most=0.6, fewest=20)


def target(patients=80, slices=2, noise=0.1, seed=0):
    random = np.random.default_rng(seed)
    ill = random.permutation(np.arange(patients) % 2 == 0)
    patient = np.repeat(np.arange(patients), slices)
    truth = ill[patient]
    told = np.where(random.random(len(truth)) < noise, ~truth, truth)
    cues = {
        "marker": Features(told.astype(float)[:, None]),
        "chance": Features(random.normal(size=(len(truth), 3))),
        "constant": Features(np.ones((len(truth), 2))),
    }
    return Target(cues, truth, patient)


@pytest.mark.parametrize("train", [None, target(seed=1)], ids=["cross-fitted", "trained elsewhere"])
def test_a_cue_is_found_and_chance_is_not_accused(train):
    found, reasons = findings(target(), train, draws=400)
    assert reasons == {}
    marker, p = found["marker"]
    assert marker.auroc > 0.85
    assert marker.interval.low > 0.6
    assert p < 0.001
    assert (marker.units, marker.rows) == (40, 160)
    assert found["chance"][1] > 0.05
    constant, p = found["constant"]
    assert (constant.auroc, constant.interval, constant.constant, p) == (0.5, Interval(0.5, 0.5), True, 1.0)
    states = {name: cue_statement(each, {"cue": name}, BOUND, p, "cues").state for name, (each, p) in found.items()}
    assert states["marker"] is State.FAIL
    assert states["chance"] is not State.FAIL
    assert states["constant"] is State.PASS


def test_too_few_patients_and_one_class_say_why():
    few = target(patients=8)
    found, reasons = findings(few, draws=100)
    assert set(found) == {"constant"}
    assert "4 patients of the rarer class: 5 are needed" in reasons["marker"]
    one = Target(few.cues, np.ones_like(few.truth), few.patient)
    assert findings(one, draws=100)[1] == dict.fromkeys(few.cues, "one class only")
    assert "the training part has 4 patients" in findings(target(), few, draws=100)[1]["marker"]


def test_p_and_interval_agree():
    """The p is below 2.5 % just when the lower end of the two-sided 95 % interval is above the bound."""
    rows = target(noise=0.25)
    score = rows.cues["marker"].numbers[:, 0]
    below = score_found(rows.truth, score, rows.patient, 0.5)
    for bound in (below.interval.low - 0.002, below.interval.low + 0.002):
        found = score_found(rows.truth, score, rows.patient, bound)
        assert (found.p < 0.025) == (found.interval.low > bound)


def test_the_worst_of_many_cues_is_not_accused_by_chance_alone():
    found = Found(0.72, Interval(0.61, 0.81), 0.015, 40, 80)
    alone = cue_statement(found, {}, BOUND, 0.015, "")
    among = cue_statement(found, {}, BOUND, 0.12, "cues")
    assert (alone.state, among.state) == (State.FAIL, State.INSUFFICIENT)
    assert "not beyond what the worst of all cues shows by chance" in among.reason
    assert cue_statement(found, {}, None, 0.12, "cues").state is None


def test_losing_a_cue_costs_the_model_that_leans_on_it():
    rows = target(noise=0.0)
    random = np.random.default_rng(0)
    clean = np.where(rows.truth, 0.8, 0.2) + random.normal(0, 0.05, len(rows.truth))
    blind = random.normal(0.5, 0.05, len(rows.truth))
    drop, gap = loss_statements("text", rows.truth, rows.patient, clean, blind, Criterion(most=0.05), draws=200, seed=0)
    assert drop.state is State.FAIL
    assert drop.estimate.low > 0.2
    assert gap.estimate.value == pytest.approx(0.6, abs=0.05)
    same, _ = loss_statements("text", rows.truth, rows.patient, clean, clean, Criterion(most=0.15), draws=200, seed=0)
    assert same.state is State.PASS
    assert same.estimate.low < 0 < same.estimate.high


def test_columns_that_are_not_there_are_named():
    made, missing = record_cues({"file_type": ["PNG", "JPEG"], "file_mode": ["L", "L"]}, 2)
    assert set(made) == {RecordCue.FORMAT, RecordCue.ORDER}
    assert "file_width, file_height; input/image-folder keeps it" in missing[RecordCue.SIZE]
    columns = {
        "file_type": ["PNG", "JPEG"],
        "file_mode": ["L", "L"],
        "file_width": ["10", "20"],
        "file_height": ["10", ""],
        "file_bytes": ["100", "400"],
        "file_quality": ["", "75"],
        "file_header": ["Software=a; dpi=72", ""],
    }
    made, missing = record_cues(columns, 2)
    assert missing == {}
    assert made[RecordCue.HEADER].kinds == (("a", ""), ("72", ""))
    assert np.isnan(made[RecordCue.SIZE].numbers[1, 1])
    assert all(features.varies() for features in made.values())
