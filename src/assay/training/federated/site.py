"""What one site does with its own images. Nothing here knows how messages travel; what is returned is all that leaves."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from assay.data.images import LUNG_WINDOW, Intensity
from assay.training import checks, export
from assay.training.batches import Normaliser, PictureBatches, Targets, in_order
from assay.training.federated.averaging import Weights
from assay.training.federated.facts import SiteFacts, refuse_few
from assay.training.federated.judged import Judged
from assay.training.federated.likeness import Sums, counted
from assay.training.federated.recipe import FederatedRecipe, Terms
from assay.training.federated.weights import put, weights_of
from assay.training.loop import one_cycle, predict, reproducible, train_epoch
from assay.training.networks import build
from assay.training.pixels import LabelledImages, Pixels, Preprocessing
from assay.trust.robustness.typical import MOST_LOOKED_AT, Typical, facts_of

_CHECKED_BATCHES = 4


class Change(NamedTuple):
    """What a round at a site came to: change of each weight, mean training loss in nats, and training images."""

    weights: Weights
    loss: float
    images: int


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a site's images lie."""

    train: Path
    validation: Path


class Site:
    """One site.

    Args:
        number: Its place among the sites, so that no two draw alike.
        folders: Its images.
        recipe: What is fitted.

    Raises:
        ComponentError: A patient in both parts, one class only, fewer patients than ``recipe.fewest``, a broken picture.
    """

    def __init__(self, number: int, folders: Folders, recipe: FederatedRecipe) -> None:
        self._recipe, self._seed = recipe, recipe.seed * 1_009 + number
        known = (
            LabelledImages.read(folders.train, what="training"),
            LabelledImages.read(folders.validation, what="validation"),
        )
        checks.refuse_leakage(*known)
        checks.refuse_other_kind(*known)
        checks.label_order(*known)
        refuse_few(known[0], recipe.fewest)
        window = recipe.window
        if window is None and known[0].meta.intensity is Intensity.HOUNSFIELD:
            window = LUNG_WINDOW
        steps = Preprocessing(window, recipe.size)
        self._train, self._validation = (Pixels(images, steps, threads=recipe.threads) for images in known)

    def describe(self) -> SiteFacts:
        """Return what the server needs to know before the first round."""
        return SiteFacts.of(self._train.images, self._validation.images, self._train.spread())

    def look(self, terms: Terms) -> Sums:
        """Return sums of what the training pictures look like, by label."""
        chosen = self._train.evenly(MOST_LOOKED_AT)
        return Sums.of(facts_of(self._train, chosen), self._classes(self._train, terms)[chosen], len(terms.labels))

    def measure(self, typical: Typical) -> list[int]:
        """Return how many validation pictures lie how far from what is typical of all sites."""
        return counted(typical, facts_of(self._validation, self._validation.evenly(MOST_LOOKED_AT)))

    def train(self, weights: Weights, terms: Terms, number: int) -> Change:
        """Train on the site's own images, from common weights.

        Args:
            weights: Of the network, by name.
            terms: Common to all sites.
            number: Of the round, from 0.

        Raises:
            ComponentError: The loss is no longer a finite number.
        """
        recipe = self._recipe
        with reproducible(self._seed * 10_007 + number, recipe.threads):
            module = self._network(weights, terms)
            batches = PictureBatches(
                self._train,
                Targets(self._classes(self._train, terms)),
                Normaliser(terms.mean, terms.std),
                size=recipe.batch,
                level=recipe.level,
                flip=recipe.flip,
                seed=self._seed,
            )
            rate, decay = recipe.learning_rate, recipe.weight_decay
            optimiser = torch.optim.AdamW(module.parameters(), lr=rate, weight_decay=decay)
            each = recipe.local_epochs * len(batches)
            schedule = torch.optim.lr_scheduler.LambdaLR(
                optimiser, lambda done: one_cycle(number * each + done, recipe.rounds * each)
            )
            loss = 0.0
            for epoch in range(recipe.local_epochs):
                loss = train_epoch(
                    module,
                    batches,
                    number * recipe.local_epochs + epoch,
                    optimiser,
                    schedule,
                    torch.tensor(terms.class_weights, dtype=torch.float32),
                    pull=_pull(module, recipe.proximal),
                )
        after = weights_of(module)
        return Change({name: after[name] - before for name, before in weights.items()}, loss, len(self._train))

    def validate(self, weights: Weights, terms: Terms) -> Judged:
        """Return how a model does on the site's validation images, as sums and counts."""
        with reproducible(self._seed, self._recipe.threads):
            logits = predict(self._network(weights, terms), self._inputs(terms))
        classes = torch.from_numpy(self._classes(self._validation, terms))
        weight = torch.tensor(terms.class_weights, dtype=torch.float32)
        loss = functional.cross_entropy(logits, classes, weight=weight, reduction="sum")
        positive = terms.labels.index(terms.positive)
        score = torch.softmax(logits.double(), dim=1)[:, positive].numpy()
        return Judged.of(float(loss), float(weight[classes].sum()), (classes == positive).numpy(), score)

    def check(self, weights: Weights, terms: Terms, model: bytes) -> export.Agreement:
        """Hold an ONNX file against the network it is said to be of, on the site's own pictures.

        Raises:
            ComponentError: They differ by more than is allowed.
        """
        batches = list(self._inputs(terms, _CHECKED_BATCHES))
        with tempfile.TemporaryDirectory() as folder, reproducible(self._seed, self._recipe.threads):
            path = Path(folder) / export.MODEL_FILE
            path.write_bytes(model)
            return export.agreement(self._network(weights, terms), path, batches, self._recipe.threads)

    def _network(self, weights: Weights, terms: Terms) -> nn.Module:
        module = build(self._recipe.network, len(terms.labels), self._recipe.size).whole()
        put(weights, module)
        return module

    def _classes(self, pixels: Pixels, terms: Terms) -> NDArray[np.int64]:
        return np.array([terms.labels.index(label) for label in pixels.images.labels], dtype=np.int64)

    def _inputs(self, terms: Terms, most: int | None = None) -> Iterator[torch.Tensor]:
        normalise = Normaliser(terms.mean, terms.std)
        return (normalise(batch) for batch in islice(in_order(self._validation, self._recipe.batch), most))


def _pull(module: nn.Module, strength: float) -> Callable[[], torch.Tensor] | None:
    """Return FedProx's term: half of ``strength`` times the squared distance to the weights that the round began with."""
    if strength == 0:
        return None
    begun = [value.detach().clone() for value in module.parameters()]

    def pull() -> torch.Tensor:
        apart = (
            functional.mse_loss(now, then, reduction="sum")
            for now, then in zip(module.parameters(), begun, strict=True)
        )
        return torch.stack(list(apart)).sum() * (strength / 2)

    return pull
