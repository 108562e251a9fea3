import contextlib
import multiprocessing
import os
import random
import sqlite3
import threading

import pytest

from assay.errors import StoreError
from assay.model.events import CancelRequested, RunStarted, StepKey, StepPreview
from assay.store import RunStore
from assay.store.database import Database
from assay.store.schema import VERSION

STARTED = RunStarted("p", "p.yaml", "")
fork = multiprocessing.get_context("fork")


def test_a_new_database_has_the_newest_schema_and_write_ahead_log(tmp_path):
    RunStore(tmp_path).close()
    with sqlite3.connect(tmp_path / "assay.db") as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("SELECT version FROM migrations").fetchall() == [(one + 1,) for one in range(VERSION)]
    raw.close()


def test_opening_again_keeps_what_is_there(tmp_path):
    first = RunStore(tmp_path)
    run = first.create_run(STARTED)
    first.close()

    assert RunStore(tmp_path).run("last").id == run


def test_a_store_that_is_only_asked_for_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="no run was ever recorded here") as caught:
        RunStore(tmp_path / "nothing", create=False)
    assert caught.value.hint == "start one with `assay run`"
    assert not (tmp_path / "nothing").exists()


def test_a_database_of_a_later_version_is_left_alone(tmp_path):
    RunStore(tmp_path).close()
    with sqlite3.connect(tmp_path / "assay.db") as raw:
        raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    raw.close()

    with pytest.raises(StoreError, match="written by a later version of Assay") as caught:
        RunStore(tmp_path)
    assert caught.value.code == "store-too-new"
    assert "upgrade" in caught.value.hint


def no_database(path):
    path.write_bytes(b"this is no database, and long enough to be looked at" * 50)


def torn(path):
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(random.Random(0).randbytes(os.path.getsize(path) - 4096))


@pytest.mark.parametrize("harm", [no_database, torn])
def test_a_damaged_database_is_one_sentence_with_a_way_out(tmp_path, harm):
    store = RunStore(tmp_path)
    store.create_run(STARTED)
    store.close()
    harm(tmp_path / "assay.db")

    with pytest.raises(StoreError) as caught:
        RunStore(tmp_path).run("last")
    assert caught.value.code == "store-damaged"
    assert caught.value.culprit == str(tmp_path / "assay.db")
    assert "move this file away" in caught.value.hint


def test_an_event_changed_by_hand_is_named(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(STARTED)
    with sqlite3.connect(tmp_path / "assay.db") as raw:
        raw.execute("UPDATE events SET payload = '{'")
    raw.close()

    with pytest.raises(StoreError, match=f"event 1 of run {run} cannot be read"):
        list(store.events(run))


def test_a_full_disk_keeps_the_log_as_it_was(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(STARTED)
    pages = store._database.connection().execute("PRAGMA page_count").fetchone()[0]
    store._database.connection().execute(f"PRAGMA max_page_count = {pages + 2}")

    with pytest.raises(StoreError, match="the disk is full") as caught:
        store.append(run, StepPreview(StepKey("s"), "x", "text/plain", "x" * 100_000))
    assert caught.value.code == "store-full"
    assert len(list(store.events(run))) == 1
    assert store.append(run, CancelRequested()) == 2


def test_a_full_disk_is_noticed_when_the_store_is_made(full_disk):
    disk, fill = full_disk
    fill()

    with pytest.raises(StoreError, match="No space left on device") as caught:
        RunStore(disk / ".assay")
    assert (caught.value.code, bool(caught.value.hint)) == ("store-full", True)


@pytest.mark.parametrize(("free", "code"), [(0, "store-full"), (1 << 40, "store-damaged")])
def test_an_input_output_error_on_a_full_disk_is_a_full_disk(tmp_path, monkeypatch, free, code):
    database = Database(tmp_path / "assay.db")
    monkeypatch.setattr(database, "_free_space", lambda: free)
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE

    with pytest.raises(StoreError) as caught, database.reading():
        raise error
    assert caught.value.code == code


def test_a_lock_that_never_goes_away_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("assay.store.database._BUSY_SECONDS", 0.05)
    store = RunStore(tmp_path)
    run = store.create_run(STARTED)
    raw = sqlite3.connect(tmp_path / "assay.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="another process has locked it") as caught:
        store.append(run, CancelRequested())
    assert caught.value.code == "store-busy"
    raw.execute("ROLLBACK")
    raw.close()
    assert store.append(run, CancelRequested()) == 2


def test_a_read_only_folder_is_one_sentence(tmp_path, read_only):
    folder = tmp_path / "shared"
    folder.mkdir()
    read_only(folder)

    with pytest.raises(StoreError) as caught:
        RunStore(folder / ".assay")
    assert caught.value.code == "store-read-only"
    assert caught.value.hint


def test_a_store_that_became_read_only_is_one_sentence(tmp_path, read_only):
    folder = tmp_path / "shared"
    RunStore(folder).close()
    read_only(folder)

    with pytest.raises(StoreError, match="the store cannot be written") as caught:
        RunStore(folder)
    assert (caught.value.code, caught.value.culprit) == ("store-read-only", str(folder))


def test_an_interrupt_inside_a_commit_rolls_it_back(tmp_path):
    database = Database(tmp_path / "assay.db")
    with contextlib.suppress(KeyboardInterrupt), database.writing() as db:
        db.execute("INSERT INTO claims VALUES ('r', 's', 0, 'o')")
        raise KeyboardInterrupt
    with database.writing() as db:
        assert db.execute("SELECT count(*) FROM claims").fetchone() == (0,)
    database.close()


def test_threads_have_connections_of_their_own(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(STARTED)
    threads = [
        threading.Thread(target=lambda: [store.append(run, CancelRequested()) for _ in range(25)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [logged.sequence for logged in store.events(run)] == list(range(1, 102))
    store.close()


def write_to(store, run):
    for _ in range(25):
        store.append(run, CancelRequested())


def test_a_forked_child_does_not_use_its_parents_connection(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(STARTED)
    child = fork.Process(target=write_to, args=(store, run))
    child.start()
    write_to(store, run)
    child.join()

    assert child.exitcode == 0
    assert [logged.sequence for logged in store.events(run)] == list(range(1, 52))


def test_a_name_that_is_not_utf8_is_recorded_readably(tmp_path):
    store = RunStore(tmp_path)
    run = store.create_run(RunStarted("p\udce9", "caf\udce9.yaml", "doc \udce9"))

    assert store.run(run).file == "caf\\xe9.yaml"
    assert [row.id for row in store.runs(pipeline="p\udce9")] == [run]
    assert next(store.events(run)).event.document == "doc \udce9"
