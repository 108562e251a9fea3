"""Fit an image classifier on two Images folders and write it as a Model folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from assay.data.images import LUNG_WINDOW, Intensity
from assay.training import checks, export
from assay.training.augmentation import Level
from assay.training.batches import Batches, FeatureBatches, Normaliser, PictureBatches, Targets, frozen, in_order
from assay.training.loop import Epoch, Fitted, Rank, Settings, Validation, class_weights, fit, predict, reproducible
from assay.training.networks import Network, NetworkName, build
from assay.training.pixels import LabelledImages, Pixels, Preprocessing

_CHECKED_BATCHES = 4


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, beside the images.

    Attributes:
        network: Which network.
        fine_tune: Whether a pretrained network learns too, or only its last layer.
        settings: Of the loop.
        batch: Pictures a batch.
        size: Edge of the pictures in pixels.
        window: Level and width; ``None``: the lung window for Hounsfield images, the full range for grey ones.
        balanced: Whether every class counts the same.
        level: Augmentation.
        flip: Whether pictures are mirrored.
        positive: Label whose probability is the score; ``None``: as stated, or the one that can be told.
        seed: Of everything random.
        threads: Of PyTorch; another number may change the last digits.
        memory: Bytes of pictures kept in memory, for each of the two sets.
    """

    network: NetworkName
    fine_tune: bool
    settings: Settings
    batch: int
    size: int
    window: tuple[float, float] | None
    balanced: bool
    level: Level
    flip: bool
    positive: str | None
    seed: int
    threads: int
    memory: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Hooks:
    """Who is told what while it runs."""

    stage: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    epoch: Callable[[Epoch], None] = lambda _epoch: None


@dataclass(frozen=True, slots=True)
class Classifier:
    """A fitted classifier with what it was fitted on.

    Attributes:
        module: Network from normalised pictures to logits, in evaluation mode.
        validation_truth: Whether each validation picture is positive, shape (pictures,).
        validation_score: Its probability of the positive label.
    """

    module: nn.Module
    network: Network
    normalise: Normaliser
    labels: tuple[str, ...]
    positive: str
    preprocessing: Preprocessing
    train: Pixels
    validation: Pixels
    fitted: Fitted
    validation_truth: NDArray[np.bool_]
    validation_score: NDArray[np.float64]
    recipe: Recipe


def train_classifier(
    train: Path, validation: Path, recipe: Recipe, rank: Rank, hooks: Hooks | None = None
) -> Classifier:
    """Fit on ``train``, judge and choose the epoch on ``validation``.

    Raises:
        ComponentError: A patient in both sets, one class only, no images, images of two kinds, a broken picture, NaN loss.
        MissingDependency: The network's package is not installed.
    """
    told = hooks or Hooks()
    known = LabelledImages.read(train, what="training"), LabelledImages.read(validation, what="validation")
    checks.refuse_leakage(*known)
    checks.refuse_other_kind(*known)
    checks.refuse_weightless(known[0])
    labels = checks.label_order(*known)
    positive = checks.positive_label(recipe.positive, known[0].meta.positive, labels)
    preprocessing = Preprocessing(_window(recipe, known[0]), recipe.size)
    pixels, held_out = (
        _load(images, preprocessing, recipe, told, what) for images, what in zip(known, _PARTS, strict=True)
    )
    with reproducible(recipe.seed, recipe.threads):
        network = build(recipe.network, len(labels), recipe.size)
        normalise = _normaliser(network, pixels)
        fitted = _fit(network, normalise, pixels, held_out, labels, labels.index(positive), recipe, rank, told)
        whole = network.whole().eval()
        logits = predict(whole, (normalise(batch) for batch in in_order(held_out, recipe.batch)))
    score = torch.softmax(logits.double(), dim=1)[:, labels.index(positive)].numpy()
    truth = np.array(known[1].labels) == positive
    return Classifier(
        whole, network, normalise, labels, positive, preprocessing, pixels, held_out, fitted, truth, score, recipe
    )


def save(classifier: Classifier, folder: Path, *, threshold: float, rule: str) -> export.Agreement:
    """Write ``model.onnx``, ``weights.safetensors`` and ``model.json``; return how well ONNX agrees with PyTorch.

    Nothing that changes from run to run (times, paths) is written: the same images, recipe and versions give the same bytes.
    """
    path = folder / export.MODEL_FILE
    export.export_onnx(classifier.module, classifier.preprocessing.size, path)
    export.write_labels(path, classifier.labels)
    batches: list[torch.Tensor] = []
    for batch in in_order(classifier.validation, classifier.recipe.batch):
        batches.append(classifier.normalise(batch))
        if len(batches) == _CHECKED_BATCHES:
            break
    agreed = export.agreement(classifier.module, path, batches, classifier.recipe.threads)
    export.save_weights(classifier.module, folder / export.WEIGHTS_FILE)
    export.write_facts(folder / export.FACTS_FILE, _facts(classifier, agreed, threshold, rule))
    return agreed


_PARTS = ("training", "validation")


def _window(recipe: Recipe, images: LabelledImages) -> tuple[float, float] | None:
    if recipe.window is None and images.meta.intensity is Intensity.HOUNSFIELD:
        return LUNG_WINDOW
    return recipe.window


def _load(images: LabelledImages, preprocessing: Preprocessing, recipe: Recipe, hooks: Hooks, what: str) -> Pixels:
    return Pixels(
        images,
        preprocessing,
        bound=recipe.memory,
        threads=recipe.threads,
        observe=lambda done, total: hooks.stage(f"reading {what} images", done, total),
    )


def _normaliser(network: Network, pixels: Pixels) -> Normaliser:
    mean, std = pixels.spread()
    # Rounded, because model.json must say exactly what was done and the pictures are half precision anyway.
    return Normaliser(
        round(mean, 6) if network.mean is None else network.mean, round(std, 6) if network.std is None else network.std
    )


def _fit(
    network: Network,
    normalise: Normaliser,
    pixels: Pixels,
    held_out: Pixels,
    labels: tuple[str, ...],
    positive: int,
    recipe: Recipe,
    rank: Rank,
    hooks: Hooks,
) -> Fitted:
    classes, truth = (
        np.array([labels.index(label) for label in part.images.labels], dtype=np.int64) for part in (pixels, held_out)
    )
    targets = Targets(classes, _mean_one(pixels.images.weights))
    batches: Batches
    if network.pretrained and not recipe.fine_tune:
        module, features = network.head, frozen(network.features, normalise, recipe.size, recipe.threads)
        batches = FeatureBatches(
            pixels,
            targets,
            features,
            size=recipe.batch,
            level=recipe.level,
            flip=recipe.flip,
            seed=recipe.seed,
            observe=lambda done, total: hooks.stage("computing features", done, total),
        )
        known = [features(batch) for batch in in_order(held_out, recipe.batch)]
        judged = Validation(known, truth, positive)
    else:
        module = network.whole()
        batches = PictureBatches(
            pixels, targets, normalise, size=recipe.batch, level=recipe.level, flip=recipe.flip, seed=recipe.seed
        )

        def inputs() -> Iterator[torch.Tensor]:
            return (normalise(batch) for batch in in_order(held_out, recipe.batch))

        judged = Validation(inputs, truth, positive)
    epochs = recipe.settings.epochs
    return fit(
        module,
        batches,
        judged,
        recipe.settings,
        rank,
        weights=class_weights(classes, len(labels), targets.weights) if recipe.balanced else None,
        on_batch=lambda epoch, batch: hooks.stage(
            f"epoch {epoch + 1} of {epochs}", epoch * len(batches) + batch, epochs * len(batches)
        ),
        on_epoch=hooks.epoch,
    )


def _mean_one(weights: NDArray[np.float64] | None) -> NDArray[np.float32] | None:
    if weights is None or (weights == weights[0]).all():  # the model stays the same, byte for byte
        return None
    scaled: NDArray[np.float32] = (weights / weights.mean()).astype(np.float32)
    return scaled


def _facts(classifier: Classifier, agreed: export.Agreement, threshold: float, rule: str) -> dict[str, Any]:
    recipe, fitted, preprocessing = classifier.recipe, classifier.fitted, classifier.preprocessing
    meta = classifier.train.images.meta
    training = {
        "network": str(recipe.network),
        "pretrained": classifier.network.pretrained,
        "fine_tuned": bool(classifier.network.pretrained) and recipe.fine_tune,
        "weights": sum(value.numel() for value in classifier.module.parameters()),
        "seed": recipe.seed,
        "threads": recipe.threads,
        "epochs": recipe.settings.epochs,
        "epochs_run": len(fitted.epochs),
        "best_epoch": fitted.best.number,
        "monitor": str(recipe.settings.monitor),
        "batch_size": recipe.batch,
        "learning_rate": recipe.settings.learning_rate,
        "weight_decay": recipe.settings.weight_decay,
        "class_weights": "balanced" if recipe.balanced else "none",
        "weighted": _mean_one(classifier.train.images.weights) is not None,
        "augmentation": str(recipe.level),
        "flip": recipe.flip,
        "validation_auroc": fitted.best.validation_auroc,
        "validation_loss": fitted.best.validation_loss,
        "versions": export.versions(),
        "data": {
            "train": _part(classifier.train.images),
            "validation": _part(classifier.validation.images),
        },
    }
    answers = export.Answers(classifier.labels, classifier.positive, threshold, rule)
    meant = export.Given(
        str(meta.intensity),
        meta.modality,
        preprocessing.window,
        preprocessing.size,
        classifier.normalise.mean,
        classifier.normalise.std,
    )
    return export.model_facts(answers, meant, training, agreed, synthetic=meta.synthetic)


def _part(images: LabelledImages) -> dict[str, Any]:
    return {
        "images": len(images.files),
        "patients": len(set(images.patients)),
        "labels": dict(sorted(Counter(images.labels).items())),
        "sha256": images.digest(),
    }
