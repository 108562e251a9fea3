"""explain/prototypes."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from assay import Dataset, Figure, Images, Model, Param, component, step


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
    import csv

    import numpy as np  # heavy imports stay out of the module: whoever lists components need not have them

    from assay.training.embedding import Embedder
    from assay.training.examined import Examined
    from assay.trust.explain.picturing import Strip, gallery
    from assay.trust.explain.prototypes import prototypes as protodash

    embedder = Embedder(model.path, threads=step.threads)
    examined = Examined.read(images.path, embedder.facts, what="images")
    labels = np.array([row["label"] for row in examined.rows])
    lines: list[dict[str, object]] = []
    strips: list[Strip] = []
    for label in embedder.facts.labels:
        rows = np.sort(np.random.default_rng(seed).permutation(np.flatnonzero(labels == label))[:most])
        if not len(rows):
            strips.append(Strip(label, []))
            continue
        pictures = examined.pictures(rows)
        seen = embedder.features(pictures[:, None])
        found = protodash(seen, seen, count)
        order = np.argsort(-found.weights, kind="stable")
        shares = found.weights / found.weights.sum()
        for rank, place in enumerate(order, start=1):
            row = examined.rows[int(rows[found.rows[place]])]
            told = {"label": label, "rank": rank, "file": row["file"], "patient": row["patient"]}
            lines.append(told | {"weight": f"{shares[place]:.6f}"})
        greys = (np.repeat(pictures[found.rows[order]][..., None], 3, axis=3) * 255).astype(np.uint8)
        strips.append(Strip(f"{label}: {len(order)} stand for {len(rows)}", list(greys)))
    table = step.output("prototypes", Dataset, suffix=".csv")
    with table.path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["label", "rank", "file", "patient", "weight"])
        writer.writeheader()
        writer.writerows(lines)
    mark = " (synthetic images)" if examined.meta.synthetic else ""
    whole, small = gallery(f"Prototypes of each label as the model sees them{mark}", strips)
    figure = step.output("gallery", Figure, suffix=".png")
    figure.path.write_bytes(whole)
    step.preview("prototypes", small, media_type="image/jpeg")
    return Standing(table, figure)
