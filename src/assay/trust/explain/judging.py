"""Every figure of a set of maps, picture by picture: the same pictures, fills and probes for methods and controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assay.trust.explain.asking import Ask, Pictures, probability
from assay.trust.explain.backgrounds import Backgrounds, Fill
from assay.trust.explain.faithfulness import faithfulness, turns
from assay.trust.explain.infidelity import Probes, infidelity, probes
from assay.trust.explain.localisation import localisation

LOCALISATION = ("pointing", "iou", "pixel_auroc", "energy")
_PROBES = 64

Figures = Mapping[tuple[str, str], NDArray[np.float64]]
"""Figure and fill (empty where none is involved) to one value a picture, NaN where it is not measured."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Pictures to explain.

    Attributes:
        pictures: Shape (pictures, height, width).
        patient: Whole number of the patient of each picture.
        masks: Where the lesion is, shape (pictures, height, width); all false: not known, or none.
    """

    pictures: Pictures
    patient: NDArray[np.intp]
    masks: NDArray[np.bool_]

    @property
    def masked(self) -> NDArray[np.bool_]:
        """Which pictures have a mask with something inside and something outside."""
        shares = self.masks.mean(axis=(1, 2))
        return np.asarray((shares > 0) & (shares < 1), dtype=bool)

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Sample:
        """Return some of the pictures."""
        return Sample(self.pictures[chosen], self.patient[chosen], self.masks[chosen])


@dataclass(slots=True)
class Judge:
    """Measures maps of one sample.

    Attributes:
        ask: The model.
        sample: The pictures.
        backgrounds: Makes the fills.
        seed: Of ties and probes.
    """

    ask: Ask
    sample: Sample
    backgrounds: Backgrounds
    seed: int = 0
    fills: dict[Fill, Pictures] = field(init=False)
    _probes: list[Probes] = field(init=False)

    def __post_init__(self) -> None:
        pictures = self.sample.pictures
        self.fills = {fill: self.backgrounds.fills(pictures, fill)[:, 0] for fill in self.backgrounds.judging}
        first = self.fills[self.backgrounds.judging[0]]
        self._probes = [
            probes(self.ask, picture, fill, count=_PROBES, random=np.random.default_rng([self.seed, row]))
            for row, (picture, fill) in enumerate(zip(pictures, first, strict=True))
        ]

    def fill_scores(self) -> dict[Fill, float]:
        """Return the mean probability of the positive label of each fill alone."""
        return {fill: float(probability(self.ask(shown)).mean()) for fill, shown in self.fills.items()}

    def figures(self, heat: NDArray[np.float64]) -> Figures:
        """Return the figures of maps, shape (pictures, height, width)."""
        found = {(name, ""): values for name, values in self.localised(heat).items()}
        whens = [turns(one, np.random.default_rng([self.seed, row])) for row, one in enumerate(heat)]
        for fill, shown in self.fills.items():
            curves = [
                faithfulness(self.ask, picture, other, when)
                for picture, other, when in zip(self.sample.pictures, shown, whens, strict=True)
            ]
            found["deletion", str(fill)] = np.array([curve.deletion for curve in curves])
            found["insertion", str(fill)] = np.array([curve.insertion for curve in curves])
        found["infidelity", ""] = np.array(
            [infidelity(one, probed) for one, probed in zip(heat, self._probes, strict=True)]
        )
        return found

    def localised(self, heat: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Return the figures of place alone: they ask the model nothing."""
        found = {name: np.full(len(heat), np.nan) for name in LOCALISATION}
        for row in np.flatnonzero(self.sample.masked):
            place = localisation(heat[row], self.sample.masks[row])
            for name, values in found.items():
                values[row] = getattr(place, name)
        return found


def gain(figures: Figures, fill: str) -> NDArray[np.float64]:
    """Return insertion minus deletion, one figure a picture, -1..1; chance is the random control's."""
    difference: NDArray[np.float64] = figures["insertion", fill] - figures["deletion", fill]
    return difference
