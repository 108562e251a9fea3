"""Explore: predictions as cases, their pictures, heat maps and masks."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from msgspec.structs import asdict
from starlette.responses import Response

from assay.errors import NotFound
from assay.server.explore import telling
from assay.server.explore.cases import Cases
from assay.server.explore.choosing import Filter, choose
from assay.server.explore.sources import Place
from assay.server.routing import Routes
from assay.server.state import Studio
from assay.server.wire.converting import convert
from assay.server.wire.explore import Case, CasePage, CaseQuestion, CaseTable, ImageMaps, Nearest, PredictionsPlace

router = Routes("explore")

_LASTING = {"cache-control": "private, max-age=31536000, immutable"}
_LONGEST_EDGE = 2048
_LOOKING = 3.0
"""Seconds for which training images are looked at before it is said how many are left."""

Edge = Annotated[int, Meta(ge=16, le=_LONGEST_EDGE)]
Item = Annotated[int, Meta(ge=0)]


@router.get("/runs/{run}/predictions", "listPredictions")
def list_predictions(run: str, studio: Studio) -> list[PredictionsPlace]:
    """List the ports of a run that carry predictions."""
    return [PredictionsPlace(step=step, port=port, item=item) for step, port, item in studio.desk.predictions(run)]


@router.get("/runs/{run}/outputs/{step:path}/{port}/cases", "caseTable")
def case_table(run: str, step: str, port: str, studio: Studio, item: Item = 0) -> CaseTable:
    """Return what predictions are about, and what can be asked of them."""
    cases = studio.desk.cases(run, step, port, item)
    return telling.table(cases, studio.desk.sources(run, cases))


@router.post("/runs/{run}/outputs/{step:path}/{port}/cases", "chooseCases")
def choose_cases(run: str, step: str, port: str, question: CaseQuestion, studio: Studio, item: Item = 0) -> CasePage:
    """Return cases, and how many there are of each outcome in the group that passes the filters."""
    cases = studio.desk.cases(run, step, port, item)
    filters = [Filter(**asdict(one)) for one in question.filters]
    chosen = choose(cases, filters, question.outcomes, question.sort, descending=question.descending)
    return telling.page(cases, chosen, question.page, question.size)


@router.get("/runs/{run}/outputs/{step:path}/{port}/cases/{number}", "showCase")
def show_case(run: str, step: str, port: str, number: int, studio: Studio, item: Item = 0) -> Case:
    """Return one case: every column, and the layers there are for it."""
    cases = studio.desk.cases(run, step, port, item)
    refuse_other(cases, number)
    found = studio.desk.sources(run, cases)
    maps = [
        telling.map_of(one, row) for one in found.maps for row in telling.rows_over(studio.desk, one, cases, number)
    ]
    return telling.case(cases, number, maps, pictured=found.images is not None)


@router.get("/runs/{run}/outputs/{step:path}/{port}/cases/{number}/picture", "casePicture", media="image/png")
def case_picture(
    run: str, step: str, port: str, number: int, studio: Studio, edge: Edge = 1024, item: Item = 0
) -> Response:
    """Return the image of a case as PNG, in the window that the model sees it in."""
    cases = studio.desk.cases(run, step, port, item)
    refuse_other(cases, number)
    found = studio.desk.sources(run, cases)
    if found.images is None:
        raise NotFound("the images are not among the outputs of this run", culprit=cases.data[:12])
    order = _picture(studio, found.images, cases.cell("file", number), found.model, edge)
    return png(studio.desk.pictures.ask(order).content)


@router.get("/runs/{run}/outputs/{step:path}/{port}/cases/{number}/mask", "caseMask", media="image/png")
def case_mask(run: str, step: str, port: str, number: int, studio: Studio, item: Item = 0) -> Response:
    """Return the mask of a case as PNG with opacity."""
    cases = studio.desk.cases(run, step, port, item)
    refuse_other(cases, number)
    found = studio.desk.sources(run, cases)
    name = cases.cell("mask", number)
    if found.images is None or not name:
        raise NotFound("this case has no mask", culprit=str(number))
    order = {"do": "mask", "folder": str(studio.desk.folder(found.images.artifact)), "name": name}
    return png(studio.desk.pictures.ask(order).content)


@router.get("/runs/{run}/outputs/{step:path}/{port}/cases/{number}/nearest", "caseNearest")
def case_nearest(
    run: str,
    step: str,
    port: str,
    number: int,
    studio: Studio,
    most: Annotated[int, Meta(ge=1, le=48)] = 12,
    item: Item = 0,
) -> Nearest:
    """Return the training images nearest to that of a case, or after some seconds how many were looked at so far."""
    cases = studio.desk.cases(run, step, port, item)
    refuse_other(cases, number)
    found = studio.desk.sources(run, cases)
    if found.images is None or found.model is None or found.training is None:
        raise NotFound("the images that the model was fitted on are not among the outputs of this run", culprit=run)
    order = {
        "do": "nearest",
        "model": str(studio.desk.folder(found.model.artifact)),
        "images": str(studio.desk.folder(found.images.artifact)),
        "name": cases.cell("file", number),
        "training": str(studio.desk.folder(found.training.artifact)),
        "cache": str(studio.desk.derived("features", found.model.artifact, found.training.artifact)),
        "patient": cases.cell("patient", number),
        "most": most,
        "seconds": _LOOKING,
    }
    return convert(studio.desk.models.ask(order).body, Nearest)


@router.get(
    "/runs/{run}/outputs/{step:path}/{port}/cases/{number}/nearest/{name:path}", "nearestPicture", media="image/png"
)
def nearest_picture(
    run: str, step: str, port: str, number: int, name: str, studio: Studio, edge: Edge = 1024, item: Item = 0
) -> Response:
    """Return a training image as PNG, in the window that the model sees it in."""
    cases = studio.desk.cases(run, step, port, item)
    refuse_other(cases, number)
    found = studio.desk.sources(run, cases)
    if found.model is None or found.training is None:
        raise NotFound("the images that the model was fitted on are not among the outputs of this run", culprit=run)
    return png(studio.desk.pictures.ask(_picture(studio, found.training, name, found.model, edge)).content)


@router.get("/runs/{run}/outputs/{step:path}/{port}/heat/{row}", "heatLayer", media="image/png")
def heat_layer(run: str, step: str, port: str, row: int, studio: Studio, item: Item = 0) -> Response:
    """Return a map of a Heatmaps folder as PNG with opacity; the header ``x-strongest`` says its largest heat in log-odds."""
    artifact = studio.desk.artifact(run, step, port, item)
    order = {"do": "heat", "folder": str(studio.desk.folder(artifact)), "row": row}
    answer = studio.desk.pictures.ask(order)
    return png(answer.content, {"x-strongest": f"{answer.body['strongest']:.6g}"})


@router.get("/runs/{run}/outputs/{step:path}/{port}/maps", "imageMaps")
def image_maps(run: str, step: str, port: str, studio: Studio, item: Item = 0) -> list[ImageMaps]:
    """List the heat maps of a run that lie over the images of a port."""
    images = studio.desk.artifact(run, step, port, item)
    return [telling.image_maps(studio.desk, one) for one in studio.desk.maps_over(run, images)]


def _picture(studio: Studio, images: Place, name: str, model: Place | None, edge: int) -> dict[str, object]:
    """Return the order for a picture in the window of a model."""
    folder = str(studio.desk.folder(images.artifact))
    window = str(studio.desk.folder(model.artifact)) if model else None
    return {"do": "picture", "folder": folder, "name": name, "model": window, "edge": edge}


def refuse_other(cases: Cases, number: int) -> None:
    """Raise ``NotFound`` when there is no such case."""
    if not 0 <= number < len(cases):
        raise NotFound(f"there are {len(cases)} cases, numbered from 0", culprit=str(number))


def png(content: bytes, headers: dict[str, str] | None = None) -> Response:
    """Return a picture that never changes."""
    return Response(content, media_type="image/png", headers=_LASTING | (headers or {}))
