"""robustness/art."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from assay import ComponentError, Evidence, Images, Model, Param, component, step
from assay.library.evidencing import forest, pictured, subject, told, written
from assay.training.cases import Asker
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Method, NotMeasured, Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Statement
from assay.trust.robustness.budgets import Curve, accuracy, curve, curve_statements, distortion_table
from assay.trust.robustness.smoothing import largest_radius

_OF_EVERYBODY = frozenset({"attack", "norm", "budget"})
_LENGTHS = (0.05, 0.1, 0.2, 0.5)
_BLIND = "HopSkipJump"


@component(
    "robustness/art",
    version="1.0.0",
    tags=("trust", "robustness", "adversarial", "art"),
    licence="Apache-2.0",
    requires=(
        "numpy",
        "pandas",
        "pillow",
        "scipy",
        "onnxruntime",
        "torch",
        "safetensors",
        "adversarial-robustness-toolbox>=1.20",
        "multiprocess",
        "statsmodels",
    ),
    preload=("numpy", "pandas", "scipy.special", "PIL.Image", "onnxruntime", "torch"),
)
def art(
    model: Model,
    images: Images,
    *,
    attacks: list[str] | None = None,
    budgets: list[float] | None = None,
    lengths: list[float] | None = None,
    steps: Annotated[int, Param(min=1, max=1000)] = 20,
    queries: Annotated[int, Param(min=1, max=100_000)] = 100,
    sigma: Annotated[float, Param(min=0.0, max=1.0)] = 0.05,
    samples: Annotated[int, Param(min=20, max=100_000)] = 200,
    by: Annotated[list[str] | None, Param(column_of="images")] = None,
    most_images: Annotated[int, Param(min=2, unit="images")] = 30,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 500,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Evidence:
    """Attack a model with the Adversarial Robustness Toolbox.

    FGSM, PGD (L-inf and L2), APGD-CE, Square, DeepFool, HopSkipJump, AutoAttack with parts that work for two classes (APGD-CE, DeepFool,
    Square; its default fails there), and certificates by randomised smoothing. All turn the decision at the model's own
    threshold, and every turned point is checked on the ONNX file that is deployed. robustness/adversarial has the common
    attacks without this package, several times faster; this is for the others, and to hold ours against.

    Args:
        model: With weights.safetensors beside model.onnx.
        images: Images that it was not fitted on.
        attacks: FGSM, PGD, PGD L2, APGD-CE, Square, DeepFool, HopSkipJump, AutoAttack; default all but HopSkipJump.
        budgets: Largest changes of a pixel, in 1/255 of the window; default 0.5, 1, 2, 4, 8.
        lengths: Largest L2 lengths, pixels in 0..1, for PGD L2, DeepFool and HopSkipJump; default 0.05, 0.1, 0.2, 0.5.
        steps: Of the iterative attacks.
        queries: Of Square and HopSkipJump; HopSkipJump needs thousands before its points are near.
        sigma: Noise of the smoothed model; 0 leaves certificates out.
        samples: Noisy copies a certificate rests on.
        by: Columns whose groups are measured as well.
        most_images: More images than this are sampled, patient by patient.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of sample, attacks and bootstrap.

    Returns:
        evidence: Robust and certified accuracy, distortions, and attacks whose budget says nothing.
    """
    parameters = told(locals())
    from assay.library.robustness.artbox import DEFAULT, check_names, toolbox  # ART and torch: 3 s to import

    watch = Stopwatch()
    names = attacks if attacks is not None else list(DEFAULT)
    if not names and not sigma:
        raise ComponentError("no attack and no certificate is asked for", culprit="attacks")
    check_names(names)
    asker = Asker(model.path, threads=step.threads)
    cases = asker.cases(images.path).sample(most_images, seed)
    pixels, truth, patient = asker.pixels(cases), cases.truth, cases.patient
    groups = cases.groups(by or [])
    box = toolbox(model.path, steps=steps, queries=queries, threads=step.threads)
    np.random.seed(seed)  # noqa: NPY002  (ART draws from numpy's global state)
    far = sorted(lengths or _LENGTHS)
    curves: dict[str, tuple[str, Curve]] = {}
    missing: list[NotMeasured] = []
    for number, name in enumerate(names):
        step.progress(number, len(names), name)
        norm, attack = box.attack(name)
        sizes = [budget / 255 for budget in budgets or (0.5, 1, 2, 4, 8)] if norm == "Linf" else far
        found = curve(attack, lambda x: asker.scores(x) >= asker.facts.threshold, pixels, truth, sizes)
        if name == _BLIND and not np.isfinite(found.l2).any():
            why = (
                f"with {queries} queries none of its points lies within L2 {far[-1]:g}: at this budget it says nothing"
            )
            missing.append(NotMeasured("robustness.accuracy", why, {"attack": name}))
        else:
            curves[name] = (str(norm), found)
    statements: list[Statement] = []
    everybody = np.ones(len(truth), dtype=bool)
    for name, (size, found) in curves.items():
        for on, mask in [({}, everybody), *groups]:
            part = Curve(found.budgets, found.right[:, mask], found.linf[mask], found.l2[mask])
            where = {"attack": f"ART {name.removesuffix(' L2')}", "norm": size, **on}
            words = (lambda b: f"{b:g}") if size == "L2" else (lambda b: f"{b * 255:g}/255")
            statements += curve_statements(part, truth[mask], patient[mask], where, words, draws=draws, seed=seed)
    caveats = ["Robust accuracy is an upper bound: a better attack may find more."]
    if sigma:
        called, radius = box.certified(pixels, sigma, samples)
        for length in (0.0, *far):
            estimate = accuracy((called == truth) & (radius >= length), truth, patient, draws=draws, seed=seed)
            on = {"method": "ART randomised smoothing", "sigma": f"{sigma:g}", "norm": "L2", "budget": f"{length:g}"}
            statements.append(Statement("robustness.certified_accuracy", estimate, on=on))
        cap = largest_radius(sigma, samples)
        caveats.append(f"With {samples} noisy copies no radius above {cap:.3g} can be proven: 0 beyond it is sampling.")
    watch.model_calls = asker.asked
    shown = [one for one in statements if one.id == "robustness.accuracy" and set(one.on) <= _OF_EVERYBODY]
    chart = forest("Accuracy under attack", "accuracy", shown, synthetic=cases.meta.synthetic) if shown else None
    return written(
        Result(
            title="Robustness to attacks of the Adversarial Robustness Toolbox",
            method=Method(
                "robustness/art@1.0.0",
                ", ".join(names),
                "adversarial-robustness-toolbox",
                _version(),
                "Nicolae et al. 2018, arXiv:1807.01069",
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
            tables=[distortion_table({name: found for name, (_, found) in curves.items()})],
            figures=[pictured("robust-accuracy", chart, Block.ROBUSTNESS)] if chart else [],
            caveats=caveats,
            cost=watch.cost(),
        )
    )


def _version() -> str:
    from importlib.metadata import version  # what is installed, for the record

    return version("adversarial-robustness-toolbox")
