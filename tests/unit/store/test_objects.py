import errno
import hashlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from assay.errors import StoreError
from assay.model.artifacts import Artifact, ArtifactType
from assay.store import hashing
from assay.store.objects import ObjectStore
from assay.store.placing import remove_tree

fork = multiprocessing.get_context("fork")


def everything(folder):
    return [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]


def test_files_of_a_folder_share_their_bytes_with_equal_files(store, tmp_path):
    (tmp_path / "out").mkdir()
    for name in ("a", "b"):
        (tmp_path / "out" / name).write_text("same")
    folder = store.objects.path(store.objects.publish(tmp_path / "out", ArtifactType.FOLDER))
    (tmp_path / "c").write_text("same")
    file = store.objects.path(store.objects.publish(tmp_path / "c", ArtifactType.FILE))

    assert (folder / "a").stat().st_ino == (folder / "b").stat().st_ino == file.stat().st_ino


def test_a_folder_of_more_equal_files_than_links_are_allowed_is_copied(store, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    for name in range(5):
        (tmp_path / "out" / str(name)).write_text("same")
    link, made = os.link, []

    def scarce(source, target):
        made.append(target)
        if len(made) > 3:
            raise OSError(errno.EMLINK, "")
        link(source, target)

    monkeypatch.setattr(os, "link", scarce)
    artifact = store.objects.publish(tmp_path / "out", ArtifactType.FOLDER)

    assert len(made) > 3
    assert store.objects.intact(artifact)
    assert store.objects.verify(artifact)


def test_a_file_system_without_links_and_an_output_on_another_disk_are_copied(store, tmp_path, monkeypatch):
    def no_link(_source, _target):
        raise OSError(errno.EXDEV, "")

    monkeypatch.setattr(os, "link", no_link)
    (tmp_path / "a").write_text("1")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b").write_text("2")

    for path, kind in ((tmp_path / "a", ArtifactType.FILE), (tmp_path / "out", ArtifactType.FOLDER)):
        artifact = store.objects.publish(path, kind)
        assert store.objects.intact(artifact)
        assert store.objects.verify(artifact)
        assert not path.exists()
    assert os.listdir(store.root / "tmp") == []


def test_a_file_that_is_being_written_is_refused(store, tmp_path, monkeypatch):
    path = tmp_path / "log"
    path.write_text("first")

    def hash_slowly(fd, size):
        digest = hashing.hash_open_file(fd, size)
        with path.open("a") as file:
            file.write(" second")
        return digest

    monkeypatch.setattr("assay.store.objects.hash_open_file", hash_slowly)
    with pytest.raises(StoreError, match="still being written"):
        store.objects.publish(path, ArtifactType.FILE)
    assert path.read_text() == "first second"


def test_a_full_disk_leaves_the_output_and_nothing_half_written(full_disk, tmp_path):
    disk, fill = full_disk
    objects = ObjectStore(disk)
    (tmp_path / "before").write_text("before")
    objects.publish(tmp_path / "before", ArtifactType.FILE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "big").write_bytes(bytes(200_000))
    (tmp_path / "file").write_bytes(bytes(300_000))
    fill()

    for name, kind in (("out", ArtifactType.FOLDER), ("file", ArtifactType.FILE)):
        with pytest.raises(StoreError, match=f"cannot keep {name}: No space left on device") as caught:
            objects.publish(tmp_path / name, kind)
        assert (caught.value.code, bool(caught.value.hint)) == ("store-full", True)
    assert (tmp_path / "out" / "big").read_bytes() == bytes(200_000)
    assert (tmp_path / "file").stat().st_size == 300_000
    assert list(disk.glob("tmp/*")) == []
    assert [path[-64:] for path in everything(disk / "objects")] == [hashlib.sha256(b"before").hexdigest()]


def test_export_to_a_full_disk_leaves_nothing(store, full_disk, tmp_path):
    disk, fill = full_disk
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "big").write_bytes(bytes(300_000))
    artifact = store.objects.publish(tmp_path / "out", ArtifactType.FOLDER)
    fill()

    with pytest.raises(StoreError, match="No space left on device"):
        store.objects.export(artifact, disk / "mine")
    assert [name for name in os.listdir(disk) if "mine" in name] == []


def test_a_read_only_store_still_reads_and_says_why_it_cannot_keep(store, read_only, tmp_path):
    (tmp_path / "a").write_text("1")
    artifact = store.objects.publish(tmp_path / "a", ArtifactType.FILE)
    store.close()
    read_only(store.root)
    (tmp_path / "b").write_text("2")

    assert store.objects.path(artifact).read_text() == "1"
    with pytest.raises(StoreError, match="cannot keep b: ") as caught:
        store.objects.publish(tmp_path / "b", ArtifactType.FILE)
    assert (caught.value.code, bool(caught.value.hint)) == ("store-read-only", True)
    assert (tmp_path / "b").read_text() == "2"


def publish_the_same(root, folder, answers):
    objects = ObjectStore(root)
    for number in range(20):
        path = folder / f"{os.getpid()}-{number}"
        path.mkdir(parents=True)
        (path / "a").write_bytes(b"%d" % number * 100)
        (path / "b").write_text("same in all")
        answers.put(objects.publish(path, ArtifactType.FOLDER))


def test_eight_processes_may_publish_the_same_content_at_once(store, tmp_path):
    answers = fork.Queue()
    workers = [fork.Process(target=publish_the_same, args=(store.root, tmp_path / "w", answers)) for _ in range(8)]
    for worker in workers:
        worker.start()
    artifacts = [answers.get(timeout=300) for _ in range(160)]
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0] * 8
    assert len(set(artifacts)) == 20
    assert all(store.objects.intact(one) and store.objects.verify(one) for one in set(artifacts))
    assert os.listdir(store.root / "tmp") == []


def publish_for_ever(root, folder):
    objects, seed = ObjectStore(root), random.Random(os.getpid())
    while True:
        path = folder / str(seed.getrandbits(64))
        (path / "deep").mkdir(parents=True)
        for name in ("a", "deep/b"):
            (path / name).write_bytes(seed.randbytes(seed.randrange(50_000)))
        objects.publish(path, ArtifactType.FOLDER)


@pytest.mark.fault
def test_a_kill_at_any_moment_leaves_nothing_half_visible(store, tmp_path):
    seed = random.Random(7)
    for _ in range(30):
        worker = fork.Process(target=publish_for_ever, args=(store.root, tmp_path / "w"))
        before = len(everything(store.root / "objects"))
        worker.start()
        while len(everything(store.root / "objects")) == before:  # a slow machine is given the time that it needs
            time.sleep(0.002)
        time.sleep(seed.uniform(0, 0.05))
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()

    files = everything(store.root / "objects")
    assert len(files) > 30
    for path in files:
        assert hashing.hash_file(path) == os.path.basename(path)
    for bucket in (store.root / "folders").iterdir():
        for folder in bucket.iterdir():
            assert store.objects.verify(Artifact(folder.name, ArtifactType.FOLDER, folder=True, size=0))
    store.reclaim(0)
    assert os.listdir(store.root / "tmp") == []


def test_a_kill_between_the_two_names_of_a_file_is_mended_by_publishing_again(store, tmp_path):
    (tmp_path / "a").write_text("1")
    unlinked = tmp_path / "a"
    artifact = store.objects.publish(unlinked, ArtifactType.FILE)
    os.link(store.objects.path(artifact), unlinked)

    assert store.objects.publish(unlinked, ArtifactType.FILE) == artifact
    assert not unlinked.exists()
    assert store.objects.intact(artifact)


def test_a_steps_process_loads_no_database_for_it():
    code = "import sys, assay.store.objects; print([m for m in ('sqlite3', 'logging', 'tempfile', 'shutil', 'subprocess', 'assay.store.runs', 'json') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_remove_tree_does_not_follow_links(tmp_path):
    (tmp_path / "keep").mkdir()
    (tmp_path / "keep" / "a").write_text("1")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "link").symlink_to(tmp_path / "keep")
    (tmp_path / "work" / "b").write_text("22")
    (tmp_path / "work").chmod(0o555)

    assert remove_tree(str(tmp_path / "work")) >= 2
    assert (tmp_path / "keep" / "a").read_text() == "1"
    assert not (tmp_path / "work").exists()
    assert remove_tree(str(tmp_path / "work")) == 0
