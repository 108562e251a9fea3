"""Components of the end-to-end tests: small, quick, and one that takes its time."""

import json
import time

from assay import Dataset, Metrics, Report, component, step


@component("input/people", version="1.0.0")
def people(*, count: int = 5) -> Dataset:
    """Make a table of people.

    Args:
        count: How many.
    """
    table = step.output("dataset", Dataset)
    rows = "".join(f"p{n},{30 + n},\n" for n in range(count))
    table.path.write_text("id,age,note\n" + rows)
    print(f"{count} people")
    return table


@component("filter/adults", version="1.0.0")
def adults(table: Dataset, *, least: int = 18, strict: bool = False) -> Dataset:
    """Keep the adults.

    Args:
        least: Smallest age that is kept.
        strict: Whether an empty age stops everything.
    """
    kept = step.output("dataset", Dataset)
    lines = table.path.read_text().splitlines()
    if strict and any(not line.split(",")[1] for line in lines[1:]):
        raise ValueError("an age is empty")
    rows = [line for line in lines[1:] if int(line.split(",")[1]) >= least]
    kept.path.write_text("\n".join([lines[0], *rows]) + "\n")
    return kept


@component("evaluate/tell", version="1.0.0")
def tell(table: Dataset) -> Report:
    """Write a page that tries to break out."""
    report = step.output("report", Report)
    report.path.write_text("<h1>Report</h1><script>parent.document.title='owned'</script>" + table.path.read_text())
    return report


@component("evaluate/count", version="1.0.0")
def count(table: Dataset) -> Metrics:
    """Count the rows."""
    metrics = step.output("metrics", Metrics)
    rows = len(table.path.read_text().splitlines()) - 1
    metrics.path.write_text(json.dumps({"format": 1, "figures": {"rows": {"value": rows}}}))
    return metrics


@component("transform/wait", version="1.0.0", cache=False)
def wait(table: Dataset, *, seconds: float = 1.0) -> Dataset:
    """Take some time."""
    for tick in range(int(seconds * 20)):
        time.sleep(0.05)
        step.progress(tick + 1, int(seconds * 20), "waiting")
        print("tick", tick, flush=True)
    copy = step.output("dataset", Dataset)
    copy.path.write_text(table.path.read_text())
    return copy
