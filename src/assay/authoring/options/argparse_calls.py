"""``parser.add_argument(…)`` of ``argparse``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from assay.authoring.environment import Cast
from assay.authoring.options.declaration import Declarations, Option, described, keywords
from assay.model.command import Role
from assay.model.component import Form, ParamType

_NO_VALUE = ("help", "version")
_FLAGS = {"store_true": (True, False), "store_false": (False, True)}
_LISTED = ("append", "extend")


def read_argparse(declared: Declarations) -> str:
    """Take in what the parsers of a script declare; return what the first of them says of the script."""
    told = ""
    defaults: dict[str, ast.expr] = {}
    found: list[ast.Call] = []
    for call in _calls(declared.source.tree):
        match call.func:
            case ast.Attribute(attr="add_argument") if call.args:
                found.append(call)
            case ast.Attribute(attr="add_subparsers"):
                declared.refuse_commands(call, [])
            case ast.Attribute(attr="set_defaults"):
                defaults.update(keywords(call))
            case function if declared.source.dotted(function).rpartition(".")[2] == "ArgumentParser":
                told = told or declared.text(keywords(call).get("description"))
    for option in _merged([option for call in found if (option := _option(call, declared)) is not None]):
        if option.name in defaults:
            option.default = defaults[option.name]
        declared.add(option)
    return told


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    yield from sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


def _option(call: ast.Call, declared: Declarations) -> Option | None:
    words = [declared.literal(word) for word in call.args]
    facts = keywords(call)
    written = described(call.args[0])
    if not all(isinstance(word, str) and word for word in words):
        declared.left_out(call, written, "its name cannot be read without running code", "write the name as a text")
        return None
    names = [str(word) for word in words]
    word = _longest(names) if names[0].startswith("-") else ""
    dest = declared.literal(facts.get("dest"))
    name = dest if isinstance(dest, str) else (word.lstrip("-") or names[0]).replace("-", "_")
    action = facts.get("action")
    option = Option(
        name,
        call,
        word,
        cast=declared.kind(facts.get("type")),
        default=facts.get("default"),
        required=declared.literal(facts.get("required")) is True if word else True,
        choices=declared.choices(facts.get("choices")),
        help=declared.text(facts.get("help")),
    )
    if _suppressed(option.default, declared):
        option.default = None
    verb = _verb(action, declared)
    if verb in _NO_VALUE:
        return None
    if not _act(option, verb, facts, declared):
        declared.left_out(call, repr(word or name), f"its action {described(action or call)} is not known here")
        return None
    _file_type(option, facts, declared)
    return option


def _verb(action: ast.expr | None, declared: Declarations) -> str:
    if action is None:
        return "store"
    written = declared.literal(action)
    return written if isinstance(written, str) else declared.source.dotted(action).rpartition(".")[2]


def _act(option: Option, verb: str, facts: Mapping[str, ast.expr], declared: Declarations) -> bool:
    """Say how a value becomes words; return whether this is an action that takes a value."""
    option.cast = option.cast or Cast()
    match verb:
        case "store" | "append" | "extend":
            _count(option, facts, declared, repeated=verb in _LISTED)
        case "store_true" | "store_false":
            stored, otherwise = _FLAGS[verb]
            option.form = Form.FLAG
            option.cast = Cast(ParamType.BOOL, true=option.word if stored else "", false="" if stored else option.word)
            option.default = option.default or ast.copy_location(ast.Constant(otherwise), option.node)
        case "BooleanOptionalAction":
            option.form = Form.FLAG
            off = f"--no-{option.word.removeprefix('--')}"
            option.cast = Cast(ParamType.BOOL, true=option.word, false=off)
        case "count":
            option.form = Form.FLAG
            option.cast = Cast(ParamType.INT, true=option.word)
            option.least = 0
            _adds(option, declared, ast.Constant(0))
        case _:
            return False
    return True


def _count(option: Option, facts: Mapping[str, ast.expr], declared: Declarations, *, repeated: bool) -> None:
    nargs = declared.literal(facts.get("nargs"))
    if nargs == "?":
        option.required = option.required and bool(option.word)
    elif nargs in ("*", "...") or nargs == "+" or isinstance(nargs, int):
        option.form = Form.SPREAD
        option.least = float(nargs) if isinstance(nargs, int) else 1.0 if nargs == "+" else None
        option.most = float(nargs) if isinstance(nargs, int) else None
        if nargs in ("*", "...") and not option.word:
            option.required = False
            option.default = option.default or ast.copy_location(ast.List(elts=[]), option.node)
    elif repeated:
        option.form = Form.REPEAT
    if repeated:
        _adds(option, declared, ast.List(elts=[]))


def _adds(option: Option, declared: Declarations, nothing: ast.expr) -> None:
    """``append``, ``extend`` and ``count`` go on from their default: what a step gives is what is added."""
    if option.default is not None and declared.literal(option.default, otherwise=True):
        message = f"what {option.word!r} is given is added to its default {described(option.default)}"
        declared.faults.warning("adds", message, option.node, culprit=option.word, hint="write default=None")
        option.default = ast.copy_location(nothing, option.node)


def _file_type(option: Option, facts: Mapping[str, ast.expr], declared: Declarations) -> None:
    """``type=argparse.FileType("w")`` is a port: the code opens the file that it is given."""
    match facts.get("type"):
        case ast.Call(func=function, args=rest) as call if declared.source.dotted(function).endswith("FileType"):
            mode = declared.literal(rest[0] if rest else keywords(call).get("mode"), "r")
            option.opens = Role.OUTPUT if isinstance(mode, str) and set(mode) & set("wax") else Role.INPUT
            if option.default is not None and declared.literal(option.default) in ("-", None):
                option.default = None  # its own stdin or stdout


def _longest(words: list[str]) -> str:
    """Return the word that is least in doubt: the first with two dashes, else the first."""
    return next((word for word in words if word.startswith("--")), words[0])


def _suppressed(node: ast.expr | None, declared: Declarations) -> bool:
    return node is not None and declared.source.dotted(node).rpartition(".")[2] == "SUPPRESS"


def _merged(options: list[Option]) -> list[Option]:
    """Return the options by name: ``--cache`` and ``--no-cache`` with one ``dest`` are the two words of one flag."""
    flags: dict[str, Option] = {}
    kept: list[Option] = []
    for option in options:
        first = flags.setdefault(option.name, option) if option.form is Form.FLAG else option
        if first is option or first.cast is None or option.cast is None:
            kept.append(option)
            continue
        first.cast.true = first.cast.true or option.cast.true
        first.cast.false = first.cast.false or option.cast.false
        first.help = first.help or option.help
    return kept
