"""``assay verdict`` and ``assay policy``: verified offline with nothing but files and a public key."""

from __future__ import annotations

import json

import pytest

from assay import Evidence, Model, step
from assay.library.gate.judge import judge
from assay.signing import Keyring
from assay.trust.evidence.evidence import Evidence as Facts
from assay.trust.evidence.evidence import Method, Role, Subject
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.evidence.text import evidence_text


@pytest.fixture(autouse=True)
def ring(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    return Keyring(tmp_path / "keys")


@pytest.fixture
def verdict(tmp_path, ring):
    """Return a function that writes verdict.json about model/ and evidence.json, signed by the key clinic."""

    def write(low=0.8, policy="research"):
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "model.json").write_text('{"labels": ["other", "covid"]}')
        model = Model(tmp_path / "model")
        statement = Statement("discrimination.auroc", Estimate(low + 0.05, low, low + 0.1, n=100))
        apart = Statement("leakage.patients", Estimate(0, 0, 0, n=100), on={"parts": "train and test"})
        subjects = [Subject(Role.MODEL, step.digest(model))]
        (tmp_path / "evidence.json").write_text(
            evidence_text(Facts("T", Method("a/b@1", "m"), subjects, [statement, apart], {}))
        )
        ring.add("clinic")
        key = ring.private("clinic").pem()
        judged = judge(model, [Evidence(tmp_path / "evidence.json")], policy=policy, signer="clinic", key=key)
        (tmp_path / "verdict.json").write_bytes(judged.verdict.path.read_bytes())
        return tmp_path / "verdict.json"

    return write


def test_a_pass_is_verified_with_nothing_but_a_public_key(assay, verdict, tmp_path, monkeypatch):
    file = verdict()
    assay("keys", "export", "clinic", "clinic.pub")
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "nowhere"))
    asked = ["--key", "clinic.pub", "--model", "model", "--evidence", "evidence.json", "--policy", "research"]
    good = assay("verdict", "verify", file, *asked)
    assert good.status == 0
    assert "✔ the signature by clinic (named key) holds: the model may be published" in good.out
    unknown = assay("verdict", "verify", file)
    assert unknown.status == 2
    assert "not among the 0 trusted here" in unknown.err
    facts = json.loads(assay("verdict", "verify", file, *asked, "--json").out)
    assert (facts["may_be_published"], facts["verdict"], facts["faults"]) == (True, "pass", [])


def test_a_model_that_was_changed_since_is_told(assay, verdict, tmp_path):
    file = verdict()
    (tmp_path / "model" / "model.json").write_text('{"labels": ["covid", "other"]}')
    changed = assay("verdict", "verify", file, "--model", "model", "--policy", "clinical-strict")
    assert changed.status == 1
    assert "[another-model] the verdict is about model" in changed.out
    assert "[another-policy]" in changed.out
    assert "must not be published" in changed.out


def test_an_edited_file_is_told(assay, verdict):
    file = verdict()
    body = json.loads(file.read_text())
    body["payload"] = body["payload"].replace(body["payload"][60:64], "AAAA", 1)
    file.write_text(json.dumps(body))
    edited = assay("verdict", "verify", file)
    assert edited.status == 2
    assert "error [signature] the signature does not fit: what was signed has been changed since" in edited.err
    assert "error [file]" in assay("verdict", "verify", "nothing.json").err
    file.write_text("{}")
    assert "is no signed statement" in assay("verdict", "verify", file).err


def test_an_override_is_signed_and_shown_wherever_the_verdict_is(assay, verdict):
    file = verdict(low=0.4)
    assert assay("verdict", "verify", file).status == 1
    made = assay(
        "verdict",
        "override",
        file,
        "override.json",
        "--override-by",
        "Dr. A",
        "--reason",
        "For a demo.",
        "--key",
        "clinic",
    )
    assert made.status == 0
    for words in (["verify"], ["explain"]):
        shown = assay("verdict", *words, file, "--override", "override.json")
        assert "! OVERRIDDEN by Dr. A" in shown.out
        assert shown.status == 0
    assert assay("verdict", "verify", file, "--override", "override.json", "--json").status == 0
    nobody = assay("verdict", "override", file, "o.json", "--override-by", " ", "--reason", "no")
    assert nobody.status == 2
    assert "[no-name]" in nobody.err
    assert "[no-reason]" in nobody.err


def test_policies_are_listed_shown_and_checked(assay, tmp_path):
    assert "clinical-strict" in assay("policy", "list").out
    text = assay("policy", "show", "research").out
    assert text.startswith("# research: what a model has to show")
    (tmp_path / "own.yaml").write_text(text.replace("discrimination.auroc", "discrimination.aurok"))
    wrong = assay("policy", "check", "own.yaml")
    assert wrong.status == 2
    assert "error [unknown-statement] no evidence states 'discrimination.aurok'" in wrong.err
    assert "--> own.yaml:16:16" in wrong.err
    assert "hint: did you mean 'discrimination.auroc'?" in wrong.err
    (tmp_path / "own.yaml").write_text(text)
    assert assay("policy", "check", "own.yaml").status == 0
    listed = json.loads(assay("policy", "list", "--json").out)
    assert {one["name"] for one in listed} == {"research", "clinical-strict", "site", "tabular"}
    assert json.loads(assay("policy", "show", "research", "--json").out)["rules"][0]["bound"] == "low >= 0.6"
    assert json.loads(assay("policy", "check", "own.yaml", "--json").out)[0]["ok"] is True
