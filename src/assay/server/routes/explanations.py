"""Explanations on request: begun, looked at, cancelled; they are computed for whoever looks, and are no evidence."""

from __future__ import annotations

from collections.abc import Hashable

from starlette.responses import Response

from assay.errors import NotFound
from assay.server.explore import telling
from assay.server.explore.cases import Cases
from assay.server.explore.sources import Sources
from assay.server.routes.explore import Item, png, refuse_other
from assay.server.routing import Routes
from assay.server.state import Studio
from assay.server.wire.explore import CaseExplanation

router = Routes("explore")

_PATH = "/runs/{run}/outputs/{step:path}/{port}/cases/{number}/explanation"


@router.get(_PATH, "showExplanation")
def show_explanation(run: str, step: str, port: str, number: int, studio: Studio, item: Item = 0) -> CaseExplanation:
    """Return how the explanation of a case stands."""
    cases, _ = _found(studio, run, step, port, number, item)
    return telling.explanation(studio.desk.explainer.look(_key(run, cases, number)))


@router.post(_PATH, "beginExplanation")
def begin_explanation(run: str, step: str, port: str, number: int, studio: Studio, item: Item = 0) -> CaseExplanation:
    """Have a case explained by the method of the run, or by occlusion; one at a time in the whole Studio."""
    cases, found = _found(studio, run, step, port, number, item)
    if found.images is None or found.model is None:
        raise NotFound("the model or the images are not among the outputs of this run", culprit=run)
    method, settings = found.method
    order = {
        "do": "explain",
        "model": str(studio.desk.folder(found.model.artifact)),
        "images": str(studio.desk.folder(found.images.artifact)),
        "name": cases.cell("file", number),
        "training": str(studio.desk.folder(found.training.artifact)) if found.training else None,
        "method": method,
        "settings": settings,
    }
    return telling.explanation(studio.desk.explainer.begin(_key(run, cases, number), order))


@router.post(_PATH + "/cancel", "cancelExplanation")
def cancel_explanation(run: str, step: str, port: str, number: int, studio: Studio, item: Item = 0) -> CaseExplanation:
    """End the explanation of a case."""
    cases, _ = _found(studio, run, step, port, number, item)
    return telling.explanation(studio.desk.explainer.cancel(_key(run, cases, number)))


@router.get(_PATH + "/heat", "explanationHeat", media="image/png")
def explanation_heat(run: str, step: str, port: str, number: int, studio: Studio, item: Item = 0) -> Response:
    """Return the heat of an explanation as PNG with opacity; the header ``x-strongest`` says its largest heat in log-odds."""
    cases, _ = _found(studio, run, step, port, number, item)
    answer = studio.desk.explainer.look(_key(run, cases, number)).answer
    if answer is None:
        raise NotFound("this case was not explained", culprit=str(number), hint="begin it with POST …/explanation")
    return png(answer.content, {"x-strongest": f"{answer.body['strongest']:.6g}", "cache-control": "no-store"})


def _found(studio: Studio, run: str, step: str, port: str, number: int, item: int) -> tuple[Cases, Sources]:
    cases = studio.desk.cases(run, step, port, item)
    refuse_other(cases, number)
    return cases, studio.desk.sources(run, cases)


def _key(run: str, cases: Cases, number: int) -> Hashable:
    return run, cases.model, cases.data, cases.cell("file", number)
