"""train/image-classifier."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np

from assay import Figure, Images, Model, Param, component, step
from assay.library.train.windows import level_and_width
from assay.training.augmentation import Level
from assay.training.classifier import Classifier, Hooks, Recipe, save, train_classifier
from assay.training.loop import Epoch, Monitor, Settings
from assay.training.networks import NetworkName
from assay.trust.charts.chart import Line, LineChart
from assay.trust.charts.svg import draw
from assay.trust.charts.vega import specification
from assay.trust.performance.ranking import auroc
from assay.trust.performance.thresholds import sensitivity_threshold, youden_threshold
from assay.trust.robustness.typical import MOST_LOOKED_AT, Typical, facts_of


class Trained(NamedTuple):
    """What training yields."""

    model: Model
    curve: Figure


@component(
    "train/image-classifier",
    version="1.0.0",
    tags=("images", "deep learning", "classification"),
    licence="Apache-2.0",
    requires=("torch", "monai", "onnx", "onnxruntime", "safetensors", "numpy", "pandas", "pillow"),
    preload=("torch", "numpy", "pandas"),
)
def image_classifier(
    train: Images,
    validation: Images,
    *,
    network: Literal["small-resnet", "densenet", "efficientnet-lite0"] = "small-resnet",
    fine_tune: bool = False,
    epochs: Annotated[int, Param(min=1, max=1000)] = 8,
    batch_size: Annotated[int, Param(min=2, max=1024, unit="images")] = 32,
    learning_rate: Annotated[float, Param(min=1e-7, max=1.0)] = 3e-3,
    weight_decay: Annotated[float, Param(min=0.0, max=1.0)] = 1e-2,
    image_size: Annotated[int, Param(min=32, max=1024, unit="pixels")] = 128,
    window: Annotated[list[float] | None, Param(min=2, max=2, unit="HU")] = None,
    class_weights: Literal["balanced", "none"] = "balanced",
    augmentation: Literal["none", "light", "strong"] = "light",
    flip: bool = False,
    monitor: Literal["auroc", "loss"] = "auroc",
    patience: Annotated[int, Param(min=0, unit="epochs")] = 5,
    threshold: Literal["youden", "sensitivity"] = "youden",
    sensitivity: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.9,
    positive: str | None = None,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Trained:
    """Fit a neural network that tells images of one label from the others.

    The epoch with the best validation figure is kept, the threshold is chosen on validation data, and the model is written as ONNX
    only after ONNX Runtime gave the same answers as PyTorch on validation images. The same images, parameters, threads and
    versions give the same model, byte for byte. A patient in both sets is refused. A column sample_weight of the training images, as
    from fairness/reweighing, says how much each counts.

    Args:
        train: Images to fit on.
        validation: Images of other patients, for early stopping and the threshold.
        network: small-resnet learns from nothing and is fast; densenet is MONAI's, slim; efficientnet-lite0 knows ImageNet (extra
            'backbones') and is the better choice for a few hundred real images, at image_size 224.
        fine_tune: Whether the pretrained network learns too, or only its last layer; nothing to networks without pretraining.
        epochs: Passes over the training images, at most.
        batch_size: Images a step of the optimiser.
        learning_rate: Highest rate of the one-cycle schedule (AdamW).
        weight_decay: Of AdamW.
        image_size: Edge to which images are stretched.
        window: Level and width; default the lung window (-600, 1500) for Hounsfield images, the full range for grey ones.
        class_weights: balanced makes every label count the same, however rare.
        augmentation: Small random rotation, shift, scale, contrast, brightness and noise.
        flip: Also mirror left and right; off, because a chest has sides.
        monitor: Validation figure that picks the best epoch.
        patience: Epochs without a better figure before training stops; 0 runs all epochs.
        threshold: youden balances sensitivity and specificity; sensitivity finds at least the share below.
        sensitivity: Share of positives the threshold must find on validation data, with threshold 'sensitivity'.
        positive: Label whose probability is the score; default what images.json states, or the one that is not 'normal', 'healthy' or the like.
        seed: Of first weights, order and augmentation.

    Returns:
        model: ONNX network, label map, preprocessing, threshold, training facts, data digests, and statistics of the pictures (typical.json),
            by which the predictor says how unlike them another picture is.
        curve: Loss and validation AUROC by epoch (SVG, Vega-Lite inside).
    """
    recipe = Recipe(
        network=NetworkName(network),
        fine_tune=fine_tune,
        settings=Settings(epochs, learning_rate, weight_decay, patience, Monitor(monitor)),
        batch=batch_size,
        size=image_size,
        window=level_and_width(window),
        balanced=class_weights == "balanced",
        level=Level(augmentation),
        flip=flip,
        positive=positive,
        seed=seed,
        threads=step.threads,
    )
    hooks = Hooks(stage=lambda stage, done, total: step.progress(done, total, stage), epoch=_log_epoch)
    classifier = train_classifier(train.path, validation.path, recipe, auroc, hooks)
    cut = _threshold(classifier, threshold, sensitivity)
    model = step.output("model", Model)
    agreed = save(classifier, model.path, threshold=cut, rule=threshold)
    typical = _typical(classifier)
    typical.write(model.path)
    print(
        f"positive: {classifier.positive}; best epoch {classifier.fitted.best.number} of {len(classifier.fitted.epochs)}; "
        f"threshold {cut:.4g}; ONNX differs by at most {agreed.difference:.2g} on {agreed.images} images"
    )
    print(
        f"like the training pictures: distance at most {typical.bound:.4g}, within which {typical.quantile:.0%} of "
        f"{typical.held_out} validation images lie"
    )
    chart = _curve(classifier)
    step.preview("learning curve", specification(chart), media_type="application/vnd.vegalite.v5+json")
    curve = step.output("curve", Figure, suffix=".svg")
    curve.path.write_text(draw(chart), encoding="utf-8")
    return Trained(model, curve)


def _log_epoch(epoch: Epoch) -> None:
    print(
        f"epoch {epoch.number}: loss {epoch.train_loss:.4f}, validation loss {epoch.validation_loss:.4f}, "
        f"AUROC {epoch.validation_auroc:.4f}"
    )
    step.log_metric("train_loss", epoch.train_loss, index=epoch.number)
    step.log_metric("validation_loss", epoch.validation_loss, index=epoch.number)
    step.log_metric("validation_auroc", epoch.validation_auroc, index=epoch.number)


def _threshold(classifier: Classifier, rule: str, sensitivity: float) -> float:
    truth, score = classifier.validation_truth, classifier.validation_score
    return youden_threshold(truth, score) if rule == "youden" else sensitivity_threshold(truth, score, sensitivity)


def _typical(classifier: Classifier) -> Typical:
    """Return what the pictures look like."""
    train, validation = classifier.train, classifier.validation
    chosen = train.evenly(MOST_LOOKED_AT)
    classes = np.array([classifier.labels.index(train.images.labels[row]) for row in chosen], dtype=np.intp)
    held_out = facts_of(validation, validation.evenly(MOST_LOOKED_AT))
    return Typical.fitted(facts_of(train, chosen), classes, held_out)


def _curve(classifier: Classifier) -> LineChart:
    epochs = classifier.fitted.epochs
    highest = max(1.0, *(max(epoch.train_loss, epoch.validation_loss) for epoch in epochs))
    synthetic = " (synthetic images)" if classifier.train.images.meta.synthetic else ""
    return LineChart(
        f"Learning curve{synthetic}",
        "epoch",
        "loss (nats), AUROC",
        [
            Line("training loss", [(epoch.number, epoch.train_loss) for epoch in epochs]),
            Line("validation loss", [(epoch.number, epoch.validation_loss) for epoch in epochs]),
            Line("validation AUROC", [(epoch.number, epoch.validation_auroc) for epoch in epochs]),
        ],
        x_range=(1.0, float(max(2, len(epochs)))),
        y_range=(0.0, highest),
    )
