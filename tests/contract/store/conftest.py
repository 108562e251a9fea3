from collections.abc import Iterator

import pytest

from assay.store.objects import ObjectStore
from assay.store.runs import RunStore


@pytest.fixture(params=[ObjectStore])
def objects(request, tmp_path):
    """An empty object store of every implementation in turn; add yours to ``params``."""
    return request.param(tmp_path / ".assay")


@pytest.fixture(params=[RunStore])
def runs(request, tmp_path) -> Iterator[RunStore]:
    """An empty run store of every implementation in turn."""
    store = request.param(tmp_path / ".assay")
    yield store
    store.close()
