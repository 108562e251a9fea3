"""Folders and packages of small components."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.plugins import Plugin


def _source(
    name: str, *, version: str = "1.0.0", function: str = "run", title: str = "Does it", extra: str = ""
) -> str:
    return (
        "from assay import Images, component\n"
        f'@component("{name}", version="{version}"{extra})\n'
        f'def {function}(images: Images) -> Images:\n    """{title}.\n\n    Args:\n        images: In.\n    """\n    return images\n'
    )


@pytest.fixture
def add():
    """Write a file with one component (or with the given text) and return its path."""

    def add(file: Path, name: str = "", *, text: str = "", **facts: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or _source(name, **facts))
        return file

    return add


@pytest.fixture
def installed(monkeypatch) -> list[Plugin]:
    """What the metadata of installed packages offers; the catalog asks through ``find_plugins``."""
    plugins: list[Plugin] = []
    monkeypatch.setattr("assay.catalog.places.find_plugins", lambda _: tuple(plugins))
    return plugins


@pytest.fixture
def library(tmp_path, monkeypatch) -> Path:
    """Stands for the built-in library."""
    from assay.catalog.places import BUILT_IN, Place

    folder = tmp_path / "built-in" / "assay" / "library"
    folder.mkdir(parents=True)
    monkeypatch.setattr("assay.catalog.catalog.built_in", lambda: Place(folder, BUILT_IN))
    return folder
