"""What goes into a bundle, and what does not."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from assay.bundle.faults import Rejected
from assay.bundle.making import Authority, Label, make_bundle
from assay.bundle.openssf import model_faults
from assay.bundle.provenance import Origin, Step
from assay.errors import ComponentError
from assay.signing import SignatureFault, new_key, open_envelope, read_claim
from assay.trust.evidence.statement import State


def test_a_bundle_holds_all_that_another_hospital_needs(workshop):
    made = workshop.make()
    assert [item.path for item in made.manifest.items] == [
        "evidence/auroc.json",
        "example/answer.json",
        "example/input.png",
        "example/request.json",
        "licences/licences.json",
        "model/model.json",
        "model/model.onnx",
        "openssf/model.pub",
        "openssf/model.sig",
        "provenance.json",
        "reports/report.html",
        "sbom.cdx.json",
        "verdict.json",
    ]
    assert (made.manifest.overridden, made.manifest.synthetic, made.manifest.licence) == (False, True, "Apache-2.0")
    assert made.admission.verdict.model.digest == made.manifest.model


def test_the_example_says_what_the_model_answers(workshop):
    workshop.make()
    example = workshop.root / "bundle" / "example"
    request, answer = (
        json.loads((example / "request.json").read_text()),
        json.loads((example / "answer.json").read_text()),
    )
    pixels = request["inputs"][0]["data"]
    assert request["inputs"][0]["shape"] == [1, 1, 4, 4]
    logit = sum(pixels) * 0.1
    odds = answer["probabilities"][1] / answer["probabilities"][0]
    assert odds == pytest.approx(2.718281828**logit, rel=1e-3)
    assert answer["synthetic"] is True


def test_the_bill_of_materials_is_valid_and_names_what_serves_and_what_trained(workshop):
    facts = json.loads((workshop.model / "model.json").read_text())
    (workshop.model / "model.json").write_text(json.dumps(facts | {"training": {"versions": {"torch": "2.13.0"}}}))
    made = workshop.make()
    text = (workshop.root / "bundle" / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    body = json.loads(text)
    used = {(one["name"], one["properties"][0]["value"]) for one in body["components"]}
    assert {("onnxruntime", "serving"), ("numpy", "serving"), ("torch", "training")} <= used
    assert body["metadata"]["component"]["hashes"][0]["content"] == made.manifest.model


def test_the_provenance_is_a_signed_slsa_statement_that_names_no_place_of_this_computer(workshop):
    step = Step("train", "train/image-classifier", "f" * 64)
    origin = Origin(
        "run-1", "covid-ct", "c" * 64, {"folder": "/data/dr/scans", "n": 3}, [step], workshop.now, workshop.now
    )
    who = Authority(workshop.key, workshop.trusted, workshop.now)
    (workshop.root / "b").mkdir()
    make_bundle(workshop.materials(), Label("covid-ct", "1", origin=origin), who, workshop.root / "b")
    envelope = open_envelope((workshop.root / "b" / "provenance.json").read_bytes(), "p")
    assert envelope.verify(workshop.trusted).id == workshop.key.public.id
    claim = read_claim(envelope, "p")
    assert claim.kind == "https://slsa.dev/provenance/v1"
    built, run = claim.predicate["buildDefinition"], claim.predicate["runDetails"]
    assert built["externalParameters"]["params"] == {"folder": "scans", "n": 3}
    assert {
        "name": "step:train",
        "digest": {"sha256": "f" * 64},
        "uri": "urn:assay:component:train/image-classifier",
    } in built["resolvedDependencies"]
    assert run["metadata"]["invocationId"] == "run-1"
    assert "/data" not in json.dumps(claim.predicate)


def test_openssf_model_signing_believes_the_model_and_no_other(workshop):
    workshop.make()
    bundle = workshop.root / "bundle"
    assert model_faults(bundle / "model", bundle / "openssf") == []
    (bundle / "model" / "model.onnx").write_bytes(b"other")
    assert [fault.code for fault in model_faults(bundle / "model", bundle / "openssf")] == ["openssf"]


@pytest.mark.parametrize("state", [State.FAIL, State.INSUFFICIENT])
def test_without_a_pass_there_is_no_bundle_but_for_an_override_that_stands_in_it(workshop, state):
    with pytest.raises(Rejected, match="not-passed"):
        workshop.make("no", materials=workshop.materials(state=state))
    made = workshop.make("yes", materials=workshop.materials(state=state, override=True))
    assert made.manifest.overridden
    assert (workshop.root / "yes" / "override.json").is_file()


def test_another_model_an_expired_verdict_and_a_strangers_are_refused(workshop):
    materials = workshop.materials()
    with pytest.raises(Rejected, match="expired"):
        workshop.make("late", materials=materials, later=dt.timedelta(days=200))
    stranger = Authority(workshop.key, [new_key("x").public], workshop.now)
    (workshop.root / "s").mkdir()
    with pytest.raises(SignatureFault, match="not among the 1 trusted"):
        make_bundle(materials, Label("covid-ct", "1"), stranger, workshop.root / "s")
    (workshop.model / "model.json").write_text((workshop.model / "model.json").read_text() + " ")
    with pytest.raises(Rejected, match="another-model"):
        workshop.make("other", materials=materials)


@pytest.mark.parametrize(
    ("name", "version"), [("Covid CT", "1"), ("../x", "1"), ("a" * 101, "1"), ("x", ""), ("x", "a/b"), ("x", "1:2")]
)
def test_a_name_that_no_registry_takes_is_refused(workshop, name, version):
    (workshop.root / "b").mkdir()
    who = Authority(workshop.key, workshop.trusted, workshop.now)
    with pytest.raises(Rejected, match=r"bad-name|bad-version"):
        make_bundle(workshop.materials(), Label(name, version), who, workshop.root / "b")


def test_a_model_that_does_not_answer_is_no_model(workshop):
    (workshop.model / "model.onnx").write_bytes(b"weights")
    with pytest.raises(ComponentError, match=r"model\.onnx"):
        workshop.make()


def test_the_signature_is_about_the_manifest_and_the_model(workshop):
    made = workshop.make()
    body = json.loads((workshop.root / "bundle" / "signature.json").read_text())
    payload = json.loads(base64.b64decode(body["payload"]))
    assert [one["name"] for one in payload["subject"]] == ["bundle.json", "model"]
    assert payload["subject"][1]["digest"]["sha256"] == made.manifest.model
