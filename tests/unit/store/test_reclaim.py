import os
import sqlite3

import pytest

from assay.errors import StoreError
from assay.model.artifacts import ArtifactList, ArtifactType
from assay.model.events import RunFinished, RunOutcome, RunStarted, StepFinished, StepKey, StepMapped, StepReused
from assay.store import Remember, reclaim

DAY = 86_400.0


def make_run(store, tmp_path, content, outcome=RunOutcome.SUCCEEDED, age=0.0):
    """Record a run of one step with one output, a log and a work folder; return its id and the artifact."""
    (tmp_path / "out").write_text(content)
    artifact = store.objects.publish(tmp_path / "out", ArtifactType.FILE)
    run = store.runs.create_run(RunStarted("p", "p.yaml", ""))
    outputs = {"file": artifact}
    key = artifact.digest
    store.runs.append(
        run,
        StepFinished(StepKey("s"), 1, key, outputs, 0.1),
        remember=[Remember(key, "s", {"code": "c"}, outputs, "p")],
    )
    if outcome is not None:
        store.runs.append(run, RunFinished(outcome))
    work, log = store.work_folder(run, StepKey("s"), 1), store.log_file(run, StepKey("s"), 1)
    work.mkdir(parents=True)
    (work / "partial").write_text("12345")
    log.parent.mkdir(parents=True)
    log.write_text("123")
    with store.runs.hold(run):
        pass
    with sqlite3.connect(store.root / "assay.db") as raw:
        raw.execute("UPDATE runs SET started = started - ?, finished = finished - ? WHERE id = ?", (age, age, run))
        raw.execute("UPDATE cache SET created = created - ? WHERE run = ?", (age, run))
    raw.close()
    return run, artifact


def test_names_of_attempts(store):
    assert store.work_folder("r", StepKey("s"), 2) == store.root / "work" / "r" / "s.2"
    assert store.log_file("r", StepKey("s", 7), 1) == store.root / "logs" / "r" / "s.7.1.log"


def test_the_newest_runs_stay_with_all_that_is_theirs(store, tmp_path):
    made = [make_run(store, tmp_path, content) for content in ("one", "two", "three")]
    done = store.reclaim(1)

    assert (done.objects, done.runs, done.logs) == (2, 2, 2)
    assert [row.id for row in store.runs.runs()] == [made[2][0]]
    assert [store.objects.intact(artifact) for _, artifact in made] == [False, False, True]
    assert [store.runs.cached(artifact.digest) is not None for _, artifact in made] == [False, False, True]
    assert os.listdir(store.root / "logs") == [made[2][0]]
    assert f"{made[0][0]}.lock" not in os.listdir(store.root / "locks")
    assert list(store.runs.events(made[0][0])) == []
    assert store.runs.last_parts("p", "s") == {"code": "c"}


def test_young_runs_and_young_cache_entries_stay(store, tmp_path):
    old, _ = make_run(store, tmp_path, "old", age=9 * DAY)
    young, artifact = make_run(store, tmp_path, "young", age=1 * DAY)
    store.reclaim(0, older_than=3 * DAY)

    assert [row.id for row in store.runs.runs()] == [young]
    assert store.objects.intact(artifact)
    assert old not in os.listdir(store.root / "logs")


def test_an_output_that_a_kept_run_reused_stays_though_its_maker_goes(store, tmp_path):
    _, artifact = make_run(store, tmp_path, "one", age=9 * DAY)
    run = store.runs.create_run(RunStarted("p", "p.yaml", ""))
    store.runs.append(run, StepReused(StepKey("s"), artifact.digest, {"file": artifact}, "r"))
    store.reclaim(1)

    assert store.objects.intact(artifact)


def test_lists_are_looked_into(store, tmp_path):
    (tmp_path / "out").write_text("element")
    artifact = store.objects.publish(tmp_path / "out", ArtifactType.FILE)
    run = store.runs.create_run(RunStarted("p", "p.yaml", ""))
    store.runs.append(run, StepMapped("s", {"files": ArtifactList((artifact,))}))
    store.reclaim(1)

    assert store.objects.intact(artifact)


def test_work_folders_stay_for_looking_at_and_resuming_only(store, tmp_path):
    succeeded, _ = make_run(store, tmp_path, "1")
    failed, _ = make_run(store, tmp_path, "2", RunOutcome.FAILED)
    interrupted, _ = make_run(store, tmp_path, "3", None)
    (store.root / "work" / "unknown" / "s.1").mkdir(parents=True)

    assert store.reclaim(9).work_folders == 2
    assert sorted(os.listdir(store.root / "work")) == sorted([failed, interrupted])
    assert store.runs.run(succeeded).id == succeeded


def test_a_dry_run_says_the_same_and_changes_nothing(store, tmp_path):
    run, artifact = make_run(store, tmp_path, "one")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_text("a")
    folder = store.objects.publish(tmp_path / "folder", ArtifactType.FOLDER)
    said = store.reclaim(0, dry_run=True)

    assert store.objects.intact(artifact)
    assert store.objects.intact(folder)
    assert store.runs.run(run).id == run
    assert store.log_file(run, StepKey("s"), 1).exists()
    done = store.reclaim(0)
    assert said == done
    assert done.bytes > 0
    assert not store.objects.intact(folder)


@pytest.mark.parametrize("user", ["engine", "reader"])
def test_nothing_is_reclaimed_while_somebody_uses_the_store(store, tmp_path, user):
    run, artifact = make_run(store, tmp_path, "one")
    with (
        store.runs.hold(run) if user == "engine" else store.runs.using(),
        pytest.raises(StoreError, match="a run is going on") as caught,
    ):
        store.reclaim(0)
    assert caught.value.code == "store-busy"
    assert store.objects.intact(artifact)
    assert store.reclaim(0).runs == 1


def test_temporaries_of_living_processes_stay(store):
    mine, dead, foreign = f"{os.getpid()}-0-aa", "4194999-0-aa", "notes"
    for name in (mine, dead, foreign):
        (store.root / "tmp" / name).mkdir()
        (store.root / "tmp" / name / "a").write_text("12345")

    assert store.reclaim(0).bytes == 10
    assert os.listdir(store.root / "tmp") == [mine]


def test_a_temporary_older_than_the_process_of_its_number_goes(store, monkeypatch):
    (store.root / "tmp" / f"{os.getpid()}-0-aa").write_text("12345")
    real = reclaim.time.time
    # As if this process had started an hour after the file was made.
    monkeypatch.setattr(reclaim.time, "time", lambda: real() + 3600)

    assert store.reclaim(0).bytes == 5
    assert os.listdir(store.root / "tmp") == []


def test_the_store_is_invisible_to_git_and_opens_again(store):
    assert (store.root / ".gitignore").read_text() == "*\n"
    assert type(store).open(store.root, create=False).root == store.root


def test_what_was_computed_of_artifacts_stays_while_all_of_them_do(store, tmp_path):
    made = [make_run(store, tmp_path, content)[1].digest for content in ("one", "two", "three")]
    folders = [store.derived_folder("features", *of) for of in (made[2:], made[1:], made[:1])]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "part").write_bytes(bytes(1000))
    would = store.reclaim(1, dry_run=True)
    assert [folder.exists() for folder in folders] == [True, True, True]
    assert would.bytes >= 2000
    assert store.reclaim(1).bytes >= 2000
    assert [folder.exists() for folder in folders] == [True, False, False]
