"""The JSON Schema of evidence, published as docs/schemas/evidence-1.schema.json."""

from __future__ import annotations

from typing import Any

from assay.trust.evidence.evidence import FORMAT, Role
from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.evidence.shapes import COUNT, DIALECT, GROUP, NUMBER, SHA256, TEXT, maybe, record, sequence
from assay.trust.evidence.statement import State


def _definitions() -> dict[str, Any]:
    number = maybe(NUMBER)
    known = {"enum": sorted(KINDS)}
    return {
        "estimate": record(
            {"value": NUMBER, "low": number, "high": number, "n": COUNT},
            {
                "rows": COUNT,
                "positives": maybe(COUNT),
                "method": TEXT,
                "level": NUMBER | {"minimum": 0, "maximum": 1},
            },
        ),
        "criterion": record({"least": number, "most": number}, {"fewest": COUNT}),
        "statement": record(
            {"id": known, "estimate": {"$ref": "#/$defs/estimate"}, "on": GROUP},
            {
                "against": GROUP,
                "criterion": maybe({"$ref": "#/$defs/criterion"}),
                "state": {"enum": [*map(str, State), None]},
                "reason": TEXT,
                "needed": maybe(COUNT),
                "family": TEXT,
                "adjusted_p": number,
            },
        ),
        "subject": record({"role": {"enum": [*map(str, Role)]}, "digest": SHA256}, {"name": TEXT}),
        "method": record({"component": TEXT, "name": TEXT}, {"library": TEXT, "version": TEXT, "reference": TEXT}),
        "not_measured": record({"id": known, "why": TEXT}, {"on": GROUP}),
        "table": record(
            {
                "name": TEXT,
                "title": TEXT,
                "columns": sequence(TEXT),
                "rows": sequence(sequence({"type": ["string", "number", "boolean", "null"]})),
            }
        ),
        "figure": record(
            {"name": TEXT, "title": TEXT, "block": {"enum": [*map(str, Block)]}},
            {"specification": {"type": "object"}, "svg": TEXT, "png": TEXT},
        ),
        "cost": record({"cpu_seconds": NUMBER, "wall_seconds": NUMBER}, {"model_calls": COUNT}),
    }


def schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12). Keys it does not name are allowed and ignored."""
    body = record(
        {
            "format": {"const": FORMAT},
            "title": TEXT,
            "method": {"$ref": "#/$defs/method"},
            "subjects": sequence({"$ref": "#/$defs/subject"}),
            "samples": {"type": "object", "additionalProperties": COUNT},
            "statements": sequence({"$ref": "#/$defs/statement"}),
        },
        {
            "parameters": {"type": "object"},
            "labels": sequence(TEXT),
            "positive": TEXT,
            "seed": maybe({"type": "integer"}),
            "synthetic": maybe({"type": "boolean"}),
            "not_measured": sequence({"$ref": "#/$defs/not_measured"}),
            "tables": sequence({"$ref": "#/$defs/table"}),
            "figures": sequence({"$ref": "#/$defs/figure"}),
            "caveats": sequence(TEXT),
            "cost": maybe({"$ref": "#/$defs/cost"}),
        },
    )
    head = {"$schema": DIALECT, "title": "Assay evidence, format 1"}
    return head | body | {"$defs": _definitions()}
