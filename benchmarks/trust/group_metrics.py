"""Group metrics with 1,000 bootstrap resamples, beside AI Fairness 360 and Fairlearn without any, in the same run.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/trust/group_metrics.py [--peers-up-to ROWS]

CPU seconds, the best of three (peers: one), and the peak of memory that Python allocates beyond the data (tracemalloc, a run of its own).
"""

import argparse
import time
import tracemalloc
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from assay.trust.fairness.counts import GroupTable
from assay.trust.fairness.rates import RATES, rate, rate_difference, rate_values

DRAWS = 1000


def data(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two groups, a TPR gap of five points."""
    random = np.random.default_rng(0)
    group = random.integers(0, 2, rows).astype(np.uint8)
    truth = random.random(rows) < 0.3
    return group, truth, random.random(rows) < np.where(truth, 0.85 - 0.05 * group, 0.1)


def assay(group: np.ndarray, truth: np.ndarray, called: np.ndarray) -> object:
    """Nine rates of two groups and their differences with intervals, and 1,000 resamples of all rates."""
    table, every = GroupTable.of(group, truth, called, groups=2), np.arange(2)
    cells = table.merged(every, 2)
    one, two = ({name: rate(cells, side, name) for name in RATES} for side in (0, 1))
    gaps = {name: rate_difference(one[name], two[name]) for name in RATES}
    return gaps, rate_values(table.resampled(every, 2, DRAWS, 0))


def aif360(group: np.ndarray, truth: np.ndarray, called: np.ndarray) -> object:
    """Five gaps, no interval."""
    from aif360.datasets import BinaryLabelDataset
    from aif360.metrics import ClassificationMetric

    names = {"label_names": ["label"], "protected_attribute_names": ["group"]}
    made = [
        BinaryLabelDataset(df=pd.DataFrame({"group": group, "label": each.astype(float)}), **names)
        for each in (truth, called)
    ]
    metric = ClassificationMetric(*made, [{"group": 0}], [{"group": 1}])
    return (
        metric.statistical_parity_difference(),
        metric.equal_opportunity_difference(),
        metric.average_odds_difference(),
        metric.disparate_impact(),
        metric.false_positive_rate_difference(),
    )


def fairlearn(group: np.ndarray, truth: np.ndarray, called: np.ndarray) -> object:
    """Five rates by group, no interval."""
    from fairlearn import metrics

    measures = {
        name: getattr(metrics, name)
        for name in (
            "true_positive_rate",
            "false_positive_rate",
            "false_negative_rate",
            "true_negative_rate",
            "selection_rate",
        )
    }
    return metrics.MetricFrame(metrics=measures, y_true=truth, y_pred=called, sensitive_features=group).by_group


def measured(work: Callable[..., object], arrays: tuple[np.ndarray, ...], repeats: int) -> tuple[float, float]:
    """Return CPU seconds (best) and peak megabytes."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work(*arrays)
        seconds.append(time.process_time() - start)
    tracemalloc.start()
    work(*arrays)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(seconds), peak / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers-up-to", type=int, default=100_000)
    limit = parser.parse_args().peers_up_to
    warnings.simplefilter("ignore")
    for work in (assay, aif360, fairlearn):
        work(*data(1000))  # imports are not what is measured
    print("| rows | who | CPU ms | peak MB |\n|---|---|---|---|")
    for rows in (10_000, 100_000, 1_000_000, 10_000_000):
        arrays = data(rows)
        for work in (assay, aif360, fairlearn):
            if work is assay or rows <= limit:
                seconds, peak = measured(work, arrays, 3 if work is assay else 1)
                print(f"| {rows:,} | {work.__name__} | {seconds * 1000:.1f} | {peak:.1f} |", flush=True)


if __name__ == "__main__":
    main()
