"""The shelf takes in what was examined, whole or not at all, and nothing old in place of something new."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from assay.bundle.faults import Rejected
from assay.bundle.shelf import Shelf, default_shelf, shelved
from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.errors import StoreError

DAY = dt.timedelta(days=1)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def take(workshop, shelf):
    def run(name, **how):
        source = FolderSource(workshop.root / name)
        return shelf.take_in(source, examine(source, workshop.trusted, workshop.now + 3 * DAY), **how)

    return run


def test_a_bundle_is_taken_in_whole_and_found_by_name(workshop, shelf, take, examined):
    workshop.make()
    folder = take("bundle")
    assert folder == shelf.root / "covid-ct" / "1.0.0" == shelf.find("covid-ct") == shelf.find("covid-ct:1.0.0")
    assert examined(folder).manifest == examined(workshop.root / "bundle").manifest
    assert [found.title for _, found in shelved(shelf)] == ["covid-ct 1.0.0"]
    assert take("bundle") == folder
    assert shelf.find("covid-ct:2") is None
    assert shelf.find("other") is None
    assert shelf.find("../covid-ct") is None


def test_an_old_bundle_does_not_come_in_place_of_a_new_one(workshop, shelf, take):
    workshop.make("old", version="1.0.0")
    workshop.make("new", version="1.1.0", later=DAY)
    take("new")
    before = sorted(shelf.root.rglob("*"))
    with pytest.raises(
        Rejected, match=r"\[older\] it was made 2026-11-01 12:00 UTC, and covid-ct 1\.1\.0 of 2026-11-02"
    ):
        take("old")
    assert sorted(shelf.root.rglob("*")) == before
    assert take("old", allow_older=True).is_dir()
    assert shelf.newest("covid-ct").version == "1.0.0"


def test_the_new_one_is_remembered_though_its_folder_goes(workshop, take, shelf):
    import shutil

    workshop.make("old", version="1.0.0")
    workshop.make("new", version="1.1.0", later=DAY)
    shutil.rmtree(take("new"))
    with pytest.raises(Rejected, match="older"):
        take("old")


def test_another_bundle_of_the_same_name_and_version_is_refused(workshop, take):
    workshop.make("one")
    workshop.make("two", later=DAY)
    take("one")
    with pytest.raises(Rejected, match="another-content"):
        take("two")


def test_what_changes_between_looking_and_copying_is_not_taken_in(workshop, shelf):
    workshop.make()
    source = FolderSource(workshop.root / "bundle")
    found = examine(source, workshop.trusted, workshop.now)
    (workshop.root / "bundle" / "reports" / "report.html").write_text("<p>Synthetjc</p>")
    with pytest.raises(Rejected, match="changed while it was copied"):
        shelf.take_in(source, found)
    assert [path for path in shelf.root.rglob("*") if path.is_file()] == []


def test_many_at_once_take_in_one(workshop, take, shelf):
    workshop.make()
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: take("bundle"), range(16)))
    assert set(folders) == {shelf.root / "covid-ct" / "1.0.0"}
    assert [path.name for path in (shelf.root / "covid-ct").iterdir() if path.is_dir()] == ["1.0.0"]


def test_a_memory_that_was_edited_stops_everything(workshop, take, shelf):
    workshop.make()
    take("bundle")
    (shelf.root / "covid-ct" / ".newest.json").write_text("{")
    workshop.make("new", version="2", later=DAY)
    with pytest.raises(StoreError, match=r"newest\.json cannot be read"):
        take("new")


def test_a_shelf_that_cannot_be_written_is_said(workshop, take, shelf):
    workshop.make()
    shelf.root.write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        take("bundle")


def test_the_shelf_is_where_the_user_keeps_data():
    assert str(default_shelf({"HOME": "/h"})) == "/h/.local/share/assay/bundles"
    assert str(default_shelf({"HOME": "/h", "XDG_DATA_HOME": "/d"})) == "/d/assay/bundles"
    assert str(default_shelf({"HOME": "/h", "ASSAY_BUNDLES": "/b"})) == "/b"
