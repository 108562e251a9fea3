"""The value of an expression that needs no running: literals, module constants, arithmetic on numbers."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from assay.authoring.source import Source
from assay.model.artifacts import Json

_DEEPEST = 50
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


class NotLiteral(ValueError):  # noqa: N818  (says what the expression is)
    """The expression has no value without running code."""


def literal(node: ast.expr, source: Source, depth: int = 0) -> Json:
    """Return the JSON value of ``node`` (a tuple gives a list, ``Path("x")`` its text); raises ``NotLiteral``."""
    if depth > _DEEPEST:
        raise NotLiteral
    match node:
        case ast.Constant(value=None | bool() | int() | str() as value):
            return value
        case ast.Constant(value=float() as value) if math.isfinite(value):
            return value
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return [literal(item, source, depth + 1) for item in items]
        case ast.Dict(keys=keys, values=values):
            return _map(keys, values, source, depth)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _number(literal(operand, source, depth + 1))
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _arithmetic(_OPERATORS[type(op)], left, right, source, depth)
        case ast.Name() | ast.Attribute():
            return _constant(node, source, depth)
        case ast.Call(func=function, args=[argument], keywords=[]) if source.dotted(function) == "pathlib.Path":
            path = literal(argument, source, depth + 1)
            if isinstance(path, str):
                return path
    raise NotLiteral


def _map(keys: list[ast.expr | None], values: list[ast.expr], source: Source, depth: int) -> Json:
    result: dict[str, Json] = {}
    for key, value in zip(keys, values, strict=True):
        name = None if key is None else literal(key, source, depth + 1)
        if not isinstance(name, str):
            raise NotLiteral
        result[name] = literal(value, source, depth + 1)
    return result


def _arithmetic(
    operate: Callable[[float, float], float], left: ast.expr, right: ast.expr, source: Source, depth: int
) -> Json:
    one, two = _number(literal(left, source, depth + 1)), _number(literal(right, source, depth + 1))
    try:
        result = operate(one, two)
    except (ZeroDivisionError, OverflowError) as error:
        raise NotLiteral from error
    if not math.isfinite(result):
        raise NotLiteral
    return result


def _number(value: Json) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NotLiteral
    return value


def _constant(node: ast.expr, source: Source, depth: int) -> Json:
    name = source.dotted(node)
    found = source.find(name) if name else None
    if found is None or not isinstance(found[1], ast.expr):
        raise NotLiteral
    return literal(found[1], found[0], depth + 1)
