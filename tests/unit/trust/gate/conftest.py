"""Evidence, a case and a key to judge with."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from assay.signing import new_key
from assay.trust.evidence.evidence import Evidence, Method, NotMeasured, Role, Subject
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.gate import Case, Exhibit, decide, make_verdict, read_policy

MODEL, DATA = "a" * 64, "d" * 64
NOW = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)
POLICY = """assay-policy: 1
name: toy
description: For tests.
expires: 30d
signer: any
rules:
  - {id: tells-apart, title: It tells them apart., statement: discrimination.auroc, bound: low >= 0.8, fewest: 20}
  - {id: fair, title: It is fair., statement: fairness.tpr_difference, on: {sex: "*"}, bound: "whole within [-0.1, 0.1]"}
  - {id: told, title: Only told., statement: calibration.ece, bound: high <= 0.1, level: advisory}
"""


def said(name="discrimination.auroc", value=0.9, low=0.85, high=0.95, n=100, on=None, **more):
    return Statement(name, Estimate(value, low, high, n=n), on=on or {}, **more)


def evidence(*statements, model=MODEL, data=DATA, component="evaluate/classification@1.0.0", **more):
    subjects = [Subject(Role.MODEL, model)] if model else []
    subjects += [Subject(Role.DATA, data)] if data else []
    facts = {"labels": ("other", "covid"), "positive": "covid", "synthetic": True, "samples": {}} | more
    return Evidence(title="Toy", method=Method(component, "toy"), subjects=subjects, statements=statements, **facts)


def exhibit(*statements, name="toy.json", digest="e" * 64, **more):
    return Exhibit(name, digest, evidence(*statements, **more))


def case(*exhibits, **more):
    return Case(**({"model": MODEL, "labels": ("other", "covid"), "positive": "covid", "exhibits": exhibits} | more))


GOOD = (
    said(),
    said("fairness.tpr_difference", 0.0, -0.05, 0.05, on={"sex": "F"}, against={"sex": "M"}),
    said("calibration.ece", 0.05, 0.02, 0.08),
)


@pytest.fixture
def toy():
    """Everything by name, for tests that put their own case together."""
    return SimpleNamespace(
        said=said, evidence=evidence, exhibit=exhibit, case=case, good=GOOD, not_measured=NotMeasured, now=NOW,
        model=MODEL, data=DATA, text=POLICY, policy=read_policy(POLICY, "toy.yaml"),
    )  # fmt: skip


@pytest.fixture
def signed(toy):
    """Return a function that judges statements and signs the verdict: (envelope, verdict, key)."""

    def sign(*statements, key=None, policy=toy.policy, **more):
        key = key or new_key("clinic")
        judged = case(exhibit(*(statements or GOOD), **more))
        decision = decide(policy, judged.exhibits, development=str(key.trust) == "development")
        verdict = make_verdict(decision, judged, policy, key, now=NOW, provenance={"training": {"seed": 0}})
        return SimpleNamespace(envelope=verdict.sign(key), verdict=verdict, key=key)

    return sign
