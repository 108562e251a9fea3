"""The published schemas of policies and verdicts take what Assay reads and writes, and refuse what has another shape."""

from __future__ import annotations

import base64
import copy
import json
from pathlib import Path

import jsonschema
import pytest

from assay.errors import InvalidDocument
from assay.model.codec import load
from assay.trust.gate import find_policy, read_policy, shipped_names, sign_override
from assay.trust.gate.schemas import policy_schema, verdict_schema

ROOT = Path(__file__).parents[4]
POLICY = jsonschema.Draft202012Validator(policy_schema())
ENVELOPE = jsonschema.Draft202012Validator(verdict_schema())
STATEMENT = jsonschema.Draft202012Validator({"$ref": "#/$defs/statement", "$defs": verdict_schema()["$defs"]})


def places(text):
    """Return where a policy breaks the schema; YAML 1.2, in which the key ``on`` is a text."""
    return ["/".join(map(str, error.absolute_path)) for error in POLICY.iter_errors(load(text).json())]


def payload(envelope):
    """Return what an envelope's text holds, after both were held against the schema."""
    body = json.loads(envelope.text())
    ENVELOPE.validate(body)
    statement = json.loads(base64.b64decode(body["payload"]))
    STATEMENT.validate(statement)
    return statement


@pytest.mark.parametrize(("name", "schema"), [("policy", policy_schema()), ("verdict", verdict_schema())])
def test_the_published_schema_is_this_one(name, schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads((ROOT / f"docs/schemas/{name}-1.schema.json").read_text(encoding="utf-8")) == schema


@pytest.mark.parametrize("name", shipped_names())
def test_it_takes_every_shipped_policy(name):
    assert places(find_policy(name).text) == []


def test_it_takes_every_policy_of_the_documentation_and_of_the_examples(toy):
    guide = (ROOT / "docs" / "trust" / "gate.md").read_text(encoding="utf-8")
    blocks = [block.partition("\n```")[0] for block in guide.split("```yaml\n")[1:]]
    texts = [block for block in blocks if block.startswith("assay-policy:")]
    assert texts
    texts += [file.read_text(encoding="utf-8") for file in (ROOT / "examples").rglob("*policy*.yaml")]
    for text in [*texts, toy.text]:
        assert places(text) == []
        assert read_policy(text, "p.yaml").rules


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("assay-policy: 1", "assay-policy: 2"), "assay-policy"),
        (("name: toy", "nme: toy"), ""),
        (("expires: 30d", "expires: soon"), "expires"),
        (("expires: 30d", "expires: 00d"), "expires"),
        (("signer: any", "signer: nobody"), "signer"),
        (("calibration.ece", "calibration.ecee"), "rules/2/statement"),
        (("low >= 0.8", "lo >= 0.8"), "rules/0/bound"),
        (("low >= 0.8", "low > 0.8"), "rules/0/bound"),
        (("whole within [-0.1, 0.1]", "whole within [-0.1]"), "rules/1/bound"),
        (('{sex: "*"}', "{}"), "rules/1/on"),
        (('{sex: "*"}', "wommen"), "rules/1/on"),
        (("fewest: 20", "fewest: -2"), "rules/0/fewest"),
        (("level: advisory", "level: optional"), "rules/2/level"),
        (("level: advisory", "levle: advisory"), "rules/2"),
        (("title: It is fair., ", ""), "rules/1"),
    ],
)
def test_the_schema_and_the_reader_refuse_the_same(toy, change, place):
    text = toy.text.replace(*change)
    assert text != toy.text
    assert place in places(text)
    with pytest.raises(InvalidDocument):
        read_policy(text, "p.yaml")


def test_it_takes_every_verdict_and_override_that_is_signed(signed, toy):
    passed, failed = signed(), signed(toy.said(low=0.4, value=0.5, high=0.6))
    assert payload(passed.envelope)["predicate"]["verdict"] == "pass"
    assert payload(failed.envelope)["predicate"]["verdict"] == "fail"
    override = sign_override(
        failed.envelope, failed.verdict, failed.key, by="Dr. A", reason="It is compared in a trial.", now=toy.now
    )
    assert payload(override)["predicate"]["by"] == "Dr. A"


def test_the_schema_names_every_key_that_is_signed(signed):
    """A key that is written and not described, or described and no longer written, is a fault of the schema."""
    predicate = payload(signed().envelope)["predicate"]
    described = verdict_schema()["$defs"]
    assert set(predicate) == set(described["verdict"]["properties"])
    assert set(predicate["rules"][0]) == set(described["ruling"]["properties"])
    assert set(predicate["rules"][0]["held"][0]) == set(described["held"]["properties"])
    assert set(predicate["signer"]) == set(described["signer"]["properties"])


@pytest.mark.parametrize(
    "break_it",
    [
        lambda body: body["predicate"].pop("expires"),
        lambda body: body["predicate"].update(verdict="maybe"),
        lambda body: body["predicate"].update(judged="yesterday"),
        lambda body: body["predicate"].update(rules=[]),
        lambda body: body["predicate"]["rules"][0]["held"][0].update(statement="fairness.nonsense"),
        lambda body: body["predicate"]["evidence"][0]["digest"].update(sha256="short"),
        lambda body: body.update(subject=[]),
        lambda body: body.update(predicateType="urn:assay:verdict:2"),
    ],
)
def test_what_is_no_verdict_is_refused(signed, break_it):
    body = copy.deepcopy(payload(signed().envelope))
    break_it(body)
    assert not STATEMENT.is_valid(body)
