"""Every way to be wrong, as text and status. Never a traceback."""

import json
from pathlib import Path

import pytest

from assay.cli.commands import version
from assay.errors import ExitCode


def test_an_unknown_command(assay):
    result = assay("rum")
    assert (result.status, result.out) == (2, "")
    assert result.err == "error [usage] there is no command 'rum'\n  hint: did you mean 'run'?\n"


def test_an_unknown_option(assay):
    result = assay("version", "--jsn")
    assert result.status == 2
    assert result.err.splitlines()[0].startswith("error [usage] No such option: --jsn")
    assert result.err.splitlines()[-1] == "  try 'assay version --help'"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["run"], "Missing argument 'FILE'"),
        (["run", "p.yaml", "--jobs", "x"], "--jobs"),
        (["run", "p.yaml", "--jobs", "0"], "0 is not in the range"),
        (["run", "p.yaml", "--force"], "--force STEP runs one step again, --force-all every step"),
        (["gc", "--keep", "-1"], "-1 is not in the range"),
        (["why", "last"], "Missing argument 'STEP'"),
    ],
)
def test_a_wrong_command_line(assay, argv, words):
    result = assay(*argv)
    assert result.status == 2
    assert result.err.startswith("error [usage] ")
    assert words in result.err
    assert "Traceback" not in result.err


def test_no_store(assay):
    result = assay("runs")
    assert result.status == 2
    assert "there is no store (.assay) in this folder or above it" in result.err
    assert not Path(".assay").exists()


def test_an_error_is_a_document_too(assay):
    result = assay("runs", "--json")
    assert result.status == 2
    error = json.loads(result.out)["error"]
    assert error["code"] == "not-found"
    assert error["hint"].startswith("'assay run FILE' makes one")
    assert "error [not-found]" in result.err


def test_a_file_that_cannot_be_written(assay, tmp_path):
    (tmp_path / "file").write_text("")
    result = assay("init", tmp_path / "file" / "inside")
    assert result.status == 2
    assert result.err.startswith("error [file] Not a directory")


def test_a_fault_of_our_own(assay, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def broken(_):
        raise ZeroDivisionError("boom\nmore")

    monkeypatch.setattr(version, "say", broken)
    result = assay("version")
    assert result.status == ExitCode.INTERNAL
    first, second, third = result.err.splitlines()
    assert first == "error [internal] a fault of assay itself, not yours: ZeroDivisionError: boom"
    assert third.startswith("  hint: please report it")
    report = Path(second.removeprefix("  the full traceback is in ")).read_text(encoding="utf-8")
    assert "assay version" in report
    assert "in broken" in report


def test_interrupted(assay, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(version, "say", interrupt)
    assert assay("version").status == 130
