"""Try candidates on validation images and keep the best; the test images are not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import process_time

import numpy as np
from numpy.typing import NDArray

from assay import Images, step
from assay.errors import ComponentError
from assay.library.explain.explaining import Task, scored
from assay.training.examined import Examined
from assay.trust.evidence.evidence import Table
from assay.trust.explain.black_box import smoothed
from assay.trust.explain.choosing import Merit, by_place, by_score
from assay.trust.explain.drawing_lots import drawn
from assay.trust.explain.judging import Judge, Sample
from assay.trust.explain.likeness import spearman
from assay.trust.explain.recipes import Recipe, settings, title

PICTURES = 16
"""Validation images that candidates are tried on; the choice rests on their means, not on the test figures."""

_FEWEST_MASKS = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate's maps of the validation sample, CPU seconds a map, and how it did."""

    heat: NDArray[np.float64]
    seconds: float
    merit: Merit = field(default_factory=lambda: Merit((), {}))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best candidate.

    Attributes:
        recipe: What won.
        by: What it was ranked by, in words.
        table: How every candidate did.
        ranking: Candidates from the best to the worst.
    """

    recipe: Recipe
    by: str
    table: Table
    ranking: Sequence[Recipe]


def best_recipe(task: Task, validation: Images, candidates: Sequence[Recipe], pictures: int = PICTURES) -> Chosen:
    """Return the candidate that does best on true positives of the validation images, of those that pass the randomisation check.

    With at least five masks by pointing (then IoU), else by insertion minus deletion. A map that looks the same when the network has
    forgotten everything may point well and explains nothing, so such a candidate is passed over; when none is left the best is
    returned, and its evidence says that it fails. When no validation image is rightly called positive the first is taken
    unmeasured. Candidates that differ in smoothing alone are computed once.

    Raises:
        ComponentError: A patient is in both sets.
    """
    judge, by_masks = _judge(task, validation, pictures)
    if not len(judge.sample.pictures):
        print(f"not chosen: no validation image is rightly called positive; {title(candidates[0])} is taken unmeasured")
        return Chosen(
            candidates[0], "nothing", _table(candidates[:1], {}, {}, "nothing: no hit to try them on"), candidates[:1]
        )
    tried: dict[Recipe, Tried] = {}
    rough: dict[Recipe, Tried] = {}
    for number, candidate in enumerate(candidates):
        plain = replace(candidate, smoothing=0.0)
        if plain not in rough:
            began = process_time()
            heat = task.bench.model.explain(plain, task.bench.backgrounds)(judge.sample.pictures, task.request.seed)
            rough[plain] = Tried(heat, (process_time() - began) / len(heat))
        heat = smoothed(rough[plain].heat, candidate.smoothing)
        merit = by_place(judge, heat) if by_masks else by_score(judge, heat)
        tried[candidate] = Tried(heat, rough[plain].seconds, merit)
        step.progress(number + 1, len(candidates), f"tried {title(candidate)}")
    ranking = sorted(tried, key=lambda recipe: tried[recipe].merit.rank, reverse=True)
    by = "pointing, then IoU" if by_masks else "insertion minus deletion"
    winner, likeness = _first_that_stands(task, judge, ranking, tried)
    print(f"chosen by {by} on {len(judge.sample.pictures)} validation images: {title(winner)}")
    return Chosen(winner, by, _table(ranking, tried, likeness, by), ranking)


def _first_that_stands(
    task: Task, judge: Judge, ranking: Sequence[Recipe], tried: dict[Recipe, Tried]
) -> tuple[Recipe, dict[Recipe, float]]:
    """Return the best candidate whose maps change when the network forgets, and the likeness of all that were looked at."""
    likeness: dict[Recipe, float] = {}
    few = judge.sample.pictures[: max(2, task.request.few)]
    for recipe in ranking:
        seed = task.request.seed
        *_, (_, _, forgetful) = task.bench.model.forgetting(recipe, task.bench.backgrounds, seed, (1.0,))
        pairs = zip(tried[recipe].heat, forgetful(few, seed), strict=False)
        likeness[recipe] = float(np.mean([spearman(one, other) for one, other in pairs]))
        if likeness[recipe] <= task.request.limits.likeness:
            return recipe, likeness
        print(
            f"passed over, for its maps stay when the network forgets (likeness {likeness[recipe]:.2f}): {title(recipe)}"
        )
    return ranking[0], likeness


def _judge(task: Task, validation: Images, pictures: int) -> tuple[Judge, bool]:
    bench, seed = task.bench, task.request.seed
    examined = Examined.read(validation.path, bench.model.facts, what="validation images")
    shared = sorted({row["patient"] for row in examined.rows} & {row["patient"] for row in bench.images.rows})
    if shared:
        raise ComponentError(
            f"{len(shared)} patients are in both validation and test images: the choice would be made on those it is judged by",
            culprit=shared[0],
            hint="split by patient: transform/split-by-patient",
        )
    hits = examined.truth & (scored(bench.model, examined) >= bench.model.facts.threshold)
    rows = drawn(hits, examined.patient, pictures, seed, first=examined.masked)
    sample = Sample(examined.pictures(rows), examined.patient[rows], examined.masks(rows))
    by_masks = int(sample.masked.sum()) >= _FEWEST_MASKS
    return Judge(bench.model.ask, sample.rows(sample.masked) if by_masks else sample, bench.backgrounds, seed), by_masks


def _table(ranking: Sequence[Recipe], tried: dict[Recipe, Tried], likeness: dict[Recipe, float], by: str) -> Table:
    figures = list(tried[ranking[0]].merit.figures) if tried else []
    rows: list[list[str | float | int | bool | None]] = [
        [
            title(recipe),
            *(round(tried[recipe].merit.figures[figure], 4) for figure in figures),
            round(likeness[recipe], 4) if recipe in likeness else None,
            round(tried[recipe].seconds, 4) if recipe in tried else None,
            ", ".join(f"{key} {value}" for key, value in settings(recipe).items()),
        ]
        for recipe in ranking
    ]
    columns = ["candidate", *figures, "likeness when random", "CPU s a map", "settings"]
    return Table("candidates", f"Candidates on validation images, best first by {by}", columns, rows)
