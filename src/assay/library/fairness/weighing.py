"""What both reweighing components do alike: say what the weights did, and draw it."""

from __future__ import annotations

import numpy as np

from assay import Figure
from assay.library.evidencing import drawn
from assay.trust.charts.chart import IntervalChart, IntervalRow
from assay.trust.fairness.people import Grouping
from assay.trust.fairness.reweighing import Reweighed


def shares(found: Reweighed, part: Grouping, positive: str, most: float, *, synthetic: bool) -> Figure:
    """Print the table of weights and draw the share of one label in each group before and after.

    Args:
        found: The weights.
        part: The groups.
        positive: Label that is drawn; empty: the last of the alphabet.
        most: The cap of the factors.
        synthetic: Whether no real person is described.
    """
    for note in part.notes:
        print(f"warning: {note}")
    label = positive or str(max(str(row[1]) for row in found.cells.rows))
    lines = []
    for group, text, rows, before, after, factor in found.cells.rows:
        capped = factor is not None and float(factor) >= most
        print(f"{part.column} {group}, {text}: {rows} rows, factor {factor:.3g}{' (capped by most)' if capped else ''}")
        if text == label:
            lines += [
                IntervalRow(f"{group}", float(share or 0), series=series)
                for series, share in (("before", before), ("after", after))
            ]
    weight = found.weight[found.weight > 0]
    worth = float(weight.sum() ** 2 / np.square(weight).sum())
    print(f"the weighted rows are worth {worth:.0f} of {len(found.weight)} unweighted ones (Kish)")
    mark = " (synthetic data)" if synthetic else ""
    chart = IntervalChart(
        f"Share of {label} by {part.column}, as training sees it{mark}", "share", lines, x_range=(0.0, 1.0)
    )
    return drawn("shares", chart)
