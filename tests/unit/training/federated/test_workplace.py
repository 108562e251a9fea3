"""Where a federation lies: in the step's own folder, by a path that FLARE can take apart at its blanks."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest

from assay.errors import ComponentError
from assay.training.federated.flare.running import workplace


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Files that are temporary go to a folder of this test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_a_plain_folder_is_worked_in_and_left_empty(tmp_path, temporary, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with workplace() as work:
        (work / "weights").write_bytes(b"w")
        assert work.parent == tmp_path
    assert not work.exists()
    assert list(temporary.iterdir()) == []


def test_a_folder_with_blanks_gets_a_link_and_holds_the_files(tmp_path, temporary, monkeypatch):
    here = tmp_path / "Klinik Süd 1"
    here.mkdir()
    monkeypatch.chdir(here)
    with workplace() as work:
        (work / "weights").write_bytes(b"w")
        assert shlex.split(str(work)) == [str(work)]
        assert (work.parent, work.is_symlink()) == (temporary, True)
        assert [path.read_bytes() for path in here.rglob("weights")] == [b"w"]
    assert list(here.iterdir()) == list(temporary.iterdir()) == []


def test_links_of_steps_that_were_killed_are_removed_and_no_others(tmp_path, temporary, monkeypatch):
    here = tmp_path / "with blanks"
    here.mkdir()
    monkeypatch.chdir(here)
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    gone, alive = f"assay-federation-{ended.stdout.strip()}-a", f"assay-federation-{os.getpid()}-b"
    for name in (gone, alive, "assay-federation-x-c", "mine"):
        (temporary / name).symlink_to(here)
    with workplace():
        pass
    assert sorted(path.name for path in temporary.iterdir()) == [alive, "assay-federation-x-c", "mine"]


def test_nowhere_to_put_a_link_is_said(tmp_path, monkeypatch):
    here = tmp_path / "with blanks"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("tempfile.tempdir", str(here))
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(ComponentError, match="needs a folder without blanks in its path") as caught, workplace():
        pass
    assert caught.value.hint == "let TMPDIR name one"
    assert list(here.iterdir()) == []
