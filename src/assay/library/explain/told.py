"""What every image explanation can be told, and what it yields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from assay import Evidence, Figure, Folder, Param
from assay.library.evidencing import told as written_down
from assay.library.explain.explaining import Request
from assay.trust.explain.findings import Limits

Hits = Annotated[int, Param(min=1, max=10_000, unit="images")]
Others = Annotated[int, Param(min=0, max=1000, unit="images")]
Least = Annotated[float | None, Param(min=0.0, max=1.0)]
Smoothing = Annotated[float, Param(min=0.0, max=64.0, unit="pixels")]
Turns = Annotated[int, Param(min=1, max=64, unit="images")]
Edge = Annotated[int | None, Param(min=2, max=1024, unit="pixels")]
Samples = Annotated[int, Param(min=8, max=1_000_000, unit="samples")]
Noise = Annotated[float, Param(min=0.0, max=1.0)]
Seed = Annotated[int, Param(min=0)]


class Explained(NamedTuple):
    """What an explanation yields."""

    heatmaps: Folder
    evidence: Evidence
    gallery: Figure


def request(component: str, told: Mapping[str, Any]) -> Request:
    """Return what a component was told as one record.

    Args:
        component: Its name and version.
        told: Its arguments by name, with ``pictures``, ``shown``, ``few``, ``least_pointing`` and ``seed``.
    """
    return Request(
        component=component,
        measured=told["pictures"],
        shown=told["shown"],
        few=told["few"],
        seed=told["seed"],
        limits=Limits(pointing=told["least_pointing"]),
        parameters=written_down(told),
    )
