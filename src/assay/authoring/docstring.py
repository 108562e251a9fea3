"""Docstrings: title, description, and the help of each parameter and port (Google, NumPy and Sphinx style)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import cleandoc

_SECTIONS = {
    "args": "args",
    "arguments": "args",
    "parameters": "args",
    "params": "args",
    "inputs": "args",
    "returns": "returns",
    "return": "returns",
    "outputs": "returns",
    "yields": "other",
    "raises": "other",
    "example": "other",
    "examples": "other",
    "note": "other",
    "notes": "other",
    "reference": "other",
    "references": "other",
    "see also": "other",
    "warning": "other",
    "warnings": "other",
    "source": "other",
}
_GOOGLE = re.compile(r"([A-Za-z][A-Za-z ]{0,20}):\s*")
_UNDERLINE = re.compile(r"-{3,}\s*")
_ITEM = re.compile(r"\*{0,2}([A-Za-z_]\w*)\s*(?:\([^)]*\))?\s*:(?:\s+(.*)|\s*)$")
_NUMPY_ITEM = re.compile(r"\*{0,2}([A-Za-z_]\w*)(?:\s*:.*)?$")
_SPHINX = re.compile(r":(param|parameter|arg|returns?)(?:\s+(?:[^:]*\s)?\*{0,2}(\w+))?:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Docstring:
    """What a docstring says.

    Attributes:
        title: The first line, without its full stop.
        description: What stands before the first section, paragraphs kept.
        args: Parameter or port to its help, on one line.
        returns: Output port to its help.
        result: The text of the whole Returns section, for a function with a single output.
    """

    title: str = ""
    description: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    returns: Mapping[str, str] = field(default_factory=dict)
    result: str = ""


def parse_docstring(text: str) -> Docstring:
    """Return the parts of a docstring; never fails, what it does not know is description."""
    lines = cleandoc(text).splitlines()
    sections: dict[str, list[str]] = {"description": [], "args": [], "returns": [], "other": []}
    numpy, current, place = False, "description", 0
    while place < len(lines):
        line, after = lines[place], lines[place + 1] if place + 1 < len(lines) else ""
        underlined = _UNDERLINE.fullmatch(after) is not None and line.strip().lower() in _SECTIONS
        header = _GOOGLE.fullmatch(line)
        if underlined:
            numpy, current, place = True, _SECTIONS[line.strip().lower()], place + 2
        elif header and header[1].lower() in _SECTIONS:
            current, place = _SECTIONS[header[1].lower()], place + 1
        else:
            sections[current].append(line)
            place += 1
    described, args, returns = _sphinx(sections["description"])
    read = _numpy_items if numpy else _items
    args |= read(sections["args"])
    title, _, description = "\n".join(described).strip().partition("\n")
    result = _one_line(sections["returns"]) or returns
    return Docstring(title.strip().removesuffix("."), description.strip(), args, read(sections["returns"]), result)


def _items(lines: list[str]) -> dict[str, str]:
    """Read ``name: help`` items; a deeper line goes on with the item before it."""
    found: dict[str, list[str]] = {}
    name, indent = "", None
    for line in lines:
        depth = len(line) - len(line.lstrip())
        item = _ITEM.match(line.strip())
        if line.strip() and (indent is None or depth <= indent):
            indent = depth
            name = item[1] if item else ""
            if item:
                found[name] = [item[2] or ""]
        elif name:
            found[name].append(line)
    return {name: _one_line(text) for name, text in found.items()}


def _numpy_items(lines: list[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        item = _NUMPY_ITEM.match(line)
        if item:
            name = item[1]
            found[name] = []
        elif name:
            found[name].append(line)
    return {name: _one_line(text) for name, text in found.items()}


def _sphinx(lines: list[str]) -> tuple[list[str], dict[str, str], str]:
    """Take ``:param name: help`` and ``:returns: help`` out of the description."""
    rest: list[str] = []
    args: dict[str, list[str]] = {}
    result: list[str] = []
    target = rest
    for line in lines:
        field_line = _SPHINX.match(line.strip())
        if field_line and field_line[2]:
            target = args.setdefault(field_line[2], [])
            target.append(field_line[3])
        elif field_line:
            target = result
            target.append(field_line[3])
        elif line.strip().startswith(":") and target is not rest:
            target = []
        else:
            target.append(line)
    return rest, {name: _one_line(text) for name, text in args.items()}, _one_line(result)


def _one_line(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())
