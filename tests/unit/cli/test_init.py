import json
from pathlib import Path

import pytest

from assay.templates import find_template, templates

NAMES = [template.name for template in templates()]


@pytest.mark.parametrize("name", NAMES)
def test_a_new_project_has_no_fault(assay, name):
    assert assay("init", "new", "--template", name).status == 0
    result = assay("check", Path("new") / find_template(name).pipeline)
    assert (result.status, result.err) == (0, "")


def test_init_says_what_it_wrote_and_what_to_type(assay):
    result = assay("init", "study")
    assert result.out == (
        "  new   study/README.md\n  new   study/.gitignore\n  new   study/pipeline.yaml\n  new   study/steps.py\n"
        "\nNext:\n  cd study\n  assay run pipeline.yaml\n"
    )


def test_init_list(assay):
    assert [template["name"] for template in json.loads(assay("init", "--list", "--json").out)] == NAMES
    assert "minimal" in assay("init", "--list").out
    assert list(Path().iterdir()) == []
