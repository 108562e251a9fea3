"""What the documentation shows is read by the same code as a user's file."""

import re
from pathlib import Path

import pytest

from assay.authoring import read_functions
from assay.cli.app import COMMANDS
from assay.model.codec import load

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def fences(language, beginning):
    return [
        pytest.param(body, id=f"{page.name}-{number}")
        for page in PAGES
        for number, (kind, body) in enumerate(
            re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
        )
        if kind == language and beginning in body
    ]


@pytest.mark.parametrize("text", fences("yaml", "assay: 1"))
def test_a_pipeline_in_the_documentation_has_no_fault(text):
    assert load(text).faults == ()


@pytest.mark.parametrize("source", fences("python", "@component"))
def test_a_component_in_the_documentation_is_one(source, tmp_path):
    file = tmp_path / "steps.py"
    file.write_text(source)
    (spec,) = read_functions(file)
    assert spec.title
    assert spec.outputs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_the_documentation_types_exist(page):
    typed = re.findall(r"(?:^ {4}|`)assay ([a-z]+)\b", page.read_text(), re.MULTILINE)
    assert set(typed) - set(COMMANDS) == set()
