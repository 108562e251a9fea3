"""What must hold before a classifier is fitted; each fault names who is at fault."""

from __future__ import annotations

from collections.abc import Sequence

from assay.data.weighing import SAMPLE_WEIGHT
from assay.errors import ComponentError, did_you_mean
from assay.training.pixels import LabelledImages

_NEGATIVES = frozenset({"0", "control", "false", "healthy", "negative", "no", "none", "normal", "other"})
_MOST_NAMED = 5


def refuse_leakage(train: LabelledImages, validation: LabelledImages) -> None:
    """Raise ComponentError when a patient is in both sets: the model would be judged on people it has seen."""
    shared = sorted(set(train.patients) & set(validation.patients))
    if shared:
        named = ", ".join(shared[:_MOST_NAMED]) + (" …" if len(shared) > _MOST_NAMED else "")
        raise ComponentError(
            f"{len(shared)} patients are in both training and validation: {named}",
            culprit=shared[0],
            hint="split by patient: transform/split-by-patient",
        )


def refuse_other_kind(train: LabelledImages, validation: LabelledImages) -> None:
    """Raise ComponentError when the two sets differ in intensity or modality."""
    for fact in ("intensity", "modality"):
        here, there = str(getattr(train.meta, fact)), str(getattr(validation.meta, fact))
        if here != there:
            raise ComponentError(
                f"training images have {fact} {here or 'unknown'!r}, validation images {there or 'unknown'!r}",
                culprit=there,
                hint="both parts must come from the same kind of images",
            )


def label_order(train: LabelledImages, validation: LabelledImages) -> tuple[str, ...]:
    """Return the labels, the index being the class number: as ``images.json`` states them, or sorted.

    Raises:
        ComponentError: One class only, or a label that training never shows.
    """
    found = set(train.labels)
    unknown = sorted(set(validation.labels) - found)
    if unknown:
        raise ComponentError(
            f"label {unknown[0]!r} is in the validation set but not in the training set",
            culprit=unknown[0],
            hint=did_you_mean(unknown[0], found) or f"labels in training: {', '.join(sorted(found))}",
        )
    for what, labels in (("training", found), ("validation", set(validation.labels))):
        if len(labels) < 2:
            only = next(iter(labels))
            raise ComponentError(f"the {what} set has one class only: {only!r}", culprit=only, hint="two are needed")
    stated = [label for label in train.meta.labels if label in found]
    return tuple(stated if set(stated) == found else sorted(found))


def refuse_weightless(train: LabelledImages) -> None:
    """Raise ComponentError when all images of a label weigh nothing: it could not be learnt."""
    if train.weights is None:
        return
    there = {label for label, weight in zip(train.labels, train.weights, strict=True) if weight > 0}
    if lost := sorted(set(train.labels) - there):
        raise ComponentError(
            f"all training images of the label {lost[0]!r} weigh nothing",
            culprit=lost[0],
            hint=f"look at the column {SAMPLE_WEIGHT}",
        )


def positive_label(wanted: str | None, stated: str, labels: Sequence[str]) -> str:
    """Return the label whose probability is the score.

    Args:
        wanted: The parameter; ``None``: take what ``images.json`` states, or of two labels the one that is not a plain
            word for health (``normal``, ``healthy``, ``negative``, …).
        stated: ``positive`` of ``images.json``.
        labels: All labels.

    Raises:
        ComponentError: It is no label, or cannot be told.
    """
    if wanted is None:
        ill = [label for label in labels if label.lower() not in _NEGATIVES]
        wanted = stated or (ill[0] if len(labels) == 2 and len(ill) == 1 else None)
    known = ", ".join(labels)
    if wanted is None:
        raise ComponentError(f"which label is positive? labels: {known}", hint="set the parameter 'positive'")
    if wanted not in labels:
        raise ComponentError(
            f"{wanted!r} is no label", culprit=wanted, hint=did_you_mean(wanted, labels) or f"labels: {known}"
        )
    return wanted
