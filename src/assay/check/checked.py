"""The result of a check, and findings on their way to become faults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assay.errors import Fault, Fix, Location, Severity, bounded
from assay.ids import StepName
from assay.model.codec.document import Document
from assay.model.codec.nodes import ScalarNode
from assay.model.codec.problems import Path, Suggestions
from assay.model.component import ComponentSpec
from assay.model.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Checked:
    """A document that was held against the catalog.

    Attributes:
        pipeline: The model, ``None`` when the text could not be read.
        specs: The component of each step that has one.
        faults: The document's and the check's, in the order of the file.
        nested: The pipeline of each step that uses another one without errors.
        size: Number of steps, with those of all pipelines used.
    """

    document: Document
    pipeline: Pipeline | None
    specs: Mapping[StepName, ComponentSpec]
    faults: tuple[Fault, ...]
    nested: Mapping[StepName, Checked] = field(default_factory=dict)
    size: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing stands against a run."""
        return all(fault.severity is not Severity.ERROR for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: like a fault, with a path in place of a location.

    Attributes:
        path: Of the value (or, with ``key``, of the key) at fault.
        message: One sentence.
        culprit: The name at fault, as written.
        known: Names that could have been meant; nearest is suggested.
        hint: The next thing to do, when no known name is near.
        key: Whether the key of the entry is at fault, not its value.
        before: What stands right before the culprit, to find it in a longer text.
    """

    path: Path
    message: str
    culprit: str = ""
    known: tuple[str, ...] = ()
    hint: str = ""
    key: bool = False
    before: str = ""


def to_fault(document: Document, suggestions: Suggestions, code: str, severity: Severity, finding: Finding) -> Fault:
    """Return a finding with its place, its suggestion, and the repair where exactly one is possible."""
    best, sure = suggestions.best(finding.culprit, finding.known) if finding.known else ("", False)
    span = _span(document, finding)
    fix = Fix(f"write {best!r}", *span, best) if best and sure and span else None
    return Fault(
        code,
        bounded(finding.message, 600),
        bounded(finding.culprit, 120),
        _location(document, finding, span),
        f"did you mean {best!r}?" if best else finding.hint,
        severity,
        fix,
    )


def _location(document: Document, finding: Finding, span: tuple[int, int] | None) -> Location:
    if span is not None and document.lines is not None:
        return document.lines.where(span[0])
    return document.locate(finding.path) if finding.key else document.locate_value(finding.path)


def _span(document: Document, finding: Finding) -> tuple[int, int] | None:
    """Where the culprit alone stands in the text, when it stands there once, unescaped."""
    node = document.key(finding.path) if finding.key else document.node(finding.path)
    if not isinstance(node, ScalarNode) or not finding.culprit:
        return None
    written = document.text[node.start : node.end]
    pattern = rf"(?<![\w-]){re.escape(finding.before)}({re.escape(finding.culprit)})(?![\w-])"
    found = re.search(pattern, written)
    if found is None:
        return None
    return node.start + found.start(1), node.start + found.end(1)
