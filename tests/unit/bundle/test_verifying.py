"""A bundle that is not what it says is refused with the reason, whether it lies in a folder or in an archive."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
import shutil

import pytest
from bundle_workshop import Workshop

from assay.bundle.faults import Rejected
from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.errors import AssayError
from assay.signing import SignatureFault, new_key
from assay.trust.evidence.statement import State


def test_a_whole_bundle_is_believed_in_both_forms(workshop, archive, examined):
    made = workshop.make()
    folder, packed = examined(workshop.root / "bundle"), examined(archive())
    assert folder == packed
    assert folder.manifest == made.manifest
    assert folder.key.id == workshop.key.public.id


def test_a_flipped_bit_in_any_file_is_found(made_once, tmp_path):
    original = made_once.root / "bundle"
    chance = random.Random(7)
    for path in sorted(FolderSource(original).sizes()):
        copy = tmp_path / path.replace("/", "-")
        shutil.copytree(original, copy)
        content = bytearray((copy / path).read_bytes())
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        (copy / path).write_bytes(content)
        with pytest.raises(AssayError) as caught:
            examine(FolderSource(copy), made_once.trusted, made_once.now)
        assert isinstance(caught.value, Rejected | SignatureFault), path


def test_every_wrong_file_is_named_at_once(workshop, examined):
    workshop.make()
    bundle = workshop.root / "bundle"
    (bundle / "example" / "input.png").unlink()
    (bundle / "evidence" / "more.json").write_text("{}")
    (bundle / "virus.exe").write_text("")
    with pytest.raises(Rejected) as caught:
        examined(bundle)
    assert {(fault.code, fault.culprit) for fault in caught.value.faults} == {
        ("missing-file", "example/input.png"),
        ("extra-file", "evidence/more.json"),
        ("extra-file", "virus.exe"),
    }


def test_links_and_pipes_are_refused_unread(workshop, examined, tmp_path):
    import os

    workshop.make()
    bundle = workshop.root / "bundle"
    report = bundle / "reports" / "report.html"
    content = report.read_bytes()
    (tmp_path / "same").write_bytes(content)
    report.unlink()
    report.symlink_to(tmp_path / "same")
    os.mkfifo(bundle / "reports" / "pipe")
    with pytest.raises(Rejected) as caught:
        examined(bundle)
    assert {(fault.code, fault.culprit) for fault in caught.value.faults} == {
        ("link", "reports/report.html"),
        ("link", "reports/pipe"),
    }


def test_a_wrong_key_and_no_key_are_said(workshop, examined):
    workshop.make()
    with pytest.raises(SignatureFault, match="not among the 1 trusted here"):
        examined(workshop.root / "bundle", keys=[new_key("other").public])
    with pytest.raises(SignatureFault, match="not among the 0 trusted here"):
        examined(workshop.root / "bundle", keys=[])


def test_an_expired_verdict_ends_the_use_of_a_bundle(workshop, examined):
    workshop.make()
    with pytest.raises(Rejected, match=r"\[expired\].*judge again"):
        examined(workshop.root / "bundle", now=workshop.now + dt.timedelta(days=181))


def test_a_signature_of_another_bundle_does_not_help(workshop, examined):
    workshop.make()
    workshop.make("other", version="2.0.0")
    shutil.copy(workshop.root / "other" / "signature.json", workshop.root / "bundle" / "signature.json")
    with pytest.raises(SignatureFault, match=r"bundle\.json was changed after it was signed"):
        examined(workshop.root / "bundle")
    shutil.copy(workshop.root / "bundle" / "provenance.json", workshop.root / "bundle" / "signature.json")
    with pytest.raises(SignatureFault, match="is about something else"):
        examined(workshop.root / "bundle")


def test_whoever_signs_a_bundle_cannot_hide_an_override(workshop, examined):
    made = workshop.make(materials=workshop.materials(state=State.FAIL, override=True))
    bundle = workshop.root / "bundle"
    text = (bundle / "bundle.json").read_text().replace('"overridden": true', '"overridden": false')
    (bundle / "bundle.json").write_text(text)
    _sign_again(workshop, bundle, made.manifest)
    with pytest.raises(Rejected, match="override-hidden"):
        examined(bundle)


def test_names_that_lead_out_are_refused_even_when_signed(workshop, examined):
    made = workshop.make()
    bundle = workshop.root / "bundle"
    body = json.loads((bundle / "bundle.json").read_text())
    body["files"].append({"path": "../outside", "size": 0, "sha256": "0" * 64})
    body["files"].append({"path": "reports/A\u202eb", "size": -1, "sha256": "x"})
    body["files"].sort(key=lambda one: one["path"])
    (bundle / "bundle.json").write_text(json.dumps(body))
    _sign_again(workshop, bundle, made.manifest)
    with pytest.raises(Rejected) as caught:
        examined(bundle)
    assert {fault.code for fault in caught.value.faults} == {"unsafe-name", "manifest"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1, "name": 3}', "[" * 100_000])
def test_a_manifest_that_is_none_is_a_clear_error(workshop, examined, text):
    made = workshop.make()
    bundle = workshop.root / "bundle"
    (bundle / "bundle.json").write_text(text)
    _sign_again(workshop, bundle, made.manifest)
    with pytest.raises(Rejected, match=r"bundle\.json cannot be read"):
        examined(bundle)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"payloadType": "x", "payload": "?", "signatures": []}'])
def test_a_signature_that_is_none_is_a_clear_error(workshop, examined, text):
    workshop.make()
    (workshop.root / "bundle" / "signature.json").write_text(text)
    with pytest.raises(SignatureFault, match=r"signature\.json is no signed statement"):
        examined(workshop.root / "bundle")


def test_a_verdict_of_another_model_is_refused_though_all_is_signed(workshop, examined, tmp_path):
    made = workshop.make()
    other = Workshop(tmp_path / "other", key=workshop.key)
    (other.model / "model.json").write_text((other.model / "model.json").read_text() + "\n")
    other.make()
    bundle = workshop.root / "bundle"
    shutil.copy(other.root / "bundle" / "verdict.json", bundle / "verdict.json")
    _resign_files(workshop, bundle, made.manifest)
    with pytest.raises(Rejected, match="another-model"):
        examined(bundle)


def _sign_again(workshop, bundle, manifest):
    from assay.bundle.verifying import sign_manifest

    text = (bundle / "bundle.json").read_bytes()
    (bundle / "signature.json").write_text(sign_manifest(text, manifest, [workshop.key]).text())


def _resign_files(workshop, bundle, manifest):
    import dataclasses
    import hashlib

    from assay.bundle.manifest import Item

    items = [
        Item(
            item.path,
            (bundle / item.path).stat().st_size,
            hashlib.sha256((bundle / item.path).read_bytes()).hexdigest(),
        )
        for item in manifest.items
    ]
    changed = dataclasses.replace(manifest, items=items)
    (bundle / "bundle.json").write_bytes(changed.text())
    _sign_again(workshop, bundle, changed)


def test_a_payload_with_bits_flipped_in_its_text_is_not_believed(workshop, examined):
    workshop.make()
    file = workshop.root / "bundle" / "signature.json"
    body = json.loads(file.read_text())
    payload = base64.b64decode(body["payload"]).replace(b'"overridden":false', b'"overridden":true')
    file.write_text(json.dumps(body | {"payload": base64.b64encode(payload).decode()}))
    with pytest.raises(SignatureFault, match="changed since"):
        examined(workshop.root / "bundle")
