"""A model whose explanation is known: the log-odds are the brightness of one square, and nothing else counts."""

from types import SimpleNamespace

import numpy as np
import pytest

SIZE = 32


@pytest.fixture
def planted():
    random = np.random.default_rng(0)
    masks = np.zeros((6, SIZE, SIZE), dtype=bool)
    for row, (top, left) in enumerate(random.integers(2, SIZE - 10, (6, 2))):
        masks[row, top : top + 8, left : left + 8] = True
    reference = random.uniform(0.2, 0.4, (5, SIZE, SIZE)).astype(np.float32)
    pictures = random.uniform(0.2, 0.4, (6, SIZE, SIZE)).astype(np.float32)
    pictures[masks] += np.float32(0.5)

    def ask(shown):
        return (40 * (np.clip(shown - 0.5, 0, None) ** 2).mean(axis=(1, 2)) * 100) - 20.0

    return SimpleNamespace(pictures=pictures, masks=masks, reference=reference, ask=ask, patient=np.arange(6))
