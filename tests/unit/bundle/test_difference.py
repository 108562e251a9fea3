from __future__ import annotations

import datetime as dt

from assay.bundle.difference import changes
from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine


def test_a_new_figure_a_new_version_and_new_files_are_told(workshop):
    workshop.make("old")
    workshop.make("new", version="1.1.0", later=dt.timedelta(days=1), materials=workshop.materials(value=0.95))
    pairs = []
    for name in ("old", "new"):
        source = FolderSource(workshop.root / name)
        pairs.append((source, examine(source, workshop.trusted, workshop.now + dt.timedelta(days=2))))
    found = {one.what: (one.before, one.after) for one in changes(*pairs)}
    assert found["version"] == ("1.0.0", "1.1.0")
    assert found["discrimination.auroc by DeLong"] == ("0.9 [0.85, 0.95]", "0.95 [0.9, 1]")
    assert "file evidence/auroc.json" in found
    assert "model" not in found
    assert changes(pairs[0], pairs[0]) == []
