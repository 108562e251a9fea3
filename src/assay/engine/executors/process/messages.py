"""Which packets of a step are messages. A component can write anything to its socket; only what fits gets through. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any


def _text(value: object) -> bool:
    return isinstance(value, str)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _number_or_nothing(value: object) -> bool:
    return value is None or _number(value)


def _whole_or_nothing(value: object) -> bool:
    return value is None or isinstance(value, int)


_SHAPES: dict[str, dict[str, Callable[[object], bool]]] = {
    "metric": {"name": _text, "value": _number, "index": _whole_or_nothing},
    "progress": {"done": _number, "total": _number_or_nothing, "message": _text},
    "preview": {"name": _text, "media_type": _text, "data": _text},
}


def is_message(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` is a metric, a progress or a preview with all that belongs to it."""
    kind = data.get("kind")
    shape = _SHAPES.get(kind) if isinstance(kind, str) else None
    return shape is not None and all(name in data and fits(data[name]) for name, fits in shape.items())


def is_over(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` says that the step succeeded, what it used, and that nothing of it comes after."""
    used = data.get("over")
    return (
        data.get("kind") == "done"
        and isinstance(used, dict)
        and _number(used.get("cpu_seconds"))
        and isinstance(used.get("peak_memory"), int)
    )


def is_outcome(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` says how the step went."""
    return data.get("kind") in ("done", "failed")
