"""robustness/acquisition-shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assay import ComponentError, Evidence, Figure, Images, Model, Param, component, step
from assay.errors import did_you_mean
from assay.library.evidencing import drawn, own_method, pictured, subject, told, written
from assay.library.robustness.curves import DROP, lost_at_worst, mark, measured_areas, over_severity
from assay.library.robustness.shifting import Condition, Shifted, amount_words, conditions_of, scores_under
from assay.training.cases import Asker
from assay.trust.charts.chart import LineChart
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import NotMeasured, Role, Table
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Criterion, Statement
from assay.trust.robustness.shifts.kinds import SEVERITIES, SHIFTS, Family, ShiftName
from assay.trust.robustness.under_shift import Judged, under_shift

_FEWEST = 20
_CAVEATS = (
    "Shifts are simulated: they show what a change of one kind does, not how often it happens at a hospital.",
    "Lengths assume a picture 350 mm wide, doses a noise of 12 HU at full dose; on grey pictures HU count as shares of the lung window.",
)


class Robustness(NamedTuple):
    """What the component yields."""

    evidence: Evidence
    curves: Figure


@component(
    "robustness/acquisition-shifts",
    version="1.0.0",
    tags=("trust", "robustness", "ct", "x-ray"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "pillow", "scipy", "onnxruntime"),
    preload=("numpy", "pandas", "scipy.ndimage", "scipy.special", "PIL.Image", "onnxruntime"),
)
def acquisition_shifts(
    model: Model,
    images: Images,
    *,
    shifts: list[str] | None = None,
    severities: list[int] | None = None,
    by: Annotated[list[str] | None, Param(column_of="images")] = None,
    judged: Annotated[int, Param(min=1, max=5, unit="severity")] = 2,
    most_drop: Annotated[float, Param(min=0.0, max=1.0, unit="AUROC")] = 0.05,
    most_images: Annotated[int, Param(min=10, unit="images")] = 200,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 500,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Robustness:
    """Measure what a model withstands of what happens to pictures in hospitals.

    Another level or window, a softer or sharper kernel, a lower dose, thicker slices, rotation, a smaller field of view, JPEG and
    lower resolution, each at growing severity, are applied in Hounsfield units (or grey values) before the model's own
    preprocessing; AUROC, sensitivity and specificity at the model's own threshold follow, with patient-level intervals, by
    group too, and the AUROC that is lost. Runs on ONNX Runtime alone.

    Args:
        model: Model with model.onnx; no PyTorch is needed.
        images: Images that it was not fitted on.
        shifts: Which shifts; default all: brighter, darker, wider window, narrower window, softer kernel, sharper kernel, lower dose,
            thicker slices, rotation, smaller field of view, JPEG, lower resolution.
        severities: Which of 1 (everyday) to 5 (hardly readable); default 1, 2, 4.
        by: Columns whose groups are measured as well, at the judged severity; default sex where the images know it.
        judged: Up to this severity the AUROC lost is held against most_drop; beyond it is told.
        most_drop: Largest AUROC that a shift may cost.
        most_images: More images than this are sampled, patient by patient.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of noise, directions, sample and bootstrap.

    Returns:
        evidence: Figures under every shift and severity, clean figures as severity 0.
        curves: AUROC lost by every shift at the largest severity asked for (SVG, Vega-Lite inside); the evidence has the curves.
    """
    parameters = told(locals())
    watch = Stopwatch()
    conditions = _conditions(shifts, severities)
    asker = Asker(model.path, threads=step.threads)
    cases = asker.cases(images.path).sample(most_images, seed)
    groups = cases.groups(by if by is not None else ["sex"] if "sex" in cases.index else [])
    scored = scores_under(asker, cases, conditions, seed)
    watch.model_calls = asker.asked
    statements: list[Statement] = []
    missing: list[NotMeasured] = []
    for name, severity in [("none", 0), *conditions]:
        condition = {"shift": str(name), "severity": str(severity)}
        after = scored.clean if severity == 0 else scored.scores[ShiftName(name), severity]
        rows = Judged(cases.truth, cases.patient, scored.clean, after, asker.facts.threshold)
        bound = Criterion(most=most_drop, fewest=_FEWEST) if 0 < severity <= judged else None
        parts = [(condition, rows, bound)]
        if severity in {0, judged}:
            parts += [(condition | dict(on), rows.only(mask), None) for on, mask in groups]
        for on, some, criterion in parts:
            found, lacking = under_shift(some, on, criterion, draws=draws, seed=seed)
            statements += [each for each in found if severity or each.id != DROP]
            missing += lacking
    charts = _charts(statements, conditions, synthetic=cases.meta.synthetic)
    worst = {str(name): severity for name, severity in conditions}
    evidence = written(
        Result(
            title="Robustness to acquisition shifts",
            method=own_method(
                "robustness/acquisition-shifts@1.0.0",
                "simulated shifts before preprocessing",
                "Hendrycks and Dietterich 2019",
            ),
            subjects=[subject(Role.MODEL, model), subject(Role.DATA, images)],
            statements=statements,
            samples={"rows": len(cases), "patients": cases.patients, **_sizes(groups)},
            parameters=parameters,
            labels=asker.facts.labels,
            positive=cases.positive,
            seed=seed,
            synthetic=cases.meta.synthetic,
            not_measured=missing,
            tables=[_help(conditions)],
            figures=[pictured(f"shift-{number}", chart, Block.ROBUSTNESS) for number, chart in enumerate(charts)],
            caveats=[*_CAVEATS, *_approximated(scored, len(cases))],
            cost=watch.cost(),
        )
    )
    return Robustness(evidence, drawn("curves", lost_at_worst(statements, worst, synthetic=cases.meta.synthetic)))


def _conditions(shifts: list[str] | None, severities: list[int] | None) -> list[Condition]:
    known = [str(name) for name in ShiftName]
    for name in shifts or ():
        if name not in known:
            hint = did_you_mean(name, known) or f"one of {', '.join(known)}"
            raise ComponentError(f"there is no shift {name!r}", culprit=name, hint=hint)
    for severity in severities or ():
        if severity not in SEVERITIES:
            raise ComponentError("a severity is 1, 2, 3, 4 or 5", culprit=str(severity))
    return conditions_of(shifts or known, severities or (1, 2, 4))


def _sizes(groups: Sequence[tuple[Mapping[str, str], NDArray[np.bool_]]]) -> dict[str, int]:
    return {f"{name}={value}": int(mask.sum()) for on, mask in groups for name, value in on.items()}


def _charts(statements: Sequence[Statement], conditions: list[Condition], *, synthetic: bool) -> list[LineChart]:
    """Return AUROC over severity with its intervals, a chart a family; none when no AUROC could be measured."""
    known = measured_areas(statements)
    clean = known.get(("none", 0))
    if clean is None:
        return []
    charts = []
    for family in Family:
        names = dict.fromkeys(name for name, _ in conditions if SHIFTS[name].family is family)
        lines = {
            str(name): [(0, clean), *((s, known[str(n), s]) for n, s in conditions if n is name)] for name in names
        }
        if lines:
            charts.append(over_severity(f"AUROC under shift: {family}{mark(synthetic=synthetic)}", lines))
    return charts


def _help(conditions: list[Condition]) -> Table:
    rows: list[list[str | int]] = [
        [str(name), severity, amount_words(name, severity), SHIFTS[name].help] for name, severity in conditions
    ]
    return Table("shifts", "What each severity means", ("shift", "severity", "amount", "help"), rows)


def _approximated(scored: Shifted, rows: int) -> list[str]:
    if not scored.approximated:
        return []
    return [
        f"Of {rows} images {scored.approximated} have no adjacent slices: thicker slices were approximated there by zooming."
    ]
