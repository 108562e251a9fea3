"""``assay catalog``: a folder of others is named, listed with reasons, used in a pipeline, and taken out again."""

from __future__ import annotations

import json
from pathlib import Path

NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": "# Theirs"},
        {"cell_type": "code", "metadata": {}, "source": "import os\nn = int(os.environ['n'])", "outputs": []},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 4,
}


def test_a_folder_of_others_from_adding_to_removing(assay, tmp_path, monkeypatch):
    foreign, project = tmp_path / "foreign" / "Their Fits", tmp_path / "project"
    foreign.mkdir(parents=True)
    (project / "inner").mkdir(parents=True)
    (foreign / "Fit one.ipynb").write_text(json.dumps(NOTEBOOK))
    (foreign / "broken.ipynb").write_text(json.dumps(NOTEBOOK).replace("int(", "int(("))
    (foreign / "notes.txt").write_text("x")
    monkeypatch.chdir(project)
    (project / ".assay").mkdir()

    added = assay("catalog", "add", "../foreign")
    assert "their-fits/fit-one" in added.out
    assert "cell 2, line 2: cell 2 is not Python: '(' was never closed" in added.out
    assert "no notebook, script or description" in added.out
    assert "../foreign: 1 component, 2 files left out" in added.out
    assert (project / "assay.toml").read_text() == '[catalog]\nfolders = [\n  "../foreign",\n]\n'

    monkeypatch.chdir(project / "inner")
    assert "already" in assay("catalog", "add", "../../foreign").err
    (folder,) = json.loads(assay("catalog", "list", "--json").out)["folders"]
    assert [one["name"] for one in folder["components"]] == ["their-fits/fit-one"]
    assert sorted(Path(one["file"]).name for one in folder["left_out"]) == ["broken.ipynb", "notes.txt"]
    assert (project / ".assay" / "readings.json").is_file()

    (project / "p.yaml").write_text("assay: 1\nname: p\nsteps: {f: {use: their-fits/fit-one, with: {n: x}}}\n")
    wrong = assay("check", "../p.yaml")
    assert wrong.status == 2
    assert "takes a whole number" in wrong.err
    listed = assay("components", "list")
    assert "their-fits/fit-one" in listed.out
    assert "notes.txt is no component" in listed.err

    assert "no longer in the catalog" in assay("catalog", "remove", "../../foreign").out
    assert "not in the catalog" in assay("catalog", "remove", "../../foreign").err
    assert "their-fits" not in assay("components", "list").out
    assert "names no folder" in assay("catalog", "list").err
