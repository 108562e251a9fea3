"""Offers, claims and workers of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.ids import Digest, RunId, StepName
from assay.model.events import (
    RunFinished,
    RunOutcome,
    RunResumed,
    RunStarted,
    StepFailed,
    StepFinished,
    StepKey,
    StepStarted,
)
from assay.store.runs import RunStore
from assay.store.work import Offer

KEY = Digest("0" * 64)


def place(item: int) -> StepKey:
    return StepKey(StepName("map"), item)


def begin(offer: Offer) -> StepStarted:
    return StepStarted(offer.key, offer.attempt, KEY, ())


def ended(item: int) -> StepFinished:
    return StepFinished(place(item), 1, KEY, {}, 0.1, 0.1, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    store = RunStore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def run(store: RunStore) -> RunId:
    run = store.create_run(RunStarted("p", "p.yaml", ""))
    store.work.offer(run, [Offer(place(item), 1, str(item)) for item in range(3)])
    for worker in ("anna", "ben"):
        store.work.enlist(run, worker)
    return run


def test_each_element_is_taken_once_and_its_start_is_in_the_log(store: RunStore, run: RunId) -> None:
    taken = [store.work.take(run, worker, begin) for worker in ("anna", "ben", "anna", "ben")]
    assert [offer and offer.payload for offer in taken] == ["0", "1", "2", None]
    assert [logged.event.key.item for logged in store.events(run) if isinstance(logged.event, StepStarted)] == [0, 1, 2]
    assert store.work.in_hand(run) == {place(0): "anna", place(1): "ben", place(2): "anna"}


def test_what_the_engine_has_is_not_taken(store: RunStore, run: RunId) -> None:
    assert store.claim(run, "map", 0, "engine")
    assert [store.work.take(run, "ben", begin).payload for _ in range(2)] == ["1", "2"]
    assert store.work.take(run, "ben", begin) is None
    assert place(0) not in store.work.in_hand(run)


def test_no_more_at_one_time_than_the_step_allows(store: RunStore, run: RunId) -> None:
    store.work.offer(run, [Offer(place(item), 1, str(item), parallel=2) for item in range(3)])
    assert store.claim(run, "map", 0, "engine")
    assert store.work.take(run, "ben", begin).payload == "1"
    assert store.work.take(run, "ben", begin) is None
    store.append(run, ended(1))
    assert store.work.take(run, "ben", begin).payload == "2"


def test_what_a_dead_worker_had_is_free_again_with_the_next_attempt(store: RunStore, run: RunId) -> None:
    for _ in range(2):
        store.work.take(run, "anna", begin)
    store.append(run, ended(0))
    assert store.work.bury(run, "anna") == [place(1)]
    assert store.work.workers(run) == ["ben"]
    again = store.work.take(run, "ben", begin)
    assert (again.key, again.attempt) == (place(1), 2)
    lost = [logged.event for logged in store.events(run) if isinstance(logged.event, StepFailed)]
    assert [(event.key, event.attempt, event.failure.code, event.retry_in) for event in lost] == [
        (place(1), 1, "lost", 0.0)
    ]


def test_a_new_engine_takes_over_all_but_what_workers_have_in_hand(store: RunStore, run: RunId) -> None:
    assert store.claim(run, "map", 0, "engine")
    store.append(run, StepStarted(place(0), 1, KEY, ()))
    store.work.take(run, "ben", begin)
    store.work.take(run, "ben", begin)
    store.append(run, ended(2))
    store.append(run, RunResumed())
    assert store.claimed(run, "map") == {1: "ben"}
    assert store.work.take(run, "ben", begin) is None


def test_nothing_is_offered_once_the_run_has_ended(store: RunStore, run: RunId) -> None:
    store.append(run, ended(0))
    assert store.work.free(run) == 2
    store.append(run, RunFinished(RunOutcome.SUCCEEDED))
    assert store.work.free(run) == 0
