"""Evidence to JSON text and back."""

from __future__ import annotations

import dataclasses
import enum
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from assay.errors import ComponentError, bounded
from assay.trust.evidence.evidence import (
    FORMAT,
    Cost,
    Evidence,
    EvidenceFigure,
    Method,
    NotMeasured,
    Role,
    Subject,
    Table,
)
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.schema import schema
from assay.trust.evidence.statement import Criterion, Estimate, State, Statement

_MOST_FAULTS = 10
RecordT = TypeVar("RecordT")


def evidence_text(evidence: Evidence) -> str:
    """Return the JSON text: UTF-8, two spaces, no NaN. Equal evidence gives equal text."""
    body = {"format": FORMAT} | _plain(evidence)
    return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_evidence(path: str | os.PathLike[str]) -> Evidence:
    """Read an evidence file.

    Raises:
        ComponentError: It is no JSON, of another format, or breaks the schema; the first ten faults are named with their place.
    """
    name = os.path.basename(os.fspath(path))
    try:
        body = json.loads(Path(path).read_bytes())
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ComponentError(f"{name} is no JSON: {error}", culprit=name) from None
    if isinstance(body, dict) and body.get("format") not in {FORMAT, None}:
        raise ComponentError(
            f"{name} is evidence of format {body['format']!r}, this version reads {FORMAT}",
            culprit=name,
            hint="read it with the version of Assay that wrote it, or measure again",
        )
    faults = _faults(body)
    if faults:
        raise ComponentError(
            f"{name} is no evidence: {'; '.join(faults)}", culprit=name, hint="see docs/trust/evidence.md"
        )
    try:
        return evidence_of(body)
    except ValueError as error:
        raise ComponentError(f"{name} is no evidence: {error}", culprit=name) from None


def _faults(body: object) -> list[str]:
    import jsonschema  # only whoever reads evidence from outside pays for it

    found = sorted(jsonschema.Draft202012Validator(schema()).iter_errors(body), key=lambda fault: fault.json_path)
    return [f"{fault.json_path}: {bounded(fault.message, 200)}" for fault in found[:_MOST_FAULTS]]


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    item = getattr(value, "item", None)  # a numpy scalar
    return item() if callable(item) else value


def _made(kind: type[RecordT], body: Mapping[str, Any], **changed: Any) -> RecordT:
    names = {item.name for item in dataclasses.fields(kind)}  # type: ignore[arg-type]  # every record here is a dataclass
    return kind(**{name: value for name, value in (dict(body) | changed).items() if name in names})


def evidence_of(body: Mapping[str, Any]) -> Evidence:
    """Return the evidence in JSON that was held against the schema before, as all in a verified bundle was by the gate.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: It was not, and is something else.
    """
    return _made(
        Evidence,
        body,
        method=_made(Method, body["method"]),
        subjects=[_made(Subject, subject, role=Role(subject["role"])) for subject in body["subjects"]],
        statements=[_statement(statement) for statement in body["statements"]],
        not_measured=[_made(NotMeasured, reason) for reason in body.get("not_measured", ())],
        tables=[_made(Table, table) for table in body.get("tables", ())],
        figures=[_made(EvidenceFigure, figure, block=Block(figure["block"])) for figure in body.get("figures", ())],
        cost=_made(Cost, body["cost"]) if body.get("cost") else None,
    )


def _statement(body: Mapping[str, Any]) -> Statement:
    criterion, state = body.get("criterion"), body.get("state")
    return _made(
        Statement,
        body,
        estimate=_made(Estimate, body["estimate"]),
        criterion=_made(Criterion, criterion) if criterion else None,
        state=State(state) if state else None,
    )
