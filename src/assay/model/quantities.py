"""Amounts of memory and time as people write them: ``4Gi``, ``1h30m``."""

from __future__ import annotations

import math
import re
from typing import ClassVar

from assay.errors import AssayError

_MEMORY_UNITS = {
    "": 1,
    "k": 1000,
    "K": 1000,
    "M": 1000**2,
    "G": 1000**3,
    "T": 1000**4,
    "Ki": 1024,
    "Mi": 1024**2,
    "Gi": 1024**3,
    "Ti": 1024**4,
}
_MEMORY = re.compile(r"(\d{1,20}(?:\.\d{1,6})?)\s*([kKMGT]i?|)B?", re.ASCII)

_DURATION_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(?:(\d{1,9}(?:\.\d{1,9})?)\s*(d|h|ms|m|s)\s*)", re.ASCII)
_LONGEST_DURATION = 3660 * 86400.0


class QuantityError(AssayError):
    """Not an amount of memory or time."""

    code: ClassVar[str] = "quantity"


def parse_memory(value: str | int) -> int:
    """Return bytes of ``512Mi``, ``4Gi``, ``1.5G`` or a plain number of bytes; raises ``QuantityError``.

    ``Ki Mi Gi Ti`` count in 1024, ``k M G T`` in 1000, as Kubernetes does.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _MEMORY.fullmatch(value.strip()) if isinstance(value, str) else None
    size = _bytes(match[1], _MEMORY_UNITS[match[2]]) if match and match[2] in _MEMORY_UNITS else 0
    if size <= 0:
        raise QuantityError(
            f"{str(value)[:40]!r} is not an amount of memory", culprit=str(value)[:40], hint="write it as 512Mi or 4Gi"
        )
    return size


def _bytes(number: str, unit: int) -> int:
    """Whole numbers are multiplied exactly: a float has no room for every count of bytes."""
    return int(number) * unit if number.isdigit() else round(float(number) * unit)


def format_memory(size: int) -> str:
    """Return ``size`` bytes in the largest unit that holds it exactly; ``parse_memory`` is the inverse."""
    for unit in ("Ti", "Gi", "Mi", "Ki", "T", "G", "M"):
        if size and size % _MEMORY_UNITS[unit] == 0:
            return f"{size // _MEMORY_UNITS[unit]}{unit}"
    return str(size)


def parse_duration(value: str | float) -> float:
    """Return seconds of ``10s``, ``2m``, ``1h30m``, ``500ms`` or a plain number of seconds; raises ``QuantityError``."""
    seconds = _seconds(value)
    if seconds is None or not 0 <= seconds <= _LONGEST_DURATION:
        raise QuantityError(
            f"{str(value)[:40]!r} is not a duration", culprit=str(value)[:40], hint="write it as 30s, 10m or 1h30m"
        )
    return seconds


def _seconds(value: str | float) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if value <= _LONGEST_DURATION and math.isfinite(value) else None
    total, place, text = 0.0, 0, value.strip()
    for match in _DURATION.finditer(text):
        if match.start() != place:
            return None
        total += float(match[1]) * _DURATION_UNITS[match[2]]
        place = match.end()
    return total if text and place == len(text) else None


def format_duration(seconds: float) -> str:
    """Return a duration such as ``1h30m`` or ``0.25s``; ``parse_duration`` is the inverse."""
    if seconds != int(seconds):
        return f"{_decimal(seconds)}s"
    parts, rest = [], int(seconds)
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, int(_DURATION_UNITS[unit]))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _decimal(seconds: float) -> str:
    return f"{seconds:.9f}".rstrip("0").rstrip(".")
