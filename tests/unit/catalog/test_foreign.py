"""Of a folder of others, every file is a component or listed with the reason; what was read is kept until something changes."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from assay.authoring import read_whole_file
from assay.authoring.file import SUFFIXES
from assay.catalog import Catalog
from assay.catalog.keeping import Kept
from assay.catalog.packing import pack, unpack
from assay.catalog.readings import Readings
from assay.errors import Severity

SOURCES = Path(__file__).parents[1] / "authoring" / "sources"
FILES = sorted(path for path in SOURCES.iterdir() if path.suffix in SUFFIXES)


@pytest.fixture
def foreign(tmp_path) -> Path:
    """The acceptance suite, and files that are nothing."""
    folder = tmp_path / "foreign"
    shutil.copytree(SOURCES, folder)
    (folder / "My Run (ü).ipynb").write_bytes((SOURCES / "tagged.ipynb").read_bytes())
    (folder / "README.md").write_text("# Read me")
    (folder / "module.py").write_text("def f(): return 1\n")
    (folder / "functions.py").write_text("from assay import component\n@component\ndef f() -> None:\n    'F.'\n")
    (folder / "tagged.sh").write_text("# Same name\n")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.py").write_text("import os\nx = os.environ['x']\n")
    return folder


def test_every_file_is_a_component_or_has_a_reason(foreign):
    surveyed = Catalog(foreign=[foreign]).survey(foreign)
    assert {one.file for one in surveyed} == {file for file in foreign.iterdir() if file.is_file()}
    for one in surveyed:
        named = [spec for spec in one.reading.specs if "/" in spec.name]
        assert named or one.reading.faults, f"{one.file.name} is neither"
    reasons = {
        one.file.name: one.reading.faults[0].message for one in surveyed if one.reading.faults and not one.reading.specs
    }
    assert reasons["README.md"] == "README.md is no component: no notebook, script or description"
    assert reasons["module.py"] == "module.py is no component: a module: it takes and gives nothing"
    assert reasons["some.pipeline.yaml"] == "some.pipeline.yaml is no component: YAML that describes no component"
    functions = next(one for one in surveyed if one.file.name == "functions.py")
    assert "have no name of their own" in functions.reading.faults[-1].message


def test_they_are_found_by_name_listed_and_shadowed_with_a_fault(foreign):
    catalog = Catalog(foreign=[foreign])
    assert catalog.resolve("notebook/my-run-u", foreign).title == "Title of it"
    assert catalog.resolve("container/v1", foreign).implementation.image == "gcr.io/ml/train:2.0"
    names = {spec.name for spec in catalog.list()}
    assert {"script/r-all", "script/typer-app", "container/tool", "notebook/claimed-casts"} <= names
    codes = {fault.code for fault in catalog.faults()}
    assert {"left-out", "syntax", "two-defaults", "unsupported"} <= codes


def test_two_files_of_one_name_are_one_component_and_one_reason(tmp_path):
    for name in ("a.py", "a.ipynb"):
        (tmp_path / name).write_bytes(
            (SOURCES / ("plain_script.py" if name == "a.py" else "tagged.ipynb")).read_bytes()
        )
    (tmp_path / "sub" / "script").mkdir(parents=True)
    shutil.copy(tmp_path / "a.py", tmp_path / "sub" / "script" / "a.py")
    surveyed = {str(one.file.relative_to(tmp_path)): one.reading for one in Catalog().survey(tmp_path)}
    assert [spec.name for spec in surveyed["a.py"].specs] == ["script/a"]
    assert surveyed["sub/script/a.py"].specs == ()
    assert surveyed["sub/script/a.py"].faults[-1].code == "duplicate-component"


def test_a_folder_that_is_gone_is_a_warning(tmp_path):
    (fault,) = [fault for fault in Catalog(foreign=[tmp_path / "gone"]).faults() if fault.code == "catalog-folder"]
    assert fault.severity is Severity.WARNING
    assert "assay catalog remove" in fault.hint


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_kept_is_what_was_read(file):
    reading = read_whole_file(file, "./x")
    assert unpack(json.loads(json.dumps(pack(reading)))) == reading


class Counted:
    """Reads, and counts how often."""

    def __init__(self, file: Path) -> None:
        self.file, self.count = file, 0

    def __call__(self):
        self.count += 1
        return read_whole_file(self.file, "./x")


def read_twice(kept: Path, file: Path) -> int:
    """How often the file is read by two runs of the command, counted from the second on."""
    counted = Counted(file)
    readings = Readings(kept)
    first = readings.get(file, "", counted)
    readings.save()
    again = Readings(kept)
    assert again.get(file, "", counted) == first or counted.count > 1
    again.save()
    return counted.count


def test_an_unchanged_file_is_not_read_again(tmp_path):
    assert read_twice(tmp_path / "kept.json", SOURCES / "tagged.ipynb") == 1
    os.utime(SOURCES / "tagged.ipynb")  # the content counts, not the time
    assert read_twice(tmp_path / "kept.json", SOURCES / "tagged.ipynb") == 0


@pytest.mark.parametrize("change", ["itself", "module", "inner", "appears", "deleted", "broken", "r"])
def test_whatever_the_reading_looked_at_makes_it_be_read_again(tmp_path, change):
    kept, file = tmp_path / "kept.json", tmp_path / "s.py"
    file.write_text("import os, near, later\nx = os.environ['x']\n")
    near, inner = tmp_path / "near.py", tmp_path / "inner.py"
    near.write_text("import inner\n")
    inner.write_text("A = 1\n")
    if change == "r":
        file, inner = tmp_path / "s.R", tmp_path / "near.R"
        file.write_text("source('near.R')\n")
        inner.write_text("a <- 1\n")
    assert read_twice(kept, file) == 1
    assert read_twice(kept, file) == 0
    before = read_whole_file(file, "./x").specs[0].implementation.code
    time.sleep(0.02)
    if change == "itself":
        file.write_text("import os\nx = os.environ['y']\n")
    elif change == "module":
        near.write_text("import inner\nB = 2\n")
    elif change in ("inner", "r"):
        inner.write_text("A <- 22\n" if change == "r" else "A = 22\n")
    elif change == "appears":
        (tmp_path / "later.py").write_text("C = 3\n")
    elif change == "deleted":
        inner.unlink()
    else:
        near.write_text("import (\n")
    assert read_twice(kept, file) == 1
    assert change == "appears" or read_whole_file(file, "./x").specs[0].implementation.code != before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"maker": "x", "digest": ""}\n{}', '{"kept": 3}', "null", "\n{}"])
def test_a_damaged_cache_costs_time_only(tmp_path, text):
    kept = tmp_path / "kept.json"
    kept.write_text(text)
    assert read_twice(kept, SOURCES / "tagged.ipynb") == 1
    assert read_twice(kept, SOURCES / "tagged.ipynb") == 0


@pytest.mark.parametrize("part", ["reading", "files", "absent", ""])
@pytest.mark.parametrize("broken", [["Nothing"], ["Reading"], 3, {}, ["=", "Role", "x"], None])
def test_an_entry_that_nobody_understands_is_read_again(tmp_path, part, broken):
    kept, file = tmp_path / "kept.json", SOURCES / "tagged.ipynb"
    assert read_twice(kept, file) == 1
    store = Kept(kept)
    entry = store.get(f"{file}\n")
    store.put(f"{file}\n", {**entry, part: broken} if part else broken)
    store.write()
    harmless = (part == "absent" and isinstance(broken, (list, dict))) or (part, broken) == ("files", {})
    assert read_twice(kept, file) == (0 if harmless else 1)


def test_a_store_that_cannot_be_written_is_no_fault(tmp_path):
    readings = Readings(tmp_path / "gone" / "kept.json")
    readings.get(SOURCES / "tagged.ipynb", "", Counted(SOURCES / "tagged.ipynb"))
    readings.save()


def test_a_catalog_that_lives_long_notices_a_change(tmp_path):
    """A server keeps one for hours."""
    catalog = Catalog(foreign=[tmp_path])
    file = tmp_path / "s.sh"
    titles = []
    for title in ("One", "Two", "Three"):
        file.write_text(f"# {title}\n")
        titles.append(next(spec.title for spec in catalog.list() if spec.name == "script/s"))
        titles.append(catalog.survey(tmp_path)[0].reading.specs[0].title)
    assert titles == ["One", "One", "Two", "Two", "Three", "Three"]
