"""The training loop: AdamW on a warm-up and cosine schedule, judged on validation data after each epoch, best epoch kept."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from assay.errors import ComponentError
from assay.training.batches import Batch, Batches

Rank = Callable[[NDArray[np.bool_], NDArray[np.float64]], float]
"""Truth and score to AUROC (NaN with one class); handed in, since training knows no statistics."""


class Monitor(enum.StrEnum):
    """What early stopping looks at, on validation data."""

    AUROC = "auroc"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to fit.

    Attributes:
        epochs: Passes over the training pictures, at most.
        learning_rate: Highest rate of the schedule.
        weight_decay: Of AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101).
        patience: Epochs without a better validation figure before it stops; 0: never stops early.
        monitor: Which figure.
    """

    epochs: int
    learning_rate: float
    weight_decay: float
    patience: int
    monitor: Monitor


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to; ``number`` counts from 1, losses are means of cross-entropy in nats."""

    number: int
    train_loss: float
    validation_loss: float
    validation_auroc: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """The history, and which epoch's weights the module holds now."""

    epochs: Sequence[Epoch]
    best: Epoch


@dataclass(frozen=True, slots=True)
class Validation:
    """Unchanged inputs in batches, classes, and which class is positive."""

    batches: Sequence[torch.Tensor] | Callable[[], Iterator[torch.Tensor]]
    classes: NDArray[np.int64]
    positive: int

    def inputs(self) -> Iterator[torch.Tensor]:
        """Yield the inputs in order."""
        yield from (self.batches() if callable(self.batches) else self.batches)


@contextmanager
def reproducible(seed: int, threads: int) -> Iterator[None]:
    """Run torch with this seed, this many threads and deterministic algorithms; put its state back afterwards."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(mode=True)
        try:
            yield
        finally:
            torch.set_num_threads(before[0])
            torch.use_deterministic_algorithms(mode=before[1])


def class_weights(classes: NDArray[np.int64], count: int, weights: NDArray[np.float32] | None = None) -> torch.Tensor:
    """Return weights that let every class count the same: rows / (count * rows of the class), shape (count,).

    Rows that have ``weights`` (mean 1, shape (rows,)) count by them.
    """
    rows = np.bincount(classes, weights=weights, minlength=count)
    if weights is not None:
        return torch.tensor(weights.sum() / (count * rows), dtype=torch.float32)
    return torch.tensor(len(classes) / (count * np.maximum(rows, 1)), dtype=torch.float32)


def fit(
    module: nn.Module,
    batches: Batches,
    validation: Validation,
    settings: Settings,
    rank: Rank,
    *,
    weights: torch.Tensor | None = None,
    on_batch: Callable[[int, int], None] = lambda _epoch, _batch: None,
    on_epoch: Callable[[Epoch], None] = lambda _epoch: None,
) -> Fitted:
    """Fit ``module`` in place and leave it, in evaluation mode, with the weights of its best epoch.

    Raises:
        ComponentError: The loss is no longer a finite number.
    """
    optimiser = torch.optim.AdamW(module.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    total = settings.epochs * len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda done: one_cycle(done, total))
    history: list[Epoch] = []
    best: Epoch | None = None
    kept: dict[str, torch.Tensor] = {}
    for number in range(settings.epochs):
        loss = train_epoch(module, batches, number, optimiser, schedule, weights, on_batch=on_batch)
        logits = predict(module, validation.inputs())
        epoch = _judge(number + 1, loss, logits, validation, weights, rank)
        history.append(epoch)
        on_epoch(epoch)
        if best is None or _better(epoch, best, settings.monitor):
            best, kept = epoch, {name: value.clone() for name, value in module.state_dict().items()}
        elif settings.patience and epoch.number - best.number >= settings.patience:
            break
    if best is None:
        raise ComponentError("no epoch was run", culprit="epochs", hint="epochs must be at least 1")
    module.load_state_dict(kept)
    module.eval()
    return Fitted(history, best)


def predict(module: nn.Module, inputs: Iterator[torch.Tensor]) -> torch.Tensor:
    """Return logits of all inputs, N x K, in evaluation mode."""
    module.eval()
    with torch.inference_mode():
        return torch.cat([module(batch) for batch in inputs])


def one_cycle(done: int, total: int) -> float:
    """Return the share of the highest rate after ``done`` of ``total`` steps: up in the first fifth, then a cosine to zero.

    Not torch's OneCycleLR, which divides by zero when a fifth of the steps is exactly one.
    """
    warm = max(1, total // 5)
    if done < warm:
        return (done + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (done - warm) / max(1, total - warm)))


def train_epoch(
    module: nn.Module,
    batches: Batches,
    number: int,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    weights: torch.Tensor | None,
    *,
    on_batch: Callable[[int, int], None] = lambda _epoch, _batch: None,
    pull: Callable[[], torch.Tensor] | None = None,
) -> float:
    """Move ``module`` once through the batches and return the mean training loss in nats.

    Args:
        module: Moved in place.
        batches: What is learnt.
        number: Of the epoch, from 0.
        optimiser: Of the module's weights.
        schedule: Of the optimiser's rate; takes a step each batch.
        weights: Of the classes, shape (classes,).
        on_batch: Told epoch and batches done.
        pull: Added to each batch's loss; not counted in what is returned.

    Raises:
        ComponentError: The loss is no longer a finite number.
    """
    module.train()
    total, rows = 0.0, 0
    for index, batch in enumerate(batches.epoch(number)):
        optimiser.zero_grad()
        loss = _loss(module(batch.inputs), batch, weights)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise ComponentError(
                f"the training loss is {value} in epoch {number + 1}, batch {index + 1}",
                culprit="learning_rate",
                hint=f"lower learning_rate (now {optimiser.defaults['lr']:g}), or look for broken images",
            )
        if pull is not None:
            loss = loss + pull()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        total, rows = total + value * len(batch.classes), rows + len(batch.classes)
        on_batch(number, index + 1)
    return total / rows


def _loss(logits: torch.Tensor, batch: Batch, weights: torch.Tensor | None) -> torch.Tensor:
    """Return the mean cross-entropy; rows of a batch that weigh little together move the network little."""
    if batch.weights is None:
        return functional.cross_entropy(logits, batch.classes, weight=weights)
    each = functional.cross_entropy(logits, batch.classes, weight=weights, reduction="none")
    whole = len(batch.classes) if weights is None else weights[batch.classes].sum()
    return (each * batch.weights).sum() / whole


def _judge(
    number: int, loss: float, logits: torch.Tensor, validation: Validation, weights: torch.Tensor | None, rank: Rank
) -> Epoch:
    validation_loss = float(functional.cross_entropy(logits, torch.from_numpy(validation.classes), weight=weights))
    if not math.isfinite(validation_loss):
        raise ComponentError(
            f"the validation loss is {validation_loss} in epoch {number}", culprit="learning_rate", hint="lower it"
        )
    score = torch.softmax(logits.double(), dim=1)[:, validation.positive].numpy()
    return Epoch(number, loss, validation_loss, rank(validation.classes == validation.positive, score))


def _better(epoch: Epoch, best: Epoch, monitor: Monitor) -> bool:
    if monitor is Monitor.LOSS:
        return epoch.validation_loss < best.validation_loss
    ahead = epoch.validation_auroc - best.validation_auroc
    return ahead > 1e-9 or (abs(ahead) <= 1e-9 and epoch.validation_loss < best.validation_loss)
