"""How many slices a second ``input/ct-phantom`` makes on one core: drawing, writing, and both. CPU time, medians.

OMP_NUM_THREADS=1 python benchmarks/data/phantom.py [--size 128] [--rounds 7]
"""

import argparse
import statistics
import tempfile
import time

from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.data.phantom import Cohort, Picture, Plan, pictures, plan_cohort

Drawn = list[tuple[Plan, Picture]]


def draw(cohort: Cohort, patients: int) -> Drawn:
    """Return all slices of a cohort."""
    return [(plan, picture) for plan in plan_cohort(cohort, patients) for picture in pictures(cohort, plan)]


def write(drawn: Drawn) -> None:
    """Write slices as PNG with their masks and index."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ImagesWriter(folder, ImagesMeta(Intensity.HOUNSFIELD), masks=True) as writer,
    ):
        for plan, picture in drawn:
            writer.add(picture.pixels, patient=plan.patient, label=plan.label, mask=picture.mask, **picture.columns)


def main() -> None:
    """Print costs and rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--patients", type=int, default=15)
    options = parser.parse_args()
    cohort = Cohort(seed=7, size=options.size)
    draw(cohort, 2)
    costs: dict[str, list[float]] = {"drawing": [], "writing": [], "both": []}
    for _ in range(options.rounds):
        started = time.process_time()
        drawn = draw(cohort, options.patients)
        between = time.process_time()
        write(drawn)
        ended = time.process_time()
        for name, seconds in (("drawing", between - started), ("writing", ended - between), ("both", ended - started)):
            costs[name].append(seconds / len(drawn))
    for name, rounds in costs.items():
        middle = statistics.median(rounds)
        print(f"{name:8} {1e3 * middle:6.2f} ms a slice, {1 / middle:5.0f} a second (best round {1 / min(rounds):.0f})")


if __name__ == "__main__":
    main()
