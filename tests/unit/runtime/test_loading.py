"""Code that is kept in memory before a fork: what it spares, and when it must not be used."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.runtime.loading import know, load_file


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    path, modules = list(sys.path), set(sys.modules)
    file = tmp_path / "steps.py"
    file.write_text("number = 1\n")
    yield file
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def test_a_known_file_is_not_read_again(source: Path) -> None:
    know(str(source))
    found = source.stat()
    source.write_text("number = 2\n")
    os.utime(source, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert load_file(str(source)).number == 1


def test_a_known_file_that_has_changed_is_read_again(source: Path) -> None:
    know(str(source))
    source.write_text("number = 22\n")
    assert load_file(str(source)).number == 22


def test_knowing_runs_nothing(source: Path) -> None:
    source.write_text("from pathlib import Path\nPath(__file__).with_name('ran').touch()\n")
    know(str(source))
    assert not source.with_name("ran").exists()
    load_file(str(source))
    assert source.with_name("ran").exists()


@pytest.mark.parametrize("text", ["number = \n", "\0", None])
def test_what_cannot_be_read_is_said_when_it_is_loaded(source: Path, text: str | None) -> None:
    source.write_text(text) if text else source.unlink()
    know(str(source))
    with pytest.raises((SyntaxError, ValueError, FileNotFoundError)):
        load_file(str(source))
