"""How surely a group audit finds a planted gap, and how often it accuses a fair classifier: cohorts whose truth is known.

    python benchmarks/trust/power.py --cohorts 2000

A cohort has women and men, under 60 and from 60 on, as many sick as healthy people in each of the four cells; a classifier finds 95 % of
the sick and calls 10 % of the healthy, but finds 85 % of the women from 60 on where a gap is planted. Found: the difference of true
positive rates of that cell against all others is shown after correction for the whole family. Accused: any difference of the family is
shown, or fails, where nothing is planted. A promise is kept when the whole 95 % interval is on its side, open when the estimate alone is;
the exit code counts those that are neither. What is judged is ``declared`` of the audit itself, from counts: nothing else of an audit
has a part in either. With one image a person its p-values are taken from the audit's own test once for every pair of counts that
occurs, so that a hundred thousand cohorts take seconds.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.trust.evidence.statement import State, Statement
from assay.trust.fairness.counts import GroupTable
from assay.trust.fairness.declared import LEVEL, Demand, comparisons, declared, shown
from assay.trust.fairness.people import Grouping, Slice, cells, slices
from assay.trust.performance.intervals import Interval, wilson
from assay.trust.performance.multiplicity import holm
from assay.trust.performance.proportions import Clusters, equality_p, proportion

CELL = {"sex": "F", "age_group": "60 and over"}
ALIKE = 1 / 3
"""Intra-class correlation of the images of one person."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        positives: Sick, and healthy, people in each of the four cells.
        images: Of each person; in the mean, geometrically distributed, when ``uneven``.
        gap: Planted; 0: the classifier is fair.
        promise: Least share of cohorts in which it is found, or largest in which anybody is accused.
        times: How often ``--cohorts`` is taken: the closer the truth is to the promise, the more it takes to see on which side.
        uneven: Whether people have different numbers of images.
    """

    positives: int
    images: int
    gap: float
    promise: float
    times: int = 1
    uneven: bool = False

    def kept(self, share: float, ends: Interval) -> str:
        """Return whether the promise is kept: ``yes`` when the whole interval says so, ``open`` when only the estimate does."""
        if self.gap:
            return "yes" if ends.low >= self.promise else "open" if share >= self.promise else "NO"
        return "yes" if ends.high <= self.promise else "open" if share <= self.promise else "NO"


LINES = (
    Line(140, 1, 0.1, 0.80, times=50),
    Line(434, 1, 0.1, 0.99, times=50),
    Line(20, 1, 0.0, 0.05, times=50),
    Line(140, 1, 0.0, 0.05, times=50),
    Line(434, 1, 0.0, 0.05, times=50),
    Line(20, 20, 0.0, 0.05, uneven=True),
    Line(140, 8, 0.0, 0.05, times=5),
    Line(60, 20, 0.0, 0.05, times=2, uneven=True),
    Line(140, 8, 0.0, 0.05, times=2, uneven=True),
)


def groupings() -> tuple[np.ndarray, int, list[Slice]]:
    """Return the finest cell of each of the four kinds of people, how many cells there are, and the ways to cut them."""
    parts = [
        Grouping("sex", ["F", "M"], np.array([0, 0, 1, 1])),
        Grouping("age_group", ["under 60", "60 and over"], np.array([0, 1, 0, 1])),
    ]
    cell, size = cells(parts)
    return cell, size, slices(parts, crossing=True)


def chances(line: Line) -> np.ndarray:
    """Return the chance to be called positive of each of the four kinds of people, sick and healthy, shape (4, 2)."""
    chance = np.array([[0.95, 0.10]] * 4)
    chance[1, 0] -= line.gap
    return chance


def cohort(random: np.random.Generator, line: Line) -> GroupTable:
    """Return the counts of one cohort.

    With several images a person has a difficulty of their own: the answers of one person agree more often than those of two.
    """
    cell, size, _ = groupings()
    chance = chances(line)
    if line.images == 1:
        called = random.binomial(line.positives, chance)
        counts = np.zeros((size, 4), dtype=np.int64)
        counts[cell] = np.stack(
            [called[:, 0], line.positives - called[:, 0], called[:, 1], line.positives - called[:, 1]], 1
        )
        return GroupTable(np.arange(size), counts)
    concentration = (1 - ALIKE) / ALIKE
    each = np.repeat(chance[:, :, None], line.positives, axis=2)
    own = random.beta(each * concentration, (1 - each) * concentration)
    images = random.geometric(1 / line.images, own.shape) if line.uneven else np.full(own.shape, line.images)
    called = random.binomial(images, own)
    entries = np.zeros((4, 2, line.positives, 4), dtype=np.int64)
    for truth in (0, 1):
        entries[:, truth, :, 2 * truth] = called[:, truth]
        entries[:, truth, :, 2 * truth + 1] = (images - called)[:, truth]
    group = np.repeat(cell, 2 * line.positives)
    return GroupTable(group, entries.reshape(-1, 4), np.arange(len(group)))


def family(random: np.random.Generator, line: Line) -> list[Statement]:
    """Return what the audit of one cohort says about its declared family."""
    return declared(cohort(random, line), groupings()[2], Demand())


def found(said: Sequence[Statement]) -> bool:
    """Return whether the planted cell is named."""
    return any(each.id == "fairness.tpr_difference" and dict(each.on) == CELL and shown(each) for each in said)


def accused(said: Sequence[Statement]) -> bool:
    """Return whether anything is called unfair."""
    return any(shown(each) or each.state is State.FAIL for each in said)


def compared() -> tuple[list[tuple[list[int], list[int]]], int]:
    """Return the kinds of people on both sides of every comparison, and the place of the planted cell among them."""
    cell, size, cuts = groupings()
    counts, sides, planted = np.ones((size, 4)), [], -1
    for cut in cuts:
        for one in comparisons(cut, counts, {}):
            planted = len(sides) if dict(one.group) == CELL else planted
            here, there = cut.to[cell] == one.number, np.isin(cut.to[cell], one.rest)
            sides.append(([int(n) for n in np.flatnonzero(here)], [int(n) for n in np.flatnonzero(there)]))
    return sides, planted


@functools.cache
def p_value(hits: int, people: int, others: int, rest: int) -> float:
    """Return the audit's p-value of ``hits`` of ``people`` against ``others`` of ``rest``, one image each."""
    sides = [proportion(Clusters(hit, n, hit, hit, n, n)) for hit, n in ((hits, people), (others, rest))]
    assert sides[0] is not None
    assert sides[1] is not None
    return equality_p(sides[0], sides[1])


def shown_of_people(hits: np.ndarray, positives: int) -> np.ndarray:
    """Return which differences are shown after correction, shape (cohorts, comparisons, 2): of TPR and of FPR.

    Args:
        hits: Who is called positive of each kind of people, sick and healthy, shape (cohorts, 4, 2).
        positives: Of how many, in each of these.
    """
    sides, _ = compared()
    p = np.empty((len(hits), len(sides), 2))
    for number, (here, there) in enumerate(sides):
        for truth in (0, 1):
            pairs = np.stack([hits[:, here, truth].sum(axis=1), hits[:, there, truth].sum(axis=1)], axis=1)
            kinds, which = np.unique(pairs, axis=0, return_inverse=True)
            each = [p_value(int(a), len(here) * positives, int(b), len(there) * positives) for a, b in kinds]
            p[:, number, truth] = np.array(each)[which.ravel()]
    flat = p.reshape(len(p), -1)
    found = np.zeros(flat.shape, dtype=bool)
    for row in np.flatnonzero(flat.min(axis=1) * flat.shape[1] < LEVEL):
        found[row] = np.array(holm(flat[row])) < LEVEL
    return found.reshape(p.shape)


def measured(line: Line, cohorts: int) -> tuple[float, Interval]:
    """Return in which share of cohorts the planted cell is found, or anybody accused, with its 95 % interval."""
    random = np.random.default_rng(line.positives + line.images)
    if line.images == 1:
        held = shown_of_people(random.binomial(line.positives, chances(line), (cohorts, 4, 2)), line.positives)
        share = float((held[:, compared()[1], 0] if line.gap else held.any(axis=(1, 2))).mean())
    else:
        looked_for = found if line.gap else accused
        share = sum(looked_for(family(random, line)) for _ in range(cohorts)) / cohorts
    return share, wilson(share, cohorts, 1.96)


def main() -> int:
    """Measure, print a table, and return how many promises are not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cohorts", type=int, default=2000, help="a line; some lines take several times as many")
    arguments = parser.parse_args()
    begun, broken = time.process_time(), 0
    print(
        "| patients with the disease a cell | images each | planted gap | cohorts | cell found | anybody accused | promise | kept |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---|")
    for line in LINES:
        cohorts = arguments.cohorts * line.times
        share, ends = measured(line, cohorts)
        told = f"{share:.4f} [{ends.low:.4f}, {ends.high:.4f}]"
        kept = line.kept(share, ends)
        broken += kept == "NO"
        images = f"{line.images}{' in the mean' if line.uneven else ''}"
        columns = (line.positives, images, f"{line.gap:g}", cohorts, *((told, "") if line.gap else ("", told)))
        promise = f"{'>=' if line.gap else '<='} {line.promise:g}"
        print(f"| {' | '.join(map(str, columns))} | {promise} | {kept} |", flush=True)
    print(f"\n{time.process_time() - begun:.0f} s CPU")
    return broken


if __name__ == "__main__":
    sys.exit(main())
