"""Runs, steps, artifacts and comparisons."""

from __future__ import annotations

from typing import Any, Literal

from assay.server.wire import Wire
from assay.server.wire.explore import OutputPlace


class Started(Wire):
    """A run that has begun."""

    run: str


class RunRow(Wire):
    """A run in a list."""

    run: str
    status: Literal["running", "interrupted", "succeeded", "failed", "cancelled"]
    pipeline: str
    file: str
    started: float
    finished: float | None
    steps: dict[str, int]


class Failure(Wire):
    """Why an attempt failed."""

    code: str
    message: str
    traceback: str
    hint: str


class Progress(Wire):
    """How far a running step says it is; ``total`` is ``null`` when it does not know."""

    done: float
    total: float | None
    message: str


class Step(Wire):
    """A step of a run, or one element of a ``foreach`` step."""

    step: str
    item: int | None
    status: str
    attempt: int
    started: float | None
    finished: float | None
    seconds: float
    cpu_seconds: float
    peak_memory: int
    reasons: list[str]
    because: str
    from_run: str | None
    failure: Failure | None
    progress: Progress | None
    metrics: dict[str, float | None]
    outputs: dict[str, dict[str, Any]]
    elements: list[Any]


class Run(Wire):
    """A run with its steps; ``document`` is the pipeline as it was, ``given`` are the parameters that ran with another value than
    stands there, ``sequence`` is the last event in these states."""

    run: str
    status: Literal["running", "interrupted", "succeeded", "failed", "cancelled"]
    pipeline: str
    file: str
    started: float
    finished: float | None
    version: str
    params: dict[str, Any]
    given: dict[str, Any]
    options: dict[str, Any]
    steps: list[Step]
    document: str
    sequence: int


class Log(Wire):
    """What a step printed, from byte ``start`` on; ask again with ``next`` for more."""

    text: str
    start: int
    next: int
    size: int


class Figure(Wire):
    """A number with its 95 % interval, where there is one."""

    value: float
    low: float | None
    high: float | None


class FigurePair(Wire):
    """A figure of two runs."""

    a: Figure | None
    b: Figure | None
    difference: float | None


class TrustFigure(Wire):
    """A statement of evidence, or a verdict, which has a state and no value."""

    state: str
    n: int | None
    value: float | None
    low: float | None
    high: float | None


class TrustPair(Wire):
    """A trust figure of two runs."""

    a: TrustFigure | None
    b: TrustFigure | None
    difference: float | None


class Pair(Wire):
    """A value of two runs."""

    a: Any
    b: Any
    same: bool | None = None


class Comparison(Wire):
    """Two runs side by side."""

    a: str
    b: str
    same_file: bool
    params: dict[str, Pair]
    metrics: dict[str, FigurePair]
    artifacts: dict[str, Pair]
    seconds: dict[str, Pair]
    trust: dict[str, TrustPair]


class Target(Wire):
    """A place to run."""

    name: str
    title: str
    cpu: float
    memory: int | None
    gpu: int


class TypeFact(Wire):
    """An artifact type: it fits itself and every type above it."""

    name: str
    parent: str | None
    folder: bool
    help: str


class Session(Wire):
    """Who answers: version, the workspace's name, where runs may go, and the artifact types."""

    version: str
    workspace: str
    targets: list[Target]
    types: list[TypeFact]


class Column(Wire):
    """A column of a table, by the rows looked at: what it holds, the share of empty cells, how many different values, the smallest
    and the largest number, and a few values."""

    name: str
    type: Literal["number", "text", "empty"]
    missing: float
    distinct: int
    least: float | None
    most: float | None
    examples: list[str]


class TablePreview(Wire, tag_field="kind", tag="table"):
    """A page of a table from row ``start`` on: ``rows`` are texts as they stand in the file; columns are told by the first
    ``looked_at`` rows; ``total`` is ``null`` when not all was read."""

    columns: list[Column]
    rows: list[list[str]]
    start: int
    looked_at: int
    total: int | None


class ImagesPreview(Wire, tag_field="kind", tag="images"):
    """Images with what the index says of each, those of a page from ``start`` on; ``file`` is a path inside the artifact."""

    facts: dict[str, Any]
    columns: list[str]
    rows: list[dict[str, str]]
    start: int
    total: int


class MapRow(Wire):
    """One heat map: ``row`` is its number in the folder, ``overlay`` a picture in it; ``mask`` is a file of the images, or empty."""

    row: int
    file: str
    patient: str
    label: str
    outcome: str
    score: str
    overlay: str
    mask: str


class HeatmapsPreview(Wire, tag_field="kind", tag="heatmaps"):
    """Heat maps by one method, those of a page from ``start`` on; ``images`` is where the pictures below them are, ``null`` when the
    run has no such output."""

    method: str
    title: str
    positive: str
    state: Literal["pass", "fail", "insufficient"] | None
    reason: str
    images: OutputPlace | None
    rows: list[MapRow]
    start: int
    total: int


class JsonPreview(Wire, tag_field="kind", tag="json"):
    """A JSON document: ``about`` is ``evidence``, ``metrics``, ``notebook`` or ``json``."""

    about: Literal["evidence", "metrics", "notebook", "json"]
    body: Any


class ModelPreview(Wire, tag_field="kind", tag="model"):
    """What ``model.json`` says; ``curves`` are the figures that the step drew which made it, such as its learning curve."""

    body: Any
    curves: list[OutputPlace]


class Signature(Wire):
    """Whether a trusted key of this user signed it, and the same in words; ``development`` when Assay made the key itself."""

    holds: bool
    development: bool
    told: str


class RuleOutcome(Wire):
    """What became of one rule of a policy, and why; ``asks`` is the rule in words."""

    id: str
    title: str
    level: str
    asks: str
    state: str
    reason: str


class Named(Wire):
    """Something by its name and its sha256."""

    name: str
    digest: str


class VerdictPreview(Wire, tag_field="kind", tag="verdict"):
    """A signed verdict, or an override of one: then ``state`` is ``overridden``, and ``by`` says who took the decision.

    ``digest`` is the sha256 of what was signed; the times are as they stand in the file.
    """

    state: str
    reason: str
    by: str
    model: Named | None
    policy: Named | None
    evidence: list[Named]
    rules: list[RuleOutcome]
    judged: str
    expires: str
    expired: bool
    synthetic: bool | None
    signer: str
    key: str
    digest: str
    signature: Signature


class FilePreview(Wire, tag_field="kind", tag="file"):
    """A file that a browser shows: ``media_type`` says how; HTML goes into a sandboxed frame."""

    media_type: str
    size: int


class PicturePreview(Wire, tag_field="kind", tag="picture"):
    """A picture that a browser cannot show as it is, such as 16 bits, DICOM or NIfTI: ``…/rendered`` shows it."""

    format: Literal["dicom", "nifti", "picture"]
    size: int


class TextPreview(Wire, tag_field="kind", tag="text"):
    """The head of a text."""

    text: str
    whole: bool


class FolderPreview(Wire, tag_field="kind", tag="folder"):
    """The files of a folder, at most a thousand."""

    files: list[str]
    total: int


class ValuePreview(Wire, tag_field="kind", tag="value"):
    """A small JSON value."""

    body: Any


Preview = (
    TablePreview
    | ImagesPreview
    | HeatmapsPreview
    | JsonPreview
    | ModelPreview
    | VerdictPreview
    | FilePreview
    | PicturePreview
    | TextPreview
    | FolderPreview
    | ValuePreview
)
