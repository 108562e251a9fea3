"""A bundle as one file: the same bytes each time, an OCI layout, and nothing but it."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from assay.bundle.archive import ArchiveSource, write_archive
from assay.bundle.faults import Rejected
from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.errors import AssayError, NotFound


def test_the_same_bundle_gives_the_same_bytes_from_folder_and_archive(workshop, archive):
    workshop.make()
    first, second = archive(), archive(name="again.tar")
    with ArchiveSource(first) as source:
        found = examine(source, workshop.trusted, workshop.now)
        write_archive(source, found.manifest, workshop.root / "third.tar")
    assert first.read_bytes() == second.read_bytes() == (workshop.root / "third.tar").read_bytes()


def test_an_archive_is_an_oci_layout_with_one_artifact(workshop, archive):
    made = workshop.make()
    with tarfile.open(archive()) as tar:
        read = lambda name: tar.extractfile(name).read()  # noqa: E731
        assert json.loads(read("oci-layout")) == {"imageLayoutVersion": "1.0.0"}
        (only,) = json.loads(read("index.json"))["manifests"]
        body = json.loads(read("blobs/sha256/" + only["digest"].removeprefix("sha256:")))
    assert body["artifactType"] == "application/vnd.assay.bundle.v1"
    assert body["config"]["mediaType"] == "application/vnd.oci.empty.v1+json"
    titles = [layer["annotations"]["org.opencontainers.image.title"] for layer in body["layers"]]
    assert titles == sorted([item.path for item in made.manifest.items] + ["bundle.json", "signature.json"])
    assert body["annotations"]["io.assay.model"] == made.manifest.model


def test_an_archive_is_never_overwritten(workshop, archive):
    workshop.make()
    archive()
    with pytest.raises(AssayError, match="exists already"):
        archive()
    assert [path.name for path in workshop.root.glob(".*")] == []


def _altered(file, change):
    """Write an archive again, its members as ``change`` returns them."""
    with tarfile.open(file) as tar:
        members = [(member, tar.extractfile(member).read()) for member in tar]
    with tarfile.open(file, "w") as tar:
        for member, content in change(members):
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)


def _member(name, kind=tarfile.REGTYPE, link="", size=0):
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, link, size
    return member, b"\0" * size


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        (_member("../../etc/cron.d/x", size=1), "unsafe-name"),
        (_member("/etc/passwd", size=1), "unsafe-name"),
        (_member("blobs/sha256/../../x", size=1), "unsafe-name"),
        (_member("blobs/sha256/" + "a" * 64, tarfile.SYMTYPE, "/etc/passwd"), "link"),
        (_member("blobs/sha256/" + "b" * 64, tarfile.LNKTYPE, "index.json"), "link"),
        (_member("blobs/sha256/" + "c" * 64, tarfile.CHRTYPE), "link"),
        (_member("blobs/sha256/" + "d" * 64, size=3), "extra-file"),
        (_member("index.json", size=2), "twice"),
    ],
)
def test_what_does_not_belong_into_an_archive_is_refused_before_anything_is_written(workshop, archive, extra, code):
    workshop.make()
    file = archive()
    _altered(file, lambda members: [*members, extra])
    with pytest.raises(Rejected) as caught:
        ArchiveSource(file)
    assert code in {fault.code for fault in caught.value.faults}


def test_a_blob_exchanged_for_another_of_the_same_size_is_found(workshop, archive, examined):
    workshop.make()
    file = archive()

    def exchange(members):
        largest = max(range(len(members)), key=lambda place: len(members[place][1]))
        members[largest] = (members[largest][0], bytes(len(members[largest][1])))
        return members

    _altered(file, exchange)
    with pytest.raises(Rejected, match=r"\[changed\] \S+ is not the file that was signed"):
        examined(file)


def test_a_blob_left_out_is_named(workshop, archive):
    workshop.make()
    file = archive()
    _altered(file, lambda members: members[:-1])
    with pytest.raises(Rejected, match="missing-file"):
        ArchiveSource(file)


def test_an_archive_cut_short_at_any_place_is_refused(workshop, archive, examined):
    workshop.make()
    file = archive()
    whole = file.read_bytes()
    for share in (0.0, 0.01, 0.1, 0.5, 0.9):
        file.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(Rejected):
            examined(file)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b" + b"\0" * 100, b"hello" * 1000])
def test_another_kind_of_file_is_a_clear_error(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(Rejected, match="no-bundle"):
        ArchiveSource(tmp_path / "x")


def test_no_file_is_a_clear_error(tmp_path):
    with pytest.raises(NotFound, match="there is no bundle"):
        ArchiveSource(tmp_path / "x")
    with pytest.raises(NotFound, match="there is no bundle"):
        FolderSource(tmp_path / "x")


def test_a_container_image_is_no_bundle(workshop, archive):
    workshop.make()
    file = archive()

    def other(members):
        return [
            (member, content.replace(b"vnd.assay.bundle.v1", b"vnd.other.thing.v12")) for member, content in members
        ]

    _altered(file, other)
    with pytest.raises(Rejected, match=r"changed|no-bundle"):
        ArchiveSource(file)
