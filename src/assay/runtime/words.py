"""How a value is written for a notebook or script: as a text, or as words of its command line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from assay.runtime.failures import StepFailure

COMMAND_LINE = ("option", "spread", "repeat", "flag")
"""Forms of a variable that stand on the command line."""

_NEGATIVE = re.compile(r"-\d+|-\d*\.\d+")
"""What ``argparse`` takes for a number rather than for an option."""


class Words:
    """The words of a command line: a list, of which no shell ever sees a character. Options first, then positional arguments."""

    def __init__(self) -> None:
        self._options: list[str] = []
        self._positional: list[str] = []
        self._left_out = ""

    def add(self, variable: Mapping[str, Any], value: Any) -> None:
        """Add the words for one value; raises ``StepFailure`` for one that cannot be said."""
        option, form = variable["name"], variable["form"]
        if value is None or (value == variable["unset"] and type(value) is type(variable["unset"])):
            self._left_out = self._left_out or ("" if option or form == "flag" else variable["port"])
            return
        if form == "flag":
            self._options += _flag(variable, value)
            return
        texts = [_text(item, variable) for item in (value if form in ("spread", "repeat") else [value])]
        if option:
            self._options += (
                _spread(option, texts) if form == "spread" else [w for t in texts for w in _pair(option, t)]
            )
            return
        if self._left_out and texts:
            message = (
                f"{variable['port']!r} is given, but not {self._left_out!r}, which stands before it on the command line"
            )
            raise StepFailure("component", message, hint="give both, or none")
        self._positional += texts

    def all(self) -> list[str]:
        """Return the words; behind ``--`` those that no option may be read into."""
        return [*self._options, "--", *self._positional] if self._positional else self._options


def _flag(variable: Mapping[str, Any], value: Any) -> list[str]:
    if isinstance(value, int) and not isinstance(value, bool):
        return [variable["true"]] * value
    word = variable["true"] if value else variable["false"]
    return [word] if word else []


def _pair(option: str, text: str) -> list[str]:
    """Return an option with its value in one word, so that a value may begin with a dash."""
    if text == "--":  # argparse before Python 3.13 drops it wherever it stands
        raise StepFailure("component", f"{option} cannot be given the value '--'", hint="choose another value")
    if option.startswith("--") or len(option) > 2:
        return [f"{option}={text}"]
    apart = not text or text.startswith("=")  # argparse would take that sign away
    return [option, text] if apart else [f"{option}{text}"]


def _spread(option: str, texts: list[str]) -> list[str]:
    for text in texts:
        if text.startswith("-") and not _NEGATIVE.fullmatch(text):
            message = f"{option} takes its values as words of their own, and {text!r} would be read as an option"
            raise StepFailure("component", message, hint="such a value cannot be given to this script")
    return [option, *texts]


def _text(value: Any, variable: Mapping[str, Any]) -> str:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    text = text_of(value, {**variable, "unset": None})
    return "" if text is None else text


def text_of(value: Any, variable: Mapping[str, Any]) -> str | None:
    """Return the text that the code of a notebook or script takes for ``value``; ``None`` when it takes its own default."""
    if value is None or (value == variable["unset"] and type(value) is type(variable["unset"])):
        return None
    if variable["form"] == "json":
        return json.dumps(value, ensure_ascii=False)
    if variable["form"] == "literal":
        return repr(value)
    if isinstance(value, bool):
        text: str = variable["true"] if value else variable["false"]
        return text
    return value if isinstance(value, str) else repr(value)
