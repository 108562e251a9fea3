"""explain/prototypes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from assay import Dataset, Evidence, Figure, Images, Model, Param, component, step
from assay.library.evidencing import own_method, told, written
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
    "explain/prototypes",
    version="1.1.0",
    tags=("explanation", "images", "examples"),
    licence="Apache-2.0",
    requires=("onnxruntime", "onnx", "numpy", "scipy", "pillow"),
    preload=("onnxruntime", "numpy"),
)
def prototypes(
    model: Model,
    images: Images,
    others: Images | None = None,
    *,
    count: Annotated[int, Param(min=1, max=100, unit="images")] = 6,
    most: Annotated[int, Param(min=2, max=20_000, unit="images")] = 2000,
    least_gain: Annotated[float, Param(min=0.0, max=1.0)] = 0.01,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Standing:
    """Choose the few images of each label that stand for the others as the model sees them (ProtoDash), and measure them.

    Images are compared by the features that the model's last layer reads. Measured is, on cases of patients without a prototype, how
    often the nearest prototype has their label and how much they resemble the prototypes of their label, beside as many images drawn by
    lot. Needs the ONNX model alone.

    Args:
        model: From train/image-classifier, or any folder with model.onnx and model.json whose last layer is linear.
        images: Images to choose from, and to stand for; such as the training part.
        others: Images of other patients that the prototypes are measured on; default those of images whose patient has no prototype.
        count: Prototypes of each label, at most.
        most: Images of each label looked at, at most, drawn by lot.
        least_gain: By how much the nearest prototype has to tell more labels than the nearest of a lot.
        seed: Of the lots.

    Returns:
        prototypes: One row a prototype: label, rank, file, patient, and its weight: the share of the label that it stands for.
        gallery: The prototypes of each label, the heaviest first.
        evidence: What the prototypes tell of other patients, with intervals that count patients, beside the lot.
    """
    parameters, watch = told(locals()), Stopwatch()
    from assay.library.explain.prototyping import chosen, written_prototypes  # heavy imports stay out of the module
    from assay.library.explain.standing import Asked, prototype_evidence
    from assay.training.embedding import Embedder
    from assay.training.examined import Examined
    from assay.trust.explain.prototypes import prototypes as protodash

    embedder = Embedder(model.path, threads=step.threads)
    examined = Examined.read(images.path, embedder.facts, what="images")

    def choose(features: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        found = protodash(features, features, count)
        return found.rows, found.weights

    found = chosen(embedder, examined, choose, most, seed)
    table, figure, picture = written_prototypes(found, examined)
    method = own_method(
        "explain/prototypes@1.1.0",
        "ProtoDash on the features that the last layer reads, Gaussian kernel",
        "Gurumoorthy et al. 2019",
    )
    asked = Asked(method, model, images, others, parameters, least_gain, seed)
    result = prototype_evidence(asked, embedder, examined, found, picture, watch)
    return Standing(table, figure, written(result))
