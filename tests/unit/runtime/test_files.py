"""Notebooks and scripts in a step's folder made by hand: what goes wrong before any of their code runs."""

from __future__ import annotations

import json
import sys

import pytest

from assay.runtime.execute import execute
from assay.runtime.failures import StepFailure

VARIABLE = {"role": "param", "port": "x", "name": "x", "form": "text", "true": "True", "false": "False", "unset": None}


def order(step_folder, kind, file, **params):
    variables = [{**VARIABLE, "suffix": ""}] if params else []
    code = {"kind": kind, "file": str(file), "language": "shell", "after": 0, "variables": variables}
    text = {"format": 1, "implementation": code, "params": params, "inputs": {}, "outputs": {}}
    (step_folder.folder / "step.json").write_text(json.dumps(text))


def test_without_ipython_a_notebook_says_what_to_install(step_folder, monkeypatch):
    file = step_folder.write('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "n.ipynb")
    order(step_folder, "notebook", file)
    monkeypatch.setitem(sys.modules, "IPython.core.interactiveshell", None)
    with pytest.raises(StepFailure) as caught:
        execute(step_folder.folder, step_folder.channel)
    assert (caught.value.code, caught.value.hint) == ("import", "pip install 'assay-ml[notebook]'")


def test_a_notebook_that_changed_into_something_else_is_told(step_folder):
    order(step_folder, "notebook", step_folder.write("no longer", "n.ipynb"))
    with pytest.raises(StepFailure, match="is not a notebook") as caught:
        execute(step_folder.folder, step_folder.channel)
    assert caught.value.hint == "the file was changed since the pipeline was checked"


def test_a_text_that_no_environment_can_hold_is_a_fault_of_the_parameter(step_folder):
    order(step_folder, "script", step_folder.write("echo $x", "s.sh"), x="a\0b")
    with pytest.raises(StepFailure, match="cannot stand in the environment") as caught:
        execute(step_folder.folder, step_folder.channel)
    assert caught.value.code == "component"


def test_a_shell_script_that_is_killed_is_told_by_its_signal(step_folder):
    order(step_folder, "script", step_folder.write("kill -USR1 $$", "s.sh"))
    with pytest.raises(StepFailure, match="SIGUSR1") as caught:
        execute(step_folder.folder, step_folder.channel)
    assert caught.value.code == "killed"
