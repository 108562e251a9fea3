"""A place for every box: as its file says, or a column behind what it needs. No recursion, no chance, no library."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from assay.views.drawing.sketch import COLUMN, FRAME_EDGE, FRAME_TITLE, GAP, ROW, WIDTH, Frame, Sketch

Places = dict[str, tuple[float, float]]
"""Key of a box, or of a slip, to the pixels of its upper left corner."""
Extent = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""

_SWEEPS = 4


def laid_out(sketch: Sketch) -> tuple[Places, Places, list[tuple[Frame, Extent]]]:
    """Return where every box and every slip is drawn, and the frames round boxes that are there.

    Slips stand where they wish; where all boxes are laid out anew, and wishes tell no picture, in rows below them.
    """
    places = placed(sketch)
    frames = [(frame, round_) for frame in sketch.frames if (round_ := _round(frame, sketch, places)) is not None]
    if sketch.boxes and _wishes_tell_nothing(sketch):
        bottoms = [y + sketch.boxes[key].height for key, (_, y) in places.items()]
        bottom = max([*bottoms, *(extent[3] for _, extent in frames)], default=0.0)
        return places, _in_rows(sketch, max(x for x, _ in places.values()) + WIDTH, bottom + GAP), frames
    slips = {key: (slip.wish[0] * COLUMN, slip.wish[1] * ROW) for key, slip in sketch.slips.items()}
    return places, slips if sketch.keep else _apart(sketch, places, slips), frames


def _round(frame: Frame, sketch: Sketch, places: Places) -> Extent | None:
    inside = [(*places[key], sketch.boxes[key].height) for key in frame.members if key in places]
    if not inside:
        return None
    return (
        min(x for x, _, _ in inside) - FRAME_EDGE,
        min(y for _, y, _ in inside) - FRAME_TITLE,
        max(x for x, _, _ in inside) + WIDTH + FRAME_EDGE,
        max(y + height for _, y, height in inside) + FRAME_EDGE,
    )


def _in_rows(sketch: Sketch, right: float, top: float) -> Places:
    places: Places = {}
    x, below = 0.0, top
    for key, slip in sketch.slips.items():
        if x and x + slip.width > right:
            x, top = 0.0, below
        places[key] = (x, top)
        x, below = x + slip.width + GAP, max(below, top + slip.height + GAP)
    return places


def _apart(sketch: Sketch, places: Places, slips: Places) -> Places:
    """Move slips down until they hide neither a box nor each other."""
    columns = _Columns()
    for key, (x, y) in places.items():
        columns.take(x, y + sketch.boxes[key].height)
    taken: list[Extent] = [(x, y, x + WIDTH, y + sketch.boxes[key].height) for key, (x, y) in places.items()]
    found: Places = {}
    for key, (x, y) in slips.items():
        slip = sketch.slips[key]
        wished = (x, y, x + slip.width, y + slip.height)
        top = columns.free(x, y, slip.width) if any(_meet(wished, other) for other in taken) else y
        columns.take(x, top + slip.height, slip.width)
        taken.append((x, top, x + slip.width, top + slip.height))
        found[key] = (x, top)
    return found


def _meet(one: Extent, other: Extent) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _wishes_tell_nothing(sketch: Sketch) -> bool:
    return 2 * sum(box.wish is not None for box in sketch.boxes.values()) < len(sketch.boxes)


def placed(sketch: Sketch) -> Places:
    """Return where every box is drawn.

    Boxes that wish for a place have it; when fewer than half do, their wishes tell no picture and all are laid out. Those
    without a wish stand in the column behind what they need, below what is there.
    """
    heights = {key: box.height for key, box in sketch.boxes.items()}
    wishes = {
        key: (box.wish[0] * COLUMN, box.wish[1] * ROW) for key, box in sketch.boxes.items() if box.wish is not None
    }
    if _wishes_tell_nothing(sketch):
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

    def free(self, x: float, y: float, width: float = WIDTH) -> float:
        taken = [self._bottoms[stripe] + GAP for stripe in self._stripes(x, width) if stripe in self._bottoms]
        return max(y, *taken) if taken else y

    def take(self, x: float, bottom: float, width: float = WIDTH) -> None:
        for stripe in self._stripes(x, width):
            self._bottoms[stripe] = max(bottom, self._bottoms.get(stripe, bottom))

    @staticmethod
    def _stripes(x: float, width: float) -> range:
        return range(int(x // GAP), int((x + width) // GAP) + 1)


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
