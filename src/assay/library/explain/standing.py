"""What both components of prototypes say of them as evidence: on other patients, beside as many images drawn by lot."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError, Images, Model
from assay.library.evidencing import forest, pictured, shown, subject
from assay.library.explain.prototyping import Chosen
from assay.training.embedding import Embedder
from assay.training.examined import Examined
from assay.trust.evidence.evidence import Evidence, EvidenceFigure, Method, Role, Table
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Statement
from assay.trust.explain.nearest import ACCURACY, GAIN, Cases, Pool, prototype_statements
from assay.trust.fairness.people import AGE_GROUP, SEX, UNKNOWN

_GROUPS = (SEX, AGE_GROUP)
"""Columns of the images that people are told apart by, where they are there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a component was given and told.

    Attributes:
        method: Who chose, and how.
        model: Whose features compare images.
        images: Chosen from.
        others: Measured on; ``None``: those of ``images`` whose patient has no prototype.
        parameters: All that it was told.
        least_gain: By how much the prototypes' nearest has to tell more labels than a lot's.
        seed: Of the lots.
    """

    method: Method
    model: Model
    images: Images
    others: Images | None
    parameters: Mapping[str, Any]
    least_gain: float
    seed: int


def prototype_evidence(
    asked: Asked, embedder: Embedder, examined: Examined, found: Sequence[Chosen], picture: bytes, watch: Stopwatch
) -> Evidence:
    """Measure prototypes on cases of other patients, show the figures, and return the evidence.

    Args:
        asked: What was given and told.
        embedder: Of the model.
        examined: The images that were chosen from.
        found: Prototypes of each label.
        picture: Their gallery, a PNG.
        watch: Counts what is spent.

    Raises:
        ComponentError: A patient of a prototype is among the other images.
    """
    standing = {examined.rows[int(row)]["patient"] for each in found for row in each.looked_at[each.places]}
    others = examined if asked.others is None else _others(asked.others, embedder, standing)
    rows = np.array([n for n, row in enumerate(others.rows) if row["patient"] not in standing], dtype=np.intp)
    cases = Cases(
        embedder.features(others.pictures(rows)[:, None]),
        np.array([embedder.facts.labels.index(others.rows[row]["label"]) for row in rows], dtype=np.intp),
        others.patient[rows],
        {
            column: np.array([_cell(others.rows[row], column) for row in rows], dtype=str)
            for column in _GROUPS
            if column in others.rows[0]
        },
    )
    watch.model_calls += len(rows) + sum(len(each.looked_at) for each in found)
    pools = [Pool(each.features, each.places, each.label) for each in found]
    statements, missing = prototype_statements(pools, cases, least_gain=asked.least_gain, seed=asked.seed)
    return Evidence(
        title="Prototypes of each label as the model sees them",
        method=asked.method,
        subjects=[
            subject(Role.MODEL, asked.model),
            subject(Role.TRAINING_DATA if asked.others else Role.DATA, asked.images, "chosen from"),
            *([subject(Role.DATA, asked.others, "measured on")] if asked.others else []),
        ],
        statements=statements,
        samples={
            "prototypes": sum(len(each.places) for each in found),
            "looked_at": sum(len(each.looked_at) for each in found),
            "measured_images": len(rows),
            "measured_patients": len(np.unique(cases.patient)),
        },
        parameters=asked.parameters,
        labels=embedder.facts.labels,
        positive=embedder.facts.positive,
        seed=asked.seed,
        synthetic=examined.meta.synthetic,
        not_measured=missing,
        tables=[_counted(examined, found, cases)],
        figures=[
            EvidenceFigure(
                "prototypes", "Prototypes of each label", Block.EXPLANATION, png=base64.b64encode(picture).decode()
            ),
            *_charts(statements, synthetic=examined.meta.synthetic),
        ],
        caveats=["A prototype is like others of its label to this model; that says nothing of why the model decides."],
        cost=watch.cost(),
    )


def _others(images: Images, embedder: Embedder, standing: set[str]) -> Examined:
    others = Examined.read(images.path, embedder.facts, what="other images")
    if both := standing & {row["patient"] for row in others.rows}:
        raise ComponentError(
            f"{len(both)} patients of prototypes are among the other images too",
            culprit=min(both),
            hint="split by patient; evaluate/find-leakage lists all of them",
        )
    return others


def _counted(examined: Examined, found: Sequence[Chosen], cases: Cases) -> Table:
    """Return who stands for whom: of each label, and of each group of people within it."""
    columns = [column for column in _GROUPS if column in examined.rows[0]]
    lines: list[list[str | int]] = []
    for number, each in enumerate(found):
        looked_at = [examined.rows[int(row)] for row in each.looked_at]
        chosen = [looked_at[int(place)] for place in each.places]
        here = cases.truth == number
        lines.append([each.label, "everybody", *_people(looked_at), *_people(chosen), *_measured(cases, here)])
        for column in columns:
            for value in sorted({_cell(row, column) for row in looked_at} - {""}):
                of = [[row for row in rows if _cell(row, column) == value] for rows in (looked_at, chosen)]
                there = here & (cases.groups[column] == value) if column in cases.groups else here & False
                lines.append(
                    [each.label, f"{column} {value}", *_people(of[0]), *_people(of[1]), *_measured(cases, there)]
                )
    heads = ("label", "who", "images", "patients", "prototypes", "patients of prototypes", "measured on", "of patients")
    return Table("standing", "Who stands for whom", heads, lines)


def _cell(row: Mapping[str, str], column: str) -> str:
    """Return a cell, empty where it says nothing."""
    return "" if row[column].lower() in UNKNOWN else row[column]


def _people(rows: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    return len(rows), len({row["patient"] for row in rows})


def _measured(cases: Cases, here: NDArray[np.bool_]) -> tuple[int, int]:
    return int(here.sum()), len(np.unique(cases.patient[here]))


def _charts(statements: Sequence[Statement], *, synthetic: bool | None) -> list[EvidenceFigure]:
    told = [one for one in statements if one.id == ACCURACY]
    gained = [one for one in statements if one.id == GAIN]
    if not told:
        return []
    charts = {
        "accuracy": forest("Cases told by the nearest prototype", "share", told, synthetic=synthetic),
        "gains": forest("Prototypes beyond a lot", "gain", gained, synthetic=synthetic, reference=0.0),
    }
    for chart in charts.values():
        shown(chart)
    return [pictured(name, chart, Block.EXPLANATION) for name, chart in charts.items()]
