"""What every run store promises."""

import re
import time

import pytest

from assay.errors import NotFound, StoreError
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Value
from assay.model.events import (
    CancelRequested,
    Failure,
    RunFinished,
    RunOutcome,
    RunResumed,
    RunStarted,
    SkipReason,
    StepCancelled,
    StepExpanded,
    StepFailed,
    StepFinished,
    StepKey,
    StepMapped,
    StepMetric,
    StepPreview,
    StepProgress,
    StepReused,
    StepSkipped,
    StepStarted,
)
from assay.store.records import PlaceState, Remember, RunStatus

TRAIN = StepKey("train")
ITEM = StepKey("train", 3)
KEY = "a" * 64
TABLE = Artifact("b" * 64, ArtifactType.DATASET, False, 12, 1, ".csv")
OUTPUTS = {"table": TABLE, "tables": ArtifactList((TABLE, TABLE)), "count": Value({"n": [1, None, "é"]})}
STARTED = RunStarted("covid", "covid.pipeline.yaml", "assay: 1\n", {"epochs": 8}, {"jobs": 2}, "0.1.0")

EVERY_EVENT = (
    RunResumed(),
    CancelRequested(),
    StepExpanded("train", ("a", "b")),
    StepStarted(ITEM, 1, KEY, ("changed parameter epochs",)),
    StepMetric(ITEM, "auroc", 0.5, 3),
    StepProgress(ITEM, 1, None, "slices"),
    StepPreview(ITEM, "curve", "text/plain", "not UTF-8: \udc80"),
    StepFailed(ITEM, 1, Failure("raised", "no", "trace", "hint"), 2.0, 0.5, 99),
    StepFinished(ITEM, 2, KEY, OUTPUTS, 1.5, 1.25, 1 << 30),
    StepReused(TRAIN, KEY, OUTPUTS, "20260101-000000-0000"),
    StepMapped("train", OUTPUTS),
    StepSkipped(TRAIN, SkipReason.CONDITION, "params.epochs > 9"),
    StepCancelled(TRAIN, 1),
    RunFinished(RunOutcome.FAILED),
)


def finished(step, key=KEY):
    return StepFinished(StepKey(step), 1, key, {}, 0.1)


def test_a_run_id_tells_its_time_and_the_log_begins_with_its_start(runs):
    before = time.gmtime()
    run = runs.create_run(STARTED)

    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", run)
    assert time.strftime("%Y%m%d-%H%M%S", before) <= run[:15] <= time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    assert [(logged.sequence, logged.event) for logged in runs.events(run)] == [(1, STARTED)]


def test_every_kind_of_event_comes_back_as_it_was(runs):
    run = runs.create_run(STARTED)

    before = time.time()
    assert runs.append(run, *EVERY_EVENT) == 1 + len(EVERY_EVENT)
    logged = list(runs.events(run))
    assert tuple(one.event for one in logged[1:]) == EVERY_EVENT
    assert [one.sequence for one in logged] == list(range(1, len(EVERY_EVENT) + 2))
    assert before <= logged[-1].time <= time.time()


def test_events_can_be_read_on_from_a_number_and_in_parts(runs):
    run = runs.create_run(STARTED)
    runs.append(run, *[StepProgress(TRAIN, done) for done in range(2500)])

    assert [one.sequence for one in runs.events(run, after=2000, limit=3)] == [2001, 2002, 2003]
    assert [one.sequence for one in runs.events(run)] == list(range(1, 2502))
    assert list(runs.events(run, after=2501)) == []
    assert list(runs.events(run, limit=0)) == []


def test_events_appended_while_reading_do_not_disturb_the_reader(runs):
    run = runs.create_run(STARTED)
    runs.append(run, *[StepProgress(TRAIN, done) for done in range(1500)])
    reader = runs.events(run)
    first = next(reader)
    runs.append(run, CancelRequested())

    assert [first.sequence, *(one.sequence for one in reader)] == list(range(1, 1503))


def test_an_event_of_an_unknown_run_is_refused(runs):
    with pytest.raises(NotFound, match="no run '20260101-000000-0000'"):
        runs.append("20260101-000000-0000", CancelRequested())


def test_runs_are_listed_newest_first_by_pipeline_and_with_a_limit(runs):
    ids = [runs.create_run(RunStarted(name, f"{name}.yaml", "")) for name in ("a", "b", "a")]

    assert [row.id for row in runs.runs()] == ids[::-1]
    assert [row.id for row in runs.runs(pipeline="a")] == [ids[2], ids[0]]
    assert [row.id for row in runs.runs(limit=1)] == [ids[2]]
    assert (runs.run(ids[1]).pipeline, runs.run(ids[1]).file) == ("b", "b.yaml")


def test_a_run_is_found_by_last_by_its_name_and_by_a_unique_beginning(runs):
    with pytest.raises(NotFound, match="there is no run yet"):
        runs.run("last")
    first, second = runs.create_run(STARTED), runs.create_run(STARTED)

    assert runs.run("last").id == second
    assert runs.run(first).id == first
    assert runs.run(first[:-1] if first[:-1] != second[:-1] else first).id == first
    with pytest.raises(NotFound, match="more than one run begins with '20'") as caught:
        runs.run("20")
    assert first in caught.value.hint
    with pytest.raises(NotFound) as caught:
        runs.run(f"{first[:-1]}x")
    assert "did you mean" in caught.value.hint
    with pytest.raises(NotFound, match="no run"):
        runs.run("%")


@pytest.mark.parametrize("outcome", RunOutcome)
def test_status_follows_the_log_and_the_engine(runs, outcome):
    run = runs.create_run(STARTED)
    assert runs.run(run).status is RunStatus.INTERRUPTED
    with runs.hold(run):
        assert runs.held(run)
        assert runs.run(run).status is RunStatus.RUNNING
    assert runs.run(run).status is RunStatus.INTERRUPTED

    runs.append(run, RunFinished(outcome))
    row = runs.run(run)
    assert row.status == outcome.value
    assert row.finished is not None
    assert row.finished >= row.started

    runs.append(run, RunResumed())
    assert (runs.run(run).status, runs.run(run).finished) == (RunStatus.INTERRUPTED, None)


def test_a_run_has_one_engine(runs):
    run, other = runs.create_run(STARTED), runs.create_run(STARTED)
    with (
        runs.hold(run),
        runs.hold(other),
        pytest.raises(StoreError, match="is already running") as caught,
        runs.hold(run),
    ):
        pass
    assert caught.value.code == "store-busy"
    assert re.fullmatch(r"process \d+", caught.value.culprit)
    with runs.hold(run):
        pass


def test_steps_are_counted_by_their_latest_state(runs):
    run = runs.create_run(STARTED)
    runs.append(
        run,
        *(StepStarted(StepKey(name), 1, KEY) for name in "abcdef"),
        finished("a"),
        finished("b"),
        StepFailed(StepKey("c"), 1, Failure("raised", "")),
        StepFailed(StepKey("d"), 1, Failure("raised", ""), retry_in=1.0),
        StepCancelled(StepKey("e"), 1),
        StepReused(StepKey("g"), KEY, {}, "r"),
        StepSkipped(StepKey("h"), SkipReason.CONDITION),
        StepExpanded("m", ("x", "y")),
        StepStarted(StepKey("m", 0), 1, KEY),
        StepFinished(StepKey("m", 1), 1, KEY, {}, 0.1),
    )
    assert runs.run(run).steps == {
        PlaceState.SUCCEEDED: 3,
        PlaceState.FAILED: 1,
        PlaceState.WAITING: 1,
        PlaceState.CANCELLED: 1,
        PlaceState.RUNNING: 2,
        PlaceState.REUSED: 1,
        PlaceState.SKIPPED: 1,
    }
    runs.append(run, StepStarted(StepKey("c"), 2, KEY), finished("c"))
    assert runs.run(run).steps[PlaceState.SUCCEEDED] == 4
    assert PlaceState.FAILED not in runs.run(run).steps


def test_an_execution_is_remembered_with_its_event(runs):
    run = runs.create_run(STARTED)
    assert runs.cached(KEY) is None
    assert runs.last_parts("covid", "train") is None

    runs.append(run, finished("train"), remember=[Remember(KEY, "train", {"code": "c1"}, OUTPUTS, "covid")])
    entry = runs.cached(KEY)
    assert (entry.key, entry.outputs, entry.run, entry.step) == (KEY, OUTPUTS, run, "train")
    assert runs.last_parts("covid", "train") == {"code": "c1"}
    assert runs.last_parts_all("covid") == {"train": {"code": "c1"}}
    assert runs.last_parts_all("other") == {}

    runs.append(run, finished("train"), remember=[Remember(KEY, "train", {"code": "c2"}, {}, "covid")])
    assert runs.cached(KEY).outputs == {}
    assert runs.last_parts("covid", "train") == {"code": "c2"}


def test_an_execution_that_may_not_be_reused_leaves_only_its_reasons(runs):
    run = runs.create_run(STARTED)
    runs.append(run, finished("s"), remember=[Remember(KEY, "s", {"code": "c"}, OUTPUTS, "p", reusable=False)])

    assert runs.cached(KEY) is None
    assert runs.last_parts("p", "s") == {"code": "c"}


def test_an_event_that_cannot_be_written_leaves_nothing_of_its_commit(runs):
    run = runs.create_run(STARTED)
    with pytest.raises(TypeError, match="not a JSON value"):
        runs.append(run, finished("a"), StepMetric(TRAIN, "x", object()), remember=[Remember(KEY, "a", {}, {}, "p")])

    assert len(list(runs.events(run))) == 1
    assert runs.cached(KEY) is None
    assert runs.append(run, finished("a")) == 2


def test_many_keys_are_looked_up_at_once(runs):
    run = runs.create_run(STARTED)
    keys = [f"{number:064x}" for number in range(1200)]
    for key in keys[::100]:
        runs.append(run, finished("s", key), remember=[Remember(key, f"s[{int(key, 16)}]", {}, OUTPUTS, "p")])

    assert set(runs.cached_many(keys)) == set(keys[::100])
    assert runs.cached_many([]) == {}


def test_one_owner_gets_an_element_and_it_can_be_given_back(runs):
    run = runs.create_run(STARTED)

    assert runs.claim(run, "train", 0, "one")
    assert not runs.claim(run, "train", 0, "other")
    assert not runs.claim(run, "train", 0, "one")
    assert runs.claim(run, "train", 1, "other")
    assert runs.claimed(run, "train") == {0: "one", 1: "other"}
    assert not runs.release(run, "train", 0, "other")
    assert runs.release(run, "train", 0, "one")
    assert runs.claim(run, "train", 0, "other")
