"""train/federated-image-classifier."""

from __future__ import annotations

import re
import shutil
from typing import Annotated, Literal, NamedTuple

from assay import Dataset, Figure, Images, Model, Param, component, step
from assay.errors import ComponentError
from assay.library.train.federating import Course, crossed_table
from assay.library.train.windows import level_and_width
from assay.training import export
from assay.training.augmentation import Level
from assay.training.federated.flare.running import crossings, run, workplace
from assay.training.federated.recipe import FederatedRecipe
from assay.training.federated.site import Folders
from assay.training.networks import NetworkName
from assay.trust.charts.svg import draw
from assay.trust.charts.vega import specification
from assay.trust.robustness import typical

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_MINUTE = 60.0


class Federated(NamedTuple):
    """What a federation yields."""

    model: Model
    curve: Figure
    crossed: Dataset


@component(
    "train/federated-image-classifier",
    version="1.0.0",
    tags=("images", "deep learning", "classification", "federated", "privacy"),
    licence="Apache-2.0",
    requires=(
        "nvflare>=2.9,<2.10",
        "torch",
        "monai",
        "onnx",
        "onnxruntime",
        "safetensors",
        "numpy",
        "pandas",
        "pillow",
        "psutil",
    ),
    preload=("torch", "numpy", "pandas"),
)
def federated_image_classifier(
    train: list[Images],
    validation: list[Images],
    *,
    sites: list[str] | None = None,
    network: Literal["small-resnet", "densenet"] = "small-resnet",
    rounds: Annotated[int, Param(min=1, max=200)] = 10,
    local_epochs: Annotated[int, Param(min=1, max=100)] = 1,
    proximal: Annotated[float, Param(min=0.0, max=100.0)] = 0.0,
    batch_size: Annotated[int, Param(min=2, max=1024, unit="images")] = 32,
    learning_rate: Annotated[float, Param(min=1e-7, max=1.0)] = 3e-3,
    weight_decay: Annotated[float, Param(min=0.0, max=1.0)] = 1e-2,
    image_size: Annotated[int, Param(min=32, max=1024, unit="pixels")] = 128,
    window: Annotated[list[float] | None, Param(min=2, max=2, unit="HU")] = None,
    class_weights: Literal["balanced", "none"] = "balanced",
    augmentation: Literal["none", "light", "strong"] = "light",
    flip: bool = False,
    threshold: Literal["youden", "sensitivity"] = "youden",
    sensitivity: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.9,
    positive: str | None = None,
    fewest: Annotated[int, Param(min=1, unit="patients")] = 10,
    min_sites: Annotated[int, Param(min=0, unit="sites")] = 0,
    site_timeout: Annotated[float, Param(min=0.1, max=1440.0, unit="minutes")] = 30.0,
    other_sizes: Literal["refuse", "accept"] = "refuse",
    seed: Annotated[int, Param(min=0)] = 0,
) -> Federated:
    """Fit one classifier at several sites whose images stay where they are: only weights, sums and counts cross.

    Federated averaging by NVIDIA FLARE's simulator: every site is a process of its own that knows the place of its own images only.
    A door at each site lets out changes of the weights, sums over its training images of what they look like (75 facts by label, such
    as the means of an 8 x 8 grid, and their products), and named numbers (counts, sums, counts of scores and distances in steps),
    writes down what left, and holds back all else. Each site holds the ONNX file against PyTorch on its own validation images before it is published.
    The same images, parameters, threads and versions give the same model, byte for byte. It shows what a federation would come to; all
    sites are on one machine. No secure aggregation and no differential privacy: whoever sees a site's weights can learn about its
    patients.

    Args:
        train: Images to fit on, one folder a site.
        validation: Images of other patients of the same sites, in the same order, for the best round and the threshold.
        sites: Names of the sites, in the order of the folders; default site-1, site-2, ….
        network: As in train/image-classifier; pretrained ones are not offered.
        rounds: How often the sites' weights are averaged.
        local_epochs: Passes over a site's own images between two averages.
        proximal: FedProx's mu: how strongly a site is held near the common weights; 0 is plain FedAvg.
        batch_size: Images a step of the optimiser.
        learning_rate: Highest rate of the one-cycle schedule (AdamW), which spans all rounds.
        weight_decay: Of AdamW.
        image_size: Edge to which images are stretched.
        window: Level and width; default the lung window (-600, 1500) for Hounsfield images, the full range for grey ones.
        class_weights: balanced makes every label count the same over all sites, however rare.
        augmentation: Small random rotation, shift, scale, contrast, brightness and noise.
        flip: Also mirror left and right; off, because a chest has sides.
        threshold: youden balances sensitivity and specificity; sensitivity finds at least the share below.
        sensitivity: Share of positives the threshold must find on validation data, with threshold 'sensitivity'.
        positive: Label whose probability is the score; default what images.json states, or the one that is not 'normal' or the like.
        fewest: Training patients of each label that a site must have; one with fewer is refused.
        min_sites: Sites that must be left for the run to go on when one ends in the middle; 0: all of them.
        site_timeout: Longest time that a site may take for one answer.
        other_sizes: Whether sites may store pictures of another size or pixel spacing than the first site.
        seed: Of first weights, order and augmentation.

    Returns:
        model: As train/image-classifier writes it: ONNX network, label map, preprocessing, threshold, training facts with the counts of each
            site, and statistics of the sites' pictures from sums and counts (typical.json).
        curve: Validation loss of each site by round (SVG, Vega-Lite inside).
        crossed: Every message that left a site, as its door wrote it down (CSV).
    """
    folders = _folders(train, validation, sites)
    recipe = FederatedRecipe(
        network=NetworkName(network),
        rounds=rounds,
        local_epochs=local_epochs,
        batch=batch_size,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        proximal=proximal,
        size=image_size,
        window=level_and_width(window),
        balanced=class_weights == "balanced",
        level=Level(augmentation),
        flip=flip,
        positive=positive,
        fewest=fewest,
        any_size=other_sizes == "accept",
        seed=seed,
        threads=max(1, step.threads // len(folders)),
    )
    course = Course(recipe)
    model = step.output("model", Model)
    crossed = step.output("crossed", Dataset, suffix=".csv")
    least = min_sites or len(folders)
    with workplace() as work:
        made = run(work, folders, recipe, fewest=least, patience=site_timeout * _MINUTE, follow=course.follow)
        for name in (export.MODEL_FILE, export.WEIGHTS_FILE, typical.FILE):
            shutil.copyfile(made / name, model.path / name)
        crossed.path.write_text(crossed_table(crossings(work, folders)), encoding="utf-8")
    terms = course.terms
    if terms is None:
        raise ComponentError("the federation ended before its sites agreed")
    cut = course.threshold(threshold, sensitivity)
    export.write_facts(model.path / export.FACTS_FILE, course.model_facts(terms, cut, threshold))
    print(
        f"positive: {terms.positive}; best round {course.best} of {rounds}; threshold {cut:.4g}; ONNX differs by at most "
        f"{course.done['largest_difference']:.2g} on {course.done['images_checked']} images, each looked at where it lies"
    )
    chart = course.chart()
    step.preview("learning curve", specification(chart), media_type="application/vnd.vegalite.v5+json")
    curve = step.output("curve", Figure, suffix=".svg")
    curve.path.write_text(draw(chart), encoding="utf-8")
    return Federated(model, curve, crossed)


def _folders(train: list[Images], validation: list[Images], sites: list[str] | None) -> dict[str, Folders]:
    names = sites or [f"site-{number + 1}" for number in range(len(train))]
    if len(train) < 2:
        raise ComponentError(
            "a federation needs at least two sites", culprit="train", hint="for one, use train/image-classifier"
        )
    if not len(train) == len(validation) == len(names):
        counts = f"{len(train)} training folders, {len(validation)} validation folders, {len(names)} names"
        raise ComponentError(f"each site has one of each: {counts}", culprit="sites")
    for name in names:
        if not _NAME.fullmatch(name) or name == "server":
            hint = "small letters, digits and hyphens, such as north or site-1; 'server' is taken"
            raise ComponentError(f"{name!r} cannot name a site", culprit=name, hint=hint)
        if names.count(name) > 1:
            raise ComponentError(f"two sites are named {name!r}", culprit=name)
    parts = zip(names, train, validation, strict=True)
    return {name: Folders(one.path.absolute(), other.path.absolute()) for name, one, other in parts}
