"""Numbers, durations, sizes and times as a person reads them."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.views.figures import Figure


def duration(seconds: float) -> str:
    """Return ``0.42 s``, ``12.3 s``, ``2 min 05 s`` or ``1 h 02 min``."""
    if seconds < 9.995:
        return f"{max(seconds, 0):.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size(count: float) -> str:
    """Return bytes in decimal units: ``12 B``, ``3.4 kB``, ``1.2 GB``."""
    if count < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 999.5:
            return f"{count:.{0 if count >= 99.5 else 1}f} {unit}"
    return f"{count / 1000:.1f} TB"


def moment(seconds: float) -> str:
    """Return the local time of an instant (seconds since the epoch): ``2026-11-23 14:15:22``."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) if seconds else ""


def number(value: float) -> str:
    """Return a figure with four significant digits, whole numbers whole."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e12:
        return f"{int(value)}"
    return f"{value:.4g}"


def interval(low: float, high: float) -> str:
    """Return ``0.88`` and ``0.97`` with a dash between, with four significant digits."""
    return f"{number(low)} \N{EN DASH} {number(high)}"


def figure_text(figure: Figure) -> str:
    """Return ``0.93``, with its interval where there is one: ``0.93 (0.88 - 0.97)``, the dash as in ``interval``."""
    if figure.low is None or figure.high is None:
        return number(figure.value)
    return f"{number(figure.value)} ({interval(figure.low, figure.high)})"


def counted(count: int, noun: str) -> str:
    """Return ``1 step``, ``3 steps``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
