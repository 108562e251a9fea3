"""Statements: a method that is no better than its controls is marked, and what cannot be told is said."""

import numpy as np
import pytest

from assay.trust.evidence.statement import Criterion, State, Statement
from assay.trust.explain.averages import mean, share
from assay.trust.explain.backgrounds import Backgrounds
from assay.trust.explain.choosing import by_place, by_score
from assay.trust.explain.controls import Control, control_heat
from assay.trust.explain.drawing_lots import Outcome, drawn, outcomes
from assay.trust.explain.findings import Limits, Measured, Randomised, findings, overview
from assay.trust.explain.judging import Judge, Sample


@pytest.fixture
def judge(planted) -> Judge:
    return Judge(planted.ask, Sample(planted.pictures, planted.patient, planted.masks), Backgrounds(planted.reference))


def said(judge, planted, heat, *, likeness=0.1, limits=None, scores=None):
    random = likeness + np.linspace(-0.01, 0.01, 6)
    method = Measured("mine", judge.figures(heat), randomised=[Randomised(9, 9, random, random)])
    beside = [
        Measured(str(kind), judge.figures(control_heat(planted.pictures, kind, np.random.default_rng(0))))
        for kind in Control
    ]
    known = scores or {str(fill): score for fill, score in judge.fill_scores().items()}
    return findings(method, beside, planted.patient, known, 0.5, limits or Limits(patients=3))


def test_a_map_of_the_truth_passes_beside_noise(judge, planted) -> None:
    found = said(judge, planted, planted.masks.astype(float), limits=Limits(patients=3, pointing=0.5))
    gains = [one for one in found.statements if one.id == "explanation.gain_over_control"]
    by_control = {one.against["control"]: one.state for one in gains if one.on["figure"] == "pointing"}
    assert by_control["random"] is State.PASS
    pointing = next(one for one in found.statements if one.id == "explanation.pointing" and "method" in one.on)
    assert pointing.state is State.PASS
    assert {one.on["control"] for one in found.statements if "control" in one.on} == set(Control)


def test_noise_fails_and_says_against_what(judge, planted) -> None:
    found = said(judge, planted, -planted.masks.astype(float))
    state, reason = found.state("mine")
    assert state is State.FAIL
    assert "against intensity" in reason


def test_a_map_that_outlives_the_network_fails(judge, planted) -> None:
    state, reason = said(judge, planted, planted.masks.astype(float), likeness=0.8).state("mine")
    assert state is State.FAIL
    assert "randomisation spearman" in reason


def test_a_control_is_not_shown_to_be_better_than_itself(judge, planted) -> None:
    found = said(judge, planted, planted.pictures.astype(float))
    against_itself = [one for one in found.statements if one.against.get("control") == "intensity"]
    assert against_itself
    assert {one.estimate.value for one in against_itself} == {0.0}
    assert {one.state for one in against_itself} == {State.INSUFFICIENT}


def test_figures_without_spread_are_not_certain() -> None:
    few = mean(np.ones(5), np.arange(5), least=-1.0, most=1.0)
    assert (few.value, few.high) == (1.0, 1.0)
    assert few.low == pytest.approx(1 - 2 * (1 - 0.025 ** (1 / 5)))
    many = mean(np.full(400, 0.5), np.arange(400), least=0.0, most=1.0)
    assert 0.99 * 0.5 < many.low < 0.5 < many.high < 0.51
    assert Statement.judged("explanation.gain_over_control", few, Criterion(least=0.01)).state is State.INSUFFICIENT
    unbounded = mean(np.ones(5), np.arange(5), least=0.0, most=np.inf)
    assert (unbounded.low, unbounded.high) == (None, None)
    assert "no bounds" in unbounded.method


def test_the_interval_of_figures_that_seldom_differ_holds_the_truth() -> None:
    random = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        values = np.where(random.random(20) < 0.02, -1.0, 1.0)
        found = mean(values, np.arange(20), least=-1.0, most=1.0)
        if not values.std():
            covered.append(found.low <= 0.96 <= found.high)
    assert len(covered) > 100
    assert all(covered)


def test_a_fill_that_the_model_calls_positive_judges_nothing(judge, planted) -> None:
    found = said(judge, planted, planted.masks.astype(float), scores={"neighbours": 0.1, "blur": 0.9})
    assert [dict(one.on) for one in found.not_measured] == [{"method": "mine", "fill": "blur"}]
    assert "calls the fill positive" in found.not_measured[0].why
    judged = [one for one in found.statements if one.id == "explanation.gain_over_control"]
    assert {one.on.get("fill", "neighbours") for one in judged} == {"neighbours"}


def test_without_masks_places_are_not_measured_and_faithfulness_is(planted) -> None:
    blind = Judge(
        planted.ask,
        Sample(planted.pictures, planted.patient, np.zeros_like(planted.masks)),
        Backgrounds(planted.reference),
    )
    found = said(blind, planted, planted.masks.astype(float))
    assert {one.id for one in found.not_measured} >= {"explanation.pointing", "explanation.iou", "explanation.energy"}
    assert not any(one.id == "explanation.pointing" for one in found.statements)
    assert any(one.id == "explanation.gain_over_control" for one in found.statements)


def test_the_better_candidate_is_chosen_with_masks_and_without(judge, planted) -> None:
    right, wrong = planted.masks.astype(float), np.random.default_rng(0).random(planted.masks.shape)
    for merit in (by_place, by_score):
        assert merit(judge, right).rank > merit(judge, wrong).rank


def test_the_overview_has_a_row_a_map(judge, planted) -> None:
    heat = planted.masks.astype(float)
    table = overview(
        [Measured("mine", judge.figures(heat), cpu_seconds=0.1, calls=7), Measured("random", judge.figures(heat))]
    )
    assert [row[0] for row in table.rows] == ["mine", "random"]
    assert table.rows[0][-1] == 7


def test_one_patient_gives_no_interval_and_no_picture_no_estimate() -> None:
    values = np.array([0.2, 0.4, np.nan])
    for estimate in (share(values, np.zeros(3, int)), mean(values, np.zeros(3, int), least=0, most=1)):
        assert estimate.value == pytest.approx(0.3)
        assert estimate.low is None
        assert (estimate.n, estimate.rows) == (1, 2)
    assert share(np.full(2, np.nan), np.arange(2)) is None
    assert mean(np.empty(0), np.empty(0, int), least=0, most=1) is None


def test_intervals_of_means_count_patients_and_not_pictures() -> None:
    random, inside = np.random.default_rng(0), 0
    for _ in range(300):
        own = np.repeat(random.normal(0.0, 1.0, 12), 6)
        estimate = mean(own + random.normal(0, 1.0, 72), np.repeat(np.arange(12), 6), least=-9, most=9)
        inside += estimate.low <= 0.0 <= estimate.high
    assert 0.9 < inside / 300 < 0.985


def test_pictures_are_drawn_by_lot_patients_first() -> None:
    patient = np.repeat(np.arange(10), 5)
    rows = drawn(np.ones(50, bool), patient, 10, seed=0)
    assert len(set(patient[rows])) == 10
    assert rows.tolist() == sorted(rows.tolist())
    assert drawn(np.ones(50, bool), patient, 10, seed=0).tolist() == rows.tolist()
    assert drawn(np.ones(50, bool), patient, 10, seed=1).tolist() != rows.tolist()
    first = patient == 3
    assert set(np.flatnonzero(first)) <= set(drawn(np.ones(50, bool), patient, 10, seed=0, first=first))
    assert drawn(np.zeros(50, bool), patient, 10, seed=0).size == 0


def test_every_outcome_has_its_name() -> None:
    truth, called = np.array([1, 0, 1, 0], bool), np.array([1, 1, 0, 0], bool)
    assert outcomes(truth, called) == list(Outcome)
