"""Markdown that says what it was given and nothing else: no text becomes a heading, a link, a table cell too many, or HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def plain(text: str) -> str:
    """Return ``text`` on one line with everything escaped that Markdown or HTML could read as more."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("\\<", "&lt;").replace("\\>", "&gt;")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; every cell is escaped."""
    lines = [head, ["---"] * len(head)]
    body = [[plain(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [*lines, *body]) + "\n"


def quoted(text: str) -> str:
    """Return a block quote, for what must not be overlooked."""
    return f"> **{plain(text)}**\n"
