"""The scheduler: which places may start now. Pure: no clock, no I/O; every call costs about the same at 10 and at 10,000 steps."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assay.ids import StepName
from assay.model.component import Resources
from assay.model.events import StepKey
from assay.model.graph import Graph

_PASSES_BEFORE_WAITING = 32
"""After so many smaller places went first, the oldest waiting place holds the rest back until it fits."""


class End(enum.StrEnum):
    """How a step ended, as far as those that need it care."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(slots=True)
class _Lane:
    """Places of one step (or single steps that ask for the same), first come first served."""

    need: Resources
    limit: int | None
    running: int = 0
    waiting: deque[tuple[int, StepKey]] = field(default_factory=deque)


class Slots:
    """Free resources. A request larger than the machine is cut to the machine, so that it can run alone.

    Args:
        total: Cores, bytes and accelerators of the machine (``memory=None``: not counted).
    """

    def __init__(self, total: Resources) -> None:
        self.total = total
        self._cpu = total.cpu
        self._memory = total.memory or 0
        self._gpu = total.gpu

    def cut(self, need: Resources) -> Resources:
        """Return ``need``, no part of it larger than the machine."""
        memory = None if need.memory is None or self.total.memory is None else min(need.memory, self.total.memory)
        return Resources(min(need.cpu, self.total.cpu), memory, min(need.gpu, self.total.gpu))

    def fits(self, need: Resources) -> bool:
        """Return whether ``need`` (already cut) is free now."""
        return need.cpu <= self._cpu + 1e-9 and (need.memory or 0) <= self._memory_free and need.gpu <= self._gpu

    @property
    def _memory_free(self) -> float:
        return self._memory if self.total.memory is not None else float("inf")

    def take(self, need: Resources) -> None:
        """Hold ``need`` (already cut)."""
        self._cpu -= need.cpu
        self._memory -= need.memory or 0
        self._gpu -= need.gpu

    def give(self, need: Resources) -> None:
        """Release what ``take`` held."""
        self._cpu += need.cpu
        self._memory += need.memory or 0
        self._gpu += need.gpu


class Scheduler:
    """Turns a graph of steps into a stream of places to start.

    Four verbs: ``ready`` hands out steps all of whose needs have ended; the runner decides about each and either says
    ``end`` at once (reused, skipped) or ``submit``s its places; ``start`` hands out places for which there is room;
    ``release`` frees the room. ``end`` also unlocks what follows.

    Args:
        graph: Steps; only ``steps`` take part, needs outside count as ended.
        total: The machine.
        most: Most places at one time; ``None`` for as many as resources allow.
    """

    def __init__(
        self, graph: Graph[StepName], steps: Iterable[StepName], total: Resources, most: int | None = None
    ) -> None:
        taking_part = set(steps)
        self._graph = graph
        self._needs = {
            name: sum(need in taking_part for need in graph.needs(name)) for name in graph if name in taking_part
        }
        self._ready = deque(name for name, count in self._needs.items() if count == 0)
        self._open = set(self._needs)
        self.slots = Slots(total)
        self._most = most
        self._running: dict[StepKey, tuple[_Lane, Resources]] = {}
        self._lanes: dict[tuple[StepName | None, Resources], _Lane] = {}
        self._counter = 0
        self._passes = 0
        self._ended: dict[StepName, End] = {}

    @property
    def open(self) -> bool:
        """Whether any step has not ended."""
        return bool(self._open)

    @property
    def running(self) -> frozenset[StepKey]:
        """The places that hold room."""
        return frozenset(self._running)

    @property
    def ended(self) -> Mapping[StepName, End]:
        """How each ended step ended."""
        return self._ended

    def ready(self) -> StepName | None:
        """Return the next step whose needs have all ended, or ``None``; each step is handed out once."""
        while self._ready:
            name = self._ready.popleft()
            if name in self._open:
                return name
        return None

    def submit(self, key: StepKey, need: Resources, *, group: StepName | None = None, limit: int | None = None) -> None:
        """Queue a place. Places of one ``group`` run at most ``limit`` at a time."""
        need = self.slots.cut(need)
        lane = self._lanes.get((group, need))
        if lane is None:
            lane = self._lanes[group, need] = _Lane(need, limit)
        self._counter += 1
        lane.waiting.append((self._counter, key))

    def start(self) -> StepKey | None:
        """Take room for the oldest place that fits and return it, or ``None`` when nothing fits now."""
        if self._most is not None and len(self._running) >= self._most:
            return None
        oldest: _Lane | None = None
        best: _Lane | None = None
        for lane in self._lanes.values():
            if not lane.waiting or (lane.limit is not None and lane.running >= lane.limit):
                continue
            if oldest is None or lane.waiting[0] < oldest.waiting[0]:
                oldest = lane
            if self.slots.fits(lane.need) and (best is None or lane.waiting[0] < best.waiting[0]):
                best = lane
        if best is None or (best is not oldest and self._passes >= _PASSES_BEFORE_WAITING):
            return None
        self._passes = 0 if best is oldest else self._passes + 1
        _, key = best.waiting.popleft()
        best.running += 1
        self.slots.take(best.need)
        self._running[key] = (best, best.need)
        return key

    def release(self, key: StepKey) -> None:
        """Free the room of a started place."""
        lane, need = self._running.pop(key)
        lane.running -= 1
        self.slots.give(need)
        if not lane.waiting and not lane.running:
            self._lanes = {name: other for name, other in self._lanes.items() if other is not lane}

    def withdraw(self) -> list[StepKey]:
        """Take back every place that waits for room (the run is being cancelled), and return them."""
        waiting = [key for lane in self._lanes.values() for _, key in lane.waiting]
        for lane in self._lanes.values():
            lane.waiting.clear()
        return waiting

    def end(self, name: StepName, how: End) -> None:
        """A step ended; those that only waited for it become ready."""
        self._open.discard(name)
        self._ended[name] = how
        for after in self._graph.feeds(name):
            if after in self._needs:
                self._needs[after] -= 1
                if self._needs[after] == 0:
                    self._ready.append(after)
