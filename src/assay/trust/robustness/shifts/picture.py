"""A picture before a model's own preprocessing, as an acquisition shift sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

AIR = -1024.0
FIELD_OF_VIEW = 350.0
"""Width of the picture in mm where nothing says it: that of a usual chest CT or film."""

DISPLAY = 1500.0
"""HU that a grey scale shows from black to white: the lung window. Turns an amount in HU into one of grey pictures."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture in its own unit.

    Attributes:
        values: HU, or grey in 0..1; float32, height x width.
        hounsfield: Which of the two.
        window: Level and width in which it is shown: what an export to 8 bits keeps.
        below: The adjacent slices towards the feet, nearest first; empty when not known.
        above: Towards the head.
    """

    values: NDArray[np.float32]
    hounsfield: bool
    window: tuple[float, float] = (-600.0, DISPLAY)
    below: Sequence[NDArray[np.float32]] = field(default_factory=tuple)
    above: Sequence[NDArray[np.float32]] = field(default_factory=tuple)

    @property
    def darkest(self) -> float:
        """What lies outside the picture: air, or black."""
        return AIR if self.hounsfield else 0.0

    def amount(self, hu: float) -> float:
        """Return an amount in HU in the picture's own unit."""
        return hu if self.hounsfield else hu / DISPLAY

    def pixels(self, mm: float) -> float:
        """Return a length in pixels."""
        return mm / FIELD_OF_VIEW * int(max(self.values.shape))

    def changed(self, values: NDArray[np.floating]) -> Picture:
        """Return the picture with other values; grey ones are kept in 0..1."""
        kept = values.astype(np.float32) if self.hounsfield else np.clip(values, 0, 1).astype(np.float32)
        return replace(self, values=kept)
