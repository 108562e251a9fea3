"""Envelopes and statements: what is signed, and that every change of it is noticed."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.signing import Claim, Envelope, Resource, SignatureFault, new_key, open_envelope, read_claim, seal
from assay.signing.statement import PAYLOAD

KEY = new_key("clinic")
CLAIM = Claim("urn:test:1", [Resource("model", "ab" * 32)], {"verdict": "pass", "names": ["ä", "<b>"]})


def signed():
    return seal(PAYLOAD, CLAIM.payload(), [KEY])


def test_what_is_signed_is_the_pre_authentication_encoding_of_the_protocol():
    # The example of the DSSE protocol document.
    envelope = Envelope("http://example.com/HelloWorld", b"hello world", ())
    assert envelope.signed_bytes == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_an_envelope_goes_to_text_and_back_and_verifies():
    envelope = open_envelope(signed().text(), "verdict.json")
    assert envelope.verify([new_key("other").public, KEY.public]) == KEY.public
    assert read_claim(envelope, "verdict.json") == CLAIM


def test_equal_claims_have_equal_digests_however_they_are_written():
    turned = Claim(CLAIM.kind, CLAIM.subjects, dict(reversed(CLAIM.predicate.items())))
    assert seal(PAYLOAD, turned.payload(), [KEY]).digest == signed().digest


@settings(max_examples=200, deadline=None)
@given(place=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_no_byte_of_payload_type_or_signature_can_change(place, flip):
    envelope = signed()
    fields = [envelope.payload, envelope.kind.encode(), envelope.signatures[0][1]]
    whole = bytearray(b"".join(fields))
    whole[place % len(whole)] ^= flip
    payload, rest = bytes(whole[: len(fields[0])]), bytes(whole[len(fields[0]) :])
    kind, signature = rest[: len(fields[1])].decode("latin-1"), rest[len(fields[1]) :]
    with pytest.raises(SignatureFault, match="has been changed since"):
        Envelope(kind, payload, [(KEY.public.id, signature)]).verify([KEY.public])


def test_a_key_that_nobody_trusts_is_told_by_its_id():
    with pytest.raises(SignatureFault, match="not among the 1 trusted here") as caught:
        signed().verify([new_key("other").public])
    assert caught.value.culprit == KEY.public.id
    with pytest.raises(SignatureFault, match="not among the 0 trusted here"):
        signed().verify([])


def test_the_key_id_in_an_envelope_is_only_a_hint():
    (_, signature), *_ = signed().signatures
    liar = Envelope(PAYLOAD, CLAIM.payload(), [(new_key("x").public.id, signature)])
    assert liar.verify([KEY.public]) == KEY.public


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"payloadType": "x", "payload": "%%", "signatures": []}', "[" * 100_000,
     '{"payloadType": "x", "payload": "aa==", "signatures": [{"keyid": "a"}]}', b"\xff\xfe"],
)  # fmt: skip
def test_anything_else_is_no_signed_statement(text):
    with pytest.raises(SignatureFault, match=r"x\.json is no signed statement"):
        open_envelope(text, "x.json")


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("text/plain", {}, "no in-toto statement"),
        (PAYLOAD, [], "no in-toto statement"),
        (PAYLOAD, {"_type": "https://in-toto.io/Statement/v0.1"}, "another version"),
        (PAYLOAD, {"_type": "https://in-toto.io/Statement/v1", "subject": [{}]}, "KeyError"),
    ],
)
def test_a_payload_that_is_no_statement_is_refused(kind, body, message):
    with pytest.raises(SignatureFault, match=message):
        read_claim(Envelope(kind, json.dumps(body).encode(), ()), "x.json")


def test_the_envelope_has_the_fields_of_the_protocol():
    body = json.loads(signed().text())
    assert list(body) == ["payloadType", "payload", "signatures"]
    assert body["payloadType"] == "application/vnd.in-toto+json"
    statement = json.loads(base64.b64decode(body["payload"]))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"name": "model", "digest": {"sha256": "ab" * 32}}]
    assert body["signatures"][0]["keyid"] == KEY.public.id
