"""Where words go: documents and results to stdout, messages to stderr, colour only on a terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, TextIO

import typer

from assay.model.artifacts import Json

BROKEN_PIPE = 128 + 13
"""What a shell says of a program ended by SIGPIPE."""

_GAP = "  "
_LEAST_ROOM = 12
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
    """A table column; ``right`` aligns numbers."""

    name: str
    right: bool = False


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
    """Write a table: aligned lines with nothing cut; on a terminal, the last column wraps under itself."""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    heads = [Cell(column.name, "bold") if is_rich() else Cell(column.name.upper()) for column in columns]
    lines = [heads, *([Cell(clean(cell.text), cell.style) for cell in row] for row in cells)]
    widths = [max(len(line[index].text) for line in lines) for index in range(len(columns))]
    room = _columns() - sum(widths[:-1]) - len(_GAP) * (len(columns) - 1)
    for line in lines:
        *before, last = (
            Cell(cell.text.rjust(width) if column.right else cell.text.ljust(width), cell.style)
            for cell, width, column in zip(line, widths, columns, strict=True)
        )
        indent = "".join(f"{' ' * len(cell.text)}{_GAP}" for cell in before)
        head = "".join(f"{styled(cell.text, cell.style)}{_GAP}" for cell in before)
        for part in _wrapped(last.text.rstrip(), room):
            _write((head + styled(part, last.style)).rstrip() + "\n")
            head = indent


def _columns() -> int:
    """Return the width to wrap at: of the terminal, or none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


def _wrapped(text: str, room: int) -> list[str]:
    """Return ``text`` in lines of ``room``; a word that is longer (a path, to be copied) and a narrow rest stay whole."""
    if len(text) <= room or room < _LEAST_ROOM:
        return [text]
    import textwrap  # only for a terminal that is too narrow

    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)


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
