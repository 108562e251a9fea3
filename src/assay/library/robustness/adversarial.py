"""robustness/adversarial."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay import Evidence, Figure, Images, Model, Param, component, step
from assay.errors import ComponentError, MissingDependency
from assay.library.evidencing import drawn, own_method, pictured, subject, told, written
from assay.training.cases import Asker, Cases
from assay.trust.charts.chart import Line, LineChart
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import NotMeasured, Role, Table
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Criterion, Statement
from assay.trust.robustness.attacks.square import square
from assay.trust.robustness.budgets import Attack, Curve, accuracy, curve, curve_statements, distortion_table, together
from assay.trust.robustness.masking import UNBOUNDED, checks, masking_statement
from assay.trust.robustness.smoothing import certify

if TYPE_CHECKING:
    from assay.library.robustness.whitebox import WhiteBox

_FEWEST = 20
_LENGTHS = (0.05, 0.1, 0.2, 0.5)
_WORST = "worst of all"
_CAVEATS = (
    "Robust accuracy is an upper bound: a better attack may find more. Certified accuracy is a lower bound, of the smoothed model.",
    "Clean mistakes count as mistakes at every budget. Budgets count in the pixels that the network takes, 0..1 over its window.",
)


class Attacked(NamedTuple):
    """What the component yields."""

    evidence: Evidence
    curves: Figure


@component(
    "robustness/adversarial",
    version="1.0.0",
    tags=("trust", "robustness", "adversarial"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "pillow", "scipy", "onnxruntime", "torch", "safetensors"),
    preload=("numpy", "pandas", "scipy.special", "PIL.Image", "onnxruntime", "torch"),
)
def adversarial(
    model: Model,
    images: Images,
    *,
    budgets: list[float] | None = None,
    lengths: list[float] | None = None,
    steps: Annotated[int, Param(min=1, max=1000)] = 20,
    queries: Annotated[int, Param(min=0, max=100_000)] = 100,
    sigma: Annotated[float, Param(min=0.0, max=1.0)] = 0.05,
    samples: Annotated[int, Param(min=20, max=100_000)] = 200,
    judged: Annotated[float, Param(min=0.0, max=255.0, unit="1/255")] = 1.0,
    least: Annotated[float, Param(min=0.0, max=1.0, unit="share")] = 0.5,
    by: Annotated[list[str] | None, Param(column_of="images")] = None,
    most_images: Annotated[int, Param(min=2, unit="images")] = 50,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 500,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Attacked:
    """Measure how small a change of the pixels turns the model's decisions, and how large a one is proven not to.

    FGSM, PGD (L-inf and L2) and APGD-CE by gradient on the model's own PyTorch network, Square as a black box on ONNX Runtime, and
    the worst of them; every turned point is checked on the ONNX file that is deployed. Robust accuracy over a grid of budgets
    with patient-level intervals, by group too; distortion of the points that turned; checks that the gradient is not masked;
    certified accuracy by randomised smoothing. Where the network cannot be rebuilt, the evidence says so and the black box
    and the certificates are still measured.

    Args:
        model: With model.onnx; weights.safetensors for the attacks by gradient.
        images: Images that it was not fitted on.
        budgets: Largest changes of a pixel, in 1/255 of the window; default 0.5, 1, 2, 4, 8.
        lengths: Largest L2 lengths of the change, pixels in 0..1; default 0.05, 0.1, 0.2, 0.5.
        steps: Gradient steps of PGD and APGD-CE.
        queries: Questions a picture of the black box; 0 leaves it out.
        sigma: Noise of the smoothed model, pixels in 0..1; 0 leaves certificates out.
        samples: Noisy copies a certificate rests on: they cap the radius that can be proven.
        judged: Budget, of those above, at which the worst of all attacks is held against 'least'.
        least: Smallest robust accuracy there.
        by: Columns whose groups are measured as well; default sex where the images know it.
        most_images: More images than this are sampled, patient by patient.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of sample, starts, search, noise and bootstrap.

    Returns:
        evidence: Robust and certified accuracy, checks of the gradient, distortions, and what could not be measured.
        curves: Robust accuracy over the L-inf budget (SVG, Vega-Lite inside).
    """
    parameters = told(locals())
    watch = Stopwatch()
    asker = Asker(model.path, threads=step.threads)
    cases = asker.cases(images.path).sample(most_images, seed)
    grid = [budget / 255 for budget in budgets or (0.5, 1, 2, 4, 8)]
    trial = _Trial(asker, cases, asker.pixels(cases), draws, seed)
    missing: list[NotMeasured] = []
    white: WhiteBox | None = None
    try:
        from assay.library.robustness.whitebox import white_box  # torch: only attacks by gradient need it

        white = white_box(model.path, steps=steps, seed=seed, threads=step.threads)
    except (ComponentError, MissingDependency, ModuleNotFoundError) as error:
        reason = getattr(error, "message", str(error))
        names = ("FGSM", "PGD", "APGD-CE", "PGD L2")
        missing += [NotMeasured("robustness.accuracy", reason, {"attack": name}) for name in names]
        missing.append(NotMeasured("robustness.gradient_masking", reason))
    curves: dict[str, Curve] = {}
    for name, (norm, attack) in (white.attacks() if white else {}).items():
        sizes = grid if norm == "Linf" else list(lengths or _LENGTHS)
        curves[name] = trial.curve(name, attack, sizes)
    if queries:
        curves["Square"] = trial.curve("Square", trial.square(queries), grid)
    else:
        missing.append(NotMeasured("robustness.accuracy", "queries is 0", {"attack": "Square"}))
    flat = [found for name, found in curves.items() if name != "PGD L2"]
    if flat:
        curves[_WORST] = together(flat)
    groups = cases.groups(by if by is not None else ["sex"] if "sex" in cases.index else [])
    statements = trial.clean()
    for name, found in curves.items():
        bound = (judged / 255, Criterion(least=least, fewest=_FEWEST)) if name == _WORST else None
        statements += trial.statements(name, found, bound, {})
        for on, mask in groups if name == _WORST else ():
            statements += trial.statements(name, found, None, on, mask)
    tables = [distortion_table(curves)]
    if white is not None:
        masking, seen = trial.masking(white, curves, judged / 255 if judged / 255 in grid else grid[len(grid) // 2])
        statements.append(masking)
        tables.append(seen)
    if sigma:
        statements += trial.certified(sigma, samples, list(lengths or _LENGTHS))
    else:
        missing.append(NotMeasured("robustness.certified_accuracy", "sigma is 0"))
    watch.model_calls = asker.asked
    chart = trial.chart(curves, statements)
    evidence = written(
        Result(
            title="Robustness to adversaries",
            method=own_method(
                "robustness/adversarial@1.0.0",
                f"FGSM, PGD-{steps}, APGD-CE-{steps}, Square-{queries}; randomised smoothing",
                "Goodfellow 2015; Madry 2018; Croce and Hein 2020; Andriushchenko 2020; Cohen 2019",
            ),
            subjects=[subject(Role.MODEL, model), subject(Role.DATA, images)],
            statements=statements,
            samples={"rows": len(cases), "patients": cases.patients},
            parameters=parameters,
            labels=asker.facts.labels,
            positive=cases.positive,
            seed=seed,
            synthetic=cases.meta.synthetic,
            not_measured=missing,
            tables=tables,
            figures=[pictured("robust-accuracy", chart, Block.ROBUSTNESS)],
            caveats=[*_CAVEATS, *trial.caveats],
            cost=watch.cost(),
        )
    )
    return Attacked(evidence, drawn("curves", chart))


class _Trial:
    """Pictures under attack, the decisions always those of the deployed ONNX file."""

    def __init__(self, asker: Asker, cases: Cases, pixels: NDArray[np.float32], draws: int, seed: int) -> None:
        self.asker, self.cases, self.pixels = asker, cases, pixels
        self.draws, self.seed = draws, seed
        self.caveats: list[str] = []

    def decide(self, pixels: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return whether each is called positive at the model's own threshold."""
        return self.asker.scores(pixels) >= self.asker.facts.threshold

    def square(self, queries: int) -> Attack:
        """Return the black-box attack."""
        level = self.asker.facts.threshold

        def margin(pixels: NDArray[np.float32]) -> NDArray[np.float64]:
            return self.asker.scores(pixels) - level

        return lambda x, y, budget: square(margin, x, y, budget, queries=queries, seed=self.seed)

    def curve(self, name: str, attack: Attack, sizes: list[float]) -> Curve:
        """Run one attack over its budgets."""
        step.progress(0, 1, name)
        return curve(attack, self.decide, self.pixels, self.cases.truth, sizes)

    def clean(self) -> list[Statement]:
        """Return accuracy without any attack."""
        right = self.decide(self.pixels) == self.cases.truth
        estimate = accuracy(right, self.cases.truth, self.cases.patient, draws=self.draws, seed=self.seed)
        return [Statement("robustness.accuracy", estimate, on={"attack": "none"})]

    def statements(
        self,
        name: str,
        found: Curve,
        bound: tuple[float, Criterion] | None,
        on: Mapping[str, str],
        mask: NDArray[np.bool_] | None = None,
    ) -> list[Statement]:
        """Return robust accuracy at every budget, of everybody or of a group."""
        rows = np.ones(len(self.cases), dtype=bool) if mask is None else mask
        part = Curve(found.budgets, found.right[:, rows], found.linf[rows], found.l2[rows])
        words = f"{name.removesuffix(' L2')}"
        norm = "L2" if name.endswith(" L2") else "Linf"
        return curve_statements(
            part,
            self.cases.truth[rows],
            self.cases.patient[rows],
            {"attack": words, "norm": norm, **on},
            (lambda size: f"{size:g}") if norm == "L2" else (lambda size: f"{size * 255:g}/255"),
            bound,
            draws=self.draws,
            seed=self.seed,
        )

    def masking(self, white: WhiteBox, curves: Mapping[str, Curve], budget: float) -> tuple[Statement, Table]:
        """Run the checks of the gradient at one budget."""
        truth, pixels = self.cases.truth, self.pixels
        place = int(np.argmin(np.abs(np.array(curves["PGD"].budgets) - budget)))
        attack = white.attacks()["PGD"][1]
        limitless = self.decide(attack(pixels, truth, UNBOUNDED)) == truth
        found = checks(
            one_step=curves["FGSM"].right[place],
            many_steps=curves["PGD"].right[place],
            black_box=curves["Square"].right[place] if "Square" in curves else None,
            unbounded=limitless,
            standing_by_steps=white.standing_by_steps(pixels, truth, budget),
            flat=white.flat(pixels, truth),
        )
        rows: list[list[str | bool]] = [[check.name, check.holds, check.seen] for check in found]
        return masking_statement(found, len(truth)), Table(
            "gradient", "Is the gradient masked", ("check", "holds", "seen"), rows
        )

    def certified(self, sigma: float, samples: int, lengths: list[float]) -> list[Statement]:
        """Return certified accuracy at every length."""
        step.progress(0, 1, "certificates")
        proven = certify(self.decide, self.pixels, sigma, samples=samples, seed=self.seed)
        self.caveats.append(
            f"With {samples} noisy copies no radius above {proven.cap:.3g} can be proven: at larger ones certified accuracy is 0 by sampling, not by attack."
        )
        truth, patient = self.cases.truth, self.cases.patient
        stated = []
        for length in sorted([0.0, *lengths]):
            right = (proven.called == truth) & (proven.radius >= length)
            estimate = accuracy(right, truth, patient, draws=self.draws, seed=self.seed)
            on = {"method": "randomised smoothing", "sigma": f"{sigma:g}", "norm": "L2", "budget": f"{length:g}"}
            stated.append(Statement("robustness.certified_accuracy", estimate, on=on))
        return stated

    def chart(self, curves: Mapping[str, Curve], statements: list[Statement]) -> LineChart:
        """Return robust accuracy over the L-inf budget, the worst of all with its interval."""
        clean = statements[0].estimate
        lines = []
        for name, found in curves.items():
            if name == "PGD L2":
                continue
            band: list[tuple[float, float]] = []
            if name == _WORST and clean.low is not None and clean.high is not None:
                known = [s.estimate for s in statements if s.on.get("attack") == _WORST and len(s.on) == 3]
                band = [(clean.low, clean.high), *((each.low or 0.0, each.high or 1.0) for each in known)]
            points = [(size * 255, float(right.mean())) for size, right in zip(found.budgets, found.right, strict=True)]
            lines.append(Line(name, [(0.0, clean.value), *points], band=band))
        mark = " (synthetic data)" if self.cases.meta.synthetic else ""
        widest = max(
            (size * 255 for name, found in curves.items() if name != "PGD L2" for size in found.budgets), default=1.0
        )
        return LineChart(
            f"Robust accuracy{mark}",
            "largest change of a pixel, 1/255 of the window",
            "accuracy",
            lines or [Line("clean", [(0.0, clean.value), (1.0, clean.value)])],
            x_range=(0.0, math.ceil(widest)),
        )
