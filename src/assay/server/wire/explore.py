"""Predictions as cases: what can be asked, and what is answered."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from assay.server.explore.cases import Kind, Outcome
from assay.server.explore.explainer import Status
from assay.server.wire import Wire


class PredictionsPlace(Wire):
    """A port of a run that carries predictions."""

    step: str
    port: str
    item: int


class OutputPlace(Wire):
    """A port of a run."""

    step: str
    port: str
    item: int


class CaseValue(Wire):
    """A value of a column, and in how many cases it stands."""

    value: str
    cases: int


class CaseColumn(Wire):
    """A column: a number from ``low`` to ``high``, a choice of ``values``, or a text; ``missing`` cases say nothing."""

    name: str
    kind: Kind
    missing: int
    low: float | None
    high: float | None
    values: list[CaseValue]


class OutcomeCount(Wire):
    """How many cases, and patients, have an outcome; ``patients`` is ``null`` when the table names none."""

    outcome: Outcome
    cases: int
    patients: int | None


class CaseGroup(Wire):
    """A group of cases by outcome."""

    cases: int
    patients: int | None
    outcomes: list[OutcomeCount]


class CaseTable(Wire):
    """What predictions are about. ``images``, ``model`` and ``training`` are ``null`` when the run has no output of the stated digest.

    ``key`` is the column that names a case; the thresholds differ where each group has its own.
    """

    key: Literal["file", "row"]
    positive: str
    lowest_threshold: float
    highest_threshold: float
    synthetic: bool
    everybody: CaseGroup
    columns: list[CaseColumn]
    images: OutputPlace | None
    model: OutputPlace | None
    training: OutputPlace | None


class CaseFilter(Wire):
    """What a column has to hold; of several conditions all."""

    column: Annotated[str, Meta(max_length=500)]
    values: Annotated[list[str], Meta(max_length=200)] | None = None
    low: float | None = None
    high: float | None = None
    contains: Annotated[str, Meta(max_length=200)] = ""


class CaseQuestion(Wire):
    """Which cases: all filters, any of the outcomes (none: all); ``sort`` is a column, ``outcome``, ``margin`` or empty."""

    filters: Annotated[list[CaseFilter], Meta(max_length=20)] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    sort: Annotated[str, Meta(max_length=500)] = ""
    descending: bool = False
    page: Annotated[int, Meta(ge=0)] = 0
    size: Annotated[int, Meta(ge=1, le=200)] = 60


class CaseRow(Wire):
    """One case in a list; ``number`` is its row in the table, from 0."""

    number: int
    name: str
    outcome: Outcome
    score: float
    threshold: float
    label: str
    predicted: str
    patient: str
    age: str
    sex: str


class CasePage(Wire):
    """Some of the cases asked for. ``group`` are all that pass the filters, whatever their outcome: what the counts are shares of."""

    group: CaseGroup
    total: int
    patients: int | None
    rows: list[CaseRow]


class CaseMap(Wire):
    """A heat map over an image: where it is, how it was made, the label that it speaks for, and what measuring the method found
    (``state``, ``reason``)."""

    step: str
    port: str
    item: int
    row: int
    method: str
    title: str
    positive: str
    state: Literal["pass", "fail", "insufficient"] | None
    reason: str


class Case(Wire):
    """One case: every column, and the layers there are."""

    row: CaseRow
    cells: dict[str, str]
    picture: bool
    mask: bool
    maps: list[CaseMap]


class ImageMaps(Wire):
    """A Heatmaps folder that lies over images: file to row of its maps."""

    step: str
    port: str
    item: int
    method: str
    title: str
    positive: str
    state: Literal["pass", "fail", "insufficient"] | None
    reason: str
    files: dict[str, int]


class NearImage(Wire):
    """A training image near to that of a case; ``distance`` is 1 minus the cosine. ``same_patient`` and ``same_file`` are leaks."""

    file: str
    patient: str
    label: str
    split: str
    distance: float
    same_patient: bool
    same_file: bool


class Nearest(Wire):
    """Training images nearest to that of a case, nearest first; none until ``done`` of ``among`` are looked at: ask again.

    ``among`` of ``total`` training images are looked at, by what the model's last layer reads (``features``), or, because of ``why``,
    by their ``pixels``. ``median`` is the distance of the middle one. ``of_patient`` training images are of the patient of the case.
    """

    done: int
    among: int
    total: int
    kind: Literal["features", "pixels"]
    why: str
    median: float | None
    of_patient: int
    nearest: list[NearImage]


class FillCurves(Wire):
    """Deletion and insertion of a heat map by one fill, beside the means of random maps; ``beaten`` of these gain less."""

    fill: str
    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float
    beaten: int


class ExplanationFound(Wire):
    """What came of an explanation on request. ``instead``: why it is not by the method of the run; ``constant``: it says nothing."""

    method: str
    title: str
    instead: str
    score: float
    strongest: float
    constant: bool
    curves: list[FillCurves]
    random_maps: int
    asked: int


class CaseExplanation(Wire):
    """How an explanation on request stands: ``done`` of about ``total`` pictures were asked about. It is no evidence."""

    status: Status
    done: int
    total: int
    problem: str
    hint: str
    found: ExplanationFound | None
