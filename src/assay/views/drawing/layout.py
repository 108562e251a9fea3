"""A place for every box: as its file says, or a column behind what it needs. No recursion, no chance, no library."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from assay.views.drawing.sketch import COLUMN, GAP, ROW, WIDTH, Sketch

Places = dict[str, tuple[float, float]]
"""Key of a box to the pixels of its upper left corner."""

_SWEEPS = 4


def placed(sketch: Sketch) -> Places:
    """Return where every box is drawn.

    Boxes that wish for a place have it; when fewer than half do, their wishes tell no picture and all are laid out. Those
    without a wish stand in the column behind what they need, below what is there.
    """
    heights = {key: box.height for key, box in sketch.boxes.items()}
    wishes = {
        key: (box.wish[0] * COLUMN, box.wish[1] * ROW) for key, box in sketch.boxes.items() if box.wish is not None
    }
    if 2 * len(wishes) < len(heights):
        return _layered(heights, list(sketch.pairs()))
    columns = _Columns()
    places: Places = {}
    for key in sorted(wishes, key=lambda name: (wishes[name][1], wishes[name][0])):
        x, y = wishes[key]
        if not sketch.keep:
            y = columns.free(x, y)
        columns.take(x, y + heights[key])
        places[key] = (x, y)
    needs = _neighbours(heights, sketch.pairs())[0]
    for key in _in_order(needs):
        if key not in places:
            before = [places[need] for need in needs[key] if need in places]
            x = max((place[0] for place in before), default=-COLUMN) + COLUMN
            y = columns.free(x, min((place[1] for place in before), default=0))
            columns.take(x, y + heights[key])
            places[key] = (x, y)
    return places


class _Columns:
    """How far down each stripe of the picture is taken."""

    def __init__(self) -> None:
        self._bottoms: dict[int, float] = {}

    def free(self, x: float, y: float) -> float:
        taken = [self._bottoms[stripe] + GAP for stripe in self._stripes(x) if stripe in self._bottoms]
        return max(y, *taken) if taken else y

    def take(self, x: float, bottom: float) -> None:
        for stripe in self._stripes(x):
            self._bottoms[stripe] = max(bottom, self._bottoms.get(stripe, bottom))

    @staticmethod
    def _stripes(x: float) -> range:
        return range(int(x // GAP), int((x + WIDTH) // GAP) + 1)


def _neighbours(
    keys: Iterable[str], pairs: Iterable[tuple[str, str]]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    needs: dict[str, list[str]] = {key: [] for key in keys}
    feeds: dict[str, list[str]] = {key: [] for key in needs}
    for source, target in dict.fromkeys(pairs):
        needs[target].append(source)
        feeds[source].append(target)
    return needs, feeds


def _in_order(needs: Mapping[str, list[str]]) -> list[str]:
    """Return the boxes so that each comes after what it needs; a cycle opens at its first box."""
    waiting = {key: len(before) for key, before in needs.items()}
    feeds: dict[str, list[str]] = {key: [] for key in needs}
    for key, before in needs.items():
        for need in before:
            feeds[need].append(key)
    ready = deque(key for key, count in waiting.items() if not count)
    rest = iter(needs)
    done: dict[str, None] = {}
    while len(done) < len(needs):
        if not ready:
            ready.append(next(key for key in rest if key not in done))
        key = ready.popleft()
        if key in done:
            continue
        done[key] = None
        for after in feeds[key]:
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    return list(done)


def _layered(heights: Mapping[str, int], pairs: list[tuple[str, str]]) -> Places:
    """Return columns by the longest way to each box, ordered so that few lines cross, each box level with what it needs."""
    needs, feeds = _neighbours(heights, pairs)
    depth: dict[str, int] = {}
    for key in _in_order(needs):
        depth[key] = max((depth[need] + 1 for need in needs[key] if need in depth), default=0)
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for key in heights:
        layers[depth[key]].append(key)
    _untangle(layers, needs, feeds)
    places: Places = {}
    for number, layer in enumerate(layers):
        bottom = 0.0
        for key in layer:
            before = [places[need][1] for need in needs[key] if need in places]
            level = sum(before) / len(before) if before else 0.0
            y = float(round(max(bottom, level)))
            places[key] = (float(number * COLUMN), y)
            bottom = y + heights[key] + GAP
    return places


def _untangle(layers: list[list[str]], needs: Mapping[str, list[str]], feeds: Mapping[str, list[str]]) -> None:
    """Order each layer by the mean rank of its neighbours, to and fro (the barycentre rule of Sugiyama et al., 1981)."""
    rank = {key: float(place) for layer in layers for place, key in enumerate(layer)}

    def mean(near: list[str], own: float) -> float:
        return sum(rank[key] for key in near) / len(near) if near else own

    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            wanted = {key: mean((needs if forward else feeds)[key], rank[key]) for key in layer}
            layer.sort(key=lambda key, wanted=wanted: (wanted[key], rank[key]))  # type: ignore[misc]  # bound for the loop
            rank.update({key: float(place) for place, key in enumerate(layer)})
