"""The JSON Schemas of policies and signed verdicts, published as policy-1 and verdict-1.schema.json in docs/schemas."""

from __future__ import annotations

from typing import Any

from assay.signing import Trust
from assay.signing.statement import PAYLOAD, TYPE
from assay.trust.evidence.kinds import KINDS
from assay.trust.evidence.shapes import COUNT, DIALECT, GROUP, SHA256, TEXT, maybe, record, sequence
from assay.trust.evidence.statement import State
from assay.trust.gate.policy import End, Level, Need, Signer
from assay.trust.gate.policy_text import FORMAT, NUMBER
from assay.trust.gate.verdict import OVERRIDE, VERDICT

_WORDS: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_BASE64: dict[str, Any] = {"type": "string", "contentEncoding": "base64"}
_MOMENT: dict[str, Any] = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"}
_BOUND = rf"^\s*(declared|({'|'.join(End)})\s*((>=|<=)\s*{NUMBER}|\s+within\s+\[\s*{NUMBER}\s*,\s*{NUMBER}\s*\]))?\s*$"


def policy_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) of a policy, its YAML read as JSON.

    It says what shape a file has; that a range is the right way round and that no id stands twice ``assay policy check`` says.
    """
    statement = TEXT | {
        "anyOf": [{"enum": sorted(KINDS)}, {"pattern": r"[*?\[]"}],
        "description": "The id of a statement, or a pattern such as leakage.*",
    }
    columns = {"type": "object", "additionalProperties": _WORDS, "minProperties": 1}
    rule = record(
        {"id": _WORDS, "title": _WORDS, "statement": statement, "bound": TEXT | {"pattern": _BOUND}},
        {
            "on": {"anyOf": [{"enum": ["everybody", "groups", "all"]}, columns]},
            "level": _one_of(Level),
            "fewest": COUNT | {"maximum": 10**9 - 1},
            "need": _one_of(Need),
            "by": TEXT,
            "why": _WORDS,
        },
    )
    body = record(
        {
            "assay-policy": {"const": FORMAT},
            "name": _WORDS,
            "expires": TEXT | {"pattern": r"^\s*(?=\d*[1-9])\d{1,6}\s*[smhdwy]\s*$"},
            "rules": sequence({"$ref": "#/$defs/rule"}, fewest=1),
        },
        {"description": _WORDS, "signer": _one_of(Signer)},
    )
    closed = {"additionalProperties": False}
    head = {"$schema": DIALECT, "title": f"Assay policy, format {FORMAT}"}
    return head | body | closed | {"$defs": {"rule": rule | closed}}


def verdict_schema() -> dict[str, Any]:
    """Return the schema of a verdict's or an override's DSSE envelope; what its payload decodes to is ``#/$defs/statement``."""
    signature = record({"sig": _BASE64}, {"keyid": TEXT})
    envelope = record(
        {
            "payloadType": {"const": PAYLOAD},
            "payload": _BASE64 | {"contentMediaType": PAYLOAD, "contentSchema": {"$ref": "#/$defs/statement"}},
            "signatures": sequence(signature, fewest=1),
        }
    )
    head = {"$schema": DIALECT, "title": "Assay verdict, version 1"}
    return head | envelope | {"$defs": _definitions()}


def _definitions() -> dict[str, Any]:
    resources = sequence({"$ref": "#/$defs/resource"})
    return {
        "statement": {"oneOf": [_claim(VERDICT, "verdict", 1), _claim(OVERRIDE, "override", 2)]},
        "resource": record({"name": TEXT, "digest": record({"sha256": SHA256})}),
        "signer": record({"name": TEXT, "key": SHA256, "trust": _one_of(Trust)}),
        "verdict": record(
            {
                "verdict": _one_of(State),
                "reason": TEXT,
                "labels": sequence(TEXT, fewest=2),
                "data": resources,
                "evidence": resources,
                "policy": record({"name": TEXT, "digest": record({"sha256": SHA256}), "signer": _one_of(Signer)}),
                "rules": sequence({"$ref": "#/$defs/ruling"}, fewest=1),
                "judged": _MOMENT,
                "expires": _MOMENT,
                "signer": {"$ref": "#/$defs/signer"},
                "synthetic": maybe({"type": "boolean"}),
                "provenance": {"type": "object"},
            }
        ),
        "ruling": record(
            {
                "id": TEXT,
                "title": TEXT,
                "level": _one_of(Level),
                "asks": TEXT,
                "bound": TEXT,
                "state": _one_of(State),
                "reason": TEXT,
                "held": sequence({"$ref": "#/$defs/held"}),
            }
        ),
        "held": record(
            {
                "evidence": SHA256,
                "statement": {"enum": sorted(KINDS)},
                "on": GROUP,
                "against": GROUP,
                "state": _one_of(State),
            }
        ),
        "override": record({"by": TEXT, "reason": TEXT, "at": _MOMENT, "signer": {"$ref": "#/$defs/signer"}}),
    }


def _claim(kind: str, predicate: str, subjects: int) -> dict[str, Any]:
    return record(
        {
            "_type": {"const": TYPE},
            "predicateType": {"const": kind},
            "subject": sequence({"$ref": "#/$defs/resource"}, fewest=subjects) | {"maxItems": subjects},
            "predicate": {"$ref": f"#/$defs/{predicate}"},
        }
    )


def _one_of(kind: type[End | Level | Need | Signer | State | Trust]) -> dict[str, Any]:
    return {"enum": [*map(str, kind)]}
