"""What a running step says, as events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assay.model import events as ev
from assay.model.artifacts import Json


def message_events(key: ev.StepKey, data: Mapping[str, Json]) -> Iterator[ev.RunEvent]:
    """Turn what a step said into events; anything that is not well formed is left out (a step may write what it likes)."""
    match data:
        case {"kind": "metric", "name": str(name), "value": float() | int() as value}:
            index = data.get("index")
            yield ev.StepMetric(key, name, float(value), index if isinstance(index, int) else None)
        case {"kind": "progress", "done": float() | int() as done}:
            total = data.get("total")
            message = data.get("message")
            yield ev.StepProgress(
                key,
                float(done),
                float(total) if isinstance(total, int | float) else None,
                message if isinstance(message, str) else "",
            )
        case {"kind": "preview", "name": str(name), "media_type": str(media_type), "data": str(content)}:
            yield ev.StepPreview(key, name, media_type, content)
        case _:
            return
