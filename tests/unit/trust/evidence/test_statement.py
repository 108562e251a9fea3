"""Three states: shown to hold, shown not to hold, not shown either way."""

import pytest

from assay.trust.evidence.statement import Criterion, Estimate, State, Statement, judge

WITHIN = Criterion(least=-0.1, most=0.1)


@pytest.mark.parametrize(
    ("estimate", "criterion", "state"),
    [
        (Estimate(0.02, -0.05, 0.09, n=300), WITHIN, State.PASS),
        (Estimate(0.2, 0.11, 0.29, n=300), WITHIN, State.FAIL),
        (Estimate(-0.2, -0.29, -0.11, n=300), WITHIN, State.FAIL),
        (Estimate(0.02, -0.2, 0.24, n=20), WITHIN, State.INSUFFICIENT),
        (Estimate(0.2, 0.05, 0.35, n=40), WITHIN, State.INSUFFICIENT),
        (Estimate(0.9, n=40), Criterion(least=0.8), State.INSUFFICIENT),
        (Estimate(0.9, 0.85, 0.95, n=9), Criterion(least=0.8, fewest=10), State.INSUFFICIENT),
        (Estimate(0.2, 0.1, 0.3, n=9), Criterion(least=0.8, fewest=10), State.FAIL),
        (Estimate(0.9, 0.8, 0.95, n=10), Criterion(least=0.8, fewest=10), State.PASS),
        (Estimate(0.5, 0.4, 0.6, n=10), Criterion(most=0.6), State.PASS),
    ],
)
def test_the_whole_interval_decides(estimate, criterion, state):
    assert judge(estimate, criterion).state is state


def test_the_units_that_would_settle_it_are_said():
    found = judge(Estimate(0.0, -0.2, 0.2, n=50), WITHIN)
    assert found.needed == 200
    assert (
        found.reason
        == "0 [-0.2, 0.2] is not shown to be between -0.1 and 0.1; about 200 patients would settle it if the estimate stays"
    )


def test_an_estimate_on_the_bound_is_settled_by_no_number_of_units():
    assert judge(Estimate(0.1, 0.0, 0.2, n=50), WITHIN).needed is None


def test_reasons_read_as_sentences():
    assert judge(Estimate(0.2, 0.11, 0.29, n=300), WITHIN).reason == "0.2 [0.11, 0.29] is not between -0.1 and 0.1"
    assert judge(Estimate(0.9, n=4), Criterion(least=0.8)).reason == "0.9 has no interval, so it shows nothing"
    few = judge(Estimate(0.9, 0.85, 0.95, n=9), Criterion(least=0.8, fewest=10))
    assert few.reason == "9 patients: fewer than the 10 that were declared as the least"


@pytest.mark.parametrize("ends", [(None, 1.0), (0.5, None), (0.9, 0.1), (float("nan"), 1.0)])
def test_an_interval_has_two_finite_ends_in_order(ends):
    with pytest.raises(ValueError, match=r"an estimate is finite|wrong way round"):
        Estimate(0.5, *ends)


def test_a_statement_says_about_whom():
    said = Statement.judged(
        "fairness.tpr_difference",
        Estimate(-0.1, -0.2, -0.02, n=90),
        WITHIN,
        on={"sex": "F", "age_group": "60+"},
        against={"sex": "M"},
    )
    assert said.subject == "sex F, age_group 60+ against sex M"
    assert said.state is State.INSUFFICIENT
    assert Statement("discrimination.auroc", Estimate(0.9)).subject == "everybody"


def test_only_known_statements_can_be_made():
    with pytest.raises(ValueError, match="no statement"):
        Statement("fairness.tprdifference", Estimate(0.1))


def test_a_state_and_its_criterion_come_together():
    with pytest.raises(ValueError, match="a state needs a criterion"):
        Statement("discrimination.auroc", Estimate(0.9), state=State.PASS)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("discrimination.auroc", "patients of the rarer class"),
        ("discrimination.specificity", "patients of the negative class"),
        ("robustness.shift_auroc_drop", "patients of the rarer class"),
        ("shortcut.cue_auroc", "patients of the rarer class"),
        ("fairness.fpr_difference", "patients of the negative class in the smaller group"),
        ("fairness.ppv_change", "patients called positive"),
        ("calibration.ece", "patients"),
    ],
)
def test_too_few_are_told_by_what_is_counted(name, who):
    said = Statement.judged(name, Estimate(0.5, 0.4, 0.6, n=39), Criterion(least=0.3, fewest=50))
    assert said.reason == f"39 {who}: fewer than the 50 that were declared as the least"
