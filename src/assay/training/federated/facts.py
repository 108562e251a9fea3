"""What a site tells of its images before the first round: counts, and the few facts by which images of two kinds are told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Self

from assay.data.images import picture_size, read_rows
from assay.errors import ComponentError
from assay.training import checks
from assay.training.pixels import LabelledImages

_SPACING = re.compile(r"(?:^|;)\s*PixelSpacing=\D*([0-9]+(?:\.[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class Part:
    """Counts of one part of a site's images.

    Attributes:
        images: By label.
        patients: By label; a patient with images of two labels counts under both.
        sha256: Of index and pictures, so that the same data are known again.
    """

    images: Mapping[str, int]
    patients: Mapping[str, int]
    sha256: str

    @classmethod
    def of(cls, images: LabelledImages) -> Self:
        """Count a part."""
        people = Counter(label for _, label in set(zip(images.patients, images.labels, strict=True)))
        return cls(dict(sorted(Counter(images.labels).items())), dict(sorted(people.items())), images.digest())


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site's description of itself.

    Attributes:
        labels: Class names in the site's order.
        positive: The label that it states as positive; empty: none.
        intensity: ``hounsfield`` or ``grey``.
        modality: Such as ``CT``; empty when not known.
        height, width: Of most of its stored pictures, in pixels.
        spacing: Median distance of two pixels in mm; 0 when no picture says.
        mean: Of its training pixels, 0..1, as the network takes them.
        std: Their standard deviation.
        train, validation: Counts.
        synthetic: Whether no patient was ever imaged.
    """

    labels: tuple[str, ...]
    positive: str
    intensity: str
    modality: str
    height: int
    width: int
    spacing: float
    mean: float
    std: float
    train: Part
    validation: Part
    synthetic: bool

    @property
    def images(self) -> int:
        """Training images."""
        return sum(self.train.images.values())

    @classmethod
    def of(cls, train: LabelledImages, validation: LabelledImages, spread: tuple[float, float]) -> Self:
        """Describe a site.

        Args:
            train: Its training images.
            validation: Its validation images.
            spread: Mean and deviation of its training pixels.

        Raises:
            ComponentError: One class only, a label that training never shows.
        """
        height, width = _usual_size(train)
        return cls(
            checks.label_order(train, validation),
            train.meta.positive,
            str(train.meta.intensity),
            train.meta.modality,
            height,
            width,
            _usual_spacing(train),
            *spread,
            Part.of(train),
            Part.of(validation),
            train.meta.synthetic and validation.meta.synthetic,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the facts as they cross."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the facts that crossed."""
        parts = {name: Part(**raw[name]) for name in ("train", "validation")}
        return cls(**{**raw, "labels": tuple(raw["labels"]), **parts})


def refuse_few(images: LabelledImages, fewest: int) -> None:
    """Raise ComponentError when a label has fewer patients than ``fewest``: weights would tell of single people."""
    for label, there in sorted(Part.of(images).patients.items()):
        if there < fewest:
            raise ComponentError(
                f"{there} training patients have the label {label!r}, and at least {fewest} are needed",
                culprit=label,
                hint="leave the site out, or set fewest lower and say why",
            )


def _usual_size(images: LabelledImages) -> tuple[int, int]:
    return Counter(picture_size(images.folder / file) for file in images.files).most_common(1)[0][0]


def _usual_spacing(images: LabelledImages) -> float:
    headers = (row.get("file_header", "") for row in read_rows(images.folder))
    found = [float(match[1]) for match in map(_SPACING.search, headers) if match]
    return round(median(found), 3) if found else 0.0
