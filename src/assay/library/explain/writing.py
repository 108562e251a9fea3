"""Outputs of an explanation: the Heatmaps folder, the gallery and the evidence."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assay import Evidence, Figure, Folder, Images, Model, step
from assay.library.evidencing import beyond_controls, library_version, pictured, shown, subject
from assay.library.evidencing import written as written_file
from assay.trust.evidence import evidence as records
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.statement import State
from assay.trust.explain.drawing_lots import RULE, Outcome
from assay.trust.explain.findings import Findings, Measured, overview
from assay.trust.explain.heatmaps import Entry, write_heatmaps
from assay.trust.explain.localisation import is_constant
from assay.trust.explain.picturing import Strip, gallery, overlay
from assay.trust.explain.recipes import Recipe, library, settings

if TYPE_CHECKING:
    from assay.library.explain.explaining import Bench, Request

_MOST_TILES = 6


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that is about to be written."""

    bench: Bench
    recipe: Recipe
    heat: NDArray[np.float64]
    measured: Measured
    controls: Sequence[Measured]
    found: Findings
    state: State | None
    reason: str
    request: Request

    @property
    def fault(self) -> str:
        """Why the method must not be believed; empty when it was not shown to fail."""
        return self.reason if self.state is State.FAIL else ""

    @property
    def rule(self) -> str:
        """How the pictures were drawn."""
        return RULE.format(
            seed=self.request.seed, most=f"{self.request.measured} true positives and {self.request.shown}"
        )


def write_maps(written: Written, model: Model, images: Images) -> Folder:
    """Write the Heatmaps folder."""
    bench, folder = written.bench, step.output("heatmaps", Folder)
    entries = [
        Entry(
            bench.images.rows[row]["file"],
            bench.images.rows[row]["patient"],
            bench.images.rows[row]["label"],
            str(bench.outcome[place]),
            float(bench.scores[place]),
            is_constant(written.heat[place]),
        )
        for place, row in enumerate(bench.rows)
    ]
    facts = {
        "method": written.recipe.method,
        "title": written.measured.name,
        "settings": settings(written.recipe),
        "positive": bench.model.facts.positive,
        "model": step.digest(model),
        "images": step.digest(images),
        "synthetic": bench.images.meta.synthetic,
        "drawn": written.rule,
        "seed": written.request.seed,
        "state": str(written.state) if written.state else None,
        "reason": written.reason,
    }
    write_heatmaps(folder.path, entries, written.heat, bench.pictures, bench.masks, facts)
    return folder


def write_gallery(written: Written) -> Figure:
    """Write the gallery, and show it as a preview."""
    bench = written.bench
    strips = []
    for kind in Outcome:
        places = [place for place, own in enumerate(bench.outcome) if own is kind][:_MOST_TILES]
        tiles = [overlay(bench.pictures[place], written.heat[place], bench.masks[place]) for place in places]
        strips.append(Strip(f"{kind}: {len(places)} of {bench.counts[kind]}", tiles))
    synthetic = "synthetic images, " if bench.images.meta.synthetic else ""
    heading = f"{written.measured.name}: red speaks for {bench.model.facts.positive}, blue against; yellow rings the mask; {synthetic}by lot"
    content, small = gallery(heading, strips, fault=written.fault)
    figure = step.output("gallery", Figure, suffix=".png")
    figure.path.write_bytes(content)
    step.preview("gallery: FAILS ITS CONTROLS" if written.fault else "gallery", small, media_type="image/jpeg")
    if written.fault:
        print(f"FAILS ITS CONTROLS: {written.measured.name}: {written.fault}")
    return figure


def write_evidence(
    written: Written,
    model: Model,
    images: Images,
    picture: Figure,
    cost: records.Cost,
    tables: Sequence[records.Table] = (),
) -> Evidence:
    """Write the evidence."""
    bench, request = written.bench, written.request
    missing = list(written.found.not_measured)
    if not len(bench.measured):
        missing.append(_nothing_called(bench))
    by_library = library(written.recipe)
    result = records.Evidence(
        title=f"Explanation by {written.measured.name}",
        method=records.Method(
            request.component,
            written.measured.name,
            by_library,
            library_version(by_library),
            "see docs/trust/explain.md",
        ),
        subjects=[
            subject(records.Role.MODEL, model, "model"),
            subject(records.Role.DATA, images, "images"),
        ],
        statements=written.found.statements,
        samples=_samples(bench),
        parameters=dict(request.parameters) | {"recipe": settings(written.recipe)},
        labels=bench.model.facts.labels,
        positive=bench.model.facts.positive,
        seed=request.seed,
        synthetic=bench.images.meta.synthetic,
        not_measured=missing,
        tables=[*([overview([written.measured, *written.controls])] if len(bench.measured) else []), *tables],
        figures=_figures(written, picture),
        caveats=_caveats(written),
        cost=cost,
    )
    return written_file(result)


def _nothing_called(bench: Bench) -> records.NotMeasured:
    positives = bench.counts[Outcome.TRUE_POSITIVE] + bench.counts[Outcome.FALSE_NEGATIVE]
    why = (
        f"none of the {positives} images labelled {bench.model.facts.positive} is called so at the model's threshold: no hit to explain"
        if positives
        else f"no image is labelled {bench.model.facts.positive}"
    )
    return records.NotMeasured("explanation.gain_over_control", why)


def _samples(bench: Bench) -> dict[str, int]:
    counts = {kind.replace(" ", "_") + "_images": count for kind, count in bench.counts.items()}
    return {
        "patients": len(np.unique(bench.images.patient)),
        "rows": len(bench.images.rows),
        "measured_images": len(bench.measured),
        "measured_patients": len(np.unique(bench.patient)),
        "measured_with_mask": int(bench.judge.sample.masked.sum()),
        **counts,
    }


def _caveats(written: Written) -> list[str]:
    said = [
        f"Pictures were {written.rule}; figures are of true positives.",
        "A map shows what moves this model's score, not what a physician would look at.",
    ]
    if not len(written.bench.backgrounds.reference):
        said.append("Without reference images no fill shows what a part looks like when it is healthy.")
    constant = written.measured.constant
    if constant:
        said.append(f"{constant} of {len(written.heat)} maps are the same everywhere: the method sees nothing in them.")
    if written.fault:
        said.insert(0, f"This method fails its controls: {written.fault}")
    return said


def _figures(written: Written, picture: Figure) -> list[records.EvidenceFigure]:
    figures = [
        records.EvidenceFigure(
            "gallery",
            f"Maps of hits and errors, {written.rule}",
            Block.EXPLANATION,
            png=base64.b64encode(picture.path.read_bytes()).decode(),
        )
    ]
    synthetic = written.bench.images.meta.synthetic
    chart = beyond_controls(written.measured.name, written.found.statements, synthetic=synthetic)
    if chart is not None:
        shown(chart, "beyond its controls")
        figures.append(pictured("gains", chart, Block.EXPLANATION))
    return figures
