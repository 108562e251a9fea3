import os
import time

import pytest

from assay.errors import StoreError
from assay.store import digest_source, sources
from assay.store.hashing import manifest, read_manifest

OLD = 1_500_000_000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of three files that were last touched long ago."""
    place = tmp_path / "data"
    place.mkdir()
    for name in ("a", "b", "c"):
        (place / name).write_text(name)
        os.utime(place / name, (OLD, OLD))
    now = time.time_ns() + 10_000_000_000
    monkeypatch.setattr(sources.time, "time_ns", lambda: now)
    return place


@pytest.fixture
def reads(monkeypatch):
    """The paths that were read in full."""
    seen = []
    real = sources.hash_file

    def count(path):
        seen.append(os.path.basename(path))
        return real(path)

    monkeypatch.setattr(sources, "hash_file", count)
    return seen


def test_a_file_is_read_once(store, folder, reads):
    first = digest_source(folder, store.runs.digests)

    assert digest_source(folder, store.runs.digests) == first == digest_source(folder)
    assert sorted(reads[:3]) == ["a", "b", "c"]
    assert len(reads) == 6  # three with the cache, three without


def test_a_file_that_changed_is_read_again(store, folder, reads):
    digest_source(folder, store.runs.digests)
    (folder / "b").write_text("B")
    os.utime(folder / "b", (OLD, OLD))
    reads.clear()

    # Same size, same time, same inode: only the time of the last change of state gives it away.
    assert digest_source(folder, store.runs.digests) == digest_source(folder)
    assert reads[0] == "b"
    assert len(reads) == 4


def test_a_file_touched_just_now_is_not_remembered(store, folder, reads, monkeypatch):
    monkeypatch.setattr(sources.time, "time_ns", lambda: os.stat(folder / "a").st_ctime_ns)
    digest_source(folder / "a", store.runs.digests)
    digest_source(folder / "a", store.runs.digests)

    assert reads == ["a", "a"]


def test_a_link_to_a_file_counts_by_content(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder / "a")

    assert digest_source(tmp_path / "link") == digest_source(folder / "a")


@pytest.mark.parametrize(("name", "message"), [("nothing", "cannot read"), ("pipe", "a named pipe cannot be kept")])
def test_what_cannot_be_read_is_one_sentence(tmp_path, name, message):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(StoreError, match=message):
        digest_source(tmp_path / name)


def test_a_manifest_is_read_as_it_was_written():
    lines = [("a b", False, "1" * 64), ("c\0\n"[:1], True, "2" * 64), ("d\n", False, None)]

    assert read_manifest(manifest(lines)) == {name: (executable, digest) for name, executable, digest in lines}
    with pytest.raises(ValueError, match="not a manifest"):
        read_manifest(b"a,b\n")
