"""explain/aix360-protodash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from assay import ComponentError, Dataset, Evidence, Figure, Images, Model, Param, component, step
from assay.library.evidencing import forest, library_version, pictured, shown, subject, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import EvidenceFigure, Method, Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Standing(NamedTuple):
    """What stands for the images, and what that is worth."""

    prototypes: Dataset
    gallery: Figure
    evidence: Evidence


@component(
    "explain/aix360-protodash",
    version="1.0.0",
    tags=("explanation", "images", "examples", "aix360"),
    licence="Apache-2.0",
    requires=(
        "aix360==0.3.0",
        "cvxpy>=1.6",
        "ecos>=2.0.14",
        "lime==0.2.0.1",
        "numpy>=2.1,<2.4",
        "onnx>=1.19",
        "onnxruntime>=1.22",
        "pandas>=2.2",
        "pillow>=11",
        "scikit-learn>=1.5",
        "scipy>=1.15",
        "xport==2.0.2",
    ),
)
def aix360_protodash(
    model: Model,
    images: Images,
    others: Images | None = None,
    *,
    count: Annotated[int, Param(min=1, max=100, unit="images")] = 6,
    most: Annotated[int, Param(min=2, max=20_000, unit="images")] = 500,
    least_gain: Annotated[float, Param(min=0.0, max=1.0)] = 0.01,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Standing:
    """Choose prototypes of each label by ProtoDash of AI Explainability 360, and measure them beside a choice by lot.

    Images are compared by the features that the model's last layer reads. Measured is how often the nearest prototype of a case of
    another patient has its label, beside as many images drawn by lot. explain/prototypes chooses the same, and faster. Runs in an
    environment of its own.

    Args:
        model: From train/image-classifier, or any folder with model.onnx and model.json whose last layer is linear.
        images: Images to choose from, and to stand for; such as the training part.
        others: Images of other patients that the prototypes are measured on; default those of images whose patient has no prototype.
        count: Prototypes of each label, at most.
        most: Images of each label looked at, at most, drawn by lot; the library takes time with the square of their number.
        least_gain: What the prototypes have to be better by than a lot.
        seed: Of the lots.

    Returns:
        prototypes: One row a prototype: label, rank, file, patient, and its weight: the share of the label that it stands for.
        gallery: The prototypes of each label, the heaviest first.
        evidence: How often the nearest prototype tells the label, with intervals that count patients, beside the lot.
    """
    parameters, watch = told(locals()), Stopwatch()
    import base64

    import numpy as np

    from assay.library.explain.protodash_of_aix360 import protodash  # only in its environment is the library there
    from assay.library.explain.prototyping import chosen, written_prototypes
    from assay.training.embedding import Embedder
    from assay.training.examined import Examined
    from assay.trust.explain.nearest import Pool, nearest_statements

    embedder = Embedder(model.path, threads=step.threads)
    examined = Examined.read(images.path, embedder.facts, what="images")

    def choose(features: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        return protodash(features, count)

    found = chosen(embedder, examined, choose, most, seed)
    table, figure, picture = written_prototypes(found, examined)
    standing = {examined.rows[int(row)]["patient"] for each in found for row in each.looked_at[each.places]}
    asked = examined if others is None else Examined.read(others.path, embedder.facts, what="other images")
    if others is not None and (both := standing & {row["patient"] for row in asked.rows}):
        raise ComponentError(
            f"{len(both)} patients of prototypes are among the other images too",
            culprit=min(both),
            hint="split by patient; evaluate/find-leakage lists all of them",
        )
    rows = np.array([n for n, row in enumerate(asked.rows) if row["patient"] not in standing], dtype=np.intp)
    truth = np.array([embedder.facts.labels.index(asked.rows[row]["label"]) for row in rows], dtype=np.intp)
    features = embedder.features(asked.pictures(rows)[:, None])
    pools = [Pool(each.features, each.places) for each in found]
    statements, missing = nearest_statements(
        pools, features, truth, asked.patient[rows], least_gain=least_gain, seed=seed
    )
    stated = [one for one in statements if one.id == "explanation.prototype_accuracy"]
    chart = (
        forest("Cases told by the nearest prototype", "share", stated, synthetic=examined.meta.synthetic)
        if stated
        else None
    )
    if chart is not None:
        shown(chart)
    result = Result(
        title="Prototypes of each label as the model sees them",
        method=Method(
            "explain/aix360-protodash@1.0.0",
            "ProtoDash on the features that the last layer reads, Gaussian kernel",
            "aix360",
            library_version("aix360"),
            "Gurumoorthy et al. 2019",
        ),
        subjects=[
            subject(Role.MODEL, model),
            subject(Role.TRAINING_DATA if others else Role.DATA, images, "chosen from"),
            *([subject(Role.DATA, others, "measured on")] if others else []),
        ],
        statements=statements,
        samples={
            "prototypes": sum(len(each.places) for each in found),
            "looked_at": sum(len(each.looked_at) for each in found),
            "measured_images": len(rows),
            "measured_patients": len(np.unique(asked.patient[rows])),
        },
        parameters=parameters,
        labels=embedder.facts.labels,
        positive=embedder.facts.positive,
        seed=seed,
        synthetic=examined.meta.synthetic,
        not_measured=missing,
        figures=[
            EvidenceFigure(
                "prototypes", "Prototypes of each label", Block.EXPLANATION, png=base64.b64encode(picture).decode()
            ),
            *([] if chart is None else [pictured("accuracy", chart, Block.EXPLANATION)]),
        ],
        caveats=["A prototype is like others of its label to this model; that says nothing of why the model decides."],
        cost=watch.cost(),
    )
    return Standing(table, figure, written(result))
