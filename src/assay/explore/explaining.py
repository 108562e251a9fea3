"""One image explained because somebody asked: the method that the run chose, where it needs no gradient, with its faithfulness beside random maps.

What comes of it is computed for whoever looks, and is no evidence: nothing signs it, and one image shows nothing of a method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.data.images import load_pixels, read_meta
from assay.errors import ComponentError
from assay.explore.pictures import file_in, layered
from assay.training.examined import Examined
from assay.training.predictor import Predictor
from assay.trust.explain.asking import Ask, Asked, Heat, Pictures, probability
from assay.trust.explain.backgrounds import Backgrounds, Fill
from assay.trust.explain.black_box import black_box
from assay.trust.explain.controls import Control, control_heat
from assay.trust.explain.faithfulness import STEPS, Faithfulness, faithfulness, turns
from assay.trust.explain.localisation import is_constant
from assay.trust.explain.occlusion import places
from assay.trust.explain.recipes import METHODS, BlackBox, KernelShap, Lime, Occlusion, title

RANDOM_MAPS = 10
"""Maps that know nothing, which the heat is held against."""

_REFERENCES = 400
_SEED = 0
_FINEST = 4
"""A window, a superpixel and a stride are at least this part of 100 of the edge: a finer map asks the model too often."""
_MOST_FILLS, _MOST_SAMPLES, _MOST_SMOOTHING = 8, 4000, 64.0

Tell = Callable[[int, int], None]
"""How many times the model was asked so far, and about how often it will be."""


@dataclass(frozen=True, slots=True)
class Wished:
    """What is to be explained.

    Attributes:
        model: The Model folder.
        images: The Images folder of the image.
        name: The image inside it.
        training: The Images folder whose negatives show a part as it is when it is healthy; ``None``: a covered part is blurred.
        method: What the run explained by; empty: nothing.
        settings: Of that method, as ``heatmaps.json`` states them.
    """

    model: Path
    images: Path
    name: str
    training: Path | None
    method: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Curves:
    """Deletion and insertion by one fill.

    Attributes:
        fill: What takes the place of a pixel.
        deletion, insertion: Of the heat; low and high when it is faithful, 0..1.
        random_deletion, random_insertion: Mean of the random maps.
        beaten: Random maps whose insertion minus deletion is below that of the heat.
    """

    fill: str
    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float
    beaten: int


@dataclass(frozen=True, slots=True)
class Explained:
    """What came of it.

    Attributes:
        method: Such as ``occlusion``.
        title: With its settings.
        instead: Why it is not the method of the run; empty when it is, or when the run had none.
        score: Probability of the positive label.
        strongest: Largest heat in log-odds.
        constant: Whether the map is the same everywhere, so that it says nothing.
        curves: One entry a fill.
        random_maps: Maps by which ``random_…`` and ``beaten`` were had.
        asked: Pictures that the model was asked about.
    """

    method: str
    title: str
    instead: str
    score: float
    strongest: float
    constant: bool
    curves: tuple[Curves, ...]
    random_maps: int
    asked: int


def explain(wished: Wished, tell: Tell) -> tuple[Explained, bytes]:
    """Return what came of it, and the heat as a layer (see ``layered``).

    Raises:
        ComponentError: A folder cannot be read, or the model answers with what is no number.
        NotFound: There is no such image.
    """
    predictor = Predictor(wished.model)
    facts = predictor.facts
    if facts.channels != 1:
        raise ComponentError("this model sees colours; only models of grey images are explained here", culprit="model")
    meta, steps = read_meta(wished.images), facts.preprocessing
    picture = load_pixels(file_in(wished.images, wished.name), meta, steps.window, steps.size)
    backgrounds = Backgrounds(_references(wished.training, predictor))
    recipe, instead = chosen(wished.method, wished.settings, steps.size, backgrounds)
    count = _Counting(predictor, tell, _cost(recipe, steps.size, backgrounds))
    ask = Asked(count)
    heat = black_box(ask, recipe, backgrounds)(picture[None], _SEED)[0]
    curves = tuple(_curves(ask, picture, heat, backgrounds, fill) for fill in backgrounds.judging)
    score = float(probability(ask(picture[None]))[0])
    strongest, layer = layered(heat)
    told = Explained(
        recipe.method,
        title(recipe),
        instead,
        score,
        strongest,
        is_constant(heat),
        curves,
        RANDOM_MAPS,
        ask.count,
    )
    return told, layer


def chosen(method: str, settings: Mapping[str, Any], size: int, backgrounds: Backgrounds) -> tuple[BlackBox, str]:
    """Return the recipe of a method by its settings, and why it is another one; anybody may have written them.

    A method that needs a gradient, an environment of its own, or more of the model than is bearable while somebody waits, gives way
    to occlusion.
    """
    best = backgrounds.judging[0]
    edge = max(2, size // 10)
    instead = Occlusion(best, 1, edge, max(1, edge // 3), 2.0)
    kind = METHODS.get(method)
    if not method:
        return instead, ""
    if kind is None or not issubclass(kind, Occlusion | Lime | KernelShap):
        return instead, f"{method} needs more than answers of the model"
    try:
        return _bounded(kind, settings, size, backgrounds), ""
    except (TypeError, ValueError) as error:
        return instead, f"the settings of {method} cannot be used here: {error}"


def _bounded(kind: type[BlackBox], settings: Mapping[str, Any], size: int, backgrounds: Backgrounds) -> BlackBox:
    unknown = set(settings) - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"there is no {min(unknown)}")
    fill = Fill(settings.get("fill", Fill.BLUR))
    numbers = {name: value for name, value in settings.items() if name != "fill"}
    finest = max(1, size * _FINEST // 100)
    allowed = {
        "fills": (1, _MOST_FILLS),
        "window": (finest, size),
        "stride": (min(finest, 2), size),
        "cell": (finest, size),
        "samples": (1, _MOST_SAMPLES),
        "smoothing": (0, _MOST_SMOOTHING),
    }
    for name, value in numbers.items():
        low, high = allowed[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{name} is {value}, and has to be from {low} to {high}")
        if name != "smoothing" and not isinstance(value, int):
            raise ValueError(f"{name} is {value}, and has to be a whole number")
    if numbers.get("stride", 1) > numbers.get("window", size):
        raise ValueError("stride is larger than window")
    return kind(fill=fill if fill in backgrounds.known else backgrounds.judging[0], **numbers)


def _references(training: Path | None, predictor: Predictor) -> Pictures:
    """Return training pictures without the positive label, some hundreds by lot; none when there are none."""
    size = predictor.facts.preprocessing.size
    if training is None:
        return np.empty((0, size, size), dtype=np.float32)
    examined = Examined.read(training, predictor.facts, what="training images")
    return examined.pictures(examined.negatives(_REFERENCES, _SEED))


def _cost(recipe: BlackBox, size: int, backgrounds: Backgrounds) -> int:
    """Return about how many pictures the model will be asked about."""
    judging = len(backgrounds.judging) * (1 + RANDOM_MAPS) * 2 * (STEPS + 1)
    match recipe:
        case Occlusion(window=window, stride=stride, fills=fills):
            corners = len(list(product(places(size, window, stride), repeat=2)))
            return judging + (corners + 1) * max(1, min(fills, len(backgrounds.reference)))
        case Lime(samples=samples) | KernelShap(samples=samples):
            return judging + samples


class _Counting:
    """The model, asked in batches, telling how far it is."""

    def __init__(self, predictor: Predictor, tell: Tell, total: int) -> None:
        self._predictor, self._tell, self._total = predictor, tell, total
        self._done = 0

    def __call__(self, pictures: Pictures) -> NDArray[np.float64]:
        answers = self._predictor.log_odds(pictures[:, None])
        if not np.isfinite(answers).all():
            raise ComponentError("the model answers with what is no number", culprit="model")
        before = self._done * 100 // self._total
        self._done += len(pictures)
        if self._done * 100 // self._total > before:
            self._tell(min(self._done, self._total), self._total)
        return answers


def _curves(ask: Ask, picture: Pictures, heat: Heat, backgrounds: Backgrounds, fill: Fill) -> Curves:
    shown = backgrounds.fills(picture[None], fill)[0, 0]
    own = faithfulness(ask, picture, shown, turns(heat, np.random.default_rng(_SEED)))
    others: list[Faithfulness] = []
    for number in range(RANDOM_MAPS):
        random = np.random.default_rng([_SEED, number])
        when = turns(control_heat(picture[None], Control.RANDOM, random)[0], random)
        others.append(faithfulness(ask, picture, shown, when))
    return Curves(
        str(fill),
        own.deletion,
        own.insertion,
        float(np.mean([one.deletion for one in others])),
        float(np.mean([one.insertion for one in others])),
        sum(one.insertion - one.deletion < own.insertion - own.deletion for one in others),
    )
