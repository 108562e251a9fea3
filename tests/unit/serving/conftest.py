import datetime as dt

import numpy as np
import pytest
from bundle_workshop import Workshop
from model_workshop import write_linear_model
from starlette.testclient import TestClient

from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.serving.app import make_app
from assay.serving.model import ServedModel

SIZE = 16
WEIGHTS = np.zeros((SIZE, SIZE), dtype=np.float32)
WEIGHTS[2:7, 9:14] = 0.5
"""The model looks at this square and at nothing else."""


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """A served bundle whose model looks at one square."""
    workshop = Workshop(tmp_path_factory.mktemp("served"))
    workshop.model = write_linear_model(workshop.root / "square", WEIGHTS, bias=-3.0)
    workshop.make()
    folder = workshop.root / "bundle"
    found = examine(FolderSource(folder), workshop.trusted, workshop.now + dt.timedelta(days=1))
    return ServedModel(folder, found)


@pytest.fixture(scope="session")
def client(served):
    """Asks its server; an error of the server's own is raised here."""
    with TestClient(make_app(served)) as asking:
        yield asking
