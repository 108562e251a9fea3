"""The admission policy: its expressions are evaluated as Kyverno's language (JMESPath) has them, on our own documents."""

from __future__ import annotations

import datetime as dt
import re

import jmespath
import pytest
import yaml
from bundle_workshop import Workshop
from deployment_workshop import candidate, settings
from jmespath import functions

from assay.deployment.documents import documents
from assay.deployment.kyverno import admission_policy, policy_text
from assay.errors import AssayError
from assay.signing.cosign import CosignKeys
from assay.trust.evidence.statement import State


class Kyverno(functions.Functions):
    """The functions of Kyverno that the policy uses; it is 2 November 2026."""

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_time_before(self, first, second):
        return dt.datetime.fromisoformat(first) < dt.datetime.fromisoformat(second)

    @functions.signature()
    def _func_time_now_utc(self):
        return "2026-11-02T00:00:00Z"


def evaluated(text, service):
    """Fill the variables of a text; one that is all variable keeps its kind."""
    options = jmespath.Options(custom_functions=Kyverno())

    def value(found):
        return jmespath.search(found.group(1), {"request": {"object": service}}, options)

    whole = re.fullmatch(r"\{\{(.*?)\}\}", text)
    return value(whole) if whole else re.sub(r"\{\{(.*?)\}\}", lambda found: str(value(found)), text)


def denied(policy, service):
    """The names of the rules that refuse a service."""
    names = []
    for rule in policy["spec"]["rules"]:
        conditions = rule.get("validate", {}).get("deny", {}).get("conditions", {}).get("any", [])
        for one in conditions:
            wanted = evaluated(one["value"], service) if isinstance(one["value"], str) else one["value"]
            if (evaluated(one["key"], service) == wanted) == (one["operator"] == "Equals"):
                names.append(rule["name"])
    return sorted(set(names))


@pytest.fixture
def public(tmp_path):
    return CosignKeys(tmp_path).have("site")


@pytest.fixture
def policy(public):
    return yaml.safe_load(policy_text(admission_policy(public, "registry.example/radiology/*")))


@pytest.fixture
def service(passed):
    return documents(passed, settings(passed))[-1]


def test_a_bundle_that_passed_is_admitted(policy, service, public):
    assert denied(policy, service) == []
    (signed, *_) = policy["spec"]["rules"]
    (images,) = signed["verifyImages"]
    assert images["imageReferences"] == ["registry.example/radiology/*"]
    assert images["attestors"][0]["entries"][0]["keys"]["publicKeys"] == public
    place = signed["imageExtractors"]["InferenceService"][0]["path"].split("/")[1:]
    found = service
    for part in place:
        found = found[part]
    assert found == service["spec"]["predictor"]["containers"][0]["args"][1].removeprefix("oci://")


def test_another_bundle_than_the_one_that_is_verified_is_refused(policy, service):
    service["spec"]["predictor"]["containers"][0]["args"][1] = "oci://registry.example/evil@sha256:" + "0" * 64
    assert denied(policy, service) == ["what-is-pulled-is-what-was-verified"]


def test_a_bundle_of_no_registry_is_refused(policy, passed):
    assert denied(policy, documents(passed, settings(passed, storage="s3://models/a"))[-1]) == [
        "what-is-pulled-is-what-was-verified"
    ]


def test_a_verdict_that_expired_is_no_pass_or_is_missing_is_refused(policy, service):
    said = service["metadata"]["annotations"]
    for name, value in (("assay.expires", "2026-11-01T00:00:00Z"), ("assay.verdict", "fail")):
        service["metadata"]["annotations"] = said | {name: value}
        assert denied(policy, service) == ["verdict-holds"]
    service["metadata"]["annotations"] = {"assay.reference": said["assay.reference"]}
    assert denied(policy, service) == ["verdict-holds"]


def test_an_override_is_refused_unless_the_site_allows_it(policy, public, tmp_path):
    made = Workshop(tmp_path)
    made.make(materials=made.materials(state=State.FAIL, override=True))
    found = candidate(made)
    service = documents(found, settings(found))[-1]
    assert denied(policy, service) == ["verdict-holds"]
    assert denied(admission_policy(public, "registry.example/*", overridden=True), service) == []


@pytest.mark.parametrize(
    ("key", "registry"), [("-----BEGIN PRIVATE KEY-----", "a.example/*"), ("-----BEGIN PUBLIC KEY-----", "oci://a/b")]
)
def test_what_cannot_be_is_told(key, registry):
    with pytest.raises(AssayError):
        admission_policy(key, registry)
