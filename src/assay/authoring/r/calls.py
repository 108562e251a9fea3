"""Calls in R source, each with its arguments, the call around it and the statement that it stands in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assay.authoring.r.tokens import Kind, Token
from assay.model.artifacts import Json

_CONSTANTS: dict[str, Json] = {"TRUE": True, "T": True, "FALSE": False, "F": False, "NULL": None}
_MISSING = ("NA", "NA_character_", "NA_integer_", "NA_real_", "NaN")


class NotLiteral(ValueError):  # noqa: N818  (says what the expression is)
    """The expression has no value without running code."""


@dataclass(slots=True)
class Argument:
    """One argument: its name, empty for none, and its tokens."""

    name: str = ""
    tokens: list[Token] = field(default_factory=list)


@dataclass(slots=True)
class Call:
    """One call.

    Attributes:
        function: Such as ``Sys.getenv``; with its package as in ``jsonlite::fromJSON``.
        first: Position of its first token among all.
        last: Position of its closing bracket.
        parent: The call around it, when it stands in an argument of one.
        statement: The first token of the statement around it.
    """

    function: str
    first: int
    place: Token
    statement: Token
    parent: Call | None = None
    last: int = 0
    arguments: list[Argument] = field(default_factory=list)

    def argument(self, name: str, position: int) -> list[Token]:
        """Return the tokens of the argument of this name, else of that place among the unnamed ones; none when it is not there."""
        for argument in self.arguments:
            if argument.name == name:
                return argument.tokens
        unnamed = [argument for argument in self.arguments if not argument.name and argument.tokens]
        return unnamed[position].tokens if position < len(unnamed) else []


@dataclass(slots=True)
class _Frame:
    """An open bracket; ``call`` is there when it holds arguments."""

    bracket: str
    call: Call | None


def find_calls(tokens: Sequence[Token]) -> list[Call]:
    """Return every call, in the order of its name in the text."""
    return _Finder(tokens).find()


class _Finder:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = [token for token in tokens if token.kind is not Kind.COMMENT]
        self._calls: list[Call] = []
        self._frames: list[_Frame] = []
        self._statement: list[Token | None] = [None]

    def find(self) -> list[Call]:
        for at, token in enumerate(self._tokens):
            if token.kind is Kind.NEWLINE:
                self._end_line(at)
                continue
            if token.text in (";", "{", "}") and token.kind is not Kind.STRING:
                self._bracket(at, token)
                self._statement[-1] = None
                continue
            if self._statement[-1] is None:
                self._statement[-1] = token
            self._bracket(at, token)
        return sorted(self._calls, key=lambda call: call.first)

    def _end_line(self, at: int) -> None:
        """A line ends a statement outside of brackets and calls, unless an operator waits for more."""
        before = self._tokens[at - 1] if at else None
        waits = before is not None and before.kind is Kind.OPERATOR
        if not waits and (not self._frames or self._frames[-1].bracket == "{"):
            self._statement[-1] = None

    def _bracket(self, at: int, token: Token) -> None:
        if token.kind is Kind.OPEN:
            self._note(token)
            call = self._begin(at, token) if token.text == "(" else None
            self._frames.append(_Frame(token.text, call))
            if token.text == "{":
                self._statement.append(None)
        elif token.kind is Kind.CLOSE:
            frame = self._frames.pop()
            if frame.call is not None:
                frame.call.last = at
            if frame.bracket == "{" and len(self._statement) > 1:
                self._statement.pop()
            self._note(token)
        else:
            self._note(token)

    def _note(self, token: Token) -> None:
        """Give a token to the arguments of every call that is open around it."""
        innermost = True
        for frame in reversed(self._frames):
            if frame.call is not None:
                _add(frame.call, token, direct=innermost)
            innermost = False

    def _begin(self, at: int, token: Token) -> Call | None:
        name, first = _callee(self._tokens, at)
        if not name:
            return None
        parent = self._frames[-1].call if self._frames else None
        call = Call(name, first, self._tokens[first], self._statement[-1] or token, parent)
        self._calls.append(call)
        return call


def _add(call: Call, token: Token, *, direct: bool) -> None:
    if direct and token.kind is Kind.OPERATOR and token.text == ",":
        call.arguments.append(Argument())
        return
    if not call.arguments:
        call.arguments.append(Argument())
    argument = call.arguments[-1]
    named = len(argument.tokens) == 1 and not argument.name and argument.tokens[0].kind in (Kind.NAME, Kind.STRING)
    if direct and named and token.kind is Kind.OPERATOR and token.text == "=":
        argument.name = argument.tokens.pop().text
        return
    argument.tokens.append(token)


def _callee(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """Return the name before a bracket and where it begins; no name for a plain bracket, ``if``, ``for``, ``while`` and ``function``."""
    before = at - 1
    if (
        before < 0
        or tokens[before].kind is not Kind.NAME
        or tokens[before].text in ("if", "for", "while", "function", "in")
    ):
        return "", at
    name = tokens[before].text
    if before >= 2 and tokens[before - 1].text in ("::", ":::") and tokens[before - 2].kind is Kind.NAME:
        return f"{tokens[before - 2].text}::{name}", before - 2
    return name, before


def value_of(tokens: Sequence[Token]) -> Json:
    """Return the value of a literal, ``-literal`` or ``c(literal, …)``; raises ``NotLiteral``. ``NA`` is ``None``."""
    match list(tokens):
        case [Token(kind=Kind.STRING, text=text)]:
            return text
        case [Token(kind=Kind.NUMBER, text=text)]:
            return _number(text)
        case [Token(kind=Kind.NAME, text=text)] if text in _CONSTANTS:
            return _CONSTANTS[text]
        case [Token(kind=Kind.NAME, text=text)] if text in _MISSING:
            return None
        case [Token(kind=Kind.OPERATOR, text="-" | "+" as sign), Token(kind=Kind.NUMBER, text=text)]:
            number = _number(text)
            return -number if sign == "-" else number
        case [Token(kind=Kind.NAME, text="c"), Token(kind=Kind.OPEN, text="("), *inner, Token(kind=Kind.CLOSE)]:
            return [value_of(part) for part in _parts(inner)]
    raise NotLiteral


def _parts(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token.kind is Kind.OPERATOR and token.text == ",":
            yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def _number(text: str) -> int | float:
    if text.endswith("i"):
        raise NotLiteral
    bare = text.removesuffix("L")
    number = int(bare, 16) if bare[:2].lower() == "0x" else float(bare)
    if not math.isfinite(number):
        raise NotLiteral
    whole = text != bare or bare.isdigit() or bare[:2].lower() == "0x"
    return int(number) if whole else number
