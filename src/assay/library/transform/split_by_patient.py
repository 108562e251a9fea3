"""``transform/split-by-patient``: train, validation and test without a patient in two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from assay import ComponentError, Images, Param, component, step
from assay.data.images import read_index, read_index_text, read_meta
from assay.data.splitting import (
    Part,
    divide,
    official,
    patient_facts,
    refuse_onesided,
    refuse_torn,
    summary,
    torn,
)
from assay.data.subset import write_subset

if TYPE_CHECKING:
    import pandas as pd

_STRATA = {
    "label": ["label"],
    "label+sex": ["label", "sex"],
    "label+age": ["label", "age_group"],
    "label+sex+age": ["label", "sex", "age_group"],
}


class Split(NamedTuple):
    """Outputs of ``split_by_patient``."""

    train: Images
    validation: Images
    test: Images
    counts: dict[str, Any]


@component(
    "transform/split-by-patient",
    version="1.0.0",
    tags=("data", "split", "leakage"),
    requires=("numpy", "pandas", "pillow"),
    licence="Apache-2.0",
    preload=("numpy", "pandas"),
)
def split_by_patient(
    images: Images,
    *,
    validation: Annotated[float, Param(min=0.0, max=0.9, unit="share")] = 0.15,
    test: Annotated[float, Param(min=0.0, max=0.9, unit="share")] = 0.25,
    by: Literal["label", "label+sex", "label+age", "label+sex+age"] = "label+sex",
    seed: Annotated[int, Param(min=0)] = 0,
    positive: str = "",
    use_split: Annotated[str, Param(column_of="images")] = "",
    split_map: dict[str, str] | None = None,
    repair: Literal["refuse", "drop"] = "refuse",
) -> Split:
    """Split images so that no patient is in two parts.

    Patients are drawn stratified, so that each part has its share of each label (and sex, and age group). The draw depends
    on the seed and the patients' ids, not on the order of rows. An official split may be used instead; a patient whom it
    puts in two parts is refused. A part that it lacks is drawn from its training patients.

    Args:
        images: Images with patient and label; sex and age where they are known.
        validation: Share of patients kept to choose among models; 0 for none.
        test: Share of patients kept to measure the final model; 0 for none.
        by: What each part has its share of.
        seed: Chooses the draw.
        positive: The positive label: a patient with several labels counts as positive when one is. Default: what images states.
        use_split: Column with the official split; empty: draw a split.
        split_map: The column's word to train, validation or test; words such as val and training need no entry.
        repair: What happens to patients in two parts of the official split: refuse the split, or drop these patients.

    Returns:
        train: Images to fit on.
        validation: Images to choose among models.
        test: Images to measure the final model.
        counts: Images and patients of each part, by label, sex and age group; and the patients dropped.
    """
    if validation + test >= 1:
        raise ComponentError("validation and test leave nothing to train on", culprit=f"{validation + test:g}")
    index = read_index(images)
    if not len(index):
        raise ComponentError("there are no images to split", culprit=str(images))
    positive = positive or read_meta(images).positive
    if positive and positive not in set(index["label"]):
        raise ComponentError(f"no image has the positive label {positive!r}", culprit=positive)
    shares = {Part.TRAIN: 1 - validation - test, Part.VALIDATION: validation, Part.TEST: test}
    dropped: list[str] = []
    if use_split:
        said = official(index, use_split, split_map or {})
        dropped = torn(index["patient"], said)
        if repair == "refuse":
            refuse_torn(dropped)
        index = index[~index["patient"].isin(dropped)]
        facts = patient_facts(index, positive)
        parts, shares = _completed(facts, said.groupby(index["patient"]).first(), shares, by, seed)
    else:
        if "split" in index and (index["split"] != "").any():
            print("warning: the images have an official split; use_split: split would use it")
        facts = patient_facts(index, positive)
        parts = divide(facts, shares, _STRATA[by], seed)
    refuse_onesided(facts, parts, shares, positive)
    counts: dict[str, Any] = summary(facts, parts, index.groupby("patient").size())
    if dropped:
        print(f"warning: {len(dropped)} patients in more than one part were dropped: {', '.join(dropped[:10])}")
        counts["dropped"] = dropped
    _tell(counts)
    train, held_back, held_out = (_write(images, parts, part) for part in Part)
    return Split(train, held_back, held_out, counts)


def _completed(
    facts: pd.DataFrame, said: pd.Series[str], shares: dict[Part, float], by: str, seed: int
) -> tuple[pd.Series[str], dict[Part, float]]:
    """Draw the parts that an official split lacks from its training patients, at their share of all patients."""
    there = set(said)
    if Part.TRAIN not in there:
        raise ComponentError("the official split has no training part", culprit="train")
    lacking = {part: shares[part] for part in Part if part not in there and shares[part] > 0}
    shares = {part: 1.0 if part in there else lacking.get(part, 0.0) for part in Part}
    if lacking:
        training = facts[said == Part.TRAIN]
        scale = len(facts) / len(training)
        drawn = {part: share * scale for part, share in lacking.items()}
        if sum(drawn.values()) >= 1:
            raise ComponentError("the official training part is smaller than what is to be drawn from it", culprit=by)
        said = said.copy()
        said[training.index] = divide(training, {Part.TRAIN: 1 - sum(drawn.values()), **drawn}, _STRATA[by], seed)
        print(f"the official split has no {' and no '.join(lacking)} part: drawn from its training patients")
    return said, shares


def _write(images: Images, parts: pd.Series[str], part: Part) -> Images:
    output = step.output(part, Images)
    rows = read_index_text(images)
    rows = rows[rows["patient"].map(parts) == part].assign(split=str(part))
    write_subset(images.path, rows, output.path)
    return output


def _tell(counts: dict[str, Any]) -> None:
    for part in Part:
        there = counts[part]
        labels = ", ".join(f"{label} {count}" for label, count in there["label"].items())
        print(f"{part}: {there['patients']} patients, {there['images']} images ({labels})")
