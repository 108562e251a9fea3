"""Whether the sites can learn together at all, and on which terms; whoever differs is named."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np

from assay.data.images import LUNG_WINDOW, Intensity
from assay.errors import ComponentError
from assay.training import checks
from assay.training.federated.facts import SiteFacts
from assay.training.federated.recipe import FederatedRecipe, Terms

_SPACING_APART = 1.1


def agree(sites: Mapping[str, SiteFacts], recipe: FederatedRecipe) -> Terms:
    """Return the terms of a federation.

    Args:
        sites: What each site said of itself, by name.
        recipe: What is fitted.

    Raises:
        ComponentError: A site differs from the first in class names or their order, the positive label, intensity, modality, size or
            spacing of its pictures.
    """
    names = sorted(sites)
    first, *others = names
    for name in others:
        _refuse_difference(first, sites[first], name, sites[name], recipe)
    facts = [sites[name] for name in names]
    known = facts[0]
    positive = checks.positive_label(recipe.positive, known.positive, known.labels)
    images = np.array([fact.images for fact in facts], dtype=np.float64)
    means, stds = (np.array([getattr(fact, name) for fact in facts]) for name in ("mean", "std"))
    mean = float(images @ means / images.sum())
    spread = float(images @ (stds**2 + means**2) / images.sum()) - mean**2
    window = LUNG_WINDOW if recipe.window is None and known.intensity == Intensity.HOUNSFIELD else recipe.window
    return Terms(
        known.labels,
        positive,
        known.intensity,
        known.modality,
        window,
        # Rounded, because model.json must say exactly what was done.
        round(mean, 6),
        round(max(math.sqrt(max(0.0, spread)), 1e-3), 6),
        _class_weights(facts, known.labels, balanced=recipe.balanced),
        all(fact.synthetic for fact in facts),
    )


def _class_weights(facts: list[SiteFacts], labels: tuple[str, ...], *, balanced: bool) -> tuple[float, ...]:
    if not balanced:
        return (1.0,) * len(labels)
    rows: Counter[str] = Counter()
    for fact in facts:
        rows.update(fact.train.images)
    return tuple(rows.total() / (len(labels) * rows[label]) for label in labels)


def _refuse_difference(first: str, there: SiteFacts, name: str, here: SiteFacts, recipe: FederatedRecipe) -> None:
    pairs = [
        ("class names", ", ".join(here.labels), ", ".join(there.labels), "name the classes alike and in one order"),
        ("positive label", here.positive or "none", there.positive or "none", "state the same in images.json"),
        ("intensity", here.intensity, there.intensity, "all sites must have the same kind of images"),
        ("modality", here.modality or "unknown", there.modality or "unknown", "all sites must have the same modality"),
    ]
    if not recipe.any_size:
        hint = "resample the images of one site, or set other_sizes: accept"
        pairs.append(("pictures", f"{here.height} x {here.width}", f"{there.height} x {there.width}", hint))
        if here.spacing and there.spacing and _apart(here.spacing, there.spacing):
            pairs.append(("pixel spacing", f"{here.spacing:g} mm", f"{there.spacing:g} mm", hint))
    for what, mine, theirs, hint in pairs:
        if mine != theirs:
            raise ComponentError(f"site {name} has {what} {mine}, site {first} has {theirs}", culprit=name, hint=hint)


def _apart(one: float, other: float) -> bool:
    return max(one, other) / min(one, other) > _SPACING_APART
