"""What a verdict says to a person, and whose signature it bears."""

import datetime as dt
import json

import pytest

from assay.signing import Keyring, PrivateKey, SignatureFault, new_key, seal
from assay.signing.statement import PAYLOAD, Claim, Resource
from assay.views.verdict import Named, verdict_view

NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
RULE = {
    "id": "auroc",
    "title": "Tells apart.",
    "level": "required",
    "asks": "low >= 0.8",
    "state": "fail",
    "reason": "0.7",
}
SAID = {
    "verdict": "fail",
    "reason": "1 of 1 rules failed",
    "policy": {"name": "research", "digest": {"sha256": "b" * 64}},
    "evidence": [{"name": "Groups", "digest": {"sha256": "c" * 64}}, "nonsense"],
    "rules": [RULE, 3],
    "judged": "2026-11-26T00:00:00Z",
    "expires": "2026-12-26T00:00:00Z",
    "synthetic": True,
    "signer": {"name": "clinic", "key": "k", "trust": "named"},
}


@pytest.fixture
def ring(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    return Keyring(tmp_path / "keys")


def signed(said, key: PrivateKey, kind="urn:assay:verdict:1"):
    subjects = [Resource("verdict", "d" * 64)] if "override" in kind else []
    claim = Claim(kind, [*subjects, Resource("model", "a" * 64)], said)
    return seal(PAYLOAD, claim.payload(), [key])


def view(envelope, now=NOW):
    return verdict_view(envelope.text().encode(), "verdict.json", now)


def test_every_rule_has_its_reason_and_the_digest_is_of_what_was_signed(ring):
    envelope = signed(SAID, new_key("clinic"))
    found = view(envelope)
    assert (found.state, found.reason, found.digest) == ("fail", "1 of 1 rules failed", envelope.digest)
    assert [(rule.id, rule.level, rule.state, rule.reason) for rule in found.rules] == [
        ("auroc", "required", "fail", "0.7")
    ]
    assert (found.model, found.policy) == (Named("model", "a" * 64), Named("research", "b" * 64))
    assert found.evidence == [Named("Groups", "c" * 64)]
    assert (found.expired, view(envelope, NOW + dt.timedelta(days=60)).expired) == (False, True)


def test_the_signature_is_held_against_the_keys_of_this_user(ring):
    ring.add("clinic")
    known = ring.private("clinic")
    assert view(signed(SAID, known)).signature.holds
    stranger = view(signed(SAID, new_key("stranger"))).signature
    assert not stranger.holds
    assert "not among the 1 trusted here" in stranger.told
    body = json.loads(signed(SAID, known).text())
    other = json.loads(signed({**SAID, "verdict": "pass"}, new_key("x")).text())
    edited = verdict_view(json.dumps({**body, "payload": other["payload"]}).encode(), "v", NOW)
    assert (edited.state, edited.signature.holds) == ("pass", False)
    assert "has been changed since" in edited.signature.told


def test_the_development_key_vouches_for_nobody(ring):
    found = view(signed(SAID, ring.development())).signature
    assert (found.holds, found.development) == (True, True)


def test_an_override_says_who_and_why(ring):
    said = {"by": "A. Doe", "reason": "Only for a demonstration.", "at": "2026-11-26T00:00:00Z"}
    found = view(signed(said, new_key("clinic"), "urn:assay:override:1"))
    assert (found.state, found.by, found.reason) == ("overridden", "A. Doe", "Only for a demonstration.")
    assert (found.judged, found.model) == ("2026-11-26T00:00:00Z", Named("model", "a" * 64))


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"\xff", b'{"payloadType": "x", "payload": "?", "signatures": []}']
)
def test_what_is_no_signed_statement_is_refused(ring, text):
    with pytest.raises(SignatureFault):
        verdict_view(text, "x", NOW)


def test_a_signed_statement_of_another_kind_is_no_verdict(ring):
    with pytest.raises(SignatureFault, match="is no verdict"):
        view(signed({}, new_key("clinic"), "urn:other"))
    assert view(signed({"rules": {}, "evidence": 3, "signer": []}, new_key("clinic"))).rules == []
