"""What the operators and functions of an expression do to JSON values; every result is bounded."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from assay.model.artifacts import Json
from assay.model.expression_parser import FUNCTIONS, ExpressionError

_LONGEST_RESULT = 100_000
_MOST_BITS = 1024


def truth(value: Json) -> bool:
    """Return whether a value counts as true: false, null, 0, and anything empty do not."""
    return bool(value)


def kind(value: Json) -> str:
    """Return the name of a value's type, as errors say it."""
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "a map"


def combine(sign: str, left: Json, right: Json) -> Json:
    """Return ``left sign right``: arithmetic on numbers, ``+`` also joins texts and lists."""
    if _is_number(left) and _is_number(right):
        return _arithmetic(sign, left, right)
    joinable = (isinstance(left, str) and isinstance(right, str)) or (
        isinstance(left, list) and isinstance(right, list)
    )
    if sign != "+" or not joinable:
        raise ExpressionError(f"{kind(left)} and {kind(right)} cannot be combined with {sign!r}", culprit=sign)
    if len(left) + len(right) > _LONGEST_RESULT:  # type: ignore[arg-type]  # both are texts or lists
        raise ExpressionError("the result is too long", culprit=sign)
    joined: Json = left + right  # type: ignore[operator]
    return joined


def compare(sign: str, left: Json, right: Json) -> bool:
    """Return ``left sign right``; order is defined between numbers, and between texts."""
    if sign == "==":
        return _equal(left, right)
    if sign == "!=":
        return not _equal(left, right)
    if sign in ("in", "not in"):
        return _within(left, right) == (sign == "in")
    if not ((_is_number(left) and _is_number(right)) or (isinstance(left, str) and isinstance(right, str))):
        raise ExpressionError(f"{kind(left)} and {kind(right)} have no order", culprit=sign)
    result: bool = _ORDER[sign](left, right)
    return result


def element(owner: Json, key: Json) -> Json:
    """Return ``owner[key]`` of a list (by number, from 0, negative from the end) or a map (by text)."""
    if isinstance(owner, list) and isinstance(key, int) and not isinstance(key, bool):
        if -len(owner) <= key < len(owner):
            return owner[key]
        raise ExpressionError(f"the list has {len(owner)} elements, there is no [{key}]", culprit=str(key))
    if isinstance(owner, dict) and isinstance(key, str):
        if key in owner:
            return owner[key]
        raise ExpressionError(f"the map has no key {key[:60]!r}", culprit=key[:60])
    raise ExpressionError(f"{kind(owner)} has no element {str(key)[:60]!r}", culprit=str(key)[:60])


def call(name: str, arguments: list[Json]) -> Json:
    """Return the result of one of the functions."""
    try:
        result: Json = _CALLS[name](*arguments)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        kinds = ", ".join(kind(argument) for argument in arguments) or "nothing"
        raise ExpressionError(f"{name}() does not take {kinds}", culprit=name) from error
    if isinstance(result, float) and not math.isfinite(result):
        raise ExpressionError(f"the result of {name}() is not a finite number", culprit=name)
    return result


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(left: Json, right: Json) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _within(left: Json, right: Json) -> bool:
    if isinstance(right, str) and isinstance(left, str):
        return left in right
    if isinstance(right, list):
        return any(_equal(left, item) for item in right)
    if isinstance(right, dict):
        return isinstance(left, str) and left in right
    raise ExpressionError(f"{kind(left)} cannot be looked for in {kind(right)}", culprit="in")


def _arithmetic(sign: str, left: Any, right: Any) -> Json:
    if sign == "*" and _bits(left) + _bits(right) > _MOST_BITS:
        raise ExpressionError("the number is too large", culprit=sign)
    try:
        result = _ARITHMETIC[sign](left, right)
    except ZeroDivisionError as error:
        raise ExpressionError("division by zero", culprit=sign) from error
    except OverflowError as error:
        raise ExpressionError("the number is too large", culprit=sign) from error
    if _bits(result) > _MOST_BITS or (isinstance(result, float) and not math.isfinite(result)):
        raise ExpressionError("the number is too large", culprit=sign)
    number: Json = result
    return number


def _bits(value: float) -> int:
    return value.bit_length() if isinstance(value, int) else 0


def _text(value: Json) -> str:
    if isinstance(value, list | dict):
        raise TypeError
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return str(value)


def _whole(value: Json) -> int:
    if isinstance(value, str) and len(value) > 300:
        raise ValueError
    return int(value)  # type: ignore[arg-type]  # call() turns the TypeError into an ExpressionError


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}

_CALLS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "endswith": lambda text, end: str.endswith(text, end) if isinstance(end, str) else _refuse(),
    "float": float,
    "int": _whole,
    "len": len,
    "lower": str.lower,
    "max": max,
    "min": min,
    "round": lambda number, digits=None: round(number, digits),
    "startswith": lambda text, start: str.startswith(text, start) if isinstance(start, str) else _refuse(),
    "str": _text,
    "sum": sum,
    "upper": str.upper,
}
if _CALLS.keys() != FUNCTIONS:  # the parser refuses unknown names with this list, so both must be the same
    raise RuntimeError(f"functions without meaning: {sorted(_CALLS.keys() ^ FUNCTIONS)}")


def _refuse() -> bool:
    raise TypeError
