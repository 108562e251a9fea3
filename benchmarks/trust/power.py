"""How surely a group audit finds a planted gap, and how often it accuses a fair classifier: cohorts whose truth is known.

    python benchmarks/trust/power.py --cohorts 300

A cohort has women and men, under 60 and from 60 on; a classifier finds 95 % of the sick, but 85 % of the women from 60 on where a gap is
planted. Found: the difference of true positive rates of that cell against all others is shown after correction for the whole family.
Accused: any statement of the family fails, or any difference is shown, where nothing is planted.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from assay.trust.evidence.statement import State, Statement
from assay.trust.fairness.audit import PRIMARY, Demand, audit
from assay.trust.fairness.people import Grouping
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.intervals import wilson

CELL = {"sex": "F", "age_group": "60 and over"}
LEVEL = 0.05


def cohort(random: np.random.Generator, positives: int, gap: float, slices: int) -> tuple[Scored, list[Grouping]]:
    """Return one cohort: as many sick as healthy people in each of the four cells, ``slices`` images a person.

    With several slices a person has a difficulty of their own: the answers of one person agree more often than those of two.
    """
    sex = np.repeat([0, 0, 1, 1], 2 * positives)
    old = np.repeat([0, 1, 0, 1], 2 * positives)
    truth = np.tile(np.repeat([True, False], positives), 4)
    chance = np.where(truth, 0.95, 0.10) - gap * (truth & (sex == 0) & (old == 1))
    if slices > 1:
        spread = 2.0  # Beta with this concentration: intra-class correlation 1 / (1 + 2) = 0.33
        chance = random.beta(chance * spread, (1 - chance) * spread)
    person = np.repeat(np.arange(len(truth)), slices)
    called = random.random(len(person)) < chance[person]
    score = np.where(called, random.uniform(0.5, 1, len(person)), random.uniform(0, 0.5, len(person)))
    groups = [
        Grouping("sex", ["F", "M"], sex[person]),
        Grouping("age_group", ["under 60", "60 and over"], old[person]),
    ]
    return Scored(truth[person], score, called, person), groups


def family(random: np.random.Generator, positives: int, gap: float, slices: int) -> list[Statement]:
    """Return what the audit of one cohort says about its declared family."""
    rows, groups = cohort(random, positives, gap, slices)
    found = audit(rows, groups, Demand(draws=100, seed=int(random.integers(1 << 31))))
    return [each for each in found.statements if each.family == PRIMARY]


def shown(said: Statement) -> bool:
    """Return whether a difference is shown after correction."""
    return said.adjusted_p is not None and said.adjusted_p < LEVEL


def found(said: list[Statement]) -> bool:
    """Return whether the planted cell is named."""
    return any(each.id == "fairness.tpr_difference" and dict(each.on) == CELL and shown(each) for each in said)


def accused(said: list[Statement]) -> bool:
    """Return whether anything is called unfair."""
    return any(shown(each) or each.state is State.FAIL for each in said)


def share(hits: int, of: int) -> str:
    """Return a share with its 95 % interval."""
    ends = wilson(hits / of, of, 1.96)
    return f"{hits / of:.3f} [{ends.low:.3f}, {ends.high:.3f}]"


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--cohorts", type=int, default=300, help="a line; five times as many where 140 are held against 80 %% and 5 %%"
    )
    arguments = parser.parse_args()
    begun = time.process_time()
    print("| patients with the disease a cell | images each | planted gap | cohorts | cell found | anybody accused |")
    print("|---:|---:|---:|---:|---:|---:|")
    for positives, slices, gap in ((140, 1, 0.1), (434, 1, 0.1), (140, 1, 0.0), (434, 1, 0.0), (140, 8, 0.0)):
        random = np.random.default_rng(positives + slices)
        cohorts = arguments.cohorts * (5 if (positives, slices) == (140, 1) else 1)
        said = [family(random, positives, gap, slices) for _ in range(cohorts)]
        hits, alarms = sum(map(found, said)), sum(map(accused, said))
        told = (share(hits, len(said)), "") if gap else ("", share(alarms, len(said)))
        print(f"| {positives} | {slices} | {gap:g} | {cohorts} | {told[0]} | {told[1]} |", flush=True)
    print(f"\n{time.process_time() - begun:.0f} s CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
