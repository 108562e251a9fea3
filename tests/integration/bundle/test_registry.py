"""Pushing to and pulling from a real registry: the one of the CNCF project distribution, as a process on loopback."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request

import pytest
from bundle_workshop import Workshop
from server_workshop import listening

from assay.bundle.archive import ArchiveSource, write_archive
from assay.bundle.cosign import sign_in_registry
from assay.bundle.faults import Rejected
from assay.bundle.oci import sha256
from assay.bundle.registry import RegistryFault, RegistrySource, push
from assay.bundle.shelf import Shelf
from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.cli.entry import invoke
from assay.errors import AssayError, NotFound
from assay.signing import Keyring
from assay.signing.cosign import CosignKeys, verifies

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Start a registry; return its host and its folder."""
    root = tmp_path_factory.mktemp("registry")
    program = shutil.which("docker-registry") or shutil.which("registry")
    assert program, "these tests need a registry: apt-get install docker-registry"

    def command(port):
        settings = root / "config.yml"
        settings.write_text(
            f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {root}/data}}}}\nhttp: {{addr: 127.0.0.1:{port}}}\n"
        )
        return [program, "serve", str(settings)]

    with listening(command, log=root / "log") as port:
        yield f"127.0.0.1:{port}", root / "data"


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
            with urllib.request.urlopen(f"{told['address']}/v2/models/covid-ct", timeout=120) as answer:
                assert json.load(answer)["name"] == "covid-ct"
        finally:
            serving.terminate()
    assert (tmp_path / "shelf" / "covid-ct" / "1.0.0" / "bundle.json").is_file()


def fetched(host, path):
    accepted = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json"
    asked = urllib.request.Request(f"http://{host}/v2/{path}", headers={"Accept": accepted})
    with urllib.request.urlopen(asked, timeout=120) as answer:
        return answer.read()


def test_a_pushed_bundle_is_signed_as_cosign_signs(registry, workshop, tmp_path):
    host = registry[0]
    address = pushed(workshop, f"oci://{host}/radiology/signed")
    digest = address.partition("@")[2]
    keys = CosignKeys(tmp_path)
    public = {name: keys.have(name) for name in ("bern", "basel")}
    tag = f"radiology/signed/manifests/{digest.replace(':', '-')}"
    assert sign_in_registry(address, keys, "bern") == f"oci://{host}/radiology/signed:{digest.replace(':', '-')}.sig"
    once = fetched(host, f"{tag}.sig")
    sign_in_registry(address, keys, "bern")
    assert fetched(host, f"{tag}.sig") == once  # signed already: nothing new
    sign_in_registry(address, keys, "basel")
    manifest = json.loads(fetched(host, f"{tag}.sig"))
    assert [one["mediaType"] for one in manifest["layers"]] == ["application/vnd.dev.cosign.simplesigning.v1+json"] * 2
    for name, layer in zip(("bern", "basel"), manifest["layers"], strict=True):
        payload = fetched(host, f"radiology/signed/blobs/{layer['digest']}")
        signature = base64.b64decode(layer["annotations"]["dev.cosignproject.cosign/signature"])
        assert verifies(public[name], signature, payload)
        said = json.loads(payload)["critical"]
        assert said["image"] == {"docker-manifest-digest": digest}
        assert said["identity"] == {"docker-reference": f"{host}/radiology/signed"}
        assert said["type"] == "cosign container image signature"
    config = json.loads(fetched(host, f"radiology/signed/blobs/{manifest['config']['digest']}"))
    assert config["rootfs"]["diff_ids"] == [one["digest"] for one in manifest["layers"]]
    assert manifest["subject"]["digest"] == digest
    (referrer,) = json.loads(fetched(host, tag))["manifests"]
    assert referrer["digest"] == sha256(fetched(host, f"{tag}.sig"))


def test_a_push_can_sign_for_admission(registry, workshop, tmp_path, monkeypatch, capsys):
    made = Workshop(tmp_path, now=dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1))
    made.make()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    Keyring(tmp_path / "keys").add_public("clinic", made.key.public.pem)
    where = f"oci://{registry[0]}/radiology/admitted"
    assert invoke(["bundle", "push", "bundle", where, "--cosign", "site", "--json"]) == 2
    assert "assay keys cosign site" in capsys.readouterr().err
    assert invoke(["keys", "cosign", "site"]) == 0
    (tmp_path / "site.pub").write_text(capsys.readouterr().out)
    assert invoke(["bundle", "push", "bundle", where, "--cosign", "site", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["signature"].endswith(f":{told['address'].partition('@')[2].replace(':', '-')}.sig")
    assert invoke(["policy", "admission", "--key", "site.pub", "--registry", f"{registry[0]}/radiology/*"]) == 0
    assert "kind: ClusterPolicy" in capsys.readouterr().out


def test_nobody_there_is_said():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(RegistryFault, match="cannot be reached"):
            RegistrySource(f"oci://127.0.0.1:{port}/a:1")
