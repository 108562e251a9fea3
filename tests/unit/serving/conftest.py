import datetime as dt

import numpy as np
import pytest
from bundle_workshop import Workshop
from model_workshop import write_linear_model
from starlette.testclient import TestClient

from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.serving.app import make_app
from assay.serving.desk import Desk
from assay.serving.model import ServedModel
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.robustness.typical import Typical, describe

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


def groups():
    """Women are well covered, men are not, and of the old nothing is judged; nobody else was seen."""
    rate, gap = "fairness.tpr", "fairness.tpr_difference"
    within = Criterion(least=-0.1, most=0.1, fewest=20)
    women, men = {"sex": "F"}, {"sex": "M"}
    under, over = {"age_group": "under 60"}, {"age_group": "60 and over"}
    return [
        Statement(rate, Estimate(0.9, 0.85, 0.95, n=200), on=women),
        Statement(rate, Estimate(0.7, 0.4, 0.9, n=9), on=men),
        Statement.judged(gap, Estimate(-0.2, -0.5, 0.05, n=9), within, on=men, against={"sex": "other"}),
        Statement(rate, Estimate(0.9, 0.85, 0.95, n=150), on=under),
        Statement(rate, Estimate(0.6, 0.5, 0.65, n=90), on=over),
        Statement.judged(gap, Estimate(-0.3, -0.4, -0.2, n=90), within, on=over),
        Statement(rate, Estimate(0.61, 0.5, 0.7, n=40), on={**women, **over}),
    ]


@pytest.fixture(scope="session")
def known(tmp_path_factory):
    """A served bundle with statistics of its training pictures, whose evidence covers some groups of patients."""
    workshop = Workshop(tmp_path_factory.mktemp("known"))
    workshop.model = write_linear_model(workshop.root / "square", WEIGHTS, bias=-3.0)
    typical().write(workshop.model)
    workshop.make(materials=workshop.materials(more=[workshop.evidence_by_group(groups())]))
    folder = workshop.root / "bundle"
    return ServedModel(folder, examine(FolderSource(folder), workshop.trusted, workshop.now))


def typical():
    """Return the statistics of dim noise with, or without, a bright square."""
    chance = np.random.default_rng(3)
    pictures = chance.uniform(0.1, 0.3, (120, 1, SIZE, SIZE)).astype(np.float32)
    pictures[::2, 0, 2:7, 9:14] += 0.6
    facts = describe(pictures)
    return Typical.fitted(facts[:80], np.arange(80) % 2, facts[80:])


@pytest.fixture(scope="session")
def asking(known):
    """Asks the server of ``known``."""
    with TestClient(make_app(Desk(known))) as client:
        yield client


@pytest.fixture(scope="session")
def client(served):
    """Asks its server; an error of the server's own is raised here."""
    with TestClient(make_app(Desk(served))) as asking:
        yield asking
