"""What measuring costs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from assay.trust.evidence.evidence import Cost


@dataclass(slots=True)
class Stopwatch:
    """Counts from when it is made; ``model_calls`` is for its holder to raise.

    Example:
        >>> watch = Stopwatch()
        >>> watch.model_calls += 64
        >>> watch.cost().model_calls
        64
    """

    model_calls: int = 0
    _cpu: float = field(default_factory=time.process_time)
    _wall: float = field(default_factory=time.perf_counter)

    def cost(self) -> Cost:
        """Return what has been spent so far, seconds rounded to milliseconds."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return Cost(round(cpu, 3), round(wall, 3), self.model_calls)
