"""The text of errors, as snapshots: these lines are what a person sees when something is wrong."""

import pytest

from assay.cli.faults import error_text, excerpt, fault_text, faults_text
from assay.errors import Fault, InvalidDocument, Location, NotFound, Severity

SOURCE = "assay: 1\nsteps:\n  train: {use: train/x, in: {train: trian.images}}\n"
PLACE = Location("p.yaml", 3, 35)


def test_a_fault_shows_code_place_line_caret_and_hint():
    fault = Fault("unknown-step", "no step 'trian'", "trian", PLACE, "did you mean 'train'?")
    assert fault_text(fault, {"p.yaml": SOURCE}) == (
        "error [unknown-step] no step 'trian'\n"
        "  --> p.yaml:3:35\n"
        "   |\n"
        " 3 |   train: {use: train/x, in: {train: trian.images}}\n"
        "   |                                   ^\n"
        "  hint: did you mean 'train'?"
    )


def test_carets_span_the_culprit_when_it_stands_there():
    column = SOURCE.splitlines()[2].index("trian") + 1
    lines = excerpt(Location("p.yaml", 3, column), "trian", SOURCE)
    assert lines[2].count("^") == 5
    assert lines[2].index("^") == lines[1].index("trian")


@pytest.mark.parametrize(
    ("line", "column", "culprit", "carets"),
    [
        ("a: b", 4, "b", "   ^"),
        ("a: b", 4, "other", "   ^"),
        ("a: b", 99, "", "    ^"),
        ("\ta: b", 5, "b", "    ^"),
        ("日本: b", 5, "b", "      ^"),
        ("a: 日本", 4, "日本", "   ^^^^"),
        ("e\N{COMBINING ACUTE ACCENT}: b", 5, "b", "   ^"),
        ("", 1, "", "^"),
    ],
)
def test_carets_stand_under_what_the_eye_sees(line, column, culprit, carets):
    assert excerpt(Location("f", 1, column), culprit, line)[2] == f"   | {carets}"


def test_a_long_line_is_cut_around_the_place():
    line = "x" * 500 + "HERE" + "y" * 500
    shown = excerpt(Location("f", 1, 501), "HERE", line)
    assert len(shown[1]) < 130
    assert shown[2].index("^") == shown[1].index("HERE")
    assert shown[1].count("…") == 2


def test_a_narrow_terminal_keeps_the_caret_under_its_word(monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "50")
    shown = excerpt(Location("f", 1, 61), "HERE", "x" * 60 + "HERE" + "y" * 60)
    assert all(len(line) <= 50 for line in shown)
    assert shown[2].index("^") == shown[1].index("HERE")


@pytest.mark.parametrize("line", [0, 2, 99])
def test_a_place_outside_the_text_shows_no_line(line):
    assert excerpt(Location("f", line, 1), "", "one") == []


def test_a_source_that_is_gone_shows_no_line(tmp_path):
    fault = Fault("x", "message", location=Location(str(tmp_path / "gone.yaml"), 1, 1))
    assert fault_text(fault).splitlines()[1:] == [f"  --> {tmp_path / 'gone.yaml'}:1:1"]


def test_all_faults_are_shown_in_the_order_of_their_places():
    faults = [Fault("b", "second", location=Location("f", 9, 1)), Fault("a", "first", location=Location("f", 2, 5))]
    error = InvalidDocument(faults)
    assert error_text(error, {"f": ""}) == ("error [a] first\n  --> f:2:5\nerror [b] second\n  --> f:9:1")


def test_a_thousand_faults_are_not_a_thousand_paragraphs():
    text = faults_text([Fault("x", "m")] * 1000)
    assert text.endswith("… and 950 more")
    assert len(text.splitlines()) == 51


def test_a_warning_is_called_one():
    assert fault_text(Fault("x", "m", severity=Severity.WARNING)) == "warning [x] m"


def test_an_error_without_place():
    assert (
        error_text(NotFound("no run 'x'", hint="see assay runs"))
        == "error [not-found] no run 'x'\n  hint: see assay runs"
    )


def test_control_characters_of_a_file_do_not_reach_the_terminal():
    text = fault_text(Fault("x", "bad \x1b[31mred", location=Location("f", 1, 1)), {"f": "a\x1b]0;title\x07b"})
    assert "\x1b" not in text
    assert "\x07" not in text
