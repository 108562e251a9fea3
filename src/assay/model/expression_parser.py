"""Text of an expression to a tree of tuples, by precedence climbing with a bound on depth."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from assay.errors import AssayError, did_you_mean
from assay.model.artifacts import Json

Node = tuple[Any, ...]
"""A tag, then the parts: ``("binary", "+", left, right)``."""

FUNCTIONS = frozenset(
    "abs all any endswith float int len lower max min round startswith str sum upper".split()  # noqa: SIM905
)

_LONGEST = 2000
_DEEPEST = 40
_LONGEST_NUMBER = 40
_MOST_TERMS = 100

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?)
    | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<name>[^\W\d](?:[\w-]*\w)?)
    | (?P<sign>//|<=|>=|==|!=|[-+*/%<>()\[\]{},.:])
    )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!=", "in"})
_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2}
_KEYWORDS = frozenset({"and", "or", "not", "in", "if", "else"})


class ExpressionError(AssayError):
    """An expression cannot be read or has no value; ``column`` counts from 1 when it is known."""

    code: ClassVar[str] = "expression"

    def __init__(self, message: str, *, culprit: str = "", hint: str = "", column: int | None = None) -> None:
        self.column = column
        super().__init__(message, culprit=culprit, hint=hint)


class _Token:
    __slots__ = ("kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int) -> None:
        self.kind = kind
        self.text = text
        self.start = start


def parse(text: str) -> tuple[Node, tuple[tuple[str, str, int], ...]]:
    """Return the tree, and each reference as (name, attribute, offset of the name); raises ``ExpressionError``."""
    if len(text) > _LONGEST:
        raise ExpressionError(f"the expression is longer than {_LONGEST} characters", culprit=text[:40], column=1)
    parser = _Parser(_tokens(text))
    return parser.whole(), tuple(parser.references)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            place += len(text[place:]) - len(text[place:].lstrip())
            character = text[place]
            hint = {"=": "compare with '=='", "&": "write 'and'", "|": "write 'or'", "!": "write 'not'"}.get(
                character, ""
            )
            raise ExpressionError(f"{character!r} has no meaning here", culprit=character, hint=hint, column=place + 1)
        kind = match.lastgroup or ""
        tokens.append(_Token(kind, match[kind], match.start(kind)))
        place = match.end()
    tokens.append(_Token("end", "", end))
    return tokens


class _Parser:
    """One pass over the tokens; each method reads one level of precedence."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0
        self._grown = 0
        self.references: list[tuple[str, str, int]] = []

    def whole(self) -> Node:
        node = self._choice()
        if self._now.kind != "end":
            raise self._unexpected()
        return node

    @property
    def _now(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._now
        self._place += 1
        return token

    def _taken(self, word: str) -> bool:
        if self._now.text == word and self._now.kind in ("sign", "name"):
            self._place += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._taken(word):
            raise self._unexpected(f"expected {word!r}")

    def _unexpected(self, wish: str = "") -> ExpressionError:
        token = self._now
        found = f"unexpected {token.text!r}" if token.kind != "end" else "the expression ends too early"
        return ExpressionError(f"{found}{', ' + wish if wish else ''}", culprit=token.text, column=token.start + 1)

    def _grow(self) -> None:
        """Count what makes the tree deeper to the left, over the whole text: the evaluator recurses over it."""
        self._grown += 1
        if self._grown > _MOST_TERMS:
            raise ExpressionError(f"the expression has more than {_MOST_TERMS} terms", column=self._now.start + 1)

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError("the expression is nested too deeply", column=self._now.start + 1)
        node = self._any_of()
        if self._taken("if"):
            test = self._any_of()
            self._expect("else")
            node = ("if", test, node, self._choice())
        self._depth -= 1
        return node

    def _any_of(self) -> Node:
        return self._chain("or", self._all_of)

    def _all_of(self) -> Node:
        return self._chain("and", self._negation)

    def _chain(self, word: str, operand: Any) -> Node:
        """``a or b or c`` as a tree whose depth is the logarithm of its length, so that evaluating it needs little stack."""
        parts = [operand()]
        while self._taken(word):
            parts.append(operand())
        while len(parts) > 1:
            pairs = [(word, parts[i], parts[i + 1]) for i in range(0, len(parts) - 1, 2)]
            parts = pairs + parts[len(pairs) * 2 :]
        node: Node = parts[0]
        return node

    def _negation(self) -> Node:
        count = 0
        while self._taken("not"):
            count += 1
        node = self._comparison()
        for _ in range(min(count, 2 - count % 2)):
            node = ("not", node)
        return node

    def _comparison(self) -> Node:
        first = self._sum(1)
        rest: list[tuple[str, Node]] = []
        while True:
            if self._now.text in _COMPARISONS and self._now.kind in ("sign", "name"):
                rest.append((self._take().text, self._sum(1)))
            elif self._now.text == "not" and self._tokens[self._place + 1].text == "in":
                self._place += 2
                rest.append(("not in", self._sum(1)))
            else:
                return ("compare", first, tuple(rest)) if rest else first

    def _sum(self, level: int) -> Node:
        left = self._sum(level + 1) if level < 2 else self._signed()
        while self._now.kind == "sign" and _BINARY.get(self._now.text) == level:
            self._grow()
            sign = self._take().text
            left = ("binary", sign, left, self._sum(level + 1) if level < 2 else self._signed())
        return left

    def _signed(self) -> Node:
        negative = False
        signs = 0
        while self._now.kind == "sign" and self._now.text in "+-":
            signs += 1
            negative ^= self._take().text == "-"
        node = self._postfix()
        return ("unary", "-" if negative else "+", node) if signs else node

    def _postfix(self) -> Node:
        node = self._primary()
        while self._now.kind == "sign" and self._now.text in ".[":
            self._grow()
            if self._take().text == ".":
                node = ("index", node, ("literal", self._attribute()))
            else:
                node = ("index", node, self._choice())
                self._expect("]")
        return node

    def _attribute(self) -> str:
        if self._now.kind != "name":
            raise self._unexpected("expected a name after '.'")
        return self._take().text

    def _primary(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return ("literal", _number(token))
        if token.kind == "text":
            return ("literal", _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), token.text[1:-1]))
        if token.kind == "name" and token.text not in _KEYWORDS:
            return self._name(token)
        if token.kind == "sign" and token.text == "(":
            node = self._choice()
            self._expect(")")
            return node
        if token.kind == "sign" and token.text == "[":
            return ("list", self._list("]"))
        if token.kind == "sign" and token.text == "{":
            return ("map", self._map())
        self._place -= 1
        raise self._unexpected()

    def _name(self, token: _Token) -> Node:
        if token.text in _WORDS:
            return ("literal", _WORDS[token.text])
        if self._taken("("):
            if token.text not in FUNCTIONS:
                raise ExpressionError(
                    f"there is no function {token.text!r}",
                    culprit=token.text,
                    hint=did_you_mean(token.text, FUNCTIONS) or f"there are {', '.join(sorted(FUNCTIONS))}",
                    column=token.start + 1,
                )
            return ("call", token.text, self._list(")"))
        if self._taken("."):
            attribute = self._attribute()
        elif token.text == "item":
            attribute = ""
        else:
            raise ExpressionError(
                f"{token.text!r} is not a value",
                culprit=token.text,
                hint="write params.NAME, STEP.PORT or item; put text in quotes",
                column=token.start + 1,
            )
        self.references.append((token.text, attribute, token.start))
        return ("name", token.text, attribute)

    def _list(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self._taken(closing):
            if items:
                self._expect(",")
                if self._taken(closing):
                    break
            items.append(self._choice())
        return tuple(items)

    def _map(self) -> tuple[tuple[str, Node], ...]:
        pairs: list[tuple[str, Node]] = []
        while not self._taken("}"):
            if pairs:
                self._expect(",")
                if self._taken("}"):
                    break
            if self._now.kind != "text":
                raise self._unexpected("expected a text in quotes as key")
            key = self._primary()[1]
            self._expect(":")
            pairs.append((key, self._choice()))
        return tuple(pairs)


def _number(token: _Token) -> Json:
    if len(token.text) > _LONGEST_NUMBER:
        raise ExpressionError("the number is too long", culprit=token.text[:40], column=token.start + 1)
    number = int(token.text) if token.text.isdigit() else float(token.text)
    if number in (float("inf"), float("-inf")):
        raise ExpressionError("the number is too large", culprit=token.text, column=token.start + 1)
    return number
