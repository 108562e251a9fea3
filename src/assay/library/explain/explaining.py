"""What every image explanation does alike: draw pictures by lot, explain, measure beside the controls, write maps and evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay import Evidence, Figure, Folder, Images, Model, step
from assay.errors import ComponentError
from assay.library.explain.asked_model import AskedModel
from assay.library.explain.writing import Written, write_evidence, write_gallery, write_maps
from assay.training.examined import Examined
from assay.trust.evidence.evidence import Table
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import State
from assay.trust.explain.asking import Explain, Pictures, probability
from assay.trust.explain.backgrounds import Backgrounds, Fill
from assay.trust.explain.controls import Control, control_heat
from assay.trust.explain.drawing_lots import Outcome, drawn, outcomes
from assay.trust.explain.findings import Findings, Limits, Measured, Randomised, findings, overview
from assay.trust.explain.judging import Judge, Sample
from assay.trust.explain.likeness import spearman, ssim
from assay.trust.explain.localisation import is_constant
from assay.trust.explain.recipes import Recipe, title
from assay.trust.explain.stability import max_sensitivity, repeatability

_MOST_REFERENCES = 400
_READ_AT_ONCE = 256
_DRAWS = 2
_FEW_COMPARED = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What a component was told.

    Attributes:
        component: Name and version.
        measured: True positives that figures are taken on, at most.
        shown: Maps of each of the other outcomes, at most.
        few: Of the measured pictures, those on which stability and randomisation are checked: each costs several maps.
        seed: Of the lot and of the methods.
        limits: What was declared as good enough.
        parameters: All that it was told, for the evidence.
    """

    component: str
    measured: int
    shown: int
    few: int
    seed: int
    limits: Limits
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that is measured on: the model, the pictures drawn, the fills.

    Attributes:
        rows: Rows of ``images`` that are explained: the measured ones, and those that are only shown.
        pictures: Of these rows.
        masks: Of these rows.
        scores: Probability of the positive label of these rows.
        outcome: Of these rows.
        counts: Images of each outcome in all.
        measured: Places in ``rows`` that figures are taken on: true positives.
        judge: Measures maps of the measured pictures.
    """

    model: AskedModel
    images: Examined
    backgrounds: Backgrounds
    rows: NDArray[np.intp]
    pictures: Pictures
    masks: NDArray[np.bool_]
    scores: NDArray[np.float64]
    outcome: Sequence[Outcome]
    counts: Mapping[Outcome, int]
    measured: NDArray[np.intp]
    judge: Judge

    @property
    def size(self) -> int:
        """Edge of the pictures."""
        return self.model.facts.preprocessing.size

    def fill(self, name: str) -> Fill:
        """Return the fill of this name; ``auto``: the best that can be made.

        Raises:
            ComponentError: ``neighbours`` without reference images.
        """
        fill = self.backgrounds.judging[0] if name == "auto" else Fill(name)
        if fill not in self.backgrounds.known:
            raise ComponentError(
                "the fill 'neighbours' needs reference images",
                culprit="reference",
                hint="connect the training part to 'reference'",
            )
        return fill

    def hits(self) -> Bench:
        """Return the bench with the measured pictures alone."""
        own = self.measured
        rows, kinds = self.rows[own], [self.outcome[place] for place in own]
        return replace(
            self,
            rows=rows,
            pictures=self.pictures[own],
            masks=self.masks[own],
            scores=self.scores[own],
            outcome=kinds,
            measured=np.arange(len(rows)),
        )

    @property
    def patient(self) -> NDArray[np.intp]:
        """Patients of the measured pictures."""
        return self.judge.sample.patient


def prepare(asked: AskedModel, images: Images, reference: Images | None, request: Request) -> Bench:
    """Read, score and draw.

    Raises:
        ComponentError: See ``Examined`` and ``Predictor``; also when reference images are of another kind or hold no other label.
    """
    examined = Examined.read(images.path, asked.facts, what="images")
    for difference in asked.facts.differences(examined.meta):
        print(f"WARNING: {difference}")
    backgrounds = Backgrounds(references(reference, asked, request.seed))
    scores = scored(asked, examined)
    outcome = outcomes(examined.truth, scores >= asked.facts.threshold)
    rows, measured = _drawn(examined, outcome, request)
    pictures, masks = examined.pictures(rows), examined.masks(rows)
    sample = Sample(pictures, examined.patient[rows], masks).rows(measured)
    judge = Judge(asked.ask, sample, backgrounds, request.seed)
    counts = {kind: outcome.count(kind) for kind in Outcome}
    kinds = [outcome[row] for row in rows]
    return Bench(asked, examined, backgrounds, rows, pictures, masks, scores[rows], kinds, counts, measured, judge)


def scored(asked: AskedModel, examined: Examined) -> NDArray[np.float64]:
    """Return the probability of the positive label of every image, a few hundred in memory at a time.

    Raises:
        ComponentError: The model answers with what is no number.
    """
    total = len(examined.rows)
    parts = []
    for start in range(0, total, _READ_AT_ONCE):
        rows = range(start, min(start + _READ_AT_ONCE, total))
        parts.append(probability(asked.ask(examined.pictures(rows))))
        step.progress(rows.stop, total, "images scored")
    scores = np.concatenate(parts)
    broken = np.flatnonzero(~np.isfinite(scores))
    if len(broken):
        file = examined.rows[int(broken[0])]["file"]
        raise ComponentError(f"the model answers {len(broken)} images with what is no number", culprit=file)
    return scores


def references(reference: Images | None, asked: AskedModel, seed: int) -> Pictures:
    """Return pictures without the positive label, as the model sees them, a few hundred by lot; none without ``reference``.

    Raises:
        ComponentError: See ``Examined``; no reference image is without the positive label.
    """
    if reference is None:
        size = asked.facts.preprocessing.size
        return np.empty((0, size, size), dtype=np.float32)
    examined = Examined.read(reference.path, asked.facts, what="reference images")
    negative = examined.negatives(_MOST_REFERENCES, seed)
    if not len(negative):
        raise ComponentError(
            f"every reference image is labelled {asked.facts.positive}: none shows what a part looks like without it",
            culprit="reference",
            hint="give images of both labels, such as the training part",
        )
    return examined.pictures(negative)


def _drawn(
    examined: Examined, outcome: Sequence[Outcome], request: Request
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    kinds = np.array(outcome)
    hits = drawn(
        kinds == Outcome.TRUE_POSITIVE, examined.patient, request.measured, request.seed, first=examined.masked
    )
    others = [
        drawn(kinds == kind, examined.patient, request.shown, request.seed)
        for kind in Outcome
        if kind is not Outcome.TRUE_POSITIVE
    ]
    return np.concatenate([hits, *others]), np.arange(len(hits))


def controls(bench: Bench, request: Request) -> list[Measured]:
    """Return the control rows on the measured pictures; none without such pictures."""
    made: list[Measured] = []
    if not len(bench.measured):
        return made
    for control in Control:
        heat = control_heat(bench.judge.sample.pictures, control, np.random.default_rng(request.seed))
        made.append(Measured(str(control), bench.judge.figures(heat)))
    return made


def measure(bench: Bench, recipe: Recipe, request: Request) -> tuple[Measured, NDArray[np.float64]]:
    """Return what was measured of a method, and its maps of all rows drawn."""
    explain, began, asked = bench.model.explain(recipe, bench.backgrounds), time.process_time(), bench.model.ask.count
    heat = explain(bench.pictures, request.seed)
    count = max(1, len(heat))
    seconds, calls = (time.process_time() - began) / count, (bench.model.ask.count - asked) // count
    mine = heat[bench.measured]
    checks = _checked(bench, recipe, explain, mine, request)
    constant = sum(is_constant(one) for one in heat)
    figures = bench.judge.figures(mine)
    return Measured(title(recipe), figures, constant=constant, cpu_seconds=seconds, calls=calls, **checks), heat


def _checked(
    bench: Bench, recipe: Recipe, explain: Explain, heat: NDArray[np.float64], request: Request
) -> dict[str, Any]:
    few, seed = bench.judge.sample.pictures[: request.few], request.seed
    if not len(few):
        return {}
    first = heat[: len(few)]
    return {
        "max_sensitivity": max_sensitivity(explain, few, first, draws=_DRAWS, seed=seed),
        "repeatability": repeatability(explain, few, first, [seed + 1]),
        "randomised": _randomised(bench, recipe, few, first, seed),
    }


def _randomised(bench: Bench, recipe: Recipe, few: Pictures, heat: NDArray[np.float64], seed: int) -> list[Randomised]:
    found = []
    for done, total, forgetful in bench.model.forgetting(recipe, bench.backgrounds, seed):
        other = forgetful(few, seed)
        found.append(
            Randomised(
                done,
                total,
                np.array([spearman(one, two) for one, two in zip(heat, other, strict=True)]),
                np.array([ssim(one, two) for one, two in zip(heat, other, strict=True)]),
            )
        )
    return found


@dataclass
class Task:
    """An explanation under way.

    Attributes:
        done: What was measured already, with the maps.
    """

    bench: Bench
    model: Model
    images: Images
    request: Request
    watch: Stopwatch
    done: dict[Recipe, tuple[Measured, NDArray[np.float64]]] = field(default_factory=dict)

    @cached_property
    def controls(self) -> Sequence[Measured]:
        """The control rows on the measured pictures: they know of no method, so that one measurement serves all."""
        return controls(self.bench, self.request)

    def measured(self, recipe: Recipe) -> tuple[Measured, NDArray[np.float64]]:
        """Measure a method once."""
        if recipe not in self.done:
            self.done[recipe] = measure(self.bench, recipe, self.request)
        return self.done[recipe]

    def found(self, recipe: Recipe) -> Findings:
        """Return what is said of a method, beside its controls; nothing when no picture could be measured."""
        if not len(self.bench.measured):
            return Findings((), ())
        scores = {str(fill): score for fill, score in self.bench.judge.fill_scores().items()}
        threshold = self.bench.model.facts.threshold
        measured, _ = self.measured(recipe)
        return findings(measured, self.controls, self.bench.patient, scores, threshold, self.request.limits)


def compared(task: Task, recipes: Sequence[Recipe]) -> list[Table]:
    """Return how methods do on the same pictures, each with its state; none when nothing can be measured.

    The first is measured whole; of the others only the hits are explained, and stability is checked on fewer of them.
    """
    if not len(task.bench.measured) or not recipes:
        return []
    first, *others = recipes
    hits, short = task.bench.hits(), replace(task.request, few=min(task.request.few, _FEW_COMPARED))
    for recipe in others:
        task.done[recipe] = measure(hits, recipe, short)
    measured = [task.measured(recipe)[0] for recipe in (first, *others)]
    states: list[list[str | float | int | bool | None]] = []
    for recipe, one in zip(recipes, measured, strict=True):
        state, reason = task.found(recipe).state(one.name)
        states.append([one.name, state.words if state else None, reason])
        if state is State.FAIL:
            print(f"FAILS ITS CONTROLS: {one.name}: {reason}")
    return [
        replace(overview(measured), name="methods", title="The best candidate of each method on the test images"),
        Table("method_states", "Whether each method stands beside its controls", ["method", "state", "reason"], states),
    ]


Opened = Callable[[Path, int], AskedModel]
"""A Model folder and a number of threads to a model: ``AskedModel``, or one with gradients."""


def begun(
    model: Model, images: Images, reference: Images | None, request: Request, opened: Opened = AskedModel
) -> Task:
    """Read, score and draw; the clock runs from here.

    Raises:
        ComponentError: See ``prepare``.
    """
    watch = Stopwatch()
    return Task(prepare(opened(model.path, step.threads), images, reference, request), model, images, request, watch)


def finish(task: Task, recipe: Recipe, tables: Sequence[Table] = ()) -> tuple[Folder, Evidence, Figure]:
    """Measure one recipe and write its maps, evidence and gallery."""
    bench, request = task.bench, task.request
    measured, heat = task.measured(recipe)
    found = task.found(recipe)
    state, reason = found.state(measured.name)
    written = Written(bench, recipe, heat, measured, task.controls, found, state, reason, request)
    heatmaps = write_maps(written, task.model, task.images)
    gallery = write_gallery(written)
    task.watch.model_calls = bench.model.ask.count
    evidence = write_evidence(written, task.model, task.images, gallery, task.watch.cost(), tables)
    return heatmaps, evidence, gallery
