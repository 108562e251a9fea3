"""Whether a value suits a parameter, and how text from a command line becomes one."""

from __future__ import annotations

import json
import math
from typing import ClassVar

from assay.errors import AssayError, bounded, did_you_mean
from assay.model.artifacts import Json
from assay.model.component import ParamSpec, ParamType

_WORDS = {
    ParamType.INT: "a whole number",
    ParamType.FLOAT: "a number",
    ParamType.STR: "a text",
    ParamType.BOOL: "true or false",
    ParamType.LIST: "a list",
    ParamType.MAP: "a map",
    ParamType.PATH: "a path",
}
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


class ParamError(AssayError):
    """A value does not suit its parameter."""

    code: ClassVar[str] = "parameter-value"


def conform(spec: ParamSpec, value: Json) -> Json:
    """Return ``value`` as the parameter's type (an int widens to a float); raises ``ParamError`` in one sentence.

    Checked in turn: ``null``, type (of elements too), choices, range. The range of a list or map bounds its length.
    """
    if value is None:
        if spec.nullable or spec.default is None:
            return None
        raise ParamError(f"parameter {spec.name!r} takes {_WORDS[spec.type]}, not null", culprit="null")
    typed = _typed(spec, spec.type, value)
    if spec.items is not None:
        typed = _typed_elements(spec, spec.items, typed)
    _check_choices(spec, typed)
    _check_range(spec, typed)
    return typed


def type_of(value: Json) -> ParamType:
    """Return the type of a literal; a text for ``None``."""
    match value:
        case bool():
            return ParamType.BOOL
        case int():
            return ParamType.INT
        case float():
            return ParamType.FLOAT
        case list():
            return ParamType.LIST
        case dict():
            return ParamType.MAP
        case _:
            return ParamType.STR


def parse_text(spec: ParamSpec, text: str) -> Json:
    """Return the value that ``-p name=text`` gives; raises ``ParamError``.

    Lists are JSON or separated by commas; maps are JSON or ``key=value`` pairs separated by commas;
    ``null`` is null where the parameter allows it.
    """
    if text == "null" and (spec.nullable or spec.default is None):
        return None
    return conform(spec, _parse(spec, spec.type, text))


def _parse(spec: ParamSpec, kind: ParamType, text: str) -> Json:
    match kind:
        case ParamType.STR | ParamType.PATH:
            return text
        case ParamType.BOOL:
            word = text.strip().lower()
            if word in _TRUE or word in _FALSE:
                return word in _TRUE
        case ParamType.INT | ParamType.FLOAT:
            number = _number(text)
            if number is not None:
                return number
        case ParamType.LIST:
            return _parse_list(spec, text)
        case ParamType.MAP:
            return _parse_map(spec, text)
    raise _wrong_type(spec, kind, text)


def _number(text: str) -> int | float | None:
    if len(text) > 400:
        return None
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return None


def _parse_list(spec: ParamSpec, text: str) -> Json:
    if text.lstrip().startswith("["):
        return _parse_json(spec, text)
    items = [item.strip() for item in text.split(",")] if text.strip() else []
    return [_parse(spec, spec.items, item) if spec.items else item for item in items]


def _parse_map(spec: ParamSpec, text: str) -> Json:
    if text.lstrip().startswith("{"):
        return _parse_json(spec, text)
    result: dict[str, Json] = {}
    for pair in text.split(",") if text.strip() else []:
        key, equals, item = pair.partition("=")
        if not equals:
            raise _wrong_type(spec, ParamType.MAP, text)
        result[key.strip()] = _parse(spec, spec.items, item.strip()) if spec.items else item.strip()
    return result


def _parse_json(spec: ParamSpec, text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParamError(
            f"parameter {spec.name!r} was given broken JSON: {error}", culprit=bounded(text, 120)
        ) from error
    return value


def _typed(spec: ParamSpec, kind: ParamType, value: Json) -> Json:
    match kind, value:
        case ParamType.BOOL, bool():
            return value
        case ((ParamType.INT | ParamType.FLOAT), bool()):
            pass
        case ParamType.INT, int():
            return value
        case ParamType.INT, float() if value.is_integer():
            return int(value)
        case ParamType.FLOAT, int() | float():
            return _finite(spec, value)
        case ParamType.STR, str():
            return value
        case ParamType.PATH, str() if value and "\0" not in value:
            return value
        case ParamType.LIST, list():
            return value
        case ParamType.MAP, dict():
            return value
        case _:
            pass
    raise _wrong_type(spec, kind, value)


def _typed_elements(spec: ParamSpec, kind: ParamType, value: Json) -> Json:
    if isinstance(value, list):
        return [_typed(spec, kind, item) for item in value]
    if isinstance(value, dict):
        return {key: _typed(spec, kind, item) for key, item in value.items()}
    return value


def _finite(spec: ParamSpec, value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isfinite(number):
        return number
    raise _wrong_type(spec, ParamType.FLOAT, bounded(str(value), 60))


def _check_choices(spec: ParamSpec, value: Json) -> None:
    if not spec.choices:
        return
    asked = value if isinstance(value, list) else [value]
    for item in asked:
        if not any(item == choice and isinstance(item, bool) == isinstance(choice, bool) for choice in spec.choices):
            known = [str(choice) for choice in spec.choices]
            raise ParamError(
                f"parameter {spec.name!r} is one of {', '.join(known)}, not {_show(item)}",
                culprit=bounded(str(item), 120),
                hint=did_you_mean(str(item)[:120], known),
            )


def _check_range(spec: ParamSpec, value: Json) -> None:
    match value:
        case bool() | None:
            return
        case int() | float():
            size, what = value, ""
        case list() | dict():
            size, what = len(value), "the number of elements of "
        case _:
            return
    unit = f" {spec.unit}" if spec.unit and not what else ""
    if spec.min is not None and size < spec.min:
        raise ParamError(f"{what}parameter {spec.name!r} is at least {spec.min:g}{unit}, not {size}", culprit=str(size))
    if spec.max is not None and size > spec.max:
        raise ParamError(f"{what}parameter {spec.name!r} is at most {spec.max:g}{unit}, not {size}", culprit=str(size))


def _wrong_type(spec: ParamSpec, kind: ParamType, value: Json) -> ParamError:
    whole = kind is spec.type
    return ParamError(
        f"{'' if whole else 'an element of '}parameter {spec.name!r} takes {_WORDS[kind]}, not {_show(value)}",
        culprit=bounded(str(value), 120),
    )


def _show(value: Json) -> str:
    return bounded(json.dumps(value, ensure_ascii=False), 80)
