"""Folders of others are named in assay.toml, and every other byte of that file stays."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.catalog import add_folder, catalog_folders, open_catalog, project_folder, remove_folder
from assay.catalog.settings import SettingsError, _quoted
from assay.errors import InvalidDocument, NotFound


@pytest.fixture
def root(tmp_path) -> Path:
    (tmp_path / "project" / ".assay").mkdir(parents=True)
    for name in ("one", "two", 'it\'s "odd" ä'):
        (tmp_path / name).mkdir()
    return tmp_path / "project"


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# Ours\n[other]\nx = 1",
        "[catalog]\n# none yet\n",
        "[catalog] # here\nfolders = [] # all of them\n[other]\nfolders = ['x']\n",
        "[catalog]\nother = 1\nfolders = [\n  # a ] in a comment\n  'gone',\n]\nmore = '''\n[catalog]\nfolders = []\n'''\n",
    ],
)
def test_adding_and_removing_leaves_everything_else(root, before):
    file = root / "assay.toml"
    file.write_text(before)
    kept = {key: value for key, value in tomllib.loads(before).items() if key != "catalog"}
    own = tomllib.loads(before).get("catalog", {}).get("folders", [])
    for name in ("one", 'it\'s "odd" ä'):
        assert add_folder(root, root.parent / name)
        assert not add_folder(root, root.parent / name), "twice is once"
    data = tomllib.loads(file.read_text())
    assert data["catalog"]["folders"] == [*own, "../one", '../it\'s "odd" ä']
    assert {key: value for key, value in data.items() if key != "catalog"} == kept
    assert all(line in file.read_text() for line in before.splitlines() if line.startswith("#"))
    assert catalog_folders(root)[-2:] == [root.parent / "one", root.parent / 'it\'s "odd" ä']
    remove_folder(root, root.parent / "one")
    remove_folder(root, root.parent / 'it\'s "odd" ä')
    assert tomllib.loads(file.read_text())["catalog"]["folders"] == own


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_name_is_a_string_of_toml(text):
    assert tomllib.loads(f"x = {_quoted(text)}") == {"x": text}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[catalog\n", "[settings] not TOML: Expected ']' at the end of a table declaration"),
        ("[catalog]\nfolders = 'one'\n", "[settings] catalog.folders is no list of texts"),
        ("[catalog]\nfolders = [1]\n", "[settings] catalog.folders is no list of texts"),
        ("catalog = 1\n", "[settings] catalog.folders is no list of texts"),
    ],
)
def test_broken_settings_say_what_and_where(root, text, told):
    (root / "assay.toml").write_text(text)
    with pytest.raises(InvalidDocument, match=r"assay\.toml:1:\d+: error") as caught:
        open_catalog(root)
    assert told in str(caught.value)


def test_what_cannot_be_spliced_is_left_to_a_person(root):
    (root / "assay.toml").write_text("catalog.folders = []\n")
    with pytest.raises(SettingsError, match=r'write folders = \["../one"\] under \[catalog\]'):
        add_folder(root, root.parent / "one")
    assert (root / "assay.toml").read_text() == "catalog.folders = []\n"


def test_what_is_no_folder_and_what_is_not_named(root):
    with pytest.raises(NotFound, match="did you mean 'one'"):
        add_folder(root, root.parent / "onne")
    with pytest.raises(NotFound, match="none is named"):
        remove_folder(root, root.parent / "one")
    (root / "components").mkdir()
    with pytest.raises(SettingsError, match="the project's own folder"):
        add_folder(root, root / "components")


def test_the_project_is_where_the_store_or_the_settings_are(root):
    inner = root / "a" / "b"
    inner.mkdir(parents=True)
    assert project_folder(inner) == root
    (root / "a" / "assay.toml").write_text("")
    assert project_folder(inner) == root / "a"
    assert project_folder(root.parent / "one") == root.parent / "one"
