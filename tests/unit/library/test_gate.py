"""gate/judge, gate/override and publish/folder on files, as a pipeline runs them."""

from __future__ import annotations

import datetime as dt
import json
import stat
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from model_workshop import write_linear_model

from assay import ComponentError, Dataset, Evidence, Images, Model, Predictions, Report, Verdict, step
from assay.bundle.faults import Rejected
from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.catalog import Catalog
from assay.data.images import read_index
from assay.library.gate.judge import judge
from assay.library.gate.override import override
from assay.library.gate.report import report
from assay.library.publish.folder import folder
from assay.signing import Keyring, SignatureFault, Trust, new_key, open_envelope
from assay.trust.evidence.evidence import Evidence as Facts
from assay.trust.evidence.evidence import Method, Role, Subject
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.evidence.text import evidence_text
from assay.trust.gate import Refused, shipped_names
from assay.trust.gate import Verdict as Signed
from assay.trust.performance.origin import DATA, MODEL, SEAL, seal_rows


@pytest.fixture(autouse=True)
def ring(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    return Keyring(tmp_path / "keys")


@pytest.fixture
def world(tmp_path):
    """A model, a test table, and evidence about both."""
    root = write_linear_model(tmp_path / "model", np.full((4, 4), 0.1), training={"seed": 7})
    table = tmp_path / "test.csv"
    table.write_text("patient,label\n1,covid\n2,other\n")
    model, data = Model(root), Dataset(table)

    def evidence(name="auroc.json", low=0.8, labels=("other", "covid"), of=model, on=data):
        subjects = [Subject(Role.MODEL, step.digest(of)), Subject(Role.DATA, step.digest(on))]
        statement = Statement("discrimination.auroc", Estimate(low + 0.05, low, low + 0.1, n=100))
        apart = Statement("leakage.patients", Estimate(0, 0, 0, n=100), on={"parts": "train and test"})
        method = Method("evaluate/classification@1.0.0", "DeLong")
        found = Facts(
            "How well", method, subjects, [statement, apart], {}, labels=labels, positive="covid", synthetic=True
        )
        (tmp_path / name).write_text(evidence_text(found))
        return Evidence(tmp_path / name)

    return SimpleNamespace(model=model, data=data, evidence=evidence, root=tmp_path)


def read(verdict):
    return Signed.read(open_envelope(verdict.path.read_bytes(), "v"), "v")


def test_without_a_key_a_development_key_signs_and_everybody_is_told(world, ring, capsys):
    judged = judge(world.model, [world.evidence()], table=world.data)
    verdict = read(judged.verdict)
    assert (judged.state, judged.passed, str(verdict.trust), verdict.signer) == (
        "pass",
        True,
        "development",
        "development",
    )
    assert verdict.key == ring.public("development").id
    assert stat.S_IMODE((ring.folder / "development.key").stat().st_mode) == 0o600
    printed = capsys.readouterr().out
    assert "Signed by a development key that Assay made itself" in printed
    assert "Synthetic data" in printed
    assert verdict.provenance["training"] == {"seed": 7}
    assert verdict.model.digest == step.digest(world.model)


def test_a_key_given_as_a_secret_signs_under_its_name_and_is_never_printed(world, capsys):
    key = new_key("clinic")
    verdict = read(judge(world.model, [world.evidence()], signer="clinic", key=key.pem("p"), passphrase="p").verdict)
    assert (verdict.signer, verdict.key, str(verdict.trust)) == ("clinic", key.public.id, "named")
    assert key.pem().splitlines()[1] not in capsys.readouterr().out


def test_a_development_key_does_not_become_a_named_one_by_being_given_as_a_secret(world, ring):
    pem = ring.development().pem()
    verdict = read(judge(world.model, [world.evidence()], policy="clinical-strict", signer="clinic", key=pem).verdict)
    assert verdict.trust is Trust.DEVELOPMENT
    assert "signed-by-somebody" in verdict.reason


def test_where_no_key_can_be_kept_the_verdict_is_still_signed(world, ring, tmp_path):
    (tmp_path / "keys").write_text("in the way")
    assert read(judge(world.model, [world.evidence()]).verdict).trust is Trust.DEVELOPMENT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda world: (world.model / "model.onnx").write_bytes(b"other"), "another-model"),
        (lambda world: world.data.path.write_text("patient,label\n"), "another-data"),
    ],
)
def test_a_model_or_data_changed_after_measuring_is_refused(world, change, code):
    evidence = world.evidence()
    change(world)
    with pytest.raises(Refused, match=code):
        judge(world.model, [evidence], table=world.data)


def test_class_names_in_another_order_than_in_training_are_refused(world):
    with pytest.raises(Refused, match="labels-differ"):
        judge(world.model, [world.evidence(labels=("covid", "other"))])


def test_predictions_whose_labels_were_shuffled_apart_are_refused(world):
    rows = pd.DataFrame({"file": list("abcdef"), "patient": list("123456"), "label": ["covid", "other"] * 3})
    rows["score"] = [0.9, 0.1, 0.8, 0.2, 0.7, 0.3]
    rows[MODEL], rows[DATA], rows["positive"] = step.digest(world.model), step.digest(world.data), "covid"
    rows[SEAL] = seal_rows(rows)
    file = Predictions(world.root / "predictions.csv")
    rows.to_csv(file, index=False)
    assert judge(world.model, [world.evidence()], predictions=file).passed
    rows.assign(label=rows["label"].to_numpy()[::-1].copy()).to_csv(file, index=False)
    with pytest.raises(ComponentError, match="truth and score do not belong together in 6 of 6"):
        judge(world.model, [world.evidence()], predictions=file)
    rows.assign(**{MODEL: "b" * 64}).drop(columns=SEAL).to_csv(file, index=False)
    with pytest.raises(Refused, match="another-model"):
        judge(world.model, [world.evidence()], predictions=file)


def test_a_policy_of_ones_own_with_faults_is_told_with_its_places(world):
    own = world.root / "own.yaml"
    own.write_text(
        "assay-policy: 1\nname: own\nexpires: 1d\nrules:\n  - {id: a, title: A., statement: discrimination.auroq, bound: low >= 1}\n"
    )
    with pytest.raises(
        ComponentError, match=r"own.yaml:5:35: .* did you mean 'discrimination.auroc'\?|unknown-statement"
    ):
        judge(world.model, [world.evidence()], policy_file=own)


@pytest.mark.parametrize("body", ["{", "[]", '{"labels": ["a"]}', '{"labels": ["a", "a"]}'])
def test_a_model_without_a_label_map_is_a_clear_error(world, body):
    (world.model / "model.json").write_text(body)
    with pytest.raises(ComponentError, match=r"model\.json"):
        judge(world.model, [world.evidence()])


def test_a_model_that_passed_is_published_whole(world, ring):
    evidence = [world.evidence()]
    verdict = judge(world.model, evidence).verdict
    (world.root / "report.html").write_text("<p>")
    bundle = folder(world.model, verdict, evidence, [Report(world.root / "report.html")])
    found = examine(FolderSource(bundle.path), ring.trusted(), dt.datetime.now(dt.UTC))
    assert (found.manifest.model, found.manifest.overridden) == (step.digest(world.model), False)
    assert found.key.id == ring.public("development").id
    assert (bundle / "reports" / "01.html").read_text() == "<p>"
    assert {item.path: item.digest for item in found.manifest.items}["evidence/01.json"] == step.digest(evidence[0])


def test_nothing_but_a_pass_is_published(world):
    evidence = [world.evidence(low=0.4)]
    judged = judge(world.model, evidence)
    assert not judged.passed
    with pytest.raises(Rejected, match=r"\[not-passed\] the verdict is (fail|insufficient evidence)"):
        folder(world.model, judged.verdict, evidence)


def test_another_model_and_missing_evidence_are_not_published(world):
    evidence = [world.evidence()]
    verdict = judge(world.model, evidence).verdict
    with pytest.raises(Rejected, match="missing-evidence"):
        folder(world.model, verdict, [])
    (world.model / "model.onnx").write_bytes(b"other")
    with pytest.raises(Rejected, match="another-model"):
        folder(world.model, verdict, evidence)


def test_an_edited_verdict_or_a_strangers_is_not_published(world, tmp_path):
    evidence = [world.evidence()]
    stranger = judge(world.model, evidence, key=new_key("x").pem()).verdict
    with pytest.raises(SignatureFault, match="not among the 0 trusted here"):
        folder(world.model, stranger, evidence)
    key = new_key("clinic")
    (tmp_path / "clinic.pub").write_text(key.public.pem)
    verdict = judge(world.model, evidence, key=key.pem()).verdict
    assert folder(world.model, verdict, evidence, key=tmp_path / "clinic.pub").path.is_dir()
    body = json.loads(verdict.path.read_text())
    body["payload"] = body["payload"][:40] + "A" + body["payload"][41:]
    verdict.path.write_text(json.dumps(body))
    with pytest.raises(SignatureFault, match="changed since"):
        folder(world.model, verdict, evidence, key=tmp_path / "clinic.pub")


def test_an_expired_verdict_is_not_published(world, monkeypatch):
    evidence = [world.evidence()]
    verdict = judge(world.model, evidence).verdict

    real = dt.datetime

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return real.now(tz) + dt.timedelta(days=181)

    monkeypatch.setattr("assay.library.publish.folder.dt.datetime", Later)
    with pytest.raises(Rejected, match="expired"):
        folder(world.model, verdict, evidence)


def test_an_override_is_published_and_shown(world, capsys):
    evidence = [world.evidence(low=0.4)]
    verdict = judge(world.model, evidence).verdict
    against = override(verdict, by="Dr. A", reason="For a demonstration only.").override
    bundle = folder(world.model, verdict, evidence, override=Verdict(against))
    assert json.loads((bundle / "bundle.json").read_text())["overridden"] is True
    assert (bundle / "override.json").is_file()
    assert "! OVERRIDDEN by Dr. A" in capsys.readouterr().out


def test_a_report_is_written_in_five_forms_and_says_what_the_verdict_says(world, capsys):
    evidence = [world.evidence(low=0.4)]
    verdict = judge(world.model, evidence).verdict
    against = override(verdict, by="Dr. A", reason="For a demonstration only.").override
    written = report(verdict, evidence, against, about={"name": "COVID on CT", "intended_use": "Research only."})
    assert written.pdf.path.read_bytes().startswith(b"%PDF-")
    for text in (written.report, written.model_card, written.chai, written.annex_iv):
        content = text.path.read_text(encoding="utf-8")
        assert "COVID on CT" in content
        assert "OVERRIDDEN by Dr. A" in content
        assert "Synthetic data" in content
        assert "must not be published" in content
    assert "Robustness: not measured" in capsys.readouterr().out


def test_a_report_shows_exactly_what_was_judged(world):
    evidence = [world.evidence()]
    verdict = judge(world.model, evidence).verdict
    with pytest.raises(Refused, match="missing-evidence"):
        report(verdict, [])
    with pytest.raises(Refused, match="another-evidence"):
        report(verdict, [*evidence, world.evidence("more.json", low=0.9)])
    other = judge(world.model, [world.evidence(low=0.4)]).verdict
    with pytest.raises(Refused, match="another-verdict"):
        report(verdict, [world.evidence()], override(other, by="Dr. A", reason="For a demo.").override)
    with pytest.raises(ComponentError, match="nothing is declared as 'intended'"):
        report(verdict, [world.evidence()], about={"intended": "x"})


def test_every_shipped_policy_can_be_chosen():
    (spec,) = [spec for spec in Catalog().list() if spec.name == "gate/judge"]
    assert sorted(spec.params["policy"].choices) == shipped_names()


def test_labels_that_are_not_those_of_the_images_are_refused_even_without_a_seal(world, toy_images):
    """The classic fault in a table that somebody else wrote: scores of one pass beside labels of another."""
    images = Images(toy_images("test", range(6)))
    rows = read_index(images)[["file", "patient", "label"]].assign(score=0.5, positive="covid")
    file = Predictions(world.root / "theirs.csv")
    evidence = [world.evidence(on=images)]
    rows.to_csv(file, index=False)
    assert judge(world.model, evidence, images=images, predictions=file).passed
    rows.assign(label=rows["label"].to_numpy()[::-1].copy()).to_csv(file, index=False)
    with pytest.raises(Refused, match="truth-differs"):
        judge(world.model, evidence, images=images, predictions=file)
    rows.drop(columns="file").to_csv(file, index=False)
    with pytest.raises(ComponentError, match="do not say which file"):
        judge(world.model, evidence, images=images, predictions=file)
