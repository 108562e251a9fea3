"""A verdict is believed only whole, in time, from a trusted key, and for exactly what it is about."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json

import pytest

from assay.signing import Envelope, SignatureFault, Trust, new_key, open_envelope
from assay.trust.gate import (
    Override,
    Refused,
    Verdict,
    admit_to_publication,
    explanation,
    find_policy,
    read_policy,
    sign_override,
    verify,
    verify_override,
)

DAY = dt.timedelta(days=1)
EVIDENCE = ("e" * 64,)


def codes(checked):
    return [fault.code for fault in checked.faults]


def check(one, now, **more):
    return verify(open_envelope(one.envelope.text(), "v.json"), "v.json", [one.key.public], now, **more)


def override(one, toy, key=None, reason="No other model is there."):
    return sign_override(one.envelope, one.verdict, key or one.key, by="Dr. A", reason=reason, now=toy.now)


def test_a_verdict_says_the_same_after_the_way_to_a_file_and_back(signed, toy):
    one = signed()
    checked = check(one, toy.now, model=toy.model, evidence=EVIDENCE, policy=toy.policy.digest)
    assert checked.verdict == one.verdict
    assert codes(checked) == []


def test_what_is_signed_names_everything_it_rests_on(signed, toy):
    statement = json.loads(signed().envelope.payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"name": "model", "digest": {"sha256": toy.model}}]
    predicate = statement["predicate"]
    assert predicate["data"] == [{"name": "data", "digest": {"sha256": toy.data}}]
    assert predicate["evidence"] == [{"name": "Toy", "digest": {"sha256": "e" * 64}}]
    assert predicate["policy"]["digest"] == {"sha256": toy.policy.digest}
    assert predicate["provenance"] == {"training": {"seed": 0}}
    assert predicate["verdict"] == "pass"
    assert predicate["expires"] == "2026-12-26T12:00:00Z"
    assert predicate["signer"]["trust"] == "named"


@pytest.mark.parametrize(
    ("later", "found"), [(0, []), (29.9, []), (30, ["expired"]), (400, ["expired"]), (-1, ["not-yet"])]
)
def test_a_verdict_holds_until_it_expires(signed, toy, later, found):
    assert codes(check(signed(), toy.now + later * DAY)) == found


def test_an_edited_verdict_is_refused(signed, toy):
    one = signed(toy.said(value=0.5, low=0.4, high=0.6))
    payload = one.envelope.payload.replace(b'"verdict":"fail"', b'"verdict":"pass"')
    assert payload != one.envelope.payload
    edited = Envelope(one.envelope.kind, payload, one.envelope.signatures)
    with pytest.raises(SignatureFault, match="has been changed since"):
        verify(edited, "v.json", [one.key.public], toy.now)


def test_an_expiry_that_was_moved_is_refused(signed, toy):
    body = json.loads(signed().envelope.text())
    payload = base64.b64decode(body["payload"]).replace(b"2026-12-26", b"2036-12-26")
    body["payload"] = base64.b64encode(payload).decode()
    with pytest.raises(SignatureFault, match=r"not among|changed since"):
        verify(open_envelope(json.dumps(body), "v.json"), "v.json", [signed().key.public], toy.now)


def test_the_wrong_key_is_told_by_its_id(signed, toy):
    one = signed()
    with pytest.raises(SignatureFault, match="not among the 1 trusted here") as caught:
        verify(one.envelope, "v.json", [new_key("other").public], toy.now)
    assert caught.value.culprit == one.key.public.id


def test_a_verdict_signed_again_by_somebody_trusted_still_names_its_own_signer(signed, toy):
    one, other = signed(), new_key("other")
    copied = one.verdict.sign(other)
    with pytest.raises(SignatureFault, match="names another key"):
        verify(copied, "v.json", [other.public], toy.now)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"model": "b" * 64}, "another-model"),
        ({"evidence": ["0" * 64]}, "another-evidence"),
        ({"policy": "0" * 64}, "another-policy"),
    ],
)
def test_it_is_about_this_model_evidence_and_policy_and_no_other(signed, toy, asked, code):
    assert codes(check(signed(), toy.now, **asked)) == [code]


def test_a_fail_and_an_insufficient_verdict_are_no_pass(signed, toy):
    assert codes(check(signed(toy.said(value=0.5, low=0.4, high=0.6)), toy.now)) == ["not-passed"]
    assert codes(check(signed(toy.said()), toy.now)) == ["not-passed"]


def test_the_strict_policy_refuses_a_development_key_whatever_it_claims(signed, toy):
    strict = read_policy(toy.text.replace("signer: any", "signer: named"), "p.yaml")
    key = new_key("development", Trust.DEVELOPMENT)
    assert codes(check(signed(key=key, policy=strict), toy.now)) == ["development-key", "not-passed"]
    pretends = dataclasses.replace(key, trust=Trust.NAMED)
    one = signed(key=pretends, policy=strict)
    assert codes(check(one, toy.now)) == []
    assert codes(check(one, toy.now, development=[key.public.id])) == ["development-key"]
    assert codes(check(signed(key=key), toy.now)) == []


def test_something_else_that_is_signed_is_no_verdict_and_no_override(signed, toy):
    one = signed()
    with pytest.raises(SignatureFault, match="is signed, but is no verdict"):
        verify(override(one, toy), "v.json", [one.key.public], toy.now)
    with pytest.raises(SignatureFault, match="is signed, but is no override"):
        verify_override(one.envelope, "o.json", [one.key.public], one.envelope, toy.model)


def publish(one, toy, against=None, model=None, evidence=EVIDENCE, later=0):
    keys = [one.key.public]
    now = toy.now + later * DAY
    return admit_to_publication(one.envelope, against, keys, now, model=model or toy.model, evidence=evidence)


def test_a_pass_is_published_and_nothing_else(signed, toy):
    assert publish(signed(), toy).override is None
    failing = signed(toy.said(value=0.5, low=0.4, high=0.6))
    for one, more, code in [
        (failing, {}, "not-passed"),
        (signed(), {"later": 31}, "expired"),
        (signed(), {"model": "b" * 64}, "another-model"),
        (signed(), {"evidence": ()}, "missing-evidence"),
        (signed(), {"evidence": (*EVIDENCE, "0" * 64)}, "another-evidence"),
    ]:
        with pytest.raises(Refused, match=code):
            publish(one, toy, **more)


def test_an_override_stands_against_a_verdict_and_its_age_only(signed, toy):
    failing = signed(toy.said(value=0.5, low=0.4, high=0.6))
    against = override(failing, toy)
    assert publish(failing, toy, against).override.by == "Dr. A"
    assert publish(failing, toy, against, later=31).override.reason == "No other model is there."
    for more, code in [({"model": "b" * 64}, "another-model"), ({"evidence": ()}, "missing-evidence")]:
        with pytest.raises(Refused, match=code):
            publish(failing, toy, against, **more)


def test_an_override_is_for_one_verdict(signed, toy):
    failing = signed(toy.said(value=0.5, low=0.4, high=0.6))
    other = signed(toy.said(value=0.4, low=0.3, high=0.5), key=failing.key)
    with pytest.raises(Refused, match="another-verdict"):
        publish(failing, toy, override(other, toy))


def test_an_override_by_a_stranger_or_edited_is_refused(signed, toy):
    failing = signed(toy.said(value=0.5, low=0.4, high=0.6))
    with pytest.raises(SignatureFault, match="not among the 1 trusted here"):
        publish(failing, toy, override(failing, toy, key=new_key("stranger")))
    good = override(failing, toy)
    edited = Envelope(good.kind, good.payload.replace(b"Dr. A", b"Dr. B"), good.signatures)
    with pytest.raises(SignatureFault, match="has been changed since"):
        publish(failing, toy, edited)


def test_the_strict_policy_wants_a_named_override_too(signed, toy):
    strict = read_policy(toy.text.replace("signer: any", "signer: named"), "p.yaml")
    failing = signed(toy.said(value=0.5, low=0.4, high=0.6), policy=strict)
    development = new_key("development", Trust.DEVELOPMENT)
    against = override(failing, toy, key=development)
    keys = [failing.key.public, development.public]
    with pytest.raises(Refused, match="a development key signed the override"):
        admit_to_publication(failing.envelope, against, keys, toy.now, model=toy.model, evidence=EVIDENCE)


@pytest.mark.parametrize(
    ("by", "reason", "code"), [("", "A good reason.", "no-name"), ("Dr. A", "because", "no-reason")]
)
def test_an_override_names_a_person_and_a_reason(signed, toy, by, reason, code):
    one = signed()
    with pytest.raises(Refused, match=code):
        sign_override(one.envelope, one.verdict, one.key, by=by, reason=reason, now=toy.now)


def test_a_verdict_is_explained_in_plain_language(signed, toy):
    failing = signed(toy.said(value=0.5, low=0.4, high=0.6), key=new_key("development", Trust.DEVELOPMENT))
    lines = explanation(failing.verdict, Override.read(override(failing, toy), "o.json"))
    assert lines[0] == (
        "FAIL: the model must not be published under the policy toy; 1 of 2 required rules not met: tells-apart."
    )
    assert lines[1] == "! OVERRIDDEN by Dr. A on 2026-11-26: No other model is there."
    assert lines[2].startswith("! Signed by a development key that Assay made itself")
    assert lines[3].startswith("! Synthetic data")
    assert lines[4] == "✘ tells-apart  AUROC for everybody: 0.5 [0.4, 0.6] is not at least 0.8"
    assert lines[6].startswith("? told         (advisory) there is no evidence of calibration.ece")


@pytest.mark.parametrize("field", ["verdict", "rules", "expires", "signer", "policy", "evidence"])
def test_a_verdict_that_lacks_something_is_no_whole_verdict(signed, field):
    one = signed()
    body = json.loads(one.envelope.payload)
    del body["predicate"][field]
    with pytest.raises(SignatureFault, match="no whole verdict"):
        Verdict.read(Envelope(one.envelope.kind, json.dumps(body).encode(), ()), "v.json")


def test_the_shipped_policies_end_their_verdicts(signed, toy):
    one = signed(policy=find_policy("research"))
    assert one.verdict.expires - toy.now == 180 * DAY
