"""From how a process ended to a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assay.engine.executor import StepOrder
from assay.engine.executors.process.messages import is_message, is_outcome, is_over
from assay.engine.executors.process.verdict import Ending, judge
from assay.ids import RunId, StepName
from assay.model.artifacts import Value
from assay.model.events import Failure, StepKey

DONE = {"kind": "done", "outputs": {"n": {"kind": "value", "json": 1}}}
RAISED = {"kind": "failed", "code": "raised", "message": "ValueError: no", "traceback": "File …", "hint": ""}


def _order(memory: int | None = None) -> StepOrder:
    return StepOrder(RunId("r"), StepKey(StepName("s")), 1, Path("/f"), Path("/f/log"), Path("/s"), memory=memory)


def _failure(
    outcome: dict[str, Any] | None, ending: Ending, *, stopped: bool = False, memory: int | None = None
) -> Failure:
    outputs, failure = judge(_order(memory), outcome, ending, stopped=stopped)
    assert outputs is None
    assert failure is not None
    return failure


@pytest.mark.parametrize("ending", [Ending(), Ending(-11), Ending(1), Ending(lost="gone"), Ending(-9, exceeded=True)])
@pytest.mark.parametrize("stopped", [False, True])
def test_done_is_done_whatever_came_after(ending: Ending, *, stopped: bool) -> None:
    assert judge(_order(), DONE, ending, stopped=stopped) == ({"n": Value(1)}, None)


@pytest.mark.parametrize(
    ("outcome", "ending", "stopped", "memory", "code", "message"),
    [
        (RAISED, Ending(), False, None, "raised", "ValueError: no"),
        (RAISED, Ending(), True, None, "killed", "stopped"),
        (None, Ending(-15), True, None, "killed", "stopped"),
        (None, Ending(-15), False, None, "killed", "killed by signal 15 (SIGTERM)"),
        (
            None,
            Ending(-9),
            False,
            None,
            "killed",
            "killed by signal 9 (SIGKILL), probably by the kernel because memory ran out",
        ),
        (None, Ending(-9, exceeded=True), False, 4 << 30, "out-of-memory", "needed more than 4Gi"),
        (None, Ending(-11), False, None, "killed", "crashed with signal 11 (SIGSEGV)"),
        (None, Ending(-35), False, None, "killed", "killed by signal 35"),
        (None, Ending(3), False, None, "exit-status", "the process ended with status 3 before the component returned"),
        (None, Ending(lost="the server died"), False, None, "lost", "the server died"),
        (
            {**RAISED, "code": "out-of-memory"},
            Ending(),
            False,
            1 << 20,
            "out-of-memory",
            "needed more than 1Mi: ValueError: no",
        ),
        ({**RAISED, "code": "out-of-memory"}, Ending(), False, None, "out-of-memory", "ValueError: no"),
    ],
)
def test_failures(outcome: Any, ending: Ending, stopped: bool, memory: int | None, code: str, message: str) -> None:
    failure = _failure(outcome, ending, stopped=stopped, memory=memory)
    assert (failure.code, failure.message) == (code, message)


@pytest.mark.parametrize("outputs", [None, [], {"n": 1}, {"n": {}}, {"n": {"kind": "artifact", "digest": "x"}}])
def test_nonsense_in_place_of_outputs(outputs: Any) -> None:
    assert _failure({"kind": "done", "outputs": outputs}, Ending()).code == "raised"


def test_a_failure_of_odd_values_is_text() -> None:
    failure = _failure({"kind": "failed", "code": 3, "message": None}, Ending())
    assert failure == Failure("3", "None", "", "")


@pytest.mark.parametrize(
    ("data", "fits"),
    [
        ({"kind": "metric", "name": "a", "value": 1, "index": None}, True),
        ({"kind": "metric", "name": "a", "value": float("nan"), "index": None}, False),
        ({"kind": "metric", "name": "a", "value": 1}, False),
        ({"kind": "progress", "done": 1, "total": None, "message": ""}, True),
        ({"kind": "progress", "done": "1", "total": None, "message": ""}, False),
        ({"kind": "preview", "name": "a", "media_type": "text/plain", "data": "x"}, True),
        ({"kind": ["metric"]}, False),
        ({}, False),
    ],
)
def test_what_is_a_message(data: dict[str, Any], *, fits: bool) -> None:
    assert is_message(data) is fits
    assert not is_outcome(data)


@pytest.mark.parametrize(
    ("over", "fits"),
    [
        ({"cpu_seconds": 0.1, "peak_memory": 1}, True),
        ({"cpu_seconds": float("inf"), "peak_memory": 1}, False),
        ({"cpu_seconds": 0.1}, False),
        (True, False),
        (None, False),
    ],
)
def test_what_is_over(over: object, *, fits: bool) -> None:
    assert is_over({**DONE, "over": over}) is fits
    assert not is_over({**RAISED, "over": over})
