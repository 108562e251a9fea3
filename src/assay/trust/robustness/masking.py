"""Does the gradient tell the truth: checks that fail when a defence only hides it (Athalye, Carlini and Wagner 2018; Carlini et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.trust.evidence.statement import Criterion, Estimate, Statement

UNBOUNDED = 0.5
"""A budget at which any picture can be turned into grey: nothing can stay right."""

_SLACK = 0.02


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, whether it holds, and what was seen."""

    name: str
    holds: bool
    seen: str


def checks(
    *,
    one_step: NDArray[np.bool_],
    many_steps: NDArray[np.bool_],
    black_box: NDArray[np.bool_] | None,
    unbounded: NDArray[np.bool_],
    standing_by_steps: list[float],
    flat: float,
) -> list[Check]:
    """Return the five checks.

    Args:
        one_step: Rows still right after one gradient step of a budget, shape (rows,).
        many_steps: After many steps of the same budget.
        black_box: After a black-box attack of the same budget; ``None`` when it was not run.
        unbounded: After many steps of a budget without limit.
        standing_by_steps: Mean distance from wrong after growing numbers of steps.
        flat: Share of rows whose gradient is 0 everywhere.
    """
    white, single = float(many_steps.mean()), float(one_step.mean())
    slack = max(_SLACK, 1.5 / len(many_steps))
    falls = np.diff(standing_by_steps)
    found = [
        Check("many steps are no weaker than one", white <= single + slack, f"{white:.3f} against {single:.3f} stand"),
        Check(
            "a budget without limit turns everything", float(unbounded.mean()) <= slack, f"{unbounded.mean():.3f} stand"
        ),
        Check(
            "more steps bring decisions nearer to wrong",
            bool((falls <= 1e-3).all()),
            "mean margin " + ", ".join(f"{value:.3g}" for value in standing_by_steps),
        ),
        Check("the gradient is not flat", flat <= slack, f"{flat:.3f} of the rows have none"),
    ]
    if black_box is not None:
        only = float((many_steps & ~black_box).mean())
        seen = f"{only:.3f} of the rows fall to the black box alone"
        found.append(Check("a black box finds nothing that the gradient missed", only <= slack, seen))
    return found


def masking_statement(found: list[Check], rows: int) -> Statement:
    """Return how many checks failed; none may. Counted, so the interval is the count itself."""
    failed = sum(not check.holds for check in found)
    estimate = Estimate(failed, failed, failed, n=rows, rows=rows, method=f"{len(found)} checks")
    return Statement.judged("robustness.gradient_masking", estimate, Criterion(most=0))
