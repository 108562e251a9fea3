"""What changed from one bundle to another: files, terms, verdict, and every figure of the evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.bundle.layout import Part
from assay.bundle.manifest import Manifest
from assay.bundle.source import Source, read_document
from assay.bundle.verifying import Examined


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: of what, and what it was and is; empty where there was nothing, or is nothing any more."""

    what: str
    before: str
    after: str


def changes(old: tuple[Source, Examined], new: tuple[Source, Examined]) -> list[Change]:
    """Return the differences of two bundles that were examined, the weightiest first."""
    before, after = old[1].manifest, new[1].manifest
    return [
        *_differing(_facts(old[1]), _facts(new[1])),
        *_differing(dict(_rulings(old[1])), dict(_rulings(new[1]))),
        *_differing(dict(_figures(*old)), dict(_figures(*new))),
        *_differing(_files(before), _files(after)),
    ]


def _facts(found: Examined) -> dict[str, str]:
    manifest, verdict = found.manifest, found.admission.verdict
    override = found.admission.override
    return {
        "name": manifest.name,
        "version": manifest.version,
        "made": f"{manifest.made:%Y-%m-%d %H:%M} UTC",
        "model": manifest.model[:12],
        "licence": manifest.licence,
        "synthetic": "yes" if manifest.synthetic else "no",
        "signed by": found.key.id[:12],
        "verdict": verdict.state.words,
        "policy": f"{verdict.policy.name} {verdict.policy.digest[:12]}",
        "holds until": f"{verdict.expires:%Y-%m-%d %H:%M} UTC",
        "labels": ", ".join(verdict.labels),
        "data": ", ".join(one.digest[:12] for one in verdict.data),
        "overridden by": "" if override is None else f"{override.by}: {override.reason}",
    }


def _rulings(found: Examined) -> Iterator[tuple[str, str]]:
    for rule in found.admission.verdict.rules:
        yield f"rule {rule.id}", f"{rule.state.words}: {rule.reason}"


def _figures(source: Source, found: Examined) -> Iterator[tuple[str, str]]:
    """Yield each figure of the evidence by what it is and on whom."""
    for item in found.manifest.of(Part.EVIDENCE):
        if not item.path.endswith(".json"):
            continue
        body = json.loads(read_document(source, item.path))
        for statement in body.get("statements", ()) if isinstance(body, dict) else ():
            yield _name(body, statement), _value(statement.get("estimate"))


def _name(body: Mapping[str, Any], statement: Mapping[str, Any]) -> str:
    on = ", ".join(f"{name} {value}" for name, value in sorted(statement.get("on", {}).items()))
    method = body.get("method", {}).get("name", "")
    return " ".join(
        part for part in (statement.get("id", ""), f"({on})" if on else "", f"by {method}" if method else "") if part
    )


def _value(estimate: Mapping[str, Any] | None) -> str:
    if not estimate:
        return "not measured"
    value, low, high = estimate["value"], estimate.get("low"), estimate.get("high")
    return f"{value:.3g}" if low is None or high is None else f"{value:.3g} [{low:.3g}, {high:.3g}]"


def _files(manifest: Manifest) -> dict[str, str]:
    return {f"file {item.path}": f"{item.size} bytes, {item.digest[:12]}" for item in manifest.items}


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> Sequence[Change]:
    return [
        Change(name, before.get(name, ""), after.get(name, ""))
        for name in dict.fromkeys([*before, *after])
        if before.get(name, "") != after.get(name, "")
    ]
