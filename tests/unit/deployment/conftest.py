import pytest
from bundle_workshop import Workshop
from deployment_workshop import candidate


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    """One bundle that every test may read and none may change."""
    made = Workshop(tmp_path_factory.mktemp("made"))
    made.make()
    return made


@pytest.fixture(scope="session")
def passed(workshop):
    return candidate(workshop)
