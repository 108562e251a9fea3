"""What was read of the built-in library once is known in every project of the same user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assay.catalog import Catalog, catalog, open_catalog
from assay.catalog.keeping import CACHE_FILE, Kept, user_file
from assay.catalog.places import Place
from assay.catalog.readings import Readings


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """The cache folder of a user who has read nothing yet."""
    folder = tmp_path / "home" / "cache"
    monkeypatch.setenv("ASSAY_CACHE", str(folder))
    return folder


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The files that were read, in their order."""
    read: list[str] = []
    first = catalog._read_any

    def counted(place, file):
        read.append(file.name)
        return first(place, file)

    monkeypatch.setattr(catalog, "_read_any", counted)
    return read


@pytest.fixture
def library(tmp_path, add, monkeypatch) -> Path:
    """A small library in the place of the built-in one."""
    folder = tmp_path / "lib"
    add(folder / "filter" / "one.py", "filter/one")
    add(folder / "filter" / "two.py", text="from assay import Images, component\nfrom lib.filter import value\n" + _TWO)
    (folder / "filter" / "__init__.py").write_text("")
    (folder / "filter" / "value.py").write_text("A = 1\n")
    monkeypatch.setattr(catalog, "built_in", lambda: Place(folder, "lib"))
    return folder


_TWO = '@component("filter/two", version="1")\ndef two(images: Images) -> Images:\n    """Two.\n\n    Args:\n        images: In.\n    """\n    return images, value.A\n'


def project(tmp_path: Path, name: str) -> Path:
    (tmp_path / name / ".assay").mkdir(parents=True)
    return tmp_path / name


def names(root: Path) -> list[str]:
    return [spec.name for spec in open_catalog(root).list() if spec.name.startswith("filter/")]


def test_the_second_project_of_a_user_reads_nothing_of_the_library(tmp_path, home, library, reads, installed):
    first = open_catalog(project(tmp_path, "a")).whole()
    assert {"one.py", "two.py"} <= set(reads)
    reads.clear()
    assert open_catalog(project(tmp_path, "b")).whole() == first
    assert open_catalog(tmp_path / "without-a-store").whole() == first
    assert reads == []


def test_the_built_in_library_itself_is_known_in_the_second_project(tmp_path, home, reads):
    first = open_catalog(project(tmp_path, "a")).whole()
    reads.clear()
    assert open_catalog(project(tmp_path, "b")).whole() == first
    assert reads == []
    assert len(first[0]) > 30


def test_components_of_a_project_are_kept_with_it(tmp_path, home, library, add, installed):
    root = project(tmp_path, "a")
    add(root / "components" / "filter" / "mine.py", "filter/mine")
    assert names(root) == ["filter/mine", "filter/one", "filter/two"]
    (kept,) = home.glob("readings-*.json")
    assert "mine.py" not in kept.read_text()
    assert "mine.py" in (root / ".assay" / CACHE_FILE).read_text()
    assert "one.py" not in (root / ".assay" / CACHE_FILE).read_text()


@pytest.mark.parametrize("change", ["itself", "module", "new", "gone"])
def test_a_changed_source_is_read_again(tmp_path, home, library, reads, add, installed, change):
    before = {spec.name: spec for spec in open_catalog(project(tmp_path, "a")).list()}
    reads.clear()
    match change:
        case "itself":
            add(library / "filter" / "one.py", "filter/one", title="Does something else")
        case "module":
            (library / "filter" / "value.py").write_text("A = 2\n")
        case "new":
            add(library / "filter" / "three.py", "filter/three")
        case "gone":
            (library / "filter" / "one.py").unlink()
    after = {spec.name: spec for spec in open_catalog(project(tmp_path, "b")).list()}
    assert {"itself": "one.py", "module": "two.py", "new": "three.py"}.get(change) in {*reads, None}
    assert "one.py" not in reads or change == "itself"
    match change:
        case "itself":
            assert after["filter/one"].title != before["filter/one"].title
        case "module":
            assert after["filter/two"].implementation.code != before["filter/two"].implementation.code
        case "new":
            assert "filter/three" in after
        case "gone":
            assert "filter/one" not in after


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "folder", "other maker", "no json"])
def test_a_damaged_file_costs_time_and_is_made_anew(tmp_path, home, library, reads, installed, damage):
    first = open_catalog(project(tmp_path, "a")).whole()
    (kept,) = home.glob("readings-*.json")
    whole = kept.read_bytes()
    match damage:
        case "cut":
            kept.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            kept.write_bytes(whole.replace(b"Does it", b"Does at"))
        case "empty":
            kept.write_bytes(b"")
        case "folder":
            kept.unlink()
            kept.mkdir()
        case "other maker":
            head, _, body = whole.partition(b"\n")
            kept.write_bytes(json.dumps({**json.loads(head), "maker": "x"}).encode() + b"\n" + body)
        case "no json":
            kept.write_bytes(b"\xff\xfe\x00")
    reads.clear()
    assert open_catalog(project(tmp_path, "b")).whole() == first
    assert {"one.py", "two.py"} <= set(reads)
    if damage != "folder":
        assert kept.read_bytes() == whole
    assert [file.name for file in home.iterdir() if file.name.startswith(".")] == []


def test_where_the_home_cannot_be_written_the_project_keeps_it(tmp_path, home, library, reads, installed):
    home.parent.mkdir(parents=True)
    home.write_text("no folder")  # holds for root too, whom no permission stops
    first = open_catalog(project(tmp_path, "a")).whole()
    reads.clear()
    assert open_catalog(tmp_path / "a").whole() == first
    assert reads == []
    open_catalog(project(tmp_path, "b"))
    assert home.read_text() == "no folder"


def test_a_home_that_may_only_be_read_is_used(tmp_path, home, library, reads, installed):
    open_catalog(project(tmp_path, "a")).whole()
    for place in (*home.iterdir(), home):
        place.chmod(place.stat().st_mode & ~0o222)
    reads.clear()
    try:
        open_catalog(project(tmp_path, "b")).whole()
    finally:
        home.chmod(0o700)
    assert reads == []


def test_a_user_without_a_home(monkeypatch):
    def nowhere():
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", nowhere)
    assert user_file({}) is None
    assert user_file({"XDG_CACHE_HOME": "/x"}).parent == Path("/x/assay")
    assert user_file({"ASSAY_CACHE": "/y", "XDG_CACHE_HOME": "/x"}).parent == Path("/y")
    assert len(Readings(shared=None).get(Path(__file__), "", _nothing).specs) == 0


def _nothing():
    from assay.authoring import Reading

    return Reading((), ())


_WRITER = """
import sys
from pathlib import Path
from assay.catalog.keeping import Kept
for turn in range(20):
    kept = Kept(Path(sys.argv[1]), alone=True)
    kept.put(f"{sys.executable}\\n{sys.argv[2]} {turn}", {"text": "x" * 20_000})
    kept.write()
"""


def test_processes_that_write_at_once_leave_a_whole_file(tmp_path):
    file = tmp_path / "cache" / "readings-0.json"
    processes = [subprocess.Popen([sys.executable, "-c", _WRITER, str(file), str(number)]) for number in range(3)]
    seen = 0
    while any(process.poll() is None for process in processes):
        if file.exists():
            head, _, body = file.read_bytes().partition(b"\n")
            assert json.loads(head)["digest"]
            assert json.loads(body)
            seen += 1
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert seen > 0
    kept = Kept(file)
    assert any(kept.get(f"{sys.executable}\n{number} 19") for number in range(3))  # who wrote last lost nothing
    assert os.listdir(file.parent) == [file.name]


def test_files_of_old_makers_and_half_written_ones_are_removed(tmp_path):
    for number in range(12):
        file = tmp_path / f"readings-{number:02}.json"
        file.write_text("x")
        os.utime(file, (number, number))
    (tmp_path / ".readings-1.json.77.88").write_text("half")
    os.utime(tmp_path / ".readings-1.json.77.88", (1, 1))
    (tmp_path / ".readings-2.json.77.88").write_text("being written")
    kept = Kept(tmp_path / "readings-now.json", alone=True)
    kept.put(f"{__file__}\n", 1)
    assert kept.write() == {}
    left = sorted(os.listdir(tmp_path))
    assert left == [".readings-2.json.77.88", *(f"readings-{n:02}.json" for n in range(5, 12)), "readings-now.json"]


def test_the_shared_file_is_of_its_user_only(tmp_path, home, library, installed):
    open_catalog(project(tmp_path, "a")).whole()
    assert home.stat().st_mode & 0o077 == 0


def test_a_catalog_without_a_place_keeps_nothing(tmp_path, library, reads, home, installed):
    Catalog().whole()
    reads.clear()
    Catalog().whole()
    assert {"one.py", "two.py"} <= set(reads)
    assert not home.exists()
