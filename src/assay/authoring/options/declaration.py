"""What one option says, whatever library reads it: from keywords in the source to a ``Mention``."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from assay.authoring.environment import Cast, cast_of, convert, environment_default, plain, statement_comments
from assay.authoring.faults import Faults, shown
from assay.authoring.literal import NotLiteral, literal
from assay.authoring.mention import Mention, read_comment
from assay.authoring.source import Source
from assay.model.artifacts import Json
from assay.model.command import Role
from assay.model.component import MISSING, Form, Missing, ParamType
from assay.model.params import type_of

_KINDS = {
    "int": ParamType.INT,
    "float": ParamType.FLOAT,
    "str": ParamType.STR,
    "bool": ParamType.BOOL,
    "json.loads": ParamType.MAP,
    "pathlib.Path": ParamType.STR,
    "pathlib.PurePath": ParamType.STR,
}
_TRUTHS = ("strtobool", "str2bool", "str_to_bool", "parse_bool", "boolean", "to_bool", "bool_flag")
_MOST_CHOICES = 200
_SELF = re.compile(
    r"[\s,;]*[(\[]?(?:defaults? ?(?:is|to)?[:= ]*)?%\((?:default|prog|type|choices|metavar|dest)\)[sdgr][)\]]?",
    re.IGNORECASE,
)
"""What ``argparse`` puts into a help text, with the words around it: the default is shown anyway."""


class Declarations:
    """The options of one script.

    Attributes:
        passed: Nodes that have been read as defaults of options, and are no reads of the environment of their own.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults = Faults(source)
        self.mentions: list[Mention] = []
        self.passed: set[ast.AST] = set()

    def left_out(self, node: ast.AST, what: str, why: str, hint: str = "") -> None:
        """Note that an option is no parameter."""
        self.faults.warning("option-left-out", f"{what} is no parameter: {why}", node, culprit=what, hint=hint)

    def refuse_commands(self, node: ast.AST, names: list[str]) -> None:
        """Note that the script has commands of its own."""
        told = f" ({', '.join(names)})" if names else ""
        message = f"the script has commands of its own{told}, and a component does one thing"
        hint = "make a script of each that calls its function"
        self.faults.error("commands", message, node, culprit=names[0] if names else "", hint=hint)

    def literal(self, node: ast.expr | None, otherwise: Json = None) -> Json:
        """Return the value of a literal, ``otherwise`` when there is none to read."""
        if node is None:
            return otherwise
        try:
            return plain(literal(node, self.source))
        except (NotLiteral, ValueError, TypeError, RecursionError):
            return otherwise

    def text(self, node: ast.expr | None) -> str:
        """Return the text of a literal, joined over lines; empty when it is none."""
        value = self.literal(node)
        return " ".join(_SELF.sub("", value).split()).replace("%%", "%") if isinstance(value, str) else ""

    def default(self, node: ast.expr | None, kind: ParamType | None, form: Form) -> tuple[Json | Missing, bool]:
        """Return a default as its type, and whether only running the code would tell it; that of a read of the environment counts."""
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return None, False
        read = environment_default(node, self.source)
        if read is not node:
            self.passed.add(node)
        listed = form in (Form.SPREAD, Form.REPEAT)
        try:
            value = plain(literal(read, self.source))
            if listed and isinstance(value, list):
                return [convert(item, kind) for item in value], False
            return (None if value is None else convert(value, kind)), False
        except (NotLiteral, ValueError, TypeError, RecursionError, OverflowError):
            return MISSING, True

    def choices(self, node: ast.expr | None) -> tuple[Json, ...]:
        """Return the values of a literal list, ``range(…)`` or the keys of a map; none when they cannot be read."""
        match node:
            case ast.Call(func=ast.Name(id="range"), args=bounds):
                values = [self.literal(bound) for bound in bounds]
                numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
                span = range(*numbers) if 0 < len(numbers) == len(values) <= 3 else range(0)
                return tuple(span) if len(span) <= _MOST_CHOICES else ()
            case ast.Call(func=ast.Name(id="list" | "tuple" | "sorted" | "set"), args=[inner]):
                return self.choices(inner)
            case ast.Call(func=ast.Attribute(value=inner, attr="keys"), args=[]):
                return self.choices(inner)
            case ast.Set(elts=elements):
                return self.choices(ast.List(elts=elements))
            case None:
                return ()
        found = self.literal(node)
        return tuple(found) if isinstance(found, (list, dict)) and len(found) <= _MOST_CHOICES else ()

    def kind(self, node: ast.expr | None) -> Cast:
        """Return what a ``type=`` makes of a text; without a type when it is not known."""
        cast = Cast()
        if node is None:
            return cast
        name = self.source.dotted(node)
        if isinstance(node, ast.Lambda) and len(node.args.args) == 1:
            return _lambda(node, self.source)
        cast.type = ParamType.BOOL if name.rpartition(".")[2] in _TRUTHS else _KINDS.get(name)
        if name == "bool":
            cast.false = ""  # bool("False") is true
        if name in ("json.loads", "ast.literal_eval"):
            cast.form = Form.JSON
            cast.type = None
        return cast

    def add(self, option: Option) -> None:
        """Take an option in."""
        self.mentions.append(option.mention(self))


@dataclass(slots=True)
class Option:
    """One option or positional argument.

    Attributes:
        word: Such as ``--epochs``; empty for a positional argument.
        default: Where the default stands.
        opens: The role of a file that the library opens for the code.
    """

    name: str
    node: ast.expr | ast.arg
    word: str = ""
    form: Form = Form.OPTION
    cast: Cast | None = None
    default: ast.expr | None = None
    required: bool = False
    choices: tuple[Json, ...] = ()
    help: str = ""
    least: float | None = None
    most: float | None = None
    secret: bool = False
    opens: Role | None = None

    def mention(self, declared: Declarations) -> Mention:
        """Return it as a mention; its default as its type."""
        cast = self.cast or Cast()
        default, own = declared.default(self.default, cast.type, self.form)
        if self.required:
            default, own = MISSING, False
        said = read_comment(_comments(self.node, declared.source), self.name)
        kind, items = cast.type, None
        if self.form in (Form.SPREAD, Form.REPEAT):
            kind, items = ParamType.LIST, cast.type
        elif kind is None:
            kind = type_of(self.choices[0]) if self.choices else None
            kind = kind or (ParamType.STR if default in (MISSING, None) else type_of(None if own else default))
            kind = ParamType.MAP if cast.form is Form.JSON and default in (MISSING, None) else kind
        return Mention(
            self.name,
            declared.source.location(self.node),
            type=kind,
            items=items,
            choices=self.choices,
            default=default,
            own_default=own,
            nullable=default is None,
            help=self.help or said.help,
            stated=said.stated,
            role=self.opens,
            form=self.form,
            true=cast.true,
            false=cast.false,
            option=self.word,
            least=self.least,
            most=self.most,
            secret=self.secret,
        )


def keywords(call: ast.Call) -> Mapping[str, ast.expr]:
    """Return the keywords of a call by name, ``**`` left out."""
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg is not None}


def described(node: ast.AST) -> str:
    """Return a node as a fault names it."""
    return shown(node, 40)


def _comments(node: ast.expr | ast.arg, source: Source) -> list[str]:
    """Return the comments above the node and behind its last line."""
    statement = ast.copy_location(ast.Pass(), node)
    return statement_comments(statement, source)


def _lambda(node: ast.Lambda, source: Source) -> Cast:
    name = node.args.args[0].arg
    parents = {child: parent for parent in ast.walk(node) for child in ast.iter_child_nodes(parent)}
    uses = [inner for inner in ast.walk(node.body) if isinstance(inner, ast.Name) and inner.id == name]
    return cast_of(uses[0], parents, source) if len(uses) == 1 else Cast()
