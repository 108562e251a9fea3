"""``assay diff`` and ``assay draw``, by the door of the command line."""

import json
import os
import subprocess

import pytest

BEFORE = "assay: 1\nname: p\nsteps:\n  a: {use: input/ct-phantom, with: {patients: 4}}\n  b: {use: ./s.py:x, in: {images: a.images}}\n"
AFTER = BEFORE.replace("patients: 4", "patients: 5").replace("  b:", "  c:")


@pytest.fixture
def files(assay, tmp_path):
    (tmp_path / "a.yaml").write_text(BEFORE)
    (tmp_path / "b.yaml").write_text(AFTER)
    return tmp_path


@pytest.fixture
def repository(files, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for words in (
        ["init", "-q"],
        ["add", "a.yaml"],
        ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "one"],
    ):
        subprocess.run(["git", *words], cwd=files, check=True)
    return files


def test_two_files(assay, files):
    found = assay("diff", "a.yaml", "b.yaml")
    assert found.status == 1
    assert found.out == (
        "a.yaml → b.yaml\n"
        "~ step a (input/ct-phantom)\n"
        "    with.patients: 4 → 5\n"
        "→ step c (./s.py:x), was b\n"
        "1 step changed, 1 renamed\n"
    )


def test_the_same_file_is_no_difference(assay, files):
    found = assay("diff", "a.yaml", "a.yaml")
    assert (found.status, found.out.splitlines()[-1]) == (0, "no difference")


def test_pictures_and_a_page_and_json(assay, files):
    found = assay("diff", "a.yaml", "b.yaml", "--json", "--svg", "d.svg", "--html", "d.html")
    assert found.status == 1
    assert json.loads(found.out)["steps"][1]["was"] == "b"
    assert (files / "d.svg").read_text().startswith("<svg ")
    assert (files / "d.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (["a.yaml"], "HEAD:a.yaml → a.yaml"),
        (["a.yaml", "--rev", "HEAD"], "HEAD:a.yaml → a.yaml"),
        (["HEAD:a.yaml", "a.yaml"], "HEAD:a.yaml → a.yaml"),
    ],
)
def test_a_file_against_a_revision(assay, repository, words, title):
    (repository / "a.yaml").write_text(AFTER)
    found = assay("diff", *words)
    assert found.status == 1
    assert found.out.splitlines()[0] == title


def test_two_revisions(assay, repository):
    (repository / "a.yaml").write_text(AFTER)
    assert assay("diff", "a.yaml", "--rev", "HEAD..HEAD").status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.yaml", "a.yaml"], "there is no file none.yaml"),
        (["a.yaml", "b.yaml", "--rev", "HEAD"], "two ways to say the same"),
        (["a.yaml", "--rev", "nowhere"], "there is no revision nowhere"),
        (["b.yaml"], "revision HEAD has no file b.yaml"),
        (["a.yaml", "b.yaml", "--svg", "no/where.svg"], "cannot write no/where.svg"),
        (["a.yaml", "broken.yaml"], "did not find expected node content"),
    ],
)
def test_trouble_is_two_and_said(assay, repository, words, said):
    (repository / "broken.yaml").write_text("assay: 1\nsteps: {a: [\n")
    found = assay("diff", *words)
    assert found.status == 2
    assert said in found.err
    assert "Traceback" not in found.err


def test_faults_are_told_beside_the_difference(assay, files):
    (files / "b.yaml").write_text(AFTER.replace("patients: 5}", "patients: 5}, timeout: soon"))
    found = assay("diff", "a.yaml", "b.yaml")
    assert '+ timeout: "soon"' in found.out
    assert "timeout" in found.err
    assert found.status == 1


def test_a_pipeline_is_drawn_to_stdout_or_into_a_file(assay, files):
    shown = assay("draw", "a.yaml")
    written = assay("draw", "a.yaml", "--svg", "a.svg")
    assert (shown.status, written.status) == (0, 0)
    assert (files / "a.svg").read_text() == shown.out
    assert shown.out.startswith("<svg ")


def test_what_cannot_be_drawn_is_said(assay, files):
    (files / "x.yaml").write_text("- no\n")
    found = assay("draw", "x.yaml")
    assert found.status == 2
    assert "not-a-pipeline" in found.err
