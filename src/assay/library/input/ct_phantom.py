"""``input/ct-phantom``: synthetic chest CT slices whose truth is known."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from assay import ComponentError, Images, Param, component, step
from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.data.phantom import COLUMNS, LABELS, SITE_COLUMN, Cohort, Marker, Park, Tie, pictures, plan_cohort

_HELP = (
    "Every picture was computed; no patient was imaged. Made to test methods and tools. "
    "A model fitted on it knows nothing of real patients."
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,30}")


@component(
    "input/ct-phantom",
    version="1.0.0",
    tags=("data", "ct", "lung", "synthetic"),
    requires=("numpy", "pillow"),
    licence="Apache-2.0",
    preload=("numpy", "PIL.Image", "PIL.ImageDraw"),
)
def ct_phantom(
    *,
    patients: Annotated[int, Param(min=1, max=100_000)] = 240,
    slices: Annotated[int, Param(min=1, max=200)] = 4,
    size: Annotated[int, Param(min=64, max=512, unit="pixels")] = 128,
    prevalence: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.5,
    difficulty: Annotated[float, Param(min=0.0, max=1.0)] = 0.4,
    seed: Annotated[int, Param(min=0)] = 0,
    marker: Literal["none", "text", "clip", "ring"] = "none",
    marker_tie: Literal["label", "sex"] = "label",
    marker_rate: Annotated[float, Param(min=0.0, max=1.0, unit="probability")] = 0.9,
    marker_base: Annotated[float, Param(min=0.0, max=1.0, unit="probability")] = 0.1,
    marker_position: Literal["fixed", "varied"] = "fixed",
    older_women: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 1.0,
    label_noise: Annotated[float, Param(min=0.0, max=1.0, unit="probability")] = 0.0,
    label_noise_age: Annotated[int, Param(min=0, max=120, unit="years")] = 65,
    site: str = "",
    scanner: Literal["mixed", "smooth", "sharp", "low-dose"] = "mixed",
) -> Images:
    """Make synthetic axial chest CT slices with known lesions.

    Anatomy-like shapes with tissue values in Hounsfield units: skin, fat, muscle, ribs, spine, shoulder blades, heart,
    great vessels, windpipe, lungs with vessels, bronchi and fissures, the table; blurred and made noisy as by a scanner
    whose settings stand in the index. COVID patients have ground-glass opacities, crazy paving or consolidation, at the
    edge, towards the back and on both sides, with a mask; others may have nodules or lobar pneumonia.
    The label is the patient's: all slices of a COVID patient carry it, and lesion_share says how much each shows.
    Patient i of a seed is always the same person, however many patients there are.

    On request bias is planted, and the index tells the truth about it: a marker that follows the label or the sex
    (columns marker, marker_box), few older women, and wrong labels above an age (column true_label).

    Args:
        patients: How many people are examined; ages 18 to 90, half of them women.
        slices: Slices a patient, spread from the aortic arch to the lung base.
        size: Edge of the square picture.
        prevalence: Probability of a patient to have COVID.
        difficulty: 0: plain lesions against healthy lungs; 1: very faint lesions against many look-alikes.
        seed: Chooses the people.
        marker: Shortcut burnt into slices: a letter R, a metal clip or a bright ring.
        marker_tie: Whether the marker follows the (possibly wrong) label, covid, or the sex, F.
        marker_rate: Probability of a marker on a slice of the group it follows.
        marker_base: Probability of a marker on any other slice.
        marker_position: Always in one place, or anywhere in the upper quarter of the picture.
        older_women: Share of the women over 60 who stay; men of the same age stand in for the others.
        label_noise: Probability that a patient's label is flipped, from the age of label_noise_age on.
        label_noise_age: Youngest age with flipped labels.
        site: Name of the hospital: stands before the patients' ids and file names, and in a column; default: none.
        scanner: What scanners it has: any; make A with a soft kernel and thick slices; make B with a sharp kernel and thin ones; make B at
            20 to 39 mAs and 100 kV.

    Returns:
        images: Hounsfield slices with patient, label, age, sex, mask, scanner settings and the truth.
    """
    cohort = Cohort(
        slices=slices,
        size=size,
        prevalence=prevalence,
        difficulty=difficulty,
        seed=seed,
        marker=Marker(marker),
        marker_tie=Tie(marker_tie),
        marker_rate=marker_rate,
        marker_base=marker_base,
        marker_varied=marker_position == "varied",
        older_women=older_women,
        noise=label_noise,
        noise_age=label_noise_age,
        site=_site(site),
        park=Park(scanner),
    )
    images = step.output("images", Images)
    with ImagesWriter(images, _meta(cohort), masks=True) as writer:
        for plan in plan_cohort(cohort, patients):
            for number, picture in enumerate(pictures(cohort, plan)):
                name = f"{plan.patient}-{number:03d}"
                writer.add(
                    picture.pixels,
                    patient=plan.patient,
                    label=plan.label,
                    mask=picture.mask,
                    name=name,
                    **picture.columns,
                )
            step.progress(plan.number + 1, patients, "patients")
    return images


def _meta(cohort: Cohort) -> ImagesMeta:
    return ImagesMeta(
        intensity=Intensity.HOUNSFIELD,
        modality="CT",
        synthetic=True,
        title="Synthetic chest CT",
        help=_HELP,
        source=f"assay input/ct-phantom, seed {cohort.seed}",
        labels=LABELS,
        positive=LABELS[1],
        columns={**COLUMNS, **SITE_COLUMN} if cohort.site else COLUMNS,
    )


def _site(name: str) -> str:
    if name and not _NAME.fullmatch(name):
        raise ComponentError(
            f"{name!r} cannot name a site", culprit=name, hint="letters, digits and hyphens, such as north or site-1"
        )
    return name
