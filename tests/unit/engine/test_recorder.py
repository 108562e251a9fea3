"""The recorder: one commit, in order, and no request to cancel is missed."""

from __future__ import annotations

import pytest

from assay.engine.recorder import Recorder
from assay.model import events as ev
from assay.store.records import Remember
from assay.store.runs import RunStore

KEY = ev.StepKey("a")
STARTED = ev.StepStarted(KEY, 1, "k")
FINISHED = ev.StepFinished(KEY, 1, "k", {}, 1.0)


@pytest.fixture
def runs(tmp_path):
    store = RunStore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def seen():
    return []


@pytest.fixture
def recorder(runs, seen):
    run = runs.create_run(ev.RunStarted("p", "/p.yaml", "text"))
    return Recorder(runs, run, seen.append, 1)


def test_nothing_is_said_before_it_is_written(runs, recorder, seen):
    recorder.add(STARTED)
    assert seen == []
    recorder.flush()
    assert [(logged.sequence, logged.event) for logged in seen] == [(2, STARTED)]
    assert [logged.event for logged in runs.events(recorder.run, after=1)] == [STARTED]


def test_the_end_of_a_step_and_its_cache_entry_are_one_commit(runs, recorder):
    recorder.remember(FINISHED, Remember("k", "a", {"code": "c"}, {}, "p"))
    assert runs.cached("k") is None
    recorder.settle()
    assert runs.cached("k").run == recorder.run
    assert [logged.event for logged in runs.events(recorder.run, after=1)] == [FINISHED]


def test_chatter_does_not_make_the_loop_write(runs, recorder):
    recorder.add(ev.StepProgress(KEY, 1))
    recorder.settle()
    assert list(runs.events(recorder.run, after=1)) == []
    assert recorder.due() is not None


def test_a_cancel_that_stands_between_our_events_is_noticed_once(runs, recorder):
    recorder.add(STARTED)
    recorder.flush()
    runs.append(recorder.run, ev.CancelRequested())
    recorder.add(FINISHED)
    recorder.flush()
    assert [recorder.cancel_requested() for _ in range(3)] == [True, False, False]


def test_our_own_cancel_is_not_taken_for_somebody_elses(runs, recorder):
    recorder.cancel()
    assert not recorder.cancel_requested()
    assert [logged.event for logged in runs.events(recorder.run, after=1)] == [ev.CancelRequested()]
