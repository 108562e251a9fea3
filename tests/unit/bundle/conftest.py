import pytest
from bundle_workshop import Workshop

from assay.bundle.archive import ArchiveSource, write_archive
from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """One bundle that every test may read and none may change; making one takes half a second."""
    found = Workshop(tmp_path_factory.mktemp("made"))
    found.make()
    return found


@pytest.fixture
def archive(workshop):
    """Return a function that writes a folder of the workshop as an archive."""

    def write(folder="bundle", name="b.assay.tar"):
        source = FolderSource(workshop.root / folder)
        write_archive(source, examine(source, workshop.trusted, workshop.now).manifest, workshop.root / name)
        return workshop.root / name

    return write


@pytest.fixture
def examined(workshop):
    """Return a function that examines a folder or an archive."""

    def look(place, keys=None, now=None):
        keys, now = workshop.trusted if keys is None else keys, now or workshop.now
        if place.is_dir():
            return examine(FolderSource(place), keys, now)
        with ArchiveSource(place) as source:
            return examine(source, keys, now)

    return look
