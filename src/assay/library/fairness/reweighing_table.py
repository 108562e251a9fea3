"""fairness/reweighing-table."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from assay import Dataset, Figure, Param, component, step


class Weighted(NamedTuple):
    """Outputs of ``reweighing_table``."""

    table: Dataset
    shares: Figure


@component(
    "fairness/reweighing-table",
    version="1.0.0",
    tags=("trust", "fairness", "mitigation", "training", "tables"),
    licence="Apache-2.0",
    requires=("numpy", "pandas"),
    preload=("numpy", "pandas"),
)
def reweighing_table(
    table: Dataset,
    *,
    by: Annotated[str, Param(column_of="table")] = "sex",
    age_cuts: list[float] | None = None,
    most: Annotated[float, Param(min=1.0, max=1000.0)] = 20.0,
    positive: str = "",
) -> Weighted:
    """Weigh the rows of a training table so that every group has every label equally often, for train/tabular-classifier.

    The weights (Kamiran and Calders 2012, equal to AI Fairness 360's Reweighing) make group and label independent in what is learnt
    from. That alone makes no model fair: measure it with fairness/group-metrics, before and after with fairness/compare. No
    decision depends on the group afterwards.

    Args:
        table: Training rows. A column weight that is there is multiplied.
        by: Column whose groups are made alike; age_group is made of age. Rows of no known group keep their weight.
        age_cuts: Ages in years at which a new group begins, for age_group; default 40 and 60.
        most: Largest factor: a few rows that count as hundreds would be learnt by heart.
        positive: Label that the figure shows; default the last of the alphabet.

    Returns:
        table: The same rows with the column weight.
        shares: Share of the positive label in each group before and after (SVG, Vega-Lite inside).
    """
    from assay.data.tables.rows import (
        is_synthetic,
        read_rows,
        weights,
        write_rows,
    )  # heavy imports stay out of the module
    from assay.library.fairness.weighing import shares
    from assay.trust.fairness.people import groupings
    from assay.trust.fairness.reweighing import reweighed

    rows = read_rows(table)
    (part,) = groupings(rows, [by], age_cuts or [40.0, 60.0])
    found = reweighed(part, rows["label"].tolist(), weights(rows), most=most)
    output = step.output("table", Dataset, suffix=".csv")
    write_rows(rows.assign(weight=[repr(float(each)) for each in found.weight]), output.path)
    return Weighted(output, shares(found, part, positive, most, synthetic=is_synthetic(rows)))
