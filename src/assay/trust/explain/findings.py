"""From figures of pictures to statements: each method beside random, intensity and edges, and held to being better than they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.evidence import NotMeasured, Table
from assay.trust.evidence.statement import Criterion, Estimate, State, Statement
from assay.trust.explain.averages import mean, share
from assay.trust.explain.judging import LOCALISATION, Figures, gain

_SIGNED = (-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Randomised:
    """Likeness of maps to those of the network with its last layers reset.

    Attributes:
        layers: How many were reset.
        total: Of how many.
        spearman: Rank correlation of absolute heat, one a picture.
        ssim: Structural similarity of absolute heat, one a picture.
    """

    layers: int
    total: int
    spearman: NDArray[np.float64]
    ssim: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """One method, or one control, on a sample.

    Attributes:
        name: In words.
        figures: Of every picture.
        max_sensitivity: Of the first few pictures; empty: not measured.
        repeatability: Of the first few pictures; empty: not measured.
        randomised: By depth, the deepest last; empty: not measured.
        constant: Pictures whose map is the same everywhere.
        cpu_seconds: For the map of one picture.
        calls: Pictures the model was asked about for the map of one.
    """

    name: str
    figures: Figures
    max_sensitivity: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    repeatability: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    randomised: Sequence[Randomised] = ()
    constant: int = 0
    cpu_seconds: float = 0.0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What was declared beforehand as good enough.

    Attributes:
        gain: A method is better than a control by at least this much, in insertion minus deletion and in pointing.
        likeness: Its maps are at most this much like those of a network that knows nothing (Spearman).
        pointing: Least pointing; ``None``: told, not judged.
        patients: A judgement needs at least these.
    """

    gain: float = 0.01
    likeness: float = 0.5
    pointing: float | None = None
    patients: int = 5


@dataclass(frozen=True, slots=True)
class Findings:
    """What is said of a method and its controls."""

    statements: Sequence[Statement]
    not_measured: Sequence[NotMeasured]

    def state(self, name: str) -> tuple[State | None, str]:
        """Return the worst state of a method's statements with the reasons of those that have it."""
        said = [one for one in self.statements if one.on.get("method") == name and one.state is not None]
        worst = next(
            (
                state
                for state in (State.FAIL, State.INSUFFICIENT, State.PASS)
                if any(one.state is state for one in said)
            ),
            None,
        )
        reasons = [f"{_short(one)}: {one.reason}" for one in said if one.state is worst]
        return worst, "" if worst is State.PASS else "; ".join(reasons)


def findings(
    method: Measured,
    controls: Sequence[Measured],
    patient: NDArray[np.intp],
    fill_scores: Mapping[str, float],
    threshold: float,
    limits: Limits,
) -> Findings:
    """State everything that was measured of a method and its controls.

    Args:
        method: The method.
        controls: Maps that know nothing of the model, on the same pictures.
        patient: Of each picture.
        fill_scores: Mean probability of each fill alone.
        threshold: Of the model: a fill that scores more cannot tell a good map from a bad one.
        limits: What was declared.
    """
    blind = {fill: score for fill, score in fill_scores.items() if score >= threshold}
    statements = list(_told(method, {"method": method.name}, patient, limits))
    for control in controls:
        statements += _told(control, {"control": control.name}, patient, limits)
        statements += _gains(method, control, patient, [fill for fill in fill_scores if fill not in blind], limits)
    statements += _stability(method, patient, limits)
    on = {"method": method.name}
    missing = [
        NotMeasured(
            "explanation.gain_over_control",
            f"the model itself calls the fill positive (mean score {score:.2f}): nothing is taken away by it",
            {**on, "fill": fill},
        )
        for fill, score in blind.items()
    ]
    if (placed := method.figures.get(("pointing", ""))) is not None and not np.isfinite(placed).any():
        why = "no picture of the sample has a mask with a lesion in it"
        missing += [NotMeasured(f"explanation.{name}", why, on) for name in LOCALISATION]
    return Findings(statements, missing)


def _told(measured: Measured, on: Mapping[str, str], patient: NDArray[np.intp], limits: Limits) -> Iterator[Statement]:
    for (name, fill), values in measured.figures.items():
        estimate = mean(values, patient, least=-1.0, most=1.0) if name == "faithfulness" else share(values, patient)
        if estimate is None:
            continue
        judged = name == "pointing" and "method" in on and limits.pointing is not None
        criterion = Criterion(least=limits.pointing, fewest=limits.patients) if judged else None
        where = {**on, "fill": fill} if fill else on
        yield Statement.judged(f"explanation.{name}", estimate, criterion, on=where)


def _gains(
    method: Measured, control: Measured, patient: NDArray[np.intp], fills: Sequence[str], limits: Limits
) -> Iterator[Statement]:
    differences = {
        ("insertion minus deletion", fill): gain(method.figures, fill) - gain(control.figures, fill)
        for fill in fills
        if ("insertion", fill) in method.figures
    }
    differences |= {
        key: method.figures[key] - control.figures[key]
        for key in (("faithfulness", fill) for fill in fills)
        if key in method.figures
    }
    if ("pointing", "") in method.figures:  # rows of a table have no place to point at
        differences["pointing", ""] = method.figures["pointing", ""] - control.figures["pointing", ""]
    for (figure, fill), values in differences.items():
        most = 2.0 if fill else 1.0
        estimate = mean(values, patient, least=-most, most=most)
        if estimate is None:
            continue
        on = {"method": method.name, "figure": figure} | ({"fill": fill} if fill else {})
        criterion = Criterion(least=limits.gain, fewest=limits.patients)
        yield Statement.judged(
            "explanation.gain_over_control", estimate, criterion, on=on, against={"control": control.name}
        )


def _stability(method: Measured, patient: NDArray[np.intp], limits: Limits) -> Iterator[Statement]:
    on = {"method": method.name}

    def of_first(values: NDArray[np.float64], least: float, most: float) -> Estimate | None:
        return mean(values, patient[: len(values)], least=least, most=most)

    for name, values, ends in (
        ("max_sensitivity", method.max_sensitivity, (0.0, np.inf)),
        ("repeatability", method.repeatability, _SIGNED),
    ):
        estimate = of_first(values, *ends)
        if estimate is not None:
            yield Statement.judged(f"explanation.{name}", estimate, None, on=on)
    for depth in method.randomised:
        where = {**on, "layers reset": f"{depth.layers} of {depth.total}"}
        whole = depth is method.randomised[-1]
        for name, values in (("spearman", depth.spearman), ("ssim", depth.ssim)):
            estimate = of_first(values, *_SIGNED)
            judged = whole and name == "spearman"
            criterion = Criterion(most=limits.likeness, fewest=min(limits.patients, 3)) if judged else None
            if estimate is not None:
                yield Statement.judged(f"explanation.randomisation_{name}", estimate, criterion, on=where)


def overview(measured: Sequence[Measured], what: str = "pictures") -> Table:
    """Return one row a method and control: every mean, and what a map costs."""
    keys = list(measured[0].figures)
    columns = ["map", *(f"{name}, {fill}" if fill else name for name, fill in keys)]
    columns += [
        "max sensitivity",
        "repeatability",
        "likeness when random",
        "constant maps",
        "CPU s a map",
        "calls a map",
    ]
    rows: list[list[str | float | int | None]] = []
    for one in measured:
        deepest = one.randomised[-1].spearman if one.randomised else np.empty(0)
        rows.append(
            [
                one.name,
                *(_mean(one.figures[key]) for key in keys),
                *(_mean(values) for values in (one.max_sensitivity, one.repeatability, deepest)),
                one.constant,
                round(one.cpu_seconds, 4),
                one.calls,
            ]
        )
    return Table(
        "maps", f"Every map on the same {what}; the last {len(rows) - 1} rows know nothing of them", columns, rows
    )


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.mean()), 4) if len(known) else None


def _short(statement: Statement) -> str:
    if statement.id == "explanation.gain_over_control":
        fill = f" ({statement.on['fill']})" if "fill" in statement.on else ""
        return f"{statement.on['figure']}{fill} against {statement.against['control']}"
    return statement.id.partition(".")[2].replace("_", " ")
