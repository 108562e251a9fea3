"""Cases in the words of the API."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Literal, cast

from assay.errors import AssayError
from assay.server.explore.cases import Cases, Column
from assay.server.explore.choosing import Chosen, count
from assay.server.explore.desk import Desk
from assay.server.explore.explainer import Explanation
from assay.server.explore.sources import Maps, Place, Sources, said_of_maps
from assay.server.wire.converting import convert
from assay.server.wire.explore import (
    Case,
    CaseColumn,
    CaseExplanation,
    CaseGroup,
    CaseMap,
    CasePage,
    CaseRow,
    CaseTable,
    CaseValue,
    ExplanationFound,
    ImageMaps,
    OutcomeCount,
    OutputPlace,
)

_MOST_MAPS = 20_000


def table(cases: Cases, found: Sources) -> CaseTable:
    """Return what predictions are about."""
    return CaseTable(
        key=cast("Literal['file', 'row']", cases.key),
        positive=cases.positive,
        lowest_threshold=cases.thresholds[0],
        highest_threshold=cases.thresholds[1],
        synthetic=cases.synthetic,
        everybody=group(cases, range(len(cases))),
        columns=[_column(one) for one in cases.columns.values()],
        images=_place(found.images),
        model=_place(found.model),
        training=_place(found.training),
    )


def page(cases: Cases, chosen: Chosen, number: int, size: int) -> CasePage:
    """Return one page of the cases chosen."""
    shown = chosen.rows[number * size : (number + 1) * size]
    return CasePage(
        group=group(cases, chosen.group),
        total=len(chosen.rows),
        patients=cases.patients(chosen.rows),
        rows=[row(cases, one) for one in shown],
    )


def group(cases: Cases, rows: Sequence[int]) -> CaseGroup:
    """Return a group of cases by outcome."""
    counts = [
        OutcomeCount(outcome=outcome, cases=number, patients=patients)
        for outcome, (number, patients) in count(cases, rows).items()
    ]
    return CaseGroup(cases=len(rows), patients=cases.patients(rows), outcomes=counts)


def row(cases: Cases, number: int) -> CaseRow:
    """Return one case for a list."""
    return CaseRow(
        number=number,
        name=cases.cell(cases.key, number),
        outcome=cases.outcomes[number],
        score=cases.columns["score"].numbers[number],
        threshold=cases.columns["threshold"].numbers[number],
        label=cases.cell("label", number),
        predicted=cases.cell("predicted", number),
        patient=cases.cell("patient", number),
        age=cases.cell("age", number),
        sex=cases.cell("sex", number),
    )


def case(cases: Cases, number: int, maps: list[CaseMap], *, pictured: bool) -> Case:
    """Return one case with every column."""
    return Case(
        row=row(cases, number),
        cells={name: column.cells[number] for name, column in cases.columns.items()},
        picture=pictured,
        mask=pictured and bool(cases.cell("mask", number)),
        maps=maps,
    )


def map_of(maps: Maps, number: int) -> CaseMap:
    """Return one map of a Heatmaps folder."""
    return convert({"row": number, **_told(maps)}, CaseMap)


def image_maps(desk: Desk, maps: Maps) -> ImageMaps:
    """Return a Heatmaps folder with the files it lies over."""
    return convert({"files": _files(desk, maps), **_told(maps)}, ImageMaps)


def rows_over(desk: Desk, maps: Maps, cases: Cases, number: int) -> list[int]:
    """Return the row of the map that lies over a case; none when it was not drawn."""
    found = _files(desk, maps).get(cases.cell("file", number))
    return [] if found is None else [found]


def explanation(one: Explanation) -> CaseExplanation:
    """Return how an explanation stands."""
    problem = one.problem
    return CaseExplanation(
        status=one.status,
        done=one.done,
        total=one.total,
        problem=problem.message if problem else "",
        hint=problem.hint if problem else "",
        found=convert(one.answer.body, ExplanationFound) if one.answer else None,
    )


def _files(desk: Desk, maps: Maps) -> dict[str, int]:
    try:
        with (desk.folder(maps.place.artifact) / "index.csv").open(encoding="utf-8", newline="") as file:
            listed = [row.get("file") or "" for _, row in zip(range(_MOST_MAPS), csv.DictReader(file), strict=False)]
    except (AssayError, OSError, ValueError, csv.Error):
        return {}  # anybody may write such a folder
    return {name: number for number, name in enumerate(listed) if name}


def _told(maps: Maps) -> dict[str, object]:
    place = maps.place
    return {"step": place.step, "port": place.port, "item": place.item, **said_of_maps(maps.facts)}


def _place(place: Place | None) -> OutputPlace | None:
    return None if place is None else OutputPlace(step=place.step, port=place.port, item=place.item)


def _column(column: Column) -> CaseColumn:
    low, high = column.range or (None, None)
    values = [CaseValue(value=value, cases=number) for value, number in column.values]
    return CaseColumn(name=column.name, kind=column.kind, missing=column.missing, low=low, high=high, values=values)
