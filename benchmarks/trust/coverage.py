"""How often the 95 % interval of a share, or of a difference of two, holds the truth: exactly with one row a patient, else by simulation.

    python benchmarks/trust/coverage.py --repeats 4000

Slices of a patient are drawn from a beta-binomial distribution: their intra-class correlation is --alike. Beside shares of 20 patients
stands the coverage nearest to 95 % that any interval can have that rests on their count. The exit code counts what is not as promised:
a mean over the rates outside 93 to 97 %, a difference between 20 patients and a larger rest outside, or slices below 93 %.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import stats

from assay.trust.performance.intervals import Interval
from assay.trust.performance.proportions import Clusters, Proportion, difference, proportion

LEAST, MOST = 0.93, 0.97
FEW, RESTS = 20, (20, 60, 200, 2000)
LARGE = 200
"""A rest of which more patients are promised."""

PATIENTS, CROWDS = (10, 20, 30, 60, 140), ((10, 20), (20, 4), (20, 20), (60, 20), (200, 20))
RATES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97)


def inside(hits: np.ndarray, trials: np.ndarray, rate: float) -> bool:
    """Return whether the interval of one sample, by patient, holds the rate."""
    found = proportion(Clusters.of(hits, trials))
    return found is not None and found.interval is not None and found.interval.low <= rate <= found.interval.high


def exact(patients: int, rate: float) -> float:
    """Return the coverage with one row a patient: the chance of every count whose interval holds the rate."""
    ones = np.ones(patients)
    held = [count for count in range(patients + 1) if inside(1.0 * (np.arange(patients) < count), ones, rate)]
    return float(stats.binom.pmf(held, patients, rate).sum())


def reachable(patients: int, rate: float) -> float:
    """Return the coverage nearest to 95 % of all intervals whose ends rise with the count: those hold a rate for a run of counts."""
    below = np.concatenate([[0.0], stats.binom.cdf(np.arange(patients + 1), patients, rate)])
    runs = below[None, :] - below[:, None]
    return float(runs.ravel()[np.abs(runs - 0.95).argmin()])


def shares(patients: int) -> list[tuple[Proportion, Interval]]:
    """Return the share and its interval for every count of one row a patient."""
    found = [proportion(Clusters(count, patients, count, count, patients, patients)) for count in range(patients + 1)]
    return [(each, each.interval) for each in found if each is not None and each.interval is not None]


def differences(patients: int, rest: int) -> list[float]:
    """Return the coverage of the difference between a group and the rest for every pair of ``RATES``, one row a patient: exact."""
    ends = [
        [difference(one.value, here, other.value, there) for other, there in shares(rest)]
        for one, here in shares(patients)
    ]
    low, high = (np.array([[getattr(each, end) for each in line] for line in ends]) for end in ("low", "high"))
    chances = {
        size: {rate: stats.binom.pmf(np.arange(size + 1), size, rate) for rate in RATES} for size in (patients, rest)
    }
    return [
        float(chances[patients][one] @ ((low <= one - other) & (one - other <= high)) @ chances[rest][other])
        for one in RATES
        for other in RATES
    ]


def simulated(
    random: np.random.Generator, patients: int, slices: int, rate: float, alike: float, repeats: int, *, uneven: bool
) -> float:
    """Return the share of ``repeats`` samples whose interval holds the rate.

    Args:
        random: Of the samples.
        patients: Of a sample.
        slices: Rows a patient; in the mean, geometrically distributed, when ``uneven``.
        rate: The truth, between 0 and 1.
        alike: Intra-class correlation, above 0 and below 1.
        repeats: Samples.
        uneven: Whether patients have different numbers of slices.
    """
    scale = (1 - alike) / alike
    held = 0
    for _ in range(repeats):
        trials = random.geometric(1 / slices, patients) if uneven else np.full(patients, slices)
        hits = random.binomial(trials, random.beta(rate * scale, (1 - rate) * scale, patients))
        held += inside(hits.astype(np.float64), trials.astype(np.float64), rate)
    return held / repeats


def table(head: Sequence[str], lines: Iterator[tuple[list[str], list[float]]]) -> list[float]:
    """Print a table with the mean of each line, and return every cell."""
    print(f"| {' | '.join([*head, *(f'{rate:g}' for rate in RATES), 'mean'])} |")
    print(f"|{'---:|' * (len(head) + len(RATES) + 1)}")
    cells = []
    for names, values in lines:
        print(f"| {' | '.join([*names, *(f'{value:.3f}' for value in [*values, np.mean(values)])])} |", flush=True)
        cells += values
    print(f"\nmean {np.mean(cells):.3f}, lowest {min(cells):.3f}, highest {max(cells):.3f}\n")
    return cells


def main() -> int:
    """Print the tables and return how many promises are not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=4000)
    parser.add_argument("--alike", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    begun = time.process_time()
    random = np.random.default_rng(given.seed)
    print("One row a patient, exact:\n")
    lines = [([str(n)], [exact(n, rate) for rate in RATES]) for n in PATIENTS]
    broken = sum(not LEAST <= np.mean(cells) <= MOST for _, cells in lines)
    table(["patients"], iter([*lines, ([f"{FEW}, nearest that there is"], [reachable(FEW, rate) for rate in RATES])]))
    print(
        f"Difference between {FEW} patients and a rest, one row a patient, exact, {len(RATES) ** 2} pairs of those rates:\n"
    )
    print("| rest | mean | lowest | highest | within 93 to 97 % |\n|---:|---:|---:|---:|---:|")
    for rest in RESTS:
        pairs = differences(FEW, rest)
        within = sum(LEAST <= each <= MOST for each in pairs)
        broken += rest >= LARGE and within < len(pairs)
        print(f"| {rest} | {np.mean(pairs):.3f} | {min(pairs):.3f} | {max(pairs):.3f} | {within} |", flush=True)
    print(f"\nSlices alike by {given.alike:g}, {given.repeats} samples a cell:\n")
    cases = [(*crowd, uneven) for crowd in CROWDS for uneven in (False, True)]
    crowded = table(
        ["patients", "slices each"],
        (
            (
                [str(n), f"{slices}{' in the mean' if uneven else ''}"],
                [simulated(random, n, slices, rate, given.alike, given.repeats, uneven=uneven) for rate in RATES],
            )
            for n, slices, uneven in cases
        ),
    )
    broken += sum(each < LEAST for each in crowded)
    print(f"{time.process_time() - begun:.0f} s CPU")
    return broken


if __name__ == "__main__":
    sys.exit(main())
