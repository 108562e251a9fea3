"""Pushing to and pulling from a real registry: the one of the CNCF project distribution, as a process on loopback."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from bundle_workshop import Workshop

from assay.bundle.archive import ArchiveSource, write_archive
from assay.bundle.faults import Rejected
from assay.bundle.oci import sha256
from assay.bundle.registry import RegistryFault, RegistrySource, push
from assay.bundle.shelf import Shelf
from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.errors import AssayError, NotFound
from assay.signing import Keyring

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Start a registry; return its host and its folder."""
    root = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = root / "config.yml"
    settings.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {root}/data}}}}\nhttp: {{addr: 127.0.0.1:{port}}}\n"
    )
    program = shutil.which("docker-registry") or shutil.which("registry")
    assert program, "these tests need a registry: apt-get install docker-registry"
    with (root / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(settings)], stdout=log, stderr=log)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield f"127.0.0.1:{port}", root / "data"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    made = Workshop(tmp_path_factory.mktemp("made"))
    made.make()
    return made


def pushed(workshop, address, name="bundle"):
    source = FolderSource(workshop.root / name)
    return push(source, examine(source, workshop.trusted, workshop.now).manifest, address)


def test_what_is_pulled_is_what_was_pushed_byte_by_byte(registry, workshop, tmp_path):
    address = pushed(workshop, f"oci://{registry[0]}/radiology/covid-ct")
    with RegistrySource(address) as source:
        found = examine(source, workshop.trusted, workshop.now)
        folder = Shelf(tmp_path).take_in(source, found)
    original = FolderSource(workshop.root / "bundle")
    assert {path: (folder / path).read_bytes() for path in original.sizes()} == {
        path: (workshop.root / "bundle" / path).read_bytes() for path in original.sizes()
    }
    with RegistrySource(f"oci://{registry[0]}/radiology/covid-ct:1.0.0") as source:
        assert source.digest == address.partition("@")[2]


def test_registry_and_archive_hold_the_same_artifact(registry, workshop, tmp_path):
    address = pushed(workshop, f"oci://{registry[0]}/radiology/same:v1")
    with RegistrySource(address) as source:
        write_archive(source, examine(source, workshop.trusted, workshop.now).manifest, tmp_path / "pulled.tar")
    folder = FolderSource(workshop.root / "bundle")
    write_archive(folder, examine(folder, workshop.trusted, workshop.now).manifest, tmp_path / "made.tar")
    assert (tmp_path / "pulled.tar").read_bytes() == (tmp_path / "made.tar").read_bytes()
    with ArchiveSource(tmp_path / "made.tar") as archive:
        assert push(archive, examine(archive, workshop.trusted, workshop.now).manifest, f"oci://{registry[0]}/a/b") == (
            f"oci://{registry[0]}/a/b@{address.partition('@')[2]}"
        )


def test_a_registry_that_changed_a_blob_is_found_out(registry, workshop):
    host, data = registry
    address = pushed(workshop, f"oci://{host}/radiology/evil:1")
    model = (workshop.root / "bundle" / "model" / "model.onnx").read_bytes()
    digest = sha256(model).removeprefix("sha256:")
    (blob,) = data.rglob(f"sha256/{digest[:2]}/{digest}/data")
    blob.write_bytes(bytes(len(model)))
    try:
        with RegistrySource(address) as source, pytest.raises((Rejected, RegistryFault)):
            examine(source, workshop.trusted, workshop.now)
    finally:
        blob.write_bytes(model)


def test_a_tag_moved_back_to_an_old_bundle_is_refused(registry, workshop, tmp_path):
    workshop.make("newer", version="2.0.0", later=dt.timedelta(days=1))
    where = f"oci://{registry[0]}/radiology/moved:stable"
    later = workshop.now + dt.timedelta(days=2)
    shelf = Shelf(tmp_path)
    for name, refused in (("newer", False), ("bundle", True)):
        source = FolderSource(workshop.root / name)
        push(source, examine(source, workshop.trusted, later).manifest, where)
        with RegistrySource(where) as found:
            looked = examine(found, workshop.trusted, later)
            if refused:
                with pytest.raises(Rejected, match="older"):
                    shelf.take_in(found, looked)
            else:
                shelf.take_in(found, looked)


def test_what_is_not_there_and_what_is_no_bundle_are_told(registry, workshop):
    host = registry[0]
    with pytest.raises(NotFound, match=r"there is nothing at .*/nothing:1"):
        RegistrySource(f"oci://{host}/nothing:1")
    with pytest.raises(NotFound):
        RegistrySource(f"oci://{host}/nothing@sha256:{'a' * 64}")
    with pytest.raises(AssayError, match="its digest is its own"):
        pushed(workshop, f"oci://{host}/a@sha256:{'a' * 64}")


def test_a_bundle_of_a_registry_is_taken_onto_the_shelf_and_served(registry, tmp_path):
    made = Workshop(tmp_path, now=dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1))
    made.make()
    where = pushed(made, f"oci://{registry[0]}/radiology/served")
    Keyring(tmp_path / "keys").add_public("clinic", made.key.public.pem)
    command = [sys.executable, "-c", "from assay.cli import main; main()", "serve", where, "--port", "0", "--json"]
    environment = os.environ | {"ASSAY_KEYS": str(tmp_path / "keys"), "ASSAY_BUNDLES": str(tmp_path / "shelf")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as serving:
        try:
            told = json.loads(serving.stdout.readline())
            with urllib.request.urlopen(f"{told['address']}/v2/models/covid-ct", timeout=10) as answer:
                assert json.load(answer)["name"] == "covid-ct"
        finally:
            serving.terminate()
    assert (tmp_path / "shelf" / "covid-ct" / "1.0.0" / "bundle.json").is_file()


def test_nobody_there_is_said_at_once():
    began = time.monotonic()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(RegistryFault, match="cannot be reached"):
            RegistrySource(f"oci://127.0.0.1:{port}/a:1")
    assert time.monotonic() - began < 5
