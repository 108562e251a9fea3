"""State is folded from the log alone."""

from __future__ import annotations

import pytest

from assay.model import events as ev
from assay.model.artifacts import Value
from assay.model.state import StepStatus, fold

A, B = ev.StepKey("a"), ev.StepKey("b")


def state(*events):
    return fold(ev.LoggedEvent(number, 100.0 + number, event) for number, event in enumerate(events, 1))


START = ev.RunStarted("p", "/p.yaml", "text", {"n": 1})


def test_a_step_that_succeeds():
    outputs = {"v": Value(1)}
    found = state(
        START,
        ev.StepStarted(A, 1, "k", ("first run",)),
        ev.StepMetric(A, "auroc", 0.9),
        ev.StepMetric(A, "loss", 0.5, 1),
        ev.StepMetric(A, "loss", 0.4, 2),
        ev.StepProgress(A, 1, 2, "half"),
        ev.StepPreview(A, "curve", "application/json", "{}"),
        ev.StepFinished(A, 1, "k", outputs, 2.5, 1.5, 99),
        ev.RunFinished(ev.RunOutcome.SUCCEEDED),
    )
    step = found.steps[A]
    assert (step.status, step.outputs, step.seconds, step.peak_memory) == (StepStatus.SUCCEEDED, outputs, 2.5, 99)
    assert (step.metrics, step.series) == ({"auroc": 0.9, "loss": 0.4}, {"loss": [(1, 0.5), (2, 0.4)]})
    assert (step.reasons, step.previews) == (("first run",), {"curve": ("application/json", "{}")})
    assert (found.outcome, found.sequence, found.started, found.finished) == (ev.RunOutcome.SUCCEEDED, 9, 101.0, 109.0)


def test_a_repeated_step_forgets_the_figures_of_its_failure():
    failed = ev.StepFailed(A, 1, ev.Failure("raised", "no"), retry_in=1.0)
    start = [START, ev.StepStarted(A, 1, "k"), ev.StepMetric(A, "m", 1.0), failed]
    assert state(*start).steps[A].status is StepStatus.RETRYING
    again = state(*start, ev.StepStarted(A, 2, "k")).steps[A]
    assert (again.status, again.attempt, again.metrics, again.failure) == (StepStatus.RUNNING, 2, {}, None)
    assert state(*start[:-1], ev.StepFailed(A, 1, ev.Failure("raised", "no"))).steps[A].status is StepStatus.FAILED


def test_a_resumed_run_keeps_what_finished_and_nothing_else():
    found = state(
        START,
        ev.StepStarted(A, 1, "k"),
        ev.StepFinished(A, 1, "k", {}, 1.0),
        ev.StepStarted(B, 1, "k"),
        ev.StepFailed(B, 1, ev.Failure("raised", "no")),
        ev.RunFinished(ev.RunOutcome.FAILED),
        ev.RunResumed(),
    )
    assert list(found.steps) == [A]
    assert found.outcome is None


def test_elements_make_a_mapped_step():
    items = [ev.StepKey("m", number) for number in range(2)]
    start = [START, ev.StepExpanded("m", ("x", "y"))]
    running = state(*start).steps[ev.StepKey("m")]
    assert (running.status, running.elements) == (StepStatus.RUNNING, ("x", "y"))
    reused = [ev.StepReused(key, "k", {}, "run") for key in reversed(items)]
    done = state(*start, *reused, ev.StepMapped("m", {"v": Value([1, 2])}))
    assert done.steps[ev.StepKey("m")].status is StepStatus.REUSED
    assert [element.key for element in done.elements_of("m")] == items
    mixed = state(*start, reused[0], ev.StepFinished(items[0], 1, "k", {}, 1.0), ev.StepMapped("m", {}))
    assert mixed.steps[ev.StepKey("m")].status is StepStatus.SUCCEEDED


def test_a_skip_says_why():
    found = state(START, ev.StepSkipped(A, ev.SkipReason.UPSTREAM_FAILED, "b"), ev.StepCancelled(B, 1))
    assert (found.steps[A].status, found.steps[A].because) == (StepStatus.SKIPPED, "upstream-failed b")
    assert found.steps[B].status is StepStatus.CANCELLED


@pytest.mark.parametrize("status", StepStatus)
def test_every_status_has_a_symbol_of_its_own_and_a_sentence(status):
    assert len(status.symbol) == 1
    assert status.help.endswith(".")
    assert sum(other.symbol == status.symbol for other in StepStatus) == 1
