"""Three components: readings of a site, those within bounds, and how many there are."""

import csv
import json
import random

from assay import Dataset, Metrics, component, step


@component("input/readings", version="1.0.0")
def readings(*, site: str, rows: int = 100, seed: int = 0) -> Dataset:
    """Make up the readings of a site.

    Args:
        site: Its name; another site has other readings.
        rows: How many.
        seed: The same seed gives the same readings.
    """
    draw = random.Random(f"{site} {seed}")  # noqa: S311  (no secret hangs on it)
    table = step.output("dataset", Dataset, suffix=".csv")
    with table.path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["site", "value"])
        writer.writerows([site, round(draw.gauss(50, 20), 2)] for _ in range(rows))
    return table


@component("filter/within", version="1.0.0")
def within(table: Dataset, *, low: float = 0.0, high: float = 100.0) -> Dataset:
    """Keep the readings within bounds.

    Args:
        table: CSV with a column `value`.
        low: Smallest reading that is kept.
        high: Largest.
    """
    kept = step.output("dataset", Dataset, suffix=".csv")
    with (
        table.path.open(newline="", encoding="utf-8") as source,
        kept.path.open("w", newline="", encoding="utf-8") as to,
    ):
        rows = csv.DictReader(source)
        writer = csv.DictWriter(to, rows.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in rows if low <= float(row["value"]) <= high)
    return kept


@component("evaluate/count", version="1.0.0")
def count(tables: list[Dataset]) -> Metrics:
    """Count the rows of tables.

    Args:
        tables: CSV with a header row.
    """
    metrics = step.output("metrics", Metrics, suffix=".json")
    rows = sum(len(table.path.read_text(encoding="utf-8").splitlines()) - 1 for table in tables)
    metrics.path.write_text(json.dumps({"format": 1, "figures": {"rows": {"value": rows}}}), encoding="utf-8")
    print(f"{rows} rows")
    return metrics
