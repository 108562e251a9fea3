"""``@click.option(…)`` and ``@click.argument(…)``."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from assay.authoring.environment import Cast
from assay.authoring.options.declaration import Declarations, Option, described, keywords
from assay.authoring.source import FunctionNode
from assay.model.command import Role
from assay.model.component import Form, ParamType

_LIBRARIES = ("click", "rich_click", "asyncclick")
_KINDS = {
    "INT": ParamType.INT,
    "FLOAT": ParamType.FLOAT,
    "STRING": ParamType.STR,
    "BOOL": ParamType.BOOL,
    "IntRange": ParamType.INT,
    "FloatRange": ParamType.FLOAT,
    "Choice": ParamType.STR,
    "Path": ParamType.STR,
    "File": ParamType.STR,
    "DateTime": ParamType.STR,
    "UUID": ParamType.STR,
}


def read_click(declared: Declarations) -> str:
    """Take in what the one command of a script declares; return its docstring."""
    commands: list[FunctionNode] = []
    for node in ast.walk(declared.source.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            named = [_name(decorator, declared) for decorator in node.decorator_list]
            if "group" in named:
                declared.refuse_commands(node, _commands_of(node.name, declared))
                return ""
            if "command" in named:
                commands.append(node)
    if len(commands) > 1:
        declared.refuse_commands(commands[1], [command.name for command in commands])
        return ""
    for command in commands:
        for decorator in command.decorator_list:
            verb = _name(decorator, declared)
            if isinstance(decorator, ast.Call) and verb in ("option", "argument", "password_option"):
                option = _option(decorator, verb, declared)
                if option is not None:
                    declared.add(option)
    return (ast.get_docstring(commands[0]) or "").partition("\f")[0] if commands else ""


def _name(node: ast.expr, declared: Declarations) -> str:
    dotted = declared.source.dotted(node.func if isinstance(node, ast.Call) else node)
    library, _, name = dotted.partition(".")
    return name if library in _LIBRARIES else ""


def _commands_of(group: str, declared: Declarations) -> list[str]:
    return [
        node.name
        for node in declared.source.functions
        if any(_called(decorator) == f"{group}.command" for decorator in node.decorator_list)
    ]


def _called(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


def _option(call: ast.Call, verb: str, declared: Declarations) -> Option | None:
    facts = keywords(call)
    words = [word for word in map(declared.literal, call.args) if isinstance(word, str) and word]
    if len(words) != len(call.args) or (not words and verb != "password_option"):
        written = described(call.args[0] if call.args else call)
        declared.left_out(call, written, "its name cannot be read without running code", "write the name as a text")
        return None
    if verb == "password_option":
        words = words or ["--password"]
    name, on, off = _names(words)
    typed = verb != "argument"
    option = Option(
        name,
        call,
        on if typed else "",
        cast=_cast(facts.get("type"), declared),
        default=facts.get("default"),
        required=declared.literal(facts.get("required")) is True,
        help=declared.text(facts.get("help")),
        secret=verb == "password_option" or declared.literal(facts.get("hide_input")) is True,
    )
    _limits(option, facts.get("type"), declared)
    asks = option.secret or declared.literal(facts.get("prompt"), otherwise=False) is not False
    if option.default is None and (asks or (not typed and declared.literal(facts.get("required")) is not False)):
        option.required = True
    _count(option, facts, off, declared)
    return option


def _names(words: list[str]) -> tuple[str, str, str]:
    """Return the parameter's name, and the words that turn it on and off."""
    plain = [word for word in words if not word.startswith("-") and word.isidentifier()]
    dashed = [[part.strip() for part in word.split("/")] for word in words if word.startswith("-")]
    first = next((parts for parts in dashed if parts[0].startswith("--")), dashed[0] if dashed else [""])
    off = next((parts[1] for parts in dashed if len(parts) > 1 and parts[1]), "")
    name = plain[0] if plain else (first[0].lstrip("-") or words[0]).replace("-", "_").lower()
    return name, first[0], off


def _cast(node: ast.expr | None, declared: Declarations) -> Cast:
    if isinstance(node, (ast.Tuple, ast.List)):
        kinds = {_cast(part, declared).type for part in node.elts}
        return Cast(kinds.pop() if len(kinds) == 1 else ParamType.STR)
    inner = node.func if isinstance(node, ast.Call) else node
    library, _, name = (declared.source.dotted(inner) if inner is not None else "").partition(".")
    if library in _LIBRARIES:
        return Cast(_KINDS.get(name.rpartition(".")[2]))
    cast = declared.kind(node)
    return Cast(ParamType.BOOL) if cast.type is ParamType.BOOL else cast  # its bool reads "False" as false


def _limits(option: Option, node: ast.expr | None, declared: Declarations) -> None:
    if not isinstance(node, ast.Call):
        return
    facts = keywords(node)
    match declared.source.dotted(node.func).rpartition(".")[2]:
        case "Choice" if node.args:
            option.choices = declared.choices(node.args[0])
        case "IntRange" | "FloatRange":
            given = {**dict(zip(("min", "max"), node.args, strict=False)), **facts}
            option.least, option.most = (_bound(given.get(key), declared) for key in ("min", "max"))
        case "File":
            mode = declared.literal(node.args[0] if node.args else facts.get("mode"), "r")
            option.opens = Role.OUTPUT if isinstance(mode, str) and set(mode) & set("wax") else Role.INPUT
            if declared.literal(option.default) == "-":
                option.default = None  # its own stdin or stdout


def _bound(node: ast.expr | None, declared: Declarations) -> float | None:
    value = declared.literal(node)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _count(option: Option, facts: Mapping[str, ast.expr], off: str, declared: Declarations) -> None:
    """Say how a value becomes words."""
    nargs = declared.literal(facts.get("nargs"))
    pair = facts.get("type")
    if nargs is None and isinstance(pair, (ast.Tuple, ast.List)):
        nargs = len(pair.elts)
    if declared.literal(facts.get("count")) is True:
        option.form, option.cast, option.least = Form.FLAG, Cast(ParamType.INT, true=option.word), 0
        option.default = option.default or ast.copy_location(ast.Constant(0), option.node)
    elif off or declared.literal(facts.get("is_flag")) is True:
        option.form, option.cast = Form.FLAG, Cast(ParamType.BOOL, true=option.word, false=off)
        option.default = option.default or (
            None if option.required else ast.copy_location(ast.Constant(False), option.node)
        )
    elif isinstance(nargs, int) and nargs != 1:
        option.form = Form.SPREAD
        option.least = None if nargs < 0 else nargs
        option.most = None if nargs < 0 else nargs
        if nargs < 0 and declared.literal(facts.get("required")) is not True:
            option.required = False
            option.default = option.default or ast.copy_location(ast.List(elts=[]), option.node)
    elif declared.literal(facts.get("multiple")) is True:
        option.form = Form.REPEAT
        if not option.required:
            option.default = option.default or ast.copy_location(ast.List(elts=[]), option.node)
