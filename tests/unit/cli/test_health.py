import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from assay.cli import health
from assay.cli.health import Health, examine
from assay.engine import r


def finding(topic, root=Path(".assay")):
    return next(found for found in examine(root) if found.topic == topic)


def test_this_machine_is_healthy(assay):
    result = assay("doctor")
    assert result.status == 0
    assert result.out.endswith("Healthy.\n")
    assert not Path(".assay").exists()
    assert os.listdir() == []


def test_doctor_as_json(assay):
    document = json.loads(assay("doctor", "--json").out)
    assert document["healthy"] is True
    topics = {found["topic"] for found in document["findings"]}
    assert {"Python", "SQLite", "machine", "store", "file system", "file locks", "completion", "extra train"} <= topics


@pytest.mark.parametrize("there", [True, False])
def test_r_is_told_and_its_absence_is_no_illness(monkeypatch, there):
    monkeypatch.setattr(r, "installed", lambda: r.Installation("R version 4.2.2", ["/usr/lib/R"]) if there else None)
    found = finding("R")
    if there:
        assert (found.health, found.detail, found.hint) == (Health.GOOD, "R version 4.2.2", "")
    else:
        assert (found.health, found.hint) == (Health.ABSENT, "install it (Debian: apt-get install r-base-core)")


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert finding("Python").health is Health.BROKEN


def test_a_store_that_cannot_be_made(assay, tmp_path):
    (tmp_path / "file").write_text("")
    result = assay("doctor", "--store", "/proc/none/store")
    assert result.status == 4
    assert "✘ store" in result.out
    assert "--store DIR" in result.out
    assert "Not healthy" in result.out


def test_a_full_disk(monkeypatch):
    usage = SimpleNamespace(total=10, used=9, free=1)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: usage)
    assert finding("free space").health is Health.BROKEN


def test_a_missing_extra_says_what_to_type_and_is_no_illness(monkeypatch):
    monkeypatch.setattr(health, "_version", lambda name: None if name == "torch" else "1")
    found = finding("extra train")
    assert (found.health, found.detail, found.hint) == (Health.ABSENT, "missing torch", "pip install 'assay-ml[train]'")


def test_a_file_system_without_links_copies(monkeypatch):
    def refuse(*_):
        raise OSError

    monkeypatch.setattr(health.os, "link", refuse)
    monkeypatch.setattr(health, "_reflink", refuse)
    assert finding("file system").detail == "no reflinks, no hard links: artifacts are copied"


@pytest.mark.parametrize(("place", "told"), [(".bash_completions/assay.sh", Health.GOOD), ("other", Health.ABSENT)])
def test_completion(monkeypatch, tmp_path, place, told):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("")
    assert finding("completion").health is told


def test_environments_are_counted(tmp_path):
    place = tmp_path / "environments" / "abc"
    place.mkdir(parents=True)
    assert finding("environments", tmp_path).detail == "none was needed yet"
    (place / "environment.json").write_text('{"requirements": ["numpy>=2"], "versions": ["numpy==2.4.1"]}')
    assert finding("environments", tmp_path).detail == "1, 4.1 kB: numpy>=2"
