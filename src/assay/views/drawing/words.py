"""Text of a stranger inside a picture: escaped, bounded, and shown as what it is."""

from __future__ import annotations

import re
import unicodedata
from html import escape

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
LONGEST = 300


def shown(text: str) -> str:
    """Return ``text`` on one line; what would be invisible, or turn the reading direction, is written as its number."""
    return _HIDDEN.sub(lambda found: " " if found[0] in "\n\t" else f"\\u{ord(found[0]):04x}", text)


def cut(text: str, room: int) -> str:
    """Return as much of ``text`` as fits into ``room`` columns, with ``…`` for the rest; East Asian wide characters take two."""
    text = shown(text[: 4 * room + 4])
    fit = _fitting(text, room)
    return text if fit == len(text) else text[: max(0, fit - 1)] + "…"


def wrapped(text: str, room: int, most: int) -> list[str]:
    """Return ``text`` in lines of ``room`` columns, broken between words where that is possible; ``…`` ends the last of ``most`` lines when more is left.

    ``most`` is 1 or more. Line breaks of the text are kept.
    """
    lines: list[str] = []
    for line in text[: 4 * room * most + 4].expandtabs(4).splitlines():
        rest = shown(line.rstrip())
        while (fit := _fitting(rest, room)) < len(rest):
            space = rest.rfind(" ", 0, fit + 1)
            end = space if space > 0 and rest[:space].strip() else max(1, fit)  # a word longer than the line is broken
            lines.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
            if len(lines) > most:
                break
        lines.append(rest)
        if len(lines) > most:
            last = lines[most - 1]
            return [*lines[: most - 1], last[: _fitting(last, room - 2)].rstrip() + " …"]
    return lines


def _fitting(text: str, room: int) -> int:
    """Return how many characters of ``text`` fit into ``room`` columns."""
    taken = 0
    for place, character in enumerate(text):
        taken += 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken > room:
            return place
    return len(text)


def safe(text: str, room: int = LONGEST) -> str:
    """Return ``text`` for the inside of an element or of a quoted attribute."""
    return escape(cut(text, room))
