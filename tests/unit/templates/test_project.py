from pathlib import Path

import pytest

from assay.errors import NotFound, WouldOverwrite
from assay.model.codec import load
from assay.templates import find_template, pipeline_text, project_name, templates, write_project

EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = [template.name for template in templates()]


def test_the_templates():
    assert NAMES == ["covid-ct", "minimal", "robustness-audit", "tabular-fairness"]


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_complete(name, tmp_path):
    template = find_template(name)
    written = write_project(template, tmp_path / "my-study")
    files = {path.relative_to(tmp_path / "my-study").as_posix() for path in written.new}
    assert {"README.md", ".gitignore", template.pipeline} <= files
    assert load((tmp_path / "my-study" / template.pipeline).read_text()).pipeline.name == "my-study"
    for path in written.new:
        text = path.read_text(encoding="utf-8")
        assert "{{" not in text
        assert text.endswith("\n")


@pytest.mark.parametrize(
    ("name", "example"),
    [("covid-ct", "01_covid_ct/covid_ct"), ("robustness-audit", "08_robustness_audit/robustness_audit")],
)
def test_a_template_that_is_an_example_is_that_example_but_for_its_name(name, example):
    text = (EXAMPLES / f"{example}.pipeline.yaml").read_text()
    changed = [
        new
        for old, new in zip(text.splitlines(), pipeline_text(find_template(name), "mine").splitlines(), strict=True)
        if old != new
    ]
    assert changed == ["name: mine"]


def test_nothing_is_overwritten_and_nothing_is_written(tmp_path):
    (tmp_path / "steps.py").write_text("mine")
    with pytest.raises(WouldOverwrite, match=r"steps\.py is there already"):
        write_project(find_template("minimal"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["steps.py"]
    assert (tmp_path / "steps.py").read_text() == "mine"


def test_a_broken_link_counts_as_there(tmp_path):
    (tmp_path / "steps.py").symlink_to(tmp_path / "nowhere")
    with pytest.raises(WouldOverwrite):
        write_project(find_template("minimal"), tmp_path)


def test_a_readme_of_a_fresh_clone_is_kept(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    written = write_project(find_template("minimal"), tmp_path)
    assert written.kept == (tmp_path / "README.md",)
    assert (tmp_path / "README.md").read_text() == "mine"
    assert (tmp_path / "pipeline.yaml").is_file()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises(WouldOverwrite, match="is a file"):
        write_project(find_template("minimal"), tmp_path / "x")


def test_an_unknown_template():
    with pytest.raises(NotFound) as error:
        find_template("minimaal")
    assert error.value.hint == "did you mean 'minimal'?"


@pytest.mark.parametrize(
    ("folder", "name"),
    [("My Study", "my-study"), ("2026", "project-2026"), ("Ärzte", "rzte"), ("日本", "project"), ("a.b", "a-b")],
)
def test_project_name(folder, name):
    assert project_name(Path("/data") / folder) == name
