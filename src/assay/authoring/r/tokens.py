"""The tokens of R source: strings (raw ones too), comments, numbers, names, brackets and operators, each with its place.

After "R Language Definition", section 10, and the raw strings of R 4.0.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class Kind(enum.Enum):
    """What a token is."""

    COMMENT = "comment"
    STRING = "string"
    NUMBER = "number"
    NAME = "name"
    OPEN = "open"
    CLOSE = "close"
    OPERATOR = "operator"
    NEWLINE = "newline"


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        text: As written; of a string its value, of a quoted name the name.
        line: From 1.
        column: In characters, from 1.
    """

    kind: Kind
    text: str
    line: int
    column: int


class NotR(ValueError):  # noqa: N818  (says what the text is)
    """The text cannot be R; ``line`` and ``column`` say where."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


_SCAN = re.compile(
    r"""(?P<space>[ \t\f\r\u00a0]+)
    |(?P<newline>\n)
    |(?P<comment>\#[^\n]*)
    |(?P<raw>[rR](?P<quote>["'])(?P<dashes>-*)(?P<bracket>[(\[{]))
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<quoted>`(?:[^`\\]|\\.)*`)
    |(?P<number>0[xX][0-9a-fA-F]+L?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[Li]?)
    |(?P<name>(?:[^\W\d_]|\.(?!\d))[\w.]*)
    |(?P<open>\[\[|[(\[{])
    |(?P<close>[)\]}])
    |(?P<operator>%[^%\n]*%|<<-|->>|<-|->|:::|::|:=|\|>|<=|>=|==|!=|&&|\|\||[-+*/^<>=!&|~?:;,$@\\])""",
    re.VERBOSE | re.DOTALL,
)
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_PAIRS = {**_CLOSERS, "[[": "]"}
_ESCAPE = re.compile(
    r"\\(?:x(?P<hex>[0-9a-fA-F]{1,2})|u\{?(?P<code>[0-9a-fA-F]{1,4})\}?|U\{?(?P<long>[0-9a-fA-F]{1,8})\}?|(?P<char>.))",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def tokenize(text: str) -> list[Token]:
    """Return the tokens of ``text``; raises ``NotR`` for an open string, a character that R has not, or unpaired brackets."""
    tokens: list[Token] = []
    opened: list[Token] = []
    place, line, start = 0, 1, 0
    while place < len(text):
        match = _SCAN.match(text, place)
        column = place - start + 1
        if match is None:
            raise _unread(text[place], line, column)
        end = match.end()
        if match["raw"]:
            end, value = _raw(text, match, line, column)
            tokens.append(Token(Kind.STRING, value, line, column))
        elif match.lastgroup != "space":
            _take(match, Token(_kind(match), _value(match), line, column), tokens, opened)
        breaks = text.count("\n", place, end)
        if breaks:
            line += breaks
            start = text.rindex("\n", place, end) + 1
        place = end
    if opened:
        last = opened[-1]
        raise NotR(f"{last.text!r} is never closed", last.line, last.column)
    return tokens


def _unread(sign: str, line: int, column: int) -> NotR:
    what = "a quote is not closed" if sign in "\"'`" else f"{sign!r} stands where R has no such character"
    return NotR(what, line, column)


def _take(match: re.Match[str], token: Token, tokens: list[Token], opened: list[Token]) -> None:
    if token.kind is Kind.OPEN:
        if token.text == "[[":  # closed by two tokens, which may be those of two brackets: a[b[1]]
            half = Token(Kind.OPEN, "[", token.line, token.column)
            opened += [half, half]
            tokens += [half, half]
            return
        opened.append(token)
    elif token.kind is Kind.CLOSE:
        if not opened or _PAIRS[opened[-1].text] != token.text:
            told = f", but {opened[-1].text!r} of line {opened[-1].line} is open" if opened else ", but nothing is open"
            raise NotR(f"{match[0]!r} closes something{told}", token.line, token.column)
        opened.pop()
    tokens.append(token)


def _kind(match: re.Match[str]) -> Kind:
    return Kind.NAME if match["quoted"] else Kind(match.lastgroup)


def _value(match: re.Match[str]) -> str:
    if match["string"] or match["quoted"]:
        return _ESCAPE.sub(_unescaped, match[0][1:-1])
    return match[0]


def _unescaped(match: re.Match[str]) -> str:
    code = match["hex"] or match["code"] or match["long"]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
    return _ESCAPES.get(match["char"], match["char"])


def _raw(text: str, match: re.Match[str], line: int, column: int) -> tuple[int, str]:
    closing = f"{_CLOSERS[match['bracket']]}{match['dashes']}{match['quote']}"
    end = text.find(closing, match.end())
    if end < 0:
        raise NotR("a raw string is not closed", line, column)
    return end + len(closing), text[match.end() : end]
