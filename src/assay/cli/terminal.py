"""Where words go: documents and results to stdout, messages to stderr, colour only on a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TextIO

import typer

from assay.model.artifacts import Json

if TYPE_CHECKING:
    from rich.text import Text

BROKEN_PIPE = 128 + 13
"""What a shell says of a program ended by SIGPIPE."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ANSI = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text with a style that only a terminal shows."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A table column; ``right`` aligns numbers, ``keep`` is not shortened when the terminal is narrow."""

    name: str
    right: bool = False
    keep: bool = False


class ReaderGone(typer.Exit):
    """Whoever read stdout went away (``| head``): quietly leave."""


def is_rich(stream: TextIO | None = None) -> bool:
    """Whether ``stream`` (default stdout) is a terminal that wants colour: not with ``NO_COLOR`` or ``TERM=dumb``."""
    stream = stream or sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def clean(text: str) -> str:
    """Return ``text`` without control characters, so that a message cannot repaint the terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """Return ``text`` in ANSI ``style`` (``bold red``) where ``stream`` shows colour."""
    if not style or not is_rich(stream):
        return text
    return f"\x1b[{';'.join(_ANSI[word] for word in style.split())}m{text}\x1b[0m"


def say(text: str = "", style: str = "") -> None:
    """Write a line of result to stdout."""
    _write(styled(clean(text), style) + "\n")


def say_cells(*cells: Cell) -> None:
    """Write a line made of styled pieces to stdout."""
    _write("".join(styled(clean(cell.text), cell.style) for cell in cells).rstrip(" ") + "\n")


def note(text: str, style: str = "") -> None:
    """Write a message to stderr."""
    complain(styled(clean(text), style, sys.stderr))


def complain(text: str) -> None:
    """Write finished text to stderr, as it is."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def document(value: Json, *, indent: int | None = 2) -> None:
    """Write one JSON document to stdout; ``indent=None`` keeps it on one line."""
    import json  # only on the way out: not needed by human output

    _write(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False) + "\n")


Row = Sequence[Cell | str]


def table(columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Write a table: drawn on a terminal, else aligned lines with nothing cut."""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    if is_rich():
        _drawn_table(columns, cells)
        return
    texts = [[column.name.upper() for column in columns], *([clean(cell.text) for cell in row] for row in cells)]
    widths = [max(len(row[index]) for row in texts) for index in range(len(columns))]
    for row in texts:
        padded = [
            text.rjust(width) if column.right else text.ljust(width)
            for text, width, column in zip(row, widths, columns, strict=True)
        ]
        _write("  ".join(padded).rstrip() + "\n")


def _drawn_table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    from rich.console import Console  # rich costs 150 ms: only where it is seen
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        drawn.add_column(column.name, justify="right" if column.right else "left", no_wrap=column.keep, overflow="fold")
    for row in rows:
        drawn.add_row(*(_rich_text(cell) for cell in row))
    try:
        Console(highlight=False).print(drawn)
    except BrokenPipeError:
        _hang_up()


def _rich_text(cell: Cell) -> Text:
    from rich.text import Text  # see above

    return Text(clean(cell.text), style=cell.style)


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _hang_up()


def raw(data: bytes) -> None:
    """Write bytes to stdout as they are."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _hang_up()


def _hang_up() -> NoReturn:
    raise ReaderGone(BROKEN_PIPE)


def mute_stdout() -> None:
    """Send stdout nowhere: its reader is gone, and the interpreter's own last flush must not complain."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
