"""Reads of the process environment in a syntax tree: the convention by which notebooks and scripts name their parameters."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from assay.authoring.literal import NotLiteral, literal
from assay.authoring.mention import Mention, comments_above, read_comment
from assay.authoring.source import Source
from assay.model.artifacts import Json
from assay.model.component import MISSING, Form, Missing, ParamType
from assay.model.params import type_of

_TRUE = ("true", "1", "yes", "on", "y", "t")
_FALSE = ("false", "0", "no", "off", "n", "f", "")
_FOLDS = ("lower", "upper", "strip", "casefold", "title", "capitalize")
_SYSTEM = re.compile(
    r"HOME|PATH|USER|LOGNAME|SHELL|PWD|TMPDIR|TMP|TEMP|LANG|LC_\w+|TZ|HOSTNAME|DISPLAY|PYTHON\w+|LD_LIBRARY_PATH|VIRTUAL_ENV"
    r"|R_(?:HOME|USER|(?:LIBS|PROFILE|ENVIRON)\w*)|CONDA_\w+|CUDA_VISIBLE_DEVICES|(?:OMP|MKL|OPENBLAS)_NUM_THREADS|JPY_PARENT_PID|MPLBACKEND|ASSAY_\w+"
)


def of_the_machine(name: str) -> bool:
    """Whether this is a variable of the machine, which is nobody's parameter."""
    return bool(_SYSTEM.fullmatch(name))


@dataclass(slots=True)
class Cast:
    """What the code makes of a text: a type, and the texts that it takes for true and false."""

    type: ParamType | None = None
    form: Form = Form.TEXT
    true: str = "True"
    false: str = "False"
    otherwise: ast.expr | None = None


def find_reads(source: Source, passed: Collection[ast.AST] = ()) -> list[Mention]:
    """Return every read of a named environment variable, in the order of the file; nothing below the nodes ``passed`` over."""
    if "environ" not in source.text and "getenv" not in source.text:
        return []  # most modules: no walk
    parents: dict[ast.AST, ast.AST] = {}
    reads: list[tuple[ast.expr, str, ast.expr | None]] = []
    stack: list[ast.AST] = [source.tree]
    while stack:
        node = stack.pop()
        for child in ast.iter_child_nodes(node):
            parents[child] = node
            if child not in passed:
                stack.append(child)
        found = _read(node, source)
        if found is not None and not of_the_machine(found[1]):
            reads.append(found)
    reads.sort(key=lambda read: (read[0].lineno, read[0].col_offset))
    return [_mention(node, name, default, parents, source) for node, name, default in reads]


def _read(node: ast.AST, source: Source) -> tuple[ast.expr, str, ast.expr | None] | None:
    match node:
        case ast.Subscript(value=base, slice=ast.Constant(value=str() as name), ctx=ast.Load()):
            return (node, name, None) if _dotted(base, source) == "os.environ" else None
        case ast.Call(func=ast.Attribute() | ast.Name() as function, args=[ast.Constant(value=str() as name), *rest]):
            if _dotted(function, source) not in ("os.environ.get", "os.getenv"):
                return None
            named = next((word.value for word in node.keywords if word.arg == "default"), None)
            return node, name, rest[0] if rest else named or ast.copy_location(ast.Constant(None), node)
    return None


def _dotted(node: ast.expr, source: Source) -> str:
    """Return the full name of ``node``, also through ``env = os.environ``."""
    name = source.dotted(node)
    first, dot, rest = name.partition(".")
    alias = source.definitions.get(first)
    if isinstance(alias, (ast.Attribute, ast.Name)) and first != "os":
        return f"{source.dotted(alias)}{dot}{rest}"
    return name


def _mention(
    node: ast.expr, name: str, default: ast.expr | None, parents: dict[ast.AST, ast.AST], source: Source
) -> Mention:
    cast = cast_of(node, parents, source)
    if cast.otherwise is not None and (default is None or _is_none(default)):
        default = cast.otherwise
    value, own = _default(default, cast, source)
    kind, items = cast.type, None
    if kind is None and cast.form in (Form.JSON, Form.LITERAL):
        kind = ParamType.MAP if value is MISSING else type_of(value)
    uncast_flag = cast.type is None and isinstance(value, bool)
    said = read_comment(_comments(node, parents, source), name)
    return Mention(
        name,
        source.location(node),
        type=kind,
        items=items,
        default=value,
        own_default=own,
        nullable=value is None,
        help=said.help,
        stated=said.stated,
        form=cast.form,
        true=cast.true,
        false="" if uncast_flag else cast.false,
    )


def cast_of(node: ast.expr, parents: dict[ast.AST, ast.AST], source: Source) -> Cast:
    """Climb from ``node``, which stands for a text, to what the code makes of it."""
    cast = Cast()
    here: ast.AST = node
    while True:
        match parents.get(here):
            case ast.Call(func=function, args=[first, *_]) as call if first is here:
                if not _apply(cast, _dotted(function, source)):
                    return cast
                here = call
            case ast.Attribute(attr=attr) as part if attr in _FOLDS and isinstance(parents.get(part), ast.Call):
                here = parents[part]
            case ast.Compare(left=left, ops=[op], comparators=[right]) if left is here:
                _compare(cast, op, right)
                return cast
            case ast.BoolOp(op=ast.Or(), values=[left, right]) as either if left is here and cast.type is None:
                cast.otherwise = right
                here = either
            case _:
                return cast


def _apply(cast: Cast, function: str) -> bool:
    """Note what calling ``function`` with the value says of it; return whether it says anything."""
    last = function.rpartition(".")[2]
    if function == "bool":
        if cast.type in (ParamType.INT, ParamType.FLOAT):
            cast.true, cast.false = "1", "0"
        elif cast.type is not ParamType.BOOL:
            cast.true, cast.false = "True", ""
        cast.type = ParamType.BOOL
    elif function in ("int", "float"):
        cast.type = cast.type if cast.type is ParamType.BOOL else ParamType(function)
    elif function in ("str", "pathlib.Path"):
        cast.type = cast.type or ParamType.STR
    elif last in ("strtobool", "str2bool", "str_to_bool"):
        cast.type = ParamType.BOOL
    elif function == "json.loads":
        cast.form = Form.JSON
    elif function in ("ast.literal_eval", "eval"):
        cast.form = Form.LITERAL
    else:
        return False
    return True


def _compare(cast: Cast, op: ast.cmpop, right: ast.expr) -> None:
    """``== 'True'``, ``in ('1', 'true')``, ``!= 'false'``: a truth value; any other comparison says nothing."""
    nodes = right.elts if isinstance(right, (ast.Tuple, ast.List, ast.Set)) else [right]
    words = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    same = isinstance(op, (ast.Eq, ast.In))
    if len(words) == len(nodes) and (same or isinstance(op, (ast.NotEq, ast.NotIn))):
        compare_words(cast, words, same=same)


def compare_words(cast: Cast, words: list[str], *, same: bool) -> None:
    """Note that the code compares the text with ``words``: when all of them mean true, or all false, it is a truth value.

    Args:
        same: Whether the comparison holds for these words; otherwise for all others.
    """
    if not words or cast.type is not None or cast.form is not Form.TEXT:
        return
    folded = {word.lower() for word in words}
    if folded <= set(_TRUE):
        other = next(word for word in ("False", "0", "no") if word.lower() not in folded)
        cast.true, cast.false = (words[0], other) if same else (other, words[0])
    elif folded <= set(_FALSE):
        other = "True"
        cast.true, cast.false = (words[0], other) if same else (other, words[0])
    else:
        return
    cast.type = ParamType.BOOL


def environment_default(node: ast.expr, source: Source) -> ast.expr:
    """Return the default of a read of the environment, or ``node`` when it is none: ``int(os.getenv("n", 8))`` gives ``8``."""
    inner = node
    while isinstance(inner, ast.Call) and source.dotted(inner.func) in ("int", "float", "str", "bool") and inner.args:
        inner = inner.args[0]
    found = _read(inner, source)
    return node if found is None or found[2] is None else found[2]


def _default(node: ast.expr | None, cast: Cast, source: Source) -> tuple[Json | Missing, bool]:
    """Return the default as the parameter's type, and whether there is one that only running the code would tell."""
    if node is None:
        return MISSING, False
    try:
        value = literal(node, source)
        return (None if value is None and cast.type is None else convert(value, cast.type, cast.form)), False
    except (NotLiteral, ValueError, TypeError, RecursionError, OverflowError):
        return MISSING, not _is_none(node)


def convert(value: Any, kind: ParamType | None, form: Form = Form.TEXT) -> Json:
    """Return a default as its type; ``"False"`` is false. Raises ``ValueError``, ``TypeError`` or ``OverflowError``."""
    if form is Form.JSON and isinstance(value, str):
        return plain(json.loads(value))
    if form is Form.LITERAL and isinstance(value, str):
        return plain(ast.literal_eval(value))
    match kind:
        case ParamType.BOOL if isinstance(value, str):
            return value.strip().lower() not in _FALSE
        case ParamType.BOOL:
            return bool(value)
        case ParamType.INT:
            return int(float(value)) if isinstance(value, str) and "." in value else int(value)
        case ParamType.FLOAT:
            return finite(float(value))
        case ParamType.STR if value is not None and not isinstance(value, str):
            return str(value)
        case _:
            return plain(value)


def finite(number: float) -> float:
    """Return ``number``; raises ``ValueError`` for infinity and NaN, which JSON cannot hold."""
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def plain(value: Any) -> Json:
    """Return ``value`` as JSON data (a tuple becomes a list); raises ``ValueError`` or ``TypeError``."""
    found: Json = json.loads(json.dumps(value, allow_nan=False))
    return found


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _comments(node: ast.AST, parents: dict[ast.AST, ast.AST], source: Source) -> list[str]:
    while not isinstance(node, ast.stmt):
        node = parents[node]
    return statement_comments(node, source)


def statement_comments(statement: ast.stmt, source: Source) -> list[str]:
    """Return the comment lines above a statement, and the comment behind it."""
    lines = source.lines
    above = comments_above(lines, statement.lineno)
    end = statement.end_lineno or statement.lineno
    rest = lines[end - 1].encode()[statement.end_col_offset or 0 :].decode(errors="replace").strip()
    return [*above, rest.lstrip("#").strip()] if rest.startswith("#") else above
