"""evaluate/shortcut-audit."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from assay import ComponentError, Evidence, Figure, Images, Model, Param, component, step
from assay.library.evaluate import cuecollecting
from assay.library.evidencing import drawn, own_method, pictured, subject, told, written
from assay.training.cases import Asker, Cases
from assay.trust.charts.chart import IntervalChart, IntervalRow
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import NotMeasured, Role, Table
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.evidence.statement import Criterion, Statement
from assay.trust.performance.ranking import auroc
from assay.trust.shortcuts.audit import Target, findings, score_found
from assay.trust.shortcuts.cues import PixelCue
from assay.trust.shortcuts.removal import HELP, Removal
from assay.trust.shortcuts.stating import cue_statement, loss_statements

NAME = "evaluate/shortcut-audit"
_MOST_VALUES = 4
_FEWEST = 20
"""Patients of the rarer class without whom no cue is called harmless."""
_ANATOMY = frozenset({PixelCue.BORDERS, PixelCue.OUTSIDE_BODY, PixelCue.OUTSIDE_LUNGS})
"""Cues in which another sex honestly shows: a wider body meets the edges, breasts shape the wall."""

_MASKED = "the model's own score, lungs masked"
_CAVEATS = (
    "A cue that is not found is not shown to be absent: the learner is small and looks at a few numbers a picture.",
    "Sex or site may honestly show in the body: for them only cues of the file, burnt-in text and the order are judged.",
    "A cue in the data is a risk, no proof that the model uses it: that is told by what the model loses without the cue.",
)


class Audit(NamedTuple):
    """What an audit yields."""

    evidence: Evidence
    cues: Figure


@component(
    "evaluate/shortcut-audit",
    version="1.0.0",
    tags=("trust", "shortcut", "confounding", "leakage"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "pillow", "scipy", "onnxruntime"),
    preload=("numpy", "pandas", "scipy.ndimage", "scipy.special", "PIL.Image", "onnxruntime"),
)
def shortcut_audit(
    images: Images,
    train: Images | None = None,
    model: Model | None = None,
    *,
    targets: Annotated[list[str] | None, Param(column_of="images")] = None,
    most: Annotated[float, Param(min=0.5, max=1.0, unit="AUROC")] = 0.6,
    most_drop: Annotated[float, Param(min=0.0, max=1.0, unit="AUROC")] = 0.05,
    most_images: Annotated[int, Param(min=20, unit="images")] = 1000,
    draws: Annotated[int, Param(min=100, max=100_000, unit="samples")] = 1000,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Audit:
    """Ask whether the label can be told from what should not matter, and whether the model leans on it.

    Cues that need no pixel (file type and colour mode, picture size, compression, file header, order of the rows) and cues in
    pixels that show no lung (borders, burnt-in text, outside of the body, outside of the lungs) are each given to a small
    learner. How well it tells the target of patients it has not seen is the cue's AUROC, with a patient-level interval,
    corrected for the number of cues. A cue fails when it is shown to be above the bound, and passes when its whole interval
    lies below. With a model, each cue is also taken out of the pictures (text painted over, outside blanked, borders cut
    off, files harmonised), and what the model's own AUROC loses is measured; with the lungs masked it should know nothing.

    Args:
        images: Images to audit, best those that the model is tested on.
        train: Images of other patients to learn cues from; without them the learner works across folds of patients.
        model: Whose scores are held against pictures without the cue.
        targets: Columns whose values a cue may tell: label, sex, or a site such as vendor; default label, and sex where known.
        most: Largest AUROC that a cue may have.
        most_drop: Largest AUROC that the model may lose with a cue.
        most_images: More images than this are sampled, patient by patient.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of sample, folds and bootstrap.

    Returns:
        evidence: AUROC of every cue and target, what the model loses without each cue, and what could not be asked.
        cues: AUROC of every cue with its interval (SVG, Vega-Lite inside).
    """
    parameters = told(locals())
    watch = Stopwatch()
    asker = Asker(model.path, threads=step.threads) if model else None
    cases = (asker.cases(images.path) if asker else Cases.read(images.path)).sample(most_images, seed)
    learnt = Cases.read(train.path, cases.positive, what="training images").sample(most_images, seed) if train else None
    columns = _targets(cases, targets)
    if learnt is not None:
        _refuse_shared(cases, learnt)
    cues = cuecollecting.collected(cases)
    bound = Criterion(most=most, fewest=_FEWEST)
    statements, missing = _told_by_cues(cases, learnt, cues, columns, bound, draws=draws, seed=seed)
    if asker is not None:
        more = _lost_without(
            asker, cases, cues, Criterion(most=most_drop, fewest=_FEWEST), bound, draws=draws, seed=seed
        )
        statements += [each for each in more if isinstance(each, Statement)]
        missing += [each for each in more if isinstance(each, NotMeasured)]
        watch.model_calls = asker.asked
    chart = _chart(statements, most, synthetic=cases.meta.synthetic)
    result = Result(
        title="Shortcuts: can the truth be told from what should not matter",
        method=own_method(
            f"{NAME}@1.0.0",
            f"additive ridge logistic regression a cue, {'trained on other images' if train else 'cross-fitted by patient'}",
            "Zech et al. 2018; DeGrave, Janizek and Lee 2021; Holm 1979",
        ),
        subjects=[
            *([subject(Role.MODEL, model)] if model else []),
            subject(Role.DATA, images, "audited images"),
            *([subject(Role.TRAINING_DATA, train, "images that the learner saw")] if train else []),
        ],
        statements=statements,
        samples=_samples(cases),
        parameters=parameters,
        labels=asker.facts.labels if asker else cases.meta.labels,
        positive=cases.positive,
        seed=seed,
        synthetic=cases.meta.synthetic,
        not_measured=missing,
        tables=[Table("removals", "What each removal does", ("removal", "help"), list(HELP.items()))] if asker else (),
        figures=[pictured("cues", chart, Block.FAILURES)],
        caveats=_CAVEATS,
        cost=watch.cost(),
    )
    return Audit(written(result), drawn("cues", chart))


def _chart(statements: list[Statement], most: float, *, synthetic: bool) -> IntervalChart:
    rows = [
        IntervalRow(each.on["cue"], each.estimate.value, each.estimate.low, each.estimate.high, each.on["target"])
        for each in statements
        if each.id == "shortcut.cue_auroc"
    ]
    mark = " (synthetic data)" if synthetic else ""
    return IntervalChart(
        f"What should not matter, and tells{mark}",
        "AUROC",
        rows or [IntervalRow("not measured", 0.5)],
        reference=0.5,
        allowed=(0.0, most),
        x_range=(0.0, 1.0),
    )


def _samples(cases: Cases) -> dict[str, int]:
    ill = len(set(cases.patient[cases.truth].tolist()))
    return {"rows": len(cases), "patients": cases.patients, "positive_patients": ill}


def _targets(cases: Cases, targets: list[str] | None) -> list[str]:
    if targets is not None:
        for name in targets:
            cases.column(name)
        return targets
    both = "sex" in cases.index and {"F", "M"} <= set(cases.column("sex"))
    return ["label", "sex"] if both else ["label"]


def _refuse_shared(cases: Cases, learnt: Cases) -> None:
    shared = sorted(set(cases.index["patient"]) & set(learnt.index["patient"]))
    if shared:
        raise ComponentError(
            f"{len(shared)} patients are in both parts: {', '.join(shared[:5])}",
            culprit=shared[0],
            hint="split by patient; evaluate/find-leakage lists all of them",
        )


def _told_by_cues(
    cases: Cases,
    learnt: Cases | None,
    cues: cuecollecting.Cues,
    columns: list[str],
    criterion: Criterion,
    *,
    draws: int,
    seed: int,
) -> tuple[list[Statement], list[NotMeasured]]:
    there = cuecollecting.collected(learnt) if learnt is not None else None
    missing = cues.missing | (there.missing if there else {})
    absent = [NotMeasured("shortcut.cue_auroc", why, {"cue": cue}) for cue, why in missing.items()]
    usable = cuecollecting.Cues({c: f for c, f in cues.features.items() if c not in missing}, {}, cues.parts)
    statements: list[Statement] = []
    for column in columns:
        for value in cuecollecting.common_values(cases, column, _MOST_VALUES):
            test = cuecollecting.target_of(cases, usable, column, value)
            train: Target | None = None
            if learnt is not None and there is not None:
                train = cuecollecting.target_of(learnt, there, column, value)
            found, reasons = findings(test, train, bound=float(criterion.most or 1), draws=draws, seed=seed)
            name = f"{column} {value}"
            absent += [
                NotMeasured("shortcut.cue_auroc", why, {"target": name, "cue": cue}) for cue, why in reasons.items()
            ]
            for cue, (answer, adjusted) in found.items():
                judged = None if column != "label" and cue in _ANATOMY else criterion
                on = {"target": name, "cue": cue}
                statements.append(cue_statement(answer, on, judged, adjusted, f"cues of {name}"))
    return statements, absent


def _lost_without(
    asker: Asker,
    cases: Cases,
    cues: cuecollecting.Cues,
    bound: Criterion,
    masked: Criterion,
    *,
    draws: int,
    seed: int,
) -> list[Statement | NotMeasured]:
    if cases.truth.all() or not cases.truth.any():
        return [NotMeasured("shortcut.auroc_drop", "one class only: there is no AUROC to lose")]
    clean = asker.scores_of((cases.values(row) for row in range(len(cases))), cases.meta)
    print(f"the model's AUROC on these images is {auroc(cases.truth, clean):.3f}")
    stated: list[Statement | NotMeasured] = []
    for removal in Removal:
        without = cuecollecting.scores_without(asker, cases, cues, removal)
        if removal is Removal.LUNGS:
            found = score_found(cases.truth, without, cases.patient, float(masked.most or 1), draws=draws, seed=seed)
            on = {"target": f"label {cases.positive}", "cue": _MASKED}
            stated.append(cue_statement(found, on, masked, found.p, ""))
        criterion = None if removal is Removal.LUNGS else bound
        stated += loss_statements(
            str(removal), cases.truth, cases.patient, clean, without, criterion, draws=draws, seed=seed
        )
    return stated
