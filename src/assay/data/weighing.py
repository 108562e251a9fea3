"""How much each image counts in training."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from assay.errors import ComponentError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SAMPLE_WEIGHT = "sample_weight"
"""Column of an image index; not ``weight``, which in a hospital's table is the patient's."""


def sample_weights(index: pd.DataFrame, what: str) -> NDArray[np.float64] | None:
    """Return the weight of each row of ``read_index``, shape (rows,); ``None`` without such a column.

    Raises:
        ComponentError: One is no finite number from 0; ``what`` names the images in it.
    """
    if SAMPLE_WEIGHT not in index:
        return None
    cells = list(index[SAMPLE_WEIGHT])  # text where one cell is no number
    odd = [cell for cell in cells if not (isinstance(cell, int | float) and 0 <= cell < math.inf)]
    if odd:
        raise ComponentError(
            f"{len(odd)} {what} images have a {SAMPLE_WEIGHT} that is no number from 0",
            culprit=str(odd[0]),
            hint="fairness/reweighing writes the column; leave it out to let all images count alike",
        )
    return np.array(cells, dtype=np.float64)
