import multiprocessing
import os
import random
import signal
import time

import pytest

from assay.model.events import RunStarted, StepFinished, StepKey
from assay.store import RunStore

ITEMS = 200
WORKERS = 16
KILLS = 40
fork = multiprocessing.get_context("fork")


def work(root, run, owned):
    """Take elements until all are done; a file made exclusively for each proves that nobody else has it.

    Most elements take until enough owners were killed, so that a slow machine kills as many at work as a fast one.
    """
    store, me = RunStore(root), str(os.getpid())
    order = list(range(ITEMS))
    random.Random(os.getpid()).shuffle(order)
    for item in order:
        if store.claim(run, "map", item, me):
            os.close(os.open(f"{owned}/{item}", os.O_CREAT | os.O_EXCL))
            while item % 8 and not os.path.exists(f"{owned}/../enough"):
                time.sleep(0.01)
            store.append(run, StepFinished(StepKey("map", item), 1, "0" * 64, {}, 0.0))


def finished(store, run):
    return [one.event.key.item for one in store.events(run) if isinstance(one.event, StepFinished)]


def release_the_dead(store, run, owned, owner):
    """Give back what a dead owner had not finished, as an engine does that takes over."""
    done = set(finished(store, run))
    for item, holder in store.claimed(run, "map").items():
        if holder == owner and item not in done:
            (owned / str(item)).unlink(missing_ok=True)
            assert store.release(run, "map", item, owner)


@pytest.mark.fault
def test_elements_are_neither_lost_nor_doubled_when_owners_are_killed(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(RunStarted("p", "p.yaml", ""))
    owned = tmp_path / "owned"
    owned.mkdir()
    chance, kills, statuses, workers = random.Random(3), 0, [], []

    while len(set(finished(store, run))) < ITEMS:
        while len(workers) < WORKERS:
            workers.append(fork.Process(target=work, args=(tmp_path, run, owned)))
            workers[-1].start()
        time.sleep(chance.uniform(0, 0.01))
        if kills < KILLS:
            victim = chance.choice(workers)
            victim.kill()
            victim.join()  # or a slow machine would let the same one be chosen again
            kills += 1
        else:
            (tmp_path / "enough").touch()
        for worker in [one for one in workers if not one.is_alive()]:
            worker.join()
            statuses.append(worker.exitcode)
            release_the_dead(store, run, owned, str(worker.pid))
            workers.remove(worker)
    for worker in workers:
        worker.join()
        statuses.append(worker.exitcode)

    assert sorted(finished(store, run)) == list(range(ITEMS))
    assert set(statuses) <= {0, -signal.SIGKILL}
    assert statuses.count(-signal.SIGKILL) > KILLS / 2
