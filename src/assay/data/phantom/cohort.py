"""Who is examined: patients, their disease, and the bias planted on request; each patient from a seed of their own."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.data.phantom import marker as markers
from assay.data.phantom.lesions import COVID_PATTERNS, Pattern, severity_of
from assay.data.phantom.marker import Marker
from assay.data.phantom.person import Park, Person, Scanner, Sex, draw_person, draw_scanner
from assay.data.phantom.slices import render

LABELS = ("other", "covid")
"""Labels in their order; ``covid`` is positive, ``other`` is free of COVID, healthy or not."""

_YOUNGEST, _OLDEST = 18, 90
_GOLDEN = 0.6180339887498949


class Tie(enum.StrEnum):
    """What a shortcut marker follows."""

    LABEL = "label"
    SEX = "sex"


@dataclass(frozen=True, slots=True)
class Cohort:
    """What to simulate.

    Attributes:
        slices: Slices a patient.
        size: Pixels along an edge.
        prevalence: Probability of a patient to have COVID, 0..1.
        difficulty: 0: only healthy lungs and plain lesions; 1: many look-alikes and very faint lesions.
        seed: Patient i of a seed is always the same person, however many patients there are.
        marker: Shortcut marker; ``none``: no bias.
        marker_tie: What the marker follows.
        marker_rate: Probability of a marker on slices of the tied group (positive by label, or women by sex).
        marker_base: Probability of a marker on all others.
        marker_varied: Whether the marker's place varies.
        older_women: Share of the women over 60 who stay; in place of the others men of the same age are examined.
        noise: Probability that the label of a patient of at least ``noise_age`` is flipped.
        noise_age: Years.
        site: Of the hospital: stands before the patients' ids and in a column; empty: nothing is said.
        park: Its scanners.
    """

    slices: int = 4
    size: int = 128
    prevalence: float = 0.5
    difficulty: float = 0.4
    seed: int = 0
    marker: Marker = Marker.NONE
    marker_tie: Tie = Tie.LABEL
    marker_rate: float = 0.9
    marker_base: float = 0.1
    marker_varied: bool = False
    older_women: float = 1.0
    noise: float = 0.0
    noise_age: int = 65
    site: str = ""
    park: Park = Park.MIXED


@dataclass(frozen=True, slots=True)
class Plan:
    """One patient, decided before anything is drawn.

    Attributes:
        number: Position in the cohort, from 0.
        person: Body.
        scanner: Settings.
        covid: The truth.
        label: What the index says; differs from the truth under label noise.
        severity: Of COVID, 0 when there is none.
        pattern: Of the COVID lesions, else what else is found.
        extra: A finding beside it.
        site: Of the hospital; empty: nothing is said.
    """

    number: int
    person: Person
    scanner: Scanner
    covid: bool
    label: str
    severity: float
    pattern: Pattern
    extra: Pattern
    site: str = ""

    @property
    def patient(self) -> str:
        """The patient's id."""
        return f"{self.site}-P{self.number:05d}" if self.site else f"P{self.number:05d}"


def plan_cohort(cohort: Cohort, patients: int) -> Iterator[Plan]:
    """Yield the first ``patients`` patients."""
    for number in range(patients):
        yield _plan(cohort, number)


def _plan(cohort: Cohort, number: int) -> Plan:
    body, disease, bias = (
        np.random.default_rng(sequence)
        for sequence in np.random.SeedSequence(cohort.seed, spawn_key=(number,)).spawn(3)
    )
    age = _draw_age(body)
    sex = Sex.F if body.random() < 0.5 else Sex.M
    if sex is Sex.F and age > 60 and bias.random() >= cohort.older_women:
        sex = Sex.M
    person, scanner = draw_person(body, age, sex), draw_scanner(body, cohort.park)
    covid = bool(disease.random() < cohort.prevalence)
    severity = severity_of(disease, person) if covid else 0.0
    shrink = 1.15 - 0.6 * cohort.difficulty
    pattern, extra = _draw_findings(disease, cohort.difficulty, covid=covid)
    flipped = age >= cohort.noise_age and bias.random() < cohort.noise
    return Plan(
        number=number,
        person=person,
        scanner=scanner,
        covid=covid,
        label=LABELS[covid != flipped],
        severity=min(1.0, round(severity * shrink, 3)),
        pattern=pattern,
        extra=extra,
        site=cohort.site,
    )


def _draw_age(rng: np.random.Generator) -> int:
    return int(np.clip(rng.normal(56.0, 17.0), _YOUNGEST, _OLDEST))


def _draw_findings(rng: np.random.Generator, difficulty: float, *, covid: bool) -> tuple[Pattern, Pattern]:
    dependent = Pattern.ATELECTASIS if rng.random() < 0.5 * difficulty else Pattern.NONE
    if covid:
        return COVID_PATTERNS[int(rng.choice(3, p=[0.55, 0.2, 0.25]))], dependent
    other = (Pattern.NODULE, Pattern.LOBAR_PNEUMONIA)[int(rng.integers(2))]
    return (other if rng.random() < 0.7 * difficulty else Pattern.NONE), dependent


@dataclass(frozen=True, slots=True)
class Picture:
    """One finished slice and the truth about it.

    Attributes:
        pixels: HU, float32, size x size.
        mask: True where a COVID lesion is visible; ``None`` when there is none.
        columns: Further cells of its row.
    """

    pixels: NDArray[np.float32]
    mask: NDArray[np.bool_] | None
    columns: dict[str, object]


def pictures(cohort: Cohort, plan: Plan) -> Iterator[Picture]:
    """Yield the slices of one patient; slice k does not depend on how many there are."""
    start = float(np.random.default_rng([cohort.seed, plan.number, 1]).random())
    for position in range(cohort.slices):
        sequence = np.random.SeedSequence(cohort.seed, spawn_key=(plan.number, position, 7))
        draw, mark = (np.random.default_rng(child) for child in sequence.spawn(2))
        level = 0.96 * ((start + _GOLDEN * position) % 1.0)
        findings = (plan.extra, plan.pattern)
        drawn = render(plan.person, plan.scanner, level, findings, plan.severity, cohort.size, draw)
        marked, box = _mark(cohort, plan, drawn.pixels, mark)
        yield Picture(drawn.pixels, drawn.mask, _columns(plan, level, drawn.lesion_share, marked, box))


def _mark(
    cohort: Cohort, plan: Plan, pixels: NDArray[np.float32], rng: np.random.Generator
) -> tuple[Marker, tuple[int, int, int, int] | None]:
    tied = plan.label == LABELS[1] if cohort.marker_tie is Tie.LABEL else plan.person.sex is Sex.F
    chance = cohort.marker_rate if tied else cohort.marker_base
    if cohort.marker is Marker.NONE or rng.random() >= chance:
        return Marker.NONE, None
    return cohort.marker, markers.burn(pixels, cohort.marker, varied=cohort.marker_varied, rng=rng)


COLUMNS = {
    "label": "covid or other (healthy, or another finding), a label a patient; wrong on purpose where it differs from true_label.",
    "true_label": "The label before label noise.",
    "age": "Years.",
    "sex": "F or M.",
    "finding": "What was drawn: none, ground-glass, crazy-paving, consolidation, nodule or lobar-pneumonia.",
    "extra": "Drawn beside it: none or atelectasis (dependent, harmless).",
    "severity": "Extent of COVID, 0..1.",
    "lesion_share": "Share of the lung that the visible COVID lesion covers, 0..1.",
    "level": "Height of the slice: 0 aortic arch, 1 lung base.",
    "vendor": "Scanner make, A or B.",
    "kv": "Tube voltage in kV.",
    "mas": "Tube current-time product in mAs; noise falls with its square root.",
    "kernel": "Reconstruction kernel: soft, medium or sharp.",
    "slice_mm": "Slice thickness in mm.",
    "marker": "Shortcut marker burnt in: none, text, clip or ring.",
    "marker_box": "Its box in pixels: left top right bottom.",
    "mask": "Where the COVID lesion is visible.",
}
"""One sentence a column of the phantom's index."""

SITE_COLUMN = {"site": "Hospital; all of it is synthetic."}
"""One sentence a column that is there when a site was named."""


def _columns(
    plan: Plan, level: float, share: float, marked: Marker, box: tuple[int, int, int, int] | None
) -> dict[str, object]:
    scanner = plan.scanner
    return {
        "true_label": LABELS[plan.covid],
        "age": plan.person.age,
        "sex": plan.person.sex,
        "finding": plan.pattern,
        "extra": plan.extra,
        "severity": plan.severity,
        "lesion_share": share,
        "level": round(level, 3),
        "vendor": scanner.vendor,
        "kv": scanner.kv,
        "mas": scanner.mas,
        "kernel": scanner.kernel,
        "slice_mm": scanner.slice_mm,
        "marker": marked,
        "marker_box": " ".join(map(str, box)) if box else "",
        **({"site": plan.site} if plan.site else {}),
    }
