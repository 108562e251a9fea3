import sys

import pytest

from assay.cli import terminal
from assay.cli.terminal import Cell, Column, clean, document, say, say_cells, styled, table


@pytest.fixture
def screen(monkeypatch):
    def pretend(columns=80, **environment):
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("TERM", "xterm")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return pretend


def test_a_pipe_gets_no_colour(capsys):
    say_cells(Cell("a", "bold red"), Cell("b"))
    say("c", "green")
    assert capsys.readouterr().out == "ab\nc\n"


def test_a_terminal_gets_colour(capsys, screen):
    screen()
    say("c", "bold red")
    assert capsys.readouterr().out == "\x1b[1;31mc\x1b[0m\n"


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_no_colour_gets_none(screen, environment):
    screen(**environment)
    assert styled("c", "red") == "c"


def test_clean_leaves_text_and_takes_control():
    assert clean("a\tb\nÄ日 \x1b[0m\x00\x9b") == "a\tb\nÄ日 \ufffd[0m\ufffd\ufffd"


def test_a_table_in_a_pipe_is_aligned_and_cuts_nothing(capsys):
    long = "x" * 300
    table([Column("name"), Column("n", right=True), Column("rest")], [["a", "1", long], ["bcdef", "1000", ""]])
    assert capsys.readouterr().out == f"NAME      N  REST\na         1  {long}\nbcdef  1000\n"


def test_the_last_column_wraps_under_itself_on_a_terminal(capsys, screen):
    screen(columns=30, NO_COLOR="1")
    table([Column("name"), Column("what")], [["n", "some words that do not fit here"]])
    assert capsys.readouterr().out == "NAME  WHAT\nn     some words that do not\n      fit here\n"


def test_a_path_is_never_broken(capsys, screen):
    screen(columns=20, NO_COLOR="1")
    table([Column("p")], [["/a/very/long/path/that/somebody/copies"]])
    assert "/a/very/long/path/that/somebody/copies\n" in capsys.readouterr().out


def test_a_document_is_strict_json(capsys):
    document({"ä": 1}, indent=None)
    assert capsys.readouterr().out == '{"ä": 1}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        document(float("nan"))


def test_a_reader_that_leaves_is_no_error(monkeypatch):
    def gone(_):
        raise BrokenPipeError

    monkeypatch.setattr(sys.stdout, "write", gone)
    with pytest.raises(terminal.ReaderGone) as left:
        say("x")
    assert left.value.exit_code == terminal.BROKEN_PIPE
