"""fairness/reweighing."""

from __future__ import annotations

import dataclasses
from typing import Annotated, NamedTuple

from assay import ComponentError, Figure, Images, Param, component, step
from assay.data.images import read_index, read_index_text, read_meta, write_meta
from assay.data.subset import write_subset
from assay.data.weighing import SAMPLE_WEIGHT, sample_weights
from assay.library.fairness.weighing import shares
from assay.trust.fairness.people import groupings
from assay.trust.fairness.reweighing import MEANING, reweighed


class Weighted(NamedTuple):
    """Outputs of ``reweighing``."""

    images: Images
    shares: Figure


@component(
    "fairness/reweighing",
    version="1.0.0",
    tags=("trust", "fairness", "mitigation", "training"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "pillow"),
    preload=("numpy", "pandas"),
)
def reweighing(
    images: Images,
    *,
    by: Annotated[str, Param(column_of="images")] = "sex",
    age_cuts: list[float] | None = None,
    most: Annotated[float, Param(min=1.0, max=1000.0)] = 20.0,
) -> Weighted:
    """Weigh training images so that every group has every label equally often, for train/image-classifier.

    Where the disease is more common in one group of the training data, a network may learn the group in place of the disease. The
    weights (Kamiran and Calders 2012, equal to AI Fairness 360's Reweighing) make group and label independent in what it learns
    from. That alone makes no model fair: measure it with fairness/group-metrics, before and after with fairness/compare. No
    decision depends on the group afterwards.

    Args:
        images: Training images. A column sample_weight that is there is multiplied.
        by: Column whose groups are made alike; age_group is made of age. Images of no known group keep their weight.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        most: Largest factor: a few images that count as hundreds would be learnt by heart.

    Returns:
        images: The same images with the column sample_weight.
        shares: Share of the positive label in each group before and after (SVG, Vega-Lite inside).
    """
    index, cells, meta = read_index(images), read_index_text(images), read_meta(images)
    if not len(index):
        raise ComponentError("there are no images to weigh", culprit=str(images))
    (part,) = groupings(cells, [by], age_cuts or [40.0, 60.0])
    found = reweighed(part, cells["label"].tolist(), sample_weights(index, "training"), most=most)
    cells[SAMPLE_WEIGHT] = [repr(float(each)) for each in found.weight]
    output = step.output("images", Images)
    write_subset(images.path, cells, output.path)
    write_meta(output, dataclasses.replace(meta, columns={**meta.columns, SAMPLE_WEIGHT: MEANING.format(by=by)}))
    return Weighted(output, shares(found, part, meta.positive, most, synthetic=meta.synthetic))
