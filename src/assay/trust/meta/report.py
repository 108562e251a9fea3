"""The multi-site report: who measured, what the sites say one by one, what they say together, and by how much they differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from assay.signing import Trust
from assay.trust.charts.svg import draw
from assay.trust.evidence.evidence import Evidence
from assay.trust.evidence.kinds import KINDS
from assay.trust.gate import Level, Verdict
from assay.trust.gate.words import DEVELOPMENT_WARNING
from assay.trust.meta.merging import DRAWN, METHOD, Line, Merged
from assay.trust.report.page import figures, heading, page, paragraph, table

_MOST_PLOTS = 12
_HOW = (
    "Each site measured on its own patients and sent rounded figures only. 'All sites' is the mean of sites that may truly differ, with its "
    "95 % interval; 'another site' is where the true figure of a hospital that is not among these lies with 95 %: the wider of the two tells "
    "whether a result travels. I² is the share of the spread that is more than chance."
)


@dataclass(frozen=True, slots=True)
class Site:
    """A site as the report names it: its name, the id of its key, when it measured, its own verdict, its patients (rounded)."""

    name: str
    key: str
    made: dt.datetime
    verdict: Verdict
    patients: int


def multi_site_report(title: str, verdict: Verdict, sites: Sequence[Site], merged: Sequence[Merged]) -> str:
    """Return the page: banners, the verdict over all sites, the sites, forest plots with their numbers, all figures, what is missing.

    Args:
        title: Of the page.
        verdict: Over the merged evidence.
        sites: In the order of the plots.
        merged: One a component.
    """
    synthetic = any(one.evidence.synthetic for one in merged)
    mark = " (synthetic data)" if synthetic else ""
    parts = []
    if synthetic:
        parts.append(
            paragraph(
                "Synthetic data: no patient stands behind them. These figures say nothing about real patients.",
                "banner",
            )
        )
    if verdict.trust is Trust.DEVELOPMENT:
        parts.append(paragraph(DEVELOPMENT_WARNING, "notice"))
    told = f"{verdict.state.words.capitalize()} under the policy {verdict.policy.name}: {verdict.reason}"
    parts += [
        f'<p class="state {escape(str(verdict.state))}">{escape(told)}</p>',
        _wide(table("Rules", ["rule", "state", "why"], _rules(verdict), numbers_from=9)),
        heading("Sites"),
        _wide(
            table(
                "Who measured",
                ["site", "patients", "its own verdict", "measured", "key"],
                _sites(sites),
                numbers_from=9,
            )
        ),
        paragraph(_HOW, "note"),
        heading("Forest plots"),
    ]
    lines = [line for one in merged for line in one.lines]
    for line in _drawn(lines):
        parts += [figures([draw(line.chart(mark))]), _wide(_numbers(line)), paragraph(_spread(line), "note")]
    parts += [heading("All figures"), _wide(_all(lines)), heading("What was not measured")]
    missing = sorted({(KINDS[each.id].title, each.why) for one in merged for each in one.evidence.not_measured})
    parts.append(_wide(table("Not measured, or not told by enough sites", ["figure", "why"], missing, numbers_from=9)))
    parts += [heading("How to read this"), paragraph(f"{METHOD[0].upper()}{METHOD[1:]}.")]
    parts += [paragraph(text) for text in dict.fromkeys(text for one in merged for text in one.evidence.caveats)]
    parts += [paragraph(text, "note") for text in _lineage(verdict, [one.evidence for one in merged])]
    return page(title, parts)


def _drawn(lines: Sequence[Line]) -> list[Line]:
    return [line for name in DRAWN for line in lines if line.statement.id == name][:_MOST_PLOTS]


def _rules(verdict: Verdict) -> list[list[str]]:
    advisory = {Level.ADVISORY: " (advisory)", Level.REQUIRED: ""}
    return [[rule.title, f"{rule.state.words}{advisory[rule.level]}", rule.reason] for rule in verdict.rules]


def _sites(sites: Sequence[Site]) -> list[list[str]]:
    return [
        [
            one.name,
            f"about {one.patients}",
            f"{one.verdict.state.words} ({one.verdict.policy.name})",
            f"{one.made:%Y-%m-%d %H:%M} UTC",
            one.key[:12],
        ]
        for one in sites
    ]


def _numbers(line: Line) -> str:
    rows = [
        [site, *(_short(number) for number in (each.value, each.low, each.high)), str(each.n)]
        for site, each in line.sites
    ]
    mean = line.statement.estimate
    rows.append(["all sites", *(_short(number) for number in (mean.value, mean.low, mean.high)), str(mean.n)])
    if line.prediction is not None:
        rows.append(["another site", "", *(_short(number) for number in line.prediction), ""])
    return table(line.name, ["site", "value", "low", "high", "patients"], rows)


def _spread(line: Line) -> str:
    found = line.found
    told = f"I² {found.i2:.0%}, variance between sites {found.tau2:.3g} (scale: {line.scale.name}), Q {found.q:.3g} on {found.sites - 1}"
    return told if found.prediction else f"{told}. Two sites say nothing of where another one lies."


def _all(lines: Sequence[Line]) -> str:
    rows = [
        [
            KINDS[line.statement.id].title,
            line.statement.subject,
            *(
                _short(number)
                for number in (line.statement.estimate.value, line.statement.estimate.low, line.statement.estimate.high)
            ),
            *(_short(number) for number in line.prediction or (None, None)),
            f"{line.found.i2:.0%}",
            str(line.found.sites),
        ]
        for line in lines
    ]
    head = ["figure", "on", "mean", "low", "high", "another site from", "to", "I²", "sites"]
    return table("Means over sites, with 95 % intervals", head, rows, numbers_from=2)


def _lineage(verdict: Verdict, evidence: Sequence[Evidence]) -> list[str]:
    named = ", ".join(dict.fromkeys(one.method.component for one in evidence))
    return [
        f"Model {verdict.model.digest}. Measured by {named}.",
        f"Judged {verdict.judged:%Y-%m-%d %H:%M} UTC, holds until {verdict.expires:%Y-%m-%d %H:%M} UTC, signed by {verdict.signer} (key {verdict.key[:12]}).",
    ]


def _short(number: float | None) -> str:
    return "" if number is None else f"{number:.3f}"


def _wide(markup: str) -> str:
    return f'<div class="wide">{markup}</div>'
