"""An R script as a component: what it reads by ``Sys.getenv`` are its parameters and ports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from assay.authoring.environment import Cast, compare_words, convert, of_the_machine
from assay.authoring.header import header, told
from assay.authoring.interface import build
from assay.authoring.mention import Mention, comments_above, read_comment
from assay.authoring.r.calls import Call, NotLiteral, find_calls, value_of
from assay.authoring.r.packages import find_packages
from assay.authoring.r.tokens import Kind, NotR, Token, tokenize
from assay.authoring.reached import note_file
from assay.authoring.reading import Reading, finish, script_spec
from assay.authoring.tags import read_tags
from assay.errors import Fault, Location
from assay.model.artifacts import Json
from assay.model.component import MISSING, Form, Language, Missing, ParamType, ScriptImplementation
from assay.model.params import type_of

_CASTS = {
    "as.integer": ParamType.INT,
    "as.numeric": ParamType.FLOAT,
    "as.double": ParamType.FLOAT,
    "as.logical": ParamType.BOOL,
    "as.character": ParamType.STR,
    "readr::parse_integer": ParamType.INT,
    "readr::parse_double": ParamType.FLOAT,
    "readr::parse_logical": ParamType.BOOL,
}
_FOLDS = ("tolower", "toupper", "trimws", "isTRUE", "stringr::str_to_lower", "stringr::str_trim", "identity")
_JSON = ("fromJSON", "jsonlite::fromJSON", "parse_json", "jsonlite::parse_json")


def read_r(file: Path, name: str) -> Reading:
    """Read the text of an ``.R`` file as one component; never raises for what is in it."""
    content = file.read_bytes()
    try:
        text = content.decode().removeprefix("\ufeff").replace("\r\n", "\n")
        tokens = tokenize(text)
    except UnicodeDecodeError as error:
        bad = Location(str(file), content[: error.start].count(b"\n") + 1, 1)
        return Reading((), (Fault("syntax", "not UTF-8 text", file.name, bad, "save it as UTF-8"),))
    except NotR as error:
        place = Location(str(file), error.line, error.column)
        return Reading((), (Fault("syntax", f"not R: {error.message}", "", place),))
    return _Script(file, text.split("\n"), tokens).component(name)


class _Script:
    def __init__(self, file: Path, lines: list[str], tokens: list[Token]) -> None:
        self._file = file
        self._tokens = [token for token in tokens if token.kind is not Kind.COMMENT]
        self._comments, self._behind = _comments(lines, tokens)
        self._calls = find_calls(tokens)

    def component(self, name: str) -> Reading:
        """Return what the script is."""
        tags = read_tags(self._comments, lambda line: Location(str(self._file), line, 1), lambda _: Form.TEXT)
        interface = build([*self._reads(), *tags.mentions])
        packages = find_packages(self._calls, self._place)
        interface.faults += [*tags.faults, *packages.faults]
        title, description = told(header(self._comments))
        code = ScriptImplementation(
            str(self._file),
            self._digest(interface.digest_texts()),
            Language.R,
            tuple(interface.variables),
            packages=tuple(dict.fromkeys([*packages.names, *tags.requirements])),
        )
        spec = script_spec(name, code, (title, description), interface, [])
        return finish(spec, interface.faults, Location(str(self._file), 1, 1), "a comment at its head")

    def _place(self, token: Token) -> Location:
        return Location(str(self._file), token.line, token.column)

    def _reads(self) -> Iterator[Mention]:
        """Yield every ``Sys.getenv`` of a named variable, in the order of the file."""
        for call in self._calls:
            if call.function not in ("Sys.getenv", "base::Sys.getenv"):
                continue
            try:
                named = value_of(call.argument("x", 0))
            except NotLiteral:
                continue
            for name in named if isinstance(named, list) else [named]:
                if isinstance(name, str) and not of_the_machine(name):
                    yield self._mention(name, call)

    def _mention(self, name: str, call: Call) -> Mention:
        cast, outer = self._cast(call)
        kind = cast.type
        default, own = self._default(call, cast)
        if default is MISSING and not own and self._may_be_empty(outer):
            default = None
        if cast.form is Form.JSON:
            kind = ParamType.MAP if isinstance(default, Missing) or default is None else type_of(default)
        above = comments_above(self._comments, call.statement.line) or comments_above(self._comments, call.place.line)
        behind = self._behind.get(self._tokens[outer.last].line, "")
        said = read_comment([*above, *filter(None, [behind])], name)
        return Mention(
            name,
            self._place(call.place),
            type=kind or ParamType.STR,
            default=default,
            own_default=own,
            nullable=default is None,
            help=said.help,
            stated=said.stated,
            form=cast.form,
            true=cast.true,
            false=cast.false,
        )

    def _cast(self, call: Call) -> tuple[Cast, Call]:
        """Climb from a read to what the code makes of it, and to the outermost call that only passes it on."""
        cast = Cast(true="TRUE", false="FALSE")
        outer = call
        while True:
            self._compared(outer, cast)
            parent = outer.parent
            if parent is None or not parent.arguments or not self._alone(outer, parent.arguments[0].tokens):
                return cast, outer
            if parent.function in _CASTS:
                cast.type = cast.type or _CASTS[parent.function]
            elif parent.function in _JSON:
                cast.form = Form.JSON
            elif parent.function not in _FOLDS:
                return cast, outer
            outer = parent

    def _alone(self, call: Call, tokens: Sequence[Token]) -> bool:
        return bool(tokens) and tokens[0] is self._tokens[call.first] and tokens[-1] is self._tokens[call.last]

    def _after(self, call: Call) -> Sequence[Token]:
        return [token for token in self._tokens[call.last + 1 : call.last + 40] if token.kind is not Kind.NEWLINE]

    def _compared(self, call: Call, cast: Cast) -> None:
        match self._after(call):
            case [Token(kind=Kind.OPERATOR, text="==" | "!=" as sign), word, *_] if (
                word.kind is Kind.STRING and word.text
            ):
                compare_words(cast, [word.text], same=sign == "==")
            case [Token(kind=Kind.OPERATOR, text="%in%"), Token(text="c"), Token(text="("), *rest]:
                closing = next((at for at, token in enumerate(rest) if token.text == ")"), 0)
                words = [token.text for token in rest[:closing] if token.kind is Kind.STRING]
                compare_words(cast, words, same=True)

    def _may_be_empty(self, call: Call) -> bool:
        """Whether the code asks if there is a value: ``nzchar(…)``, ``== ""``."""
        if call.parent is not None and call.parent.function in ("nzchar", "nchar"):
            return True
        match self._after(call):
            case [Token(kind=Kind.OPERATOR, text="==" | "!="), Token(kind=Kind.STRING, text=""), *_]:
                return True
        return False

    def _default(self, call: Call, cast: Cast) -> tuple[Json | Missing, bool]:
        """Return the default as the parameter's type, and whether there is one that only running the code would tell."""
        written = call.argument("unset", 1)
        if not written:
            return MISSING, False
        try:
            value = value_of(written)
            return (None if value is None else convert(_as_text(value), cast.type, cast.form)), False
        except (NotLiteral, ValueError, TypeError, OverflowError, RecursionError):
            return MISSING, True

    def _digest(self, more: list[str]) -> str:
        """Return the digest of the tokens without comments, and of the scripts beside it that it names in ``source(…)``."""
        texts = [f"{token.kind.value} {token.text}" for token in _without_empty_lines(self._tokens)]
        for call in self._calls:
            if call.function in ("source", "base::source", "sys.source"):
                named = [
                    token.text for argument in call.arguments for token in argument.tokens if token.kind is Kind.STRING
                ]
                near = [self._file.parent / text for text in named]
                for path in near:
                    note_file(path)
                texts += [hashlib.sha256(path.read_bytes()).hexdigest() for path in near if path.is_file()]
        return hashlib.sha256("\n".join([*texts, *more]).encode(errors="surrogatepass")).hexdigest()


def _as_text(value: Json) -> Json:
    """Return a default as ``Sys.getenv`` gives it: always a text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else str(value)


def _comments(lines: list[str], tokens: list[Token]) -> tuple[list[str], dict[int, str]]:
    """Return for each line the comment that stands there alone, else an empty text; and by line what stands behind code.

    A line that looks like a comment inside a string is none.
    """
    alone = [""] * len(lines)
    behind: dict[int, str] = {}
    for token in tokens:
        if token.kind is Kind.COMMENT and not lines[token.line - 1][: token.column - 1].strip():
            alone[token.line - 1] = token.text
        elif token.kind is Kind.COMMENT:
            behind[token.line] = token.text.lstrip("#' ").strip()
    return alone, behind


def _without_empty_lines(tokens: list[Token]) -> Iterator[Token]:
    before = Kind.NEWLINE
    for token in tokens:
        if token.kind is not Kind.NEWLINE or before is not Kind.NEWLINE:
            yield replace(token, line=0, column=0)
        before = token.kind
