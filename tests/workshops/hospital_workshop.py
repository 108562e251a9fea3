"""A maker whose bundle says what was measured, and hospitals with pictures of people who never lived; shared by tests of several floors."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bundle_workshop import Workshop
from model_workshop import write_linear_model
from PIL import Image

from assay.bundle.making import Materials
from assay.store.sources import digest_source
from assay.trust.evidence.evidence import Evidence, Method, Role, Subject
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.evidence.text import evidence_text

MEASURED = {
    "evaluate/classification@1.1.0": ("discrimination.auroc", {"draws": 100, "patient_score": "mean"}),
    "evaluate/calibration@1.0.0": ("calibration.ece", {"draws": 100}),
    "fairness/group-metrics@1.0.0": ("discrimination.sensitivity", {"draws": 100, "fewest": 10}),
    "evaluate/find-leakage@1.0.0": ("leakage.patients", {}),
}
"""Component of the bundle's evidence to a figure of it and its parameters; the last needs the training data."""

POLICY = """\
assay-policy: 1
name: workshop
description: Enough to let a bundle of synthetic data leave.
expires: 30d
signer: any
rules:
  - id: tells-apart
    title: It tells the sick from the others.
    statement: discrimination.auroc
    bound: point >= 0.6
    why: A model that does not has nothing to share.
"""
"""A policy that a model fitted on a little synthetic data can meet."""


class Maker(Workshop):
    """A workshop whose bundles hold evidence of several components."""

    def __post_init__(self) -> None:
        super().__post_init__()
        shutil.rmtree(self.model)
        write_linear_model(
            self.model, np.full((4, 4), 0.1), bias=-0.8
        )  # a picture at the level of the lung window scores a half

    def materials(self, **how) -> Materials:
        """Return what a bundle is made of."""
        subjects = [Subject(Role.MODEL, digest_source(self.model)[0]), Subject(Role.DATA, "d" * 64)]
        files = []
        for number, (component, (figure, parameters)) in enumerate(MEASURED.items()):
            found = Evidence(
                f"What {component} says",
                Method(component, "as it does"),
                subjects,
                [Statement(figure, Estimate(0.9, 0.85, 0.95, n=100))],
                {},
                parameters=parameters,
                labels=("other", "covid"),
                positive="covid",
                synthetic=True,
                caveats=["Known to everybody."],
            )
            file = self.root / f"{number}.json"
            file.write_text(evidence_text(found))
            files.append(file)
        envelope = self.verdict(files, **how).sign(self.key)
        return Materials(self.model, envelope, {file.name: file for file in files}, {"report.html": self.report})


@dataclass(frozen=True)
class Hospital:
    """A folder of images and its table; what of it must never leave.

    Attributes:
        people: Patient, label, age and sex of each patient.
    """

    folder: Path
    people: list[tuple[str, str, int, str]]


def write_hospital(
    folder: Path, *, patients: int = 80, seed: int = 0, women: float = 0.5, strength: float = 0.8, slices: int = 2
) -> Hospital:
    """Write pictures of 4 by 4 pixels in Hounsfield units and ``cases.csv``, as the model of ``Workshop`` reads them.

    Half of the patients have the disease. The columns have names of the hospital's own: path, diagnosis, pid, years, gender.
    """
    random = np.random.default_rng(seed)
    (folder / "pictures").mkdir(parents=True)
    people, rows = [], []
    for number in range(patients):
        sick, person = number % 2 == 0, f"PID-{seed}-{number:04d}-{random.integers(10**9):09d}"
        sex = "F" if random.random() < women else "M"
        age = int(random.integers(30, 80)) if number else 103
        label = "covid" if sick else "other"
        people.append((person, label, age, sex))
        mean = random.normal(strength if sick else -strength)
        for part in range(slices):
            pixels = np.rint(1024 - 600 + mean * 200 + random.normal(0, 20, (4, 4))).clip(0).astype(np.uint16)
            name = f"pictures/{number:04d}-{part}.png"
            Image.fromarray(pixels).save(folder / name)
            rows.append([name, label, person, age, sex])
    with (folder / "cases.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "diagnosis", "pid", "years", "gender"])
        writer.writerows(rows)
    return Hospital(folder, people)


COLUMNS = "file=path,label=diagnosis,patient=pid,age=years,sex=gender"
"""What ``--columns`` has to say of a hospital's table."""
