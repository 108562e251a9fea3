"""The signature of a ``typer`` command."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assay.authoring.annotations import ParamShape, read_annotation
from assay.authoring.docstring import parse_docstring
from assay.authoring.environment import Cast
from assay.authoring.faults import Faults
from assay.authoring.options.declaration import Declarations, Option, described, keywords
from assay.authoring.source import FunctionNode
from assay.model.artifacts import Json
from assay.model.command import Role
from assay.model.component import Form, ParamType

_FACTS = ("typer.Option", "typer.Argument")
_FILES = {"typer.FileText": Role.INPUT, "typer.FileBinaryRead": Role.INPUT}
_WRITTEN = ("typer.FileTextWrite", "typer.FileBinaryWrite")
_CONTEXTS = ("typer.Context", "click.Context", "typer.CallbackParam")


def read_typer(declared: Declarations) -> str:
    """Take in the parameters of the one command of a script; return its docstring."""
    commands = list(_commands(declared))
    if len(commands) > 1:
        declared.refuse_commands(commands[1], [command.name for command in commands])
        return ""
    if not commands:
        return ""
    command = commands[0]
    text = ast.get_docstring(command) or ""
    doc = parse_docstring(text)
    for argument, default in _arguments(command.args):
        option = _option(argument, default, declared)
        if option is not None:
            option.help = option.help or doc.args.get(argument.arg, "")
            declared.add(option)
    return "\n\n".join(filter(None, (doc.title, doc.description)))


def _commands(declared: Declarations) -> Iterator[FunctionNode]:
    source = declared.source
    apps = {
        name
        for name, value in source.definitions.items()
        if isinstance(value, ast.Call) and source.dotted(value.func) == "typer.Typer"
    }
    run = {
        node.args[0].id
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and source.dotted(node.func) == "typer.run"
        and node.args
        and isinstance(node.args[0], ast.Name)
    }
    for node in source.functions:
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            base, _, verb = ast.unparse(called).rpartition(".")
            if base in apps and (verb == "command" or (verb == "callback" and _without_command(decorator, declared))):
                yield node
        if node.name in run:
            yield node


def _without_command(decorator: ast.expr, declared: Declarations) -> bool:
    facts = keywords(decorator) if isinstance(decorator, ast.Call) else {}
    return declared.literal(facts.get("invoke_without_command")) is True


def _arguments(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    plain = [*arguments.posonlyargs, *arguments.args]
    yield from zip(plain, [*[None] * (len(plain) - len(arguments.defaults)), *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


@dataclass(slots=True)
class _Facts:
    """What ``typer.Option(…)`` or ``typer.Argument(…)`` says of one parameter."""

    argument: bool | None = None
    words: tuple[str, ...] = ()
    named: Mapping[str, ast.expr] | None = None

    def of(self, name: str) -> ast.expr | None:
        return (self.named or {}).get(name)


def _option(argument: ast.arg, default: ast.expr | None, declared: Declarations) -> Option | None:
    source = declared.source
    annotation, facts = _annotated(argument.annotation, declared)
    if annotation is not None and source.dotted(annotation) in _CONTEXTS:
        return None
    if isinstance(default, ast.Call) and source.dotted(default.func) in _FACTS:
        facts, default = _facts(default, declared, leading=True)
    if isinstance(default, ast.Constant) and default.value is ...:
        default, required = None, True
    else:
        required = default is None
    positional = facts.argument if facts.argument is not None else required
    on, off = _words(facts.words, argument.arg)
    option = Option(
        argument.arg,
        argument,
        "" if positional else on,
        default=default,
        required=required,
        help=declared.text(facts.of("help")),
        secret=declared.literal(facts.of("hide_input")) is True,
    )
    option.least, option.most = (_number(declared.literal(facts.of(key))) for key in ("min", "max"))
    if annotation is not None:
        _type(option, annotation, off, declared)
    if option.cast is None:
        option.cast = Cast()
    return option


def _annotated(node: ast.expr | None, declared: Declarations) -> tuple[ast.expr | None, _Facts]:
    match node:
        case ast.Subscript(value=base, slice=ast.Tuple(elts=[kind, *notes])) if declared.source.dotted(base).endswith(
            "Annotated"
        ):
            for note in notes:
                if isinstance(note, ast.Call) and declared.source.dotted(note.func) in _FACTS:
                    return kind, _facts(note, declared, leading=False)[0]
            return kind, _Facts()
        case _:
            return node, _Facts()


def _facts(call: ast.Call, declared: Declarations, *, leading: bool) -> tuple[_Facts, ast.expr | None]:
    """Return what the call says and, when its first argument is the default, that."""
    named = dict(keywords(call))
    given = list(call.args)
    default = named.pop("default", None)
    if leading and given and default is None:
        default = given.pop(0)
    words = tuple(word for word in map(declared.literal, given) if isinstance(word, str))
    return _Facts(declared.source.dotted(call.func) == "typer.Argument", words, named), default


def _words(words: tuple[str, ...], name: str) -> tuple[str, str]:
    plain = name.replace("_", "-")
    if not words:
        return f"--{plain}", f"--no-{plain}"
    pairs = [[part.strip() for part in word.split("/")] for word in words]
    first = next((pair for pair in pairs if pair[0].startswith("--")), pairs[0])
    return first[0], next((pair[1] for pair in pairs if len(pair) > 1), "")


def _type(option: Option, annotation: ast.expr, off: str, declared: Declarations) -> None:
    source = declared.source
    dotted = source.dotted(annotation)
    if dotted in _FILES or dotted in _WRITTEN:
        option.opens, option.cast = _FILES.get(dotted, Role.OUTPUT), Cast(ParamType.STR)
        return
    choices = _enumeration(annotation, declared)
    if choices:
        option.choices, option.cast = choices, Cast(ParamType.STR)
        option.default = _member(option.default, declared)
        return
    unheard = Faults(source)
    shape = read_annotation(annotation, source, unheard, option.name)
    if not isinstance(shape, ParamShape):
        text = described(annotation)
        message = f"the type {text} of {option.name!r} is not known here: its values are given as texts"
        declared.faults.warning("unknown-type", message, option.node, culprit=text)
        option.cast = Cast(ParamType.STR)
        return
    kind = ParamType.STR if shape.type is ParamType.PATH else shape.type
    option.choices = shape.choices
    if kind is ParamType.LIST:
        inner = ParamType.STR if shape.items in (None, ParamType.PATH) else shape.items
        option.cast, option.form = Cast(inner), Form.REPEAT if option.word else Form.SPREAD
        if not option.required and declared.literal(option.default) is None:
            option.default = ast.copy_location(ast.List(elts=[]), option.node)
    elif kind is ParamType.BOOL and option.word:
        option.cast, option.form = Cast(kind, true=option.word, false=off), Form.FLAG
    else:
        option.cast = Cast(kind)


def _enumeration(annotation: ast.expr, declared: Declarations) -> tuple[Json, ...]:
    """Return the values of an ``Enum`` of the script."""
    found = declared.source.find(declared.source.dotted(annotation))
    if found is None or not isinstance(found[1], ast.ClassDef):
        return ()
    if not any(declared.source.dotted(base).rpartition(".")[2].endswith("Enum") for base in found[1].bases):
        return ()
    values = [declared.literal(item.value) for item in found[1].body if isinstance(item, ast.Assign)]
    return tuple(value for value in values if isinstance(value, str))


def _member(default: ast.expr | None, declared: Declarations) -> ast.expr | None:
    """Return the value of ``Mode.fast``, which is what the command line takes."""
    match default:
        case ast.Attribute(value=ast.Attribute() as member, attr="value"):
            return _member(member, declared)
        case ast.Attribute(value=base, attr=name):
            found = declared.source.find(declared.source.dotted(base))
            body = found[1].body if found is not None and isinstance(found[1], ast.ClassDef) else []
            for item in body:
                match item:
                    case ast.Assign(targets=[ast.Name(id=named)], value=value) if named == name:
                        return value
    return default


def _number(value: Json) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
