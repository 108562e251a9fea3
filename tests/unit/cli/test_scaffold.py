import json
from pathlib import Path

import pytest

from assay.cli.scaffold import WouldOverwrite, find_template, project_name, templates, write_project
from assay.errors import NotFound

NAMES = [template.name for template in templates()]


def test_the_templates():
    assert NAMES == ["covid-ct", "minimal"]


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_complete(name, tmp_path):
    template = find_template(name)
    written = write_project(template, tmp_path / "my-study")
    files = {path.relative_to(tmp_path / "my-study").as_posix() for path in written.new}
    assert files == {"README.md", ".gitignore", "steps.py", template.pipeline}
    for path in written.new:
        text = path.read_text(encoding="utf-8")
        assert "{{" not in text
        assert text.endswith("\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_new_project_has_no_fault(assay, name):
    assert assay("init", "new", "--template", name).status == 0
    result = assay("check", Path("new") / find_template(name).pipeline)
    assert (result.status, result.err) == (0, "")


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
