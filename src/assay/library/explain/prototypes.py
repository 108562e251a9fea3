"""explain/prototypes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple

from assay import Dataset, Figure, Images, Model, Param, component, step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Standing(NamedTuple):
    """What stands for the images."""

    prototypes: Dataset
    gallery: Figure


@component(
    "explain/prototypes",
    version="1.0.0",
    tags=("explanation", "images", "examples"),
    licence="Apache-2.0",
    requires=("onnxruntime", "onnx", "numpy", "scipy", "pillow"),
    preload=("onnxruntime", "numpy"),
)
def prototypes(
    model: Model,
    images: Images,
    *,
    count: Annotated[int, Param(min=1, max=100, unit="images")] = 6,
    most: Annotated[int, Param(min=2, max=20_000, unit="images")] = 2000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Standing:
    """Choose the few images of each label that stand for the others as the model sees them (ProtoDash).

    Images are compared by the features that the model's last layer reads. Needs the ONNX model alone.

    Args:
        model: From train/image-classifier, or any folder with model.onnx and model.json whose last layer is linear.
        images: Images to choose from, and to stand for; such as the training part.
        count: Prototypes of each label, at most.
        most: Images of each label looked at, at most, drawn by lot.
        seed: Of the lot.

    Returns:
        prototypes: One row a prototype: label, rank, file, patient, and its weight: the share of the label that it stands for.
        gallery: The prototypes of each label, the heaviest first.
    """
    from assay.library.explain.prototyping import chosen, written_prototypes  # heavy imports stay out of the module
    from assay.training.embedding import Embedder
    from assay.training.examined import Examined
    from assay.trust.explain.prototypes import prototypes as protodash

    embedder = Embedder(model.path, threads=step.threads)
    examined = Examined.read(images.path, embedder.facts, what="images")

    def choose(features: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        found = protodash(features, features, count)
        return found.rows, found.weights

    table, figure, _ = written_prototypes(chosen(embedder, examined, choose, most, seed), examined)
    return Standing(table, figure)
