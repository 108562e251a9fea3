"""The figures of a run's evidence, and those on ports of their own, as they were drawn, each with its numbers. Anybody may have written them."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assay.errors import StoreError
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType
from assay.model.state import StepState

if TYPE_CHECKING:
    from assay.store.objects import ObjectStore

_LARGEST = 10_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_SPECIFICATION = re.compile(r'<metadata class="vega-lite">(.*?)</metadata>', re.DOTALL)
_INNER = frozenset({"order", "dashed"})
"""Keys by which a chart orders and styles its points: no numbers of the figure."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure: its picture as SVG or, for pixels, as PNG in base64, and its numbers by column."""

    title: str
    svg: str = ""
    png: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One evidence file: its title, sha256, what must stand beside its figures, and what was not measured (what, why)."""

    title: str
    digest: str
    synthetic: bool = False
    caveats: Sequence[str] = ()
    missing: Sequence[tuple[str, str]] = ()
    figures: Sequence[Drawn] = field(default=())


def pieces(step: StepState, objects: ObjectStore) -> Iterator[Piece]:
    """Yield the evidence that a step gave; what is too large, gone or of another form is left out."""
    for output in step.outputs.values():
        for item in output.items if isinstance(output, ArtifactList) else (output,):
            if not isinstance(item, Artifact) or item.type is not ArtifactType.EVIDENCE or item.size > _LARGEST:
                continue
            try:
                body = json.loads(objects.path(item).read_bytes())
            except (StoreError, OSError, ValueError):
                continue
            if isinstance(body, Mapping):
                yield _piece(body, item.digest)


def drawings(step: StepState, objects: ObjectStore) -> Iterator[Drawn]:
    """Yield the figures that a step gave as ports of their own, such as a learning curve, each with its numbers.

    One whose numbers stand in the step's evidence is shown there; one without numbers, too large or gone is left out.
    """
    told = [one.rows for piece in pieces(step, objects) for one in piece.figures if one.rows]
    for output in step.outputs.values():
        for item in output.items if isinstance(output, ArtifactList) else (output,):
            if not isinstance(item, Artifact) or item.type is not ArtifactType.FIGURE or item.suffix != ".svg":
                continue
            one = _embedded(item, objects)
            if one is not None and one.rows and one.rows not in told:
                yield one


def _embedded(figure: Artifact, objects: ObjectStore) -> Drawn | None:
    """Return a drawing with the specification that stands in its metadata; ``None`` when there is none that can be read."""
    if figure.size > _LARGEST:
        return None
    try:
        text = objects.path(figure).read_text(encoding="utf-8")
        found = _SPECIFICATION.search(text)
        specification = json.loads(html.unescape(found[1])) if found else None
    except (StoreError, OSError, ValueError):
        return None
    if not isinstance(specification, Mapping):
        return None
    return _drawn({"title": specification.get("title"), "specification": specification, "svg": text})


def _piece(body: Mapping[str, Any], digest: str) -> Piece:
    return Piece(
        _text(body.get("title")) or "Evidence",
        digest,
        body.get("synthetic") is True,
        [one for one in _list(body.get("caveats")) if isinstance(one, str)],
        [(_text(one.get("id")), _text(one.get("why"))) for one in _maps(body.get("not_measured"))],
        [_drawn(one) for one in _maps(body.get("figures"))],
    )


def _drawn(body: Mapping[str, Any]) -> Drawn:
    points = [point for point in _points(body.get("specification")) if point]
    names = [name for name in dict.fromkeys(key for point in points for key in point) if name not in _INNER]
    columns = [name for name in names if any(point.get(name) not in (None, "") for point in points)]
    rows = [[point.get(name) for name in columns] for point in points]
    return Drawn(_text(body.get("title")), _text(body.get("svg")), _png(_text(body.get("png"))), columns, rows)


def _points(specification: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [specification]
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, Mapping):
            data = part.get("data")
            yield from _maps(data.get("values") if isinstance(data, Mapping) else None)
            waiting += _list(part.get("layer"))


def _png(text: str) -> str:
    """Return the picture when it is a PNG; nothing otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return text if data.startswith(_PNG) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in _list(value) if isinstance(one, Mapping)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
