"""The parameter ``window`` of components that fit networks to images."""

from __future__ import annotations

from assay.errors import ComponentError


def level_and_width(window: list[float] | None) -> tuple[float, float] | None:
    """Return level and width; ``None``: not said.

    Raises:
        ComponentError: It is no level and positive width.
    """
    if window is None:
        return None
    if len(window) != 2 or not window[1] > 0:
        raise ComponentError("window is a level and a positive width, such as [-600, 1500]", culprit=str(window))
    return (float(window[0]), float(window[1]))
