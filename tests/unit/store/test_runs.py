import itertools
import multiprocessing
import os
import signal
import time

import pytest

from assay.model.artifacts import Artifact, ArtifactType
from assay.model.events import CancelRequested, RunStarted, StepFinished, StepKey, StepProgress, StepStarted
from assay.store import Remember, RunStatus, RunStore, Store

STARTED = RunStarted("p", "p.yaml", "")
fork = multiprocessing.get_context("fork")


def open_and_append(root, run, done):
    store = Store.open(root)
    for number in range(50):
        store.runs.append(run, StepProgress(StepKey("s"), number), StepProgress(StepKey("s"), number))
    mine = store.runs.create_run(STARTED)
    store.runs.append(mine, CancelRequested())
    done.put(mine)


def test_eight_processes_append_to_one_log_without_gaps(tmp_path):
    store = Store.open(tmp_path / ".assay")
    run = store.runs.create_run(STARTED)
    done = fork.Queue()
    workers = [fork.Process(target=open_and_append, args=(store.root, run, done)) for _ in range(8)]
    for worker in workers:
        worker.start()
    own = {done.get(timeout=300) for _ in workers}
    for worker in workers:
        worker.join()

    logged = list(store.runs.events(run))
    assert [one.sequence for one in logged] == list(range(1, 802))
    # The two events of one commit stay side by side.
    assert all(one.event == other.event for one, other in zip(logged[1::2], logged[2::2], strict=True))
    assert len(own) == 8
    assert {row.id for row in store.runs.runs()} == own | {run}


def open_new(root, done):
    store = Store.open(root)
    done.put(store.runs.create_run(STARTED))


def test_eight_processes_may_make_the_same_store_at_once(tmp_path):
    done = fork.Queue()
    workers = [fork.Process(target=open_new, args=(tmp_path / ".assay", done)) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0] * 8
    assert len(RunStore(tmp_path / ".assay").runs()) == 8


def hold_for_ever(root, run, ready):
    store = RunStore(root)
    with store.hold(run):
        if os.fork() == 0:
            # A child that outlives its engine, as a fork server's would.
            os.write(ready, str(os.getpid()).encode())
        time.sleep(600)


@pytest.mark.fault
def test_a_killed_engine_lets_go_of_its_run_though_its_children_live(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(STARTED)
    reader, writer = os.pipe()
    engine = fork.Process(target=hold_for_ever, args=(tmp_path, run, writer))
    engine.start()
    child = int(os.read(reader, 32))
    assert store.run(run).status is RunStatus.RUNNING

    engine.kill()
    engine.join()
    assert store.run(run).status is RunStatus.INTERRUPTED
    with store.hold(run):
        assert store.held(run)
    os.kill(child, signal.SIGKILL)
    os.close(reader)
    os.close(writer)


def append_for_ever(root, run):
    store = RunStore(root)
    number = 0
    while True:
        key = f"{number:064x}"
        store.append(
            run,
            StepFinished(StepKey("s", number), 1, key, {}, 0.1),
            remember=[Remember(key, f"s[{number}]", {}, {}, "p")],
        )
        number += 1


@pytest.mark.fault
def test_a_kill_at_any_moment_keeps_log_and_cache_in_step(tmp_path):
    store = RunStore(tmp_path)
    for pause in range(12):
        run = store.create_run(STARTED)
        worker = fork.Process(target=append_for_ever, args=(tmp_path, run))
        worker.start()
        time.sleep(0.02 + pause / 200)
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        logged = list(store.events(run))
        assert [one.sequence for one in logged] == list(range(1, len(logged) + 1))
        keys = [one.event.cache_key for one in logged[1:]]
        assert set(store.cached_many(keys)) == set(keys)


def test_the_cost_of_an_event_does_not_grow_with_the_run(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(STARTED)
    output = {"table": Artifact("b" * 64, ArtifactType.DATASET, folder=False, size=12)}
    work = itertools.count()
    store._database.connection().set_progress_handler(lambda: next(work) and None, 10)  # SQLite's own instructions
    spent = []
    for number in range(1500):
        key = f"{number:064x}"
        begin = next(work)
        store.append(run, StepStarted(StepKey("s", number), 1, key))
        store.append(
            run,
            StepFinished(StepKey("s", number), 1, key, output, 0.1),
            remember=[Remember(key, f"s[{number}]", {"code": key}, output, "p")],
        )
        spent.append(next(work) - begin)
    store._database.connection().set_progress_handler(None, 0)
    early, late = sorted(spent[:500])[250], sorted(spent[-500:])[250]

    assert late < 2 * early


def test_thousands_of_keys_are_found_with_few_queries(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(STARTED)
    output = {"table": Artifact("b" * 64, ArtifactType.DATASET, folder=False, size=12)}
    keys = [f"{number:064x}" for number in range(10_000)]
    with store._database.writing() as db:
        for number, key in enumerate(keys):
            store._cache.write(db, run, Remember(key, f"s[{number}]", {"code": key}, output, "p"), 0.0)
    asked = []
    store._database.connection().set_trace_callback(asked.append)

    assert len(store.cached_many(keys)) == 10_000
    assert len(asked) <= 30
    asked.clear()
    assert len(store.last_parts_all("p")) == 10_000
    assert len(asked) == 1
