"""The report as a Hugging Face model card: metadata that the Hub reads, then the same blocks (Mitchell et al. 2019 and the Hub's own form)."""

from __future__ import annotations

from typing import Any

import yaml

from assay.trust.report.markdown import plain, quoted, table
from assay.trust.report.sheet import Section, Sheet

_METRICS = {
    "discrimination.auroc": ("roc_auc", "AUROC"),
    "discrimination.auprc": ("pr_auc", "AUPRC"),
    "discrimination.sensitivity": ("recall", "Sensitivity"),
    "discrimination.specificity": ("specificity", "Specificity"),
    "discrimination.ppv": ("precision", "PPV"),
    "discrimination.f1": ("f1", "F1"),
    "discrimination.accuracy": ("accuracy", "Accuracy"),
    "calibration.brier": ("brier_score", "Brier score"),
    "calibration.ece": ("ece", "ECE"),
}
"""Statement to the Hub's metric type and a name."""

_MOST_ROWS = 60
_TASK = "image-classification"


def model_card(sheet: Sheet) -> str:
    """Return the card: YAML front matter, then Markdown."""
    head = yaml.safe_dump(_metadata(sheet), sort_keys=False, allow_unicode=True)
    parts = [f"---\n{head}---\n", f"# {plain(sheet.name)}\n"]
    parts += [quoted(text) for text in (*sheet.alarms, *sheet.banners)]
    parts += [f"**{plain(sheet.headline)}**\n", f"{plain(sheet.about.text('summary', ''))}\n"]
    parts.append(table(["rule", "level", "state", "why"], sheet.rules))
    parts += [_section(section) for section in sheet.sections]
    parts.append(
        "Written by Assay from signed evidence: `assay verdict verify verdict.json --key PUB` checks that nothing was changed.\n"
    )
    return "\n".join(parts)


def _metadata(sheet: Sheet) -> dict[str, Any]:
    tags = ["medical", "trust-report", f"verdict-{sheet.state}"]
    if sheet.verdict.synthetic:
        tags.append("synthetic-data")
    if sheet.alarms:
        tags.append("verdict-overridden")
    licence = sheet.about.text("licence", "other").lower()
    body: dict[str, Any] = {
        "license": licence if licence in _LICENCES else "other",
        "library_name": "onnx",
        "pipeline_tag": sheet.about.text("task", _TASK),
        "tags": tags,
    }
    results = _results(sheet)
    if results:
        body["metrics"] = list(dict.fromkeys(result["metrics"][0]["type"] for result in results))
        body["model-index"] = [{"name": sheet.name, "results": results}]
    return body


_LICENCES = frozenset(
    {"apache-2.0", "mit", "bsd-3-clause", "gpl-3.0", "lgpl-3.0", "cc-by-4.0", "cc-by-nc-4.0", "cc0-1.0", "openrail"}
)


def _results(sheet: Sheet) -> list[dict[str, Any]]:
    """One result a figure about everybody; the Hub has no place for intervals, so they stand in its arguments."""
    digest = sheet.verdict.data[0].digest if sheet.verdict.data else sheet.verdict.model.digest
    kind = "synthetic test data" if sheet.verdict.synthetic else "test data"
    found = []
    for exhibit in sheet.evidence:
        for statement in exhibit.evidence.statements:
            if statement.on or statement.id not in _METRICS:
                continue
            kind_of, name = _METRICS[statement.id]
            estimate = statement.estimate
            metric = {
                "type": kind_of,
                "value": estimate.value,
                "name": name,
                "args": {"low": estimate.low, "high": estimate.high, "n": estimate.n, "evidence": exhibit.digest},
                "verified": False,
            }
            found.append(
                {
                    "task": {"type": sheet.about.text("task", _TASK), "name": "Classification"},
                    "dataset": {"type": f"sha256:{digest[:12]}", "name": kind},
                    "metrics": [metric],
                }
            )
    return found


def _section(section: Section) -> str:
    parts = [f"## {section.title}\n", f"*{plain(section.help)}*\n"]
    if section.rows:
        cells = [
            [row.figure, row.on, row.value, row.interval, row.n, row.asked, row.state, row.digest]
            for row in section.rows
        ]
        head = ["figure", "on", "value", "95 % interval", "n", "threshold", "state", "evidence"]
        parts.append(table(head, cells[:_MOST_ROWS]))
        if len(cells) > _MOST_ROWS:
            parts.append(f"{len(cells) - _MOST_ROWS} more figures stand in the evidence files.\n")
    if section.facts:
        parts.append(table(["fact", "value"], section.facts))
    if section.missing:
        parts.append(table(["not measured", "why"], section.missing))
    parts += [f"{plain(caveat)}\n" for caveat in section.caveats]
    return "\n".join(parts)
