"""The course of a federation: terms, rounds of training and averaging, the best round, and the checked ONNX file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.training import export
from assay.training.federated.agreement import agree
from assay.training.federated.asking import MODEL, Answer, Asked, Question, Sites
from assay.training.federated.averaging import Weights, averaged
from assay.training.federated.facts import SiteFacts
from assay.training.federated.judged import Judged, together
from assay.training.federated.likeness import SCATTER, SUMS, Sums, as_arrays, bounded, merged
from assay.training.federated.recipe import FederatedRecipe, Terms
from assay.training.federated.weights import put, weights_of
from assay.training.loop import reproducible
from assay.training.networks import build
from assay.trust.robustness.typical import Typical

Tell = Callable[[str, Mapping[str, Any]], None]
"""Told what happened: ``agreed``, ``round``, ``judged`` and ``done``, with facts as JSON has them."""


def federate(sites: Sites, recipe: FederatedRecipe, folder: Path, tell: Tell) -> None:
    """Fit one network at all sites; write ``model.onnx`` and ``weights.safetensors`` of the best round, and ``typical.json``, to ``folder``.

    The best round is that with the smallest validation loss over all images of the sites that were there to the end.

    Args:
        sites: Who is asked.
        recipe: What is fitted.
        folder: Where files go.
        tell: Told what happened.

    Raises:
        ComponentError: The sites cannot learn together, one refused, too few are left, or a site finds that the ONNX file answers
            otherwise than the network.
    """
    described = sites.ask(Question(Asked.DESCRIBE, {}, {}))
    facts = {site: SiteFacts.from_json(answer.told) for site, answer in described.items()}
    terms = agree(facts, recipe)
    tell("agreed", {"terms": terms.as_json(), "sites": {site: facts[site].as_json() for site in sorted(facts)}})
    typical = _typical(sites, terms)
    with reproducible(recipe.seed, recipe.threads):
        module = build(recipe.network, len(terms.labels), recipe.size).whole()
        weights: Weights = weights_of(module)
        made: list[Weights] = []
        judged: list[dict[str, Judged]] = []
        for number in range(recipe.rounds):
            answers = sites.ask(Question(Asked.TRAIN, weights, terms.as_json(), number))
            if number:
                judged.append(_judged(number, answers, tell))
            images = {site: answer.told["images"] for site, answer in answers.items()}
            weights = averaged(weights, {site: answer.change for site, answer in answers.items()}, images)
            made.append(weights)
            losses = {site: answers[site].told["training_loss"] for site in sorted(answers)}
            tell("round", {"round": number + 1, "training_loss": losses, "images": images})
        answers = sites.ask(Question(Asked.VALIDATE, weights, terms.as_json()))
        judged.append(_judged(recipe.rounds, answers, tell))
        best = _best(judged)
        put(made[best], module)
        export.export_onnx(module, recipe.size, folder / export.MODEL_FILE)
        export.write_labels(folder / export.MODEL_FILE, terms.labels)
        module.eval()  # torch's mode without dropout, in which the file is made; nothing is evaluated as code
        export.save_weights(module, folder / export.WEIGHTS_FILE)
        typical.write(folder)
        agreed = _checked(sites, made[best], terms, folder / export.MODEL_FILE)
        numel = sum(value.numel() for value in module.parameters())
    tell(
        "done",
        {
            "best_round": best + 1,
            "weights": numel,
            "largest_difference": agreed.difference,
            "images_checked": agreed.images,
        },
    )


def _typical(sites: Sites, terms: Terms) -> Typical:
    """Return what the pictures of all sites look like: sums cross for the statistics, and counts of distances for their bound."""
    looked = sites.ask(Question(Asked.LOOK, {}, terms.as_json()))
    sums = {
        site: Sums(
            np.array([answer.told["images"].get(label, 0) for label in terms.labels], dtype=np.int64),
            answer.change[SUMS],
            answer.change[SCATTER],
        )
        for site, answer in looked.items()
    }
    typical = merged(sums)
    measured = sites.ask(Question(Asked.MEASURE, as_arrays(typical), terms.as_json()))
    return bounded(typical, [answer.told["distances"] for answer in measured.values()])


def _judged(number: int, answers: Mapping[str, Answer], tell: Tell) -> dict[str, Judged]:
    told = {site: Judged.from_json(answers[site].told) for site in sorted(answers)}
    tell("judged", {"round": number, "sites": {site: one.as_json() for site, one in told.items()}})
    return told


def _best(judged: list[dict[str, Judged]]) -> int:
    there = sorted(judged[-1])  # rounds are compared on the same images: those of sites that were there to the end
    return int(np.argmin([together(one[site] for site in there).mean_loss for one in judged]))


def _checked(sites: Sites, weights: Weights, terms: Terms, model: Path) -> export.Agreement:
    arrays: dict[str, NDArray[Any]] = {**weights, MODEL: np.frombuffer(model.read_bytes(), dtype=np.uint8)}
    told = [answer.told for answer in sites.ask(Question(Asked.CHECK, arrays, terms.as_json())).values()]
    return export.Agreement(max(one["difference"] for one in told), sum(one["images"] for one in told))
