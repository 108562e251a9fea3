"""What the palette costs when the components were read before: no file is parsed, and each is looked at once."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from assay.catalog import Catalog, catalog
from assay.catalog.readings import Readings


@pytest.fixture
def kept(tmp_path):
    """The readings of the built-in library, kept on disk."""
    file = tmp_path / "readings.json"
    Catalog(readings=Readings(file)).whole()
    return file


def test_the_whole_is_the_list_and_the_faults(kept):
    whole = Catalog(readings=Readings(kept)).whole()
    again = Catalog(readings=Readings(kept))
    assert whole == (again.list(), again.faults())
    assert len(whole[0]) > 30


def test_nothing_is_read_again_and_no_name_is_looked_for_twice(kept, monkeypatch):
    looked: Counter[str] = Counter()
    exists = os.path.exists

    def counted(name):
        looked[os.fspath(name)] += 1
        return exists(name)

    def refused(*_):
        raise AssertionError("a source was read again")

    monkeypatch.setattr(catalog, "_read_any", refused)
    monkeypatch.setattr("assay.catalog.readings.os.path.exists", counted)
    specs, _ = Catalog(readings=Readings(kept)).whole()
    assert len(specs) > 30
    assert len(looked) > 100
    assert looked.most_common(1)[0][1] == 1


def test_a_name_that_came_to_be_is_seen_by_the_next_look(tmp_path):
    folder = tmp_path / "components" / "filter"
    folder.mkdir(parents=True)
    (folder / "same.py").write_text(
        "from assay import Dataset, component\nfrom beside import VALUE\n"
        "@component('filter/same', version='1')\ndef same(*, number: int = VALUE) -> None:\n    'Same.'\n"
    )
    one = Catalog([tmp_path / "components"], readings=Readings(tmp_path / "readings.json"))
    before = one.faults()
    Path(folder / "beside.py").write_text("VALUE = 3\n")
    after = one.faults()
    assert "not-literal" in {fault.code for fault in before}
    assert "not-literal" not in {fault.code for fault in after}
