"""Three toy hospitals: a bright square is the disease, and each is a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.training.augmentation import Level
from assay.training.federated.answering import answer
from assay.training.federated.asking import Answer, Question
from assay.training.federated.recipe import FederatedRecipe
from assay.training.federated.site import Folders, Site
from assay.training.networks import NetworkName

NAMES = ("east", "north", "south")
RECIPE = FederatedRecipe(
    network=NetworkName.SMALL_RESNET,
    rounds=3,
    local_epochs=2,
    batch=16,
    learning_rate=3e-3,
    weight_decay=1e-2,
    proximal=0.0,
    size=32,
    window=None,
    balanced=True,
    level=Level.LIGHT,
    flip=False,
    positive=None,
    fewest=5,
    any_size=False,
    seed=0,
    threads=1,
)


def write_cohort(
    folder: Path,
    patients: range,
    *,
    every: int = 2,
    size: int = 32,
    labels=("healthy", "covid"),
    header: str = "",
    prefix: str = "p",
    **meta,
) -> Path:
    """Write images of patients, of whom one in ``every`` is ill; none with 0."""
    random = np.random.default_rng(patients.start)
    facts = {"modality": "CT", "synthetic": True, "labels": labels, "positive": "covid"} | meta
    with ImagesWriter(folder, ImagesMeta(facts.pop("intensity", Intensity.HOUNSFIELD), **facts)) as writer:
        for patient in patients:
            ill = every > 0 and patient % every == 0
            for number in range(2):
                values = random.normal(-800, 60, (size, size))
                top, left = random.integers(4, 18, 2)
                values[top : top + 9, left : left + 9] += 400 * ill
                columns = {"file_header": header} if header else {}
                who, label = f"{prefix}{patient}", "covid" if ill else "healthy"
                writer.add(values, patient=who, label=label, name=f"{who}-{number}", **columns)
    return folder


def write_site(folder: Path, first: int, **cohort) -> Folders:
    """Write a site of 20 training and 10 validation patients, numbered from ``first``."""
    return Folders(
        write_cohort(folder / "train", range(first, first + 20), **cohort),
        write_cohort(folder / "validation", range(first + 50, first + 60), **cohort),
    )


def write_sites(folder: Path, **cohort) -> dict[str, Folders]:
    """Write three sites that can learn together."""
    return {name: write_site(folder / name, 100 * number, **cohort) for number, name in enumerate(NAMES)}


class Here:
    """Sites in this process, which answer in a given order."""

    def __init__(self, folders: Mapping[str, Folders], recipe: FederatedRecipe = RECIPE, *, order=NAMES) -> None:
        self.sites = {name: Site(NAMES.index(name), folders[name], recipe) for name in order}
        self.asked: list[tuple[Question, dict[str, Answer]]] = []

    def ask(self, question: Question) -> dict[str, Answer]:
        """Return every answer, and keep it."""
        answers = {name: answer(site, question) for name, site in self.sites.items()}
        self.asked.append((question, answers))
        return answers
