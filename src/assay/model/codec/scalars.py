"""Scalars of the YAML 1.2 core schema, both ways: text to JSON value, JSON value to text."""

from __future__ import annotations

import json
import math
import re

from assay.model.artifacts import Json

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER_START = frozenset("+-.0123456789")
_INT = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OCTAL = re.compile(r"0o[0-7]+", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_MOST_DIGITS = 300

_PLAIN = re.compile(
    r"[A-Za-z_./$][\w./$+@%*<>=()!?;~^-]*(?::[\w./]+)*(?: [\w./$+@%*<>=()!?;~^-]+(?::[\w./]+)*)*", re.ASCII
)
_NOT_PLAIN_TO_OTHERS = frozenset({"y", "n", "yes", "no", "on", "off"})
"""Plain texts that readers of YAML 1.1 take as true or false; they get quotes."""
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_UNQUOTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class UnfitNumber(ValueError):  # noqa: N818
    """A number that JSON cannot hold: infinite, not a number, or of more than 300 digits."""


def resolve(text: str) -> Json:
    """Return the JSON value of a plain scalar; raises ``UnfitNumber``."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if text[0] not in _NUMBER_START:
        return text
    if len(text) > _MOST_DIGITS and _FLOAT.fullmatch(text):
        raise UnfitNumber
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text, 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise UnfitNumber
        return number
    if _NOT_FINITE.fullmatch(text):
        raise UnfitNumber
    return text


def write(value: Json, style: str = "") -> str:
    """Return ``value`` as YAML on one line; ``style`` is the quote to keep where it can be kept."""
    match value:
        case dict():
            return "{" + ", ".join(f"{write_key(key)}: {write(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(write(item) for item in value) + "]"
        case str():
            return _write_text(value, style)
        case float():
            return _write_float(value)
        case _:
            return json.dumps(value)


def write_key(key: str) -> str:
    """Return a key as YAML."""
    return _write_text(key, "")


def _write_float(value: float) -> str:
    text = repr(value)
    if not _FLOAT.fullmatch(text):
        raise UnfitNumber
    return text


def is_plain(text: str) -> bool:
    """Whether ``text`` reads back as the same text without quotes, in block and flow, in YAML 1.1 and 1.2."""
    if _PLAIN.fullmatch(text) is None or (text[0] == "." and not text.startswith(("./", "../"))):
        return False
    return text not in _BOOLS and text not in _NULLS and text.lower() not in _NOT_PLAIN_TO_OTHERS


def _write_text(text: str, style: str) -> str:
    if style == "" and is_plain(text):
        return text
    if style == "'" and not _UNQUOTABLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def literal_block(text: str, indent: str, newline: str) -> str | None:
    """Return ``text`` as a ``|`` block without the final line break, or ``None`` when it cannot be written so."""
    body = text.rstrip("\n")
    if not body or body[0] in " \t\n" or any(_UNQUOTABLE.search(line) for line in body.split("\n")):
        return None
    ending = len(text) - len(body)
    if ending > 1:
        return None
    lines = [indent + line if line else "" for line in body.split("\n")]
    return newline.join(["|" if ending else "|-", *lines])
