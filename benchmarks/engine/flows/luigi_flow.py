"""Luigi: a forked process for each task, no record kept, no cache key; done means that the target exists."""

import sys

import luigi
import numpy as np  # noqa: F401  (inherited by the forks)
from steps import work_of

WORKLOAD, STEPS = sys.argv[1], int(sys.argv[2])


class Tick(luigi.Task):
    """One step."""

    number = luigi.IntParameter()

    def requires(self) -> list[luigi.Task]:
        """Return the step before, if there is one."""
        return [Tick(number=self.number - 1)] if WORKLOAD != "fanout" and self.number else []

    def output(self) -> luigi.LocalTarget:
        """Return where the step writes."""
        return luigi.LocalTarget(f"out/{self.number}")

    def run(self) -> None:
        """Do the work and publish by rename."""
        source = self.input()[0].path if self.input() else ""
        with self.output().temporary_path() as part:
            work_of(WORKLOAD)(source, part)


if __name__ == "__main__":
    last = [Tick(number=number) for number in (range(STEPS) if WORKLOAD == "fanout" else [STEPS - 1])]
    luigi.configuration.get_config().set("worker", "force_multiprocessing", "true")
    workers = 2 if WORKLOAD == "fanout" else 1
    ok = luigi.build(last, workers=workers, local_scheduler=True, log_level="WARNING")
    sys.exit(not ok)
