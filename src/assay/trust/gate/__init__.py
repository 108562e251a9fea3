"""The gate: evidence and a policy become a signed verdict, and nothing else lets a model pass."""

from assay.trust.gate.case import Case, Exhibit, Refused, mismatched
from assay.trust.gate.judging import Decision, Outcome, decide
from assay.trust.gate.policy import Level, Policy, Rule, Signer
from assay.trust.gate.policy_text import read_policy
from assay.trust.gate.shipped import find_policy, shipped_names
from assay.trust.gate.verdict import Override, Ruling, Verdict, make_verdict, sign_override
from assay.trust.gate.verification import (
    Admission,
    Verified,
    admit_to_publication,
    strangers,
    verify,
    verify_override,
)
from assay.trust.gate.words import explanation

__all__ = [
    "Admission",
    "Case",
    "Decision",
    "Exhibit",
    "Level",
    "Outcome",
    "Override",
    "Policy",
    "Refused",
    "Rule",
    "Ruling",
    "Signer",
    "Verdict",
    "Verified",
    "admit_to_publication",
    "decide",
    "explanation",
    "find_policy",
    "make_verdict",
    "mismatched",
    "read_policy",
    "shipped_names",
    "sign_override",
    "strangers",
    "verify",
    "verify_override",
]
