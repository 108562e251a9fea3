"""``assay build``."""

import json
import os

import pytest

STEPS = '''
from typing import Annotated

from assay import Dataset, Param, component, step


@component("filter/copy", version="1.0.0")
def copy(table: Dataset, *, rows: int, token: Annotated[str, Param(secret=True)] = "") -> Dataset:
    """Copy a table.

    Args:
        table: A table.
        rows: How many.
        token: Of the door.

    Returns:
        dataset: The same.
    """
    kept = step.output("dataset", Dataset)
    kept.path.write_bytes(table.path.read_bytes())
    return kept
'''


@pytest.fixture(autouse=True)
def steps(assay, tmp_path):
    (tmp_path / "steps.py").write_text(STEPS)
    return tmp_path / "steps.py"


def test_files_are_written_and_the_next_command_is_told(assay, tmp_path):
    made = assay("build", "steps.py:copy", "--to", "cli")
    assert (made.status, made.err) == (0, "")
    assert made.out == (
        "filter/copy 1.0.0 as cli: one program file with an option for every parameter and port\n"
        "  new       build/copy/cli/copy.pyz\n\nNext:\n  python3 build/copy/cli/*.pyz --help\n"
    )
    assert os.access(tmp_path / "build" / "copy" / "cli" / "copy.pyz", os.X_OK)
    record = json.loads((tmp_path / "build" / "copy" / "cli" / "assay-build.json").read_text())
    assert (record["component"], record["files"]) == ("filter/copy", ["copy.pyz"])


def test_the_same_again_changes_nothing_and_another_is_not_written_over(assay, steps, tmp_path):
    assay("build", "steps.py:copy", "--to", "kfp")
    file = tmp_path / "build" / "copy" / "kfp" / "component.yaml"
    before = file.stat().st_mtime_ns
    again = assay("build", "steps.py:copy", "--to", "kfp")
    assert (again.status, "unchanged" in again.out, file.stat().st_mtime_ns) == (0, True, before)
    steps.write_text(STEPS.replace("Copy a table", "Copy one table"))
    refused = assay("build", "steps.py:copy", "--to", "kfp")
    assert refused.status == 2
    assert "component.yaml is there already and differs" in refused.err
    assert "--force replaces it" in refused.err
    assert file.stat().st_mtime_ns == before
    forced = assay("build", "steps.py:copy", "--to", "kfp", "--force")
    assert "replaced  build/copy/kfp/component.yaml" in forced.out


def test_files_of_an_earlier_build_go_and_those_of_others_stay(assay, steps, tmp_path):
    (tmp_path / "near.py").write_text("A = 1\n")
    steps.write_text(STEPS.replace("    kept =", "    import near\n    kept ="))
    assay("build", "steps.py:copy", "--to", "containerfile", "--out", "image")
    (tmp_path / "image" / "mine.txt").write_text("mine")
    steps.write_text(STEPS)
    assert assay("build", "steps.py:copy", "--to", "containerfile", "--out", "image").status == 2
    assert "removed   image/component/source/near.py" in (
        assay("build", "steps.py:copy", "--to", "containerfile", "--out", "image", "--force").out
    )
    assert not (tmp_path / "image" / "component" / "source" / "near.py").exists()
    assert (tmp_path / "image" / "mine.txt").read_text() == "mine"


def test_a_record_that_names_files_elsewhere_removes_none(assay, tmp_path):
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "out").mkdir()
    record = {"files": ["../precious", str(tmp_path / "precious"), 3]}
    (tmp_path / "out" / "assay-build.json").write_text(json.dumps(record))
    assert assay("build", "steps.py:copy", "--to", "cli", "--out", "out", "--force").status == 0
    assert (tmp_path / "precious").read_text() == "mine"


def test_json(assay):
    facts = json.loads(assay("build", "steps.py:copy", "--to", "argo", "--json").out)
    assert facts["files"] == ["build/copy/argo/workflowtemplate.yaml"]
    assert facts["image"] == "copy:1.0.0"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--to", "k8s-jop"],
            "error [unknown-target] there is no build target 'k8s-jop'\n  hint: did you mean 'k8s-job'?",
        ),
        (["--to", "k8s-job"], "parameter 'rows' has no default, and the document must say its value"),
        (["--to", "cli", "-p", "rows=many"], "-p rows: parameter 'rows' takes a whole number"),
        (["--to", "cli", "-p", "row=1"], "did you mean 'rows'?"),
        (["--to", "cli", "-p", "token=sesame"], "-p token: a secret is given by its name"),
        (["--to", "kfp", "--image", "Copy It"], "--image 'Copy It' is no legal image name"),
        (["--to", "argo", "--secret", "tok=a/b"], "has no secret parameter 'tok'"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(assay, tmp_path, words, said):
    done = assay("build", "steps.py:copy", *words)
    assert done.status == 2
    assert said in done.err
    assert not (tmp_path / "build").exists()


def test_what_may_be_the_value_of_a_secret_is_not_repeated(assay):
    done = assay("build", "steps.py:copy", "--to", "argo", "--secret", "token=open sesame")
    assert done.status == 2
    assert "not the NAME/KEY of a secret" in done.err
    assert "sesame" not in done.err


def test_a_place_that_cannot_be_written_to(assay, tmp_path):
    (tmp_path / "file").write_text("")
    done = assay("build", "steps.py:copy", "--to", "cli", "--out", "file")
    assert done.status == 2
    assert "cannot write to file: " in done.err
