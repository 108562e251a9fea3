"""The sites' signed evidence as one: held together first, averaged then, judged and shown."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.errors import Fault
from assay.signing import PrivateKey, Trust
from assay.trust.evidence.evidence import Evidence, Role
from assay.trust.evidence.text import evidence_text
from assay.trust.gate import Case, Exhibit, Policy, Verdict, decide, make_verdict
from assay.trust.meta.merging import Merged, merge
from assay.trust.meta.package import SiteEvidence, SiteRefused
from assay.trust.meta.report import Site, multi_site_report

EVIDENCE, VERDICT, REPORT = "evidence", "verdict.json", "report.html"


@dataclass(frozen=True, slots=True)
class Result:
    """What was written: the verdict over all sites, and what was averaged by file."""

    verdict: Verdict
    merged: Mapping[str, Merged]


def strangers_among(sites: Sequence[SiteEvidence]) -> list[Fault]:
    """Return why sites cannot be merged: every reason at once, each with the site it is about.

    All have to be about one bundle and one model, to have measured the same with the same parameters and labels, and to be different sites
    with different data.
    """
    if len(sites) < 2:
        hint = "name the folders that 'assay bundle evaluate' wrote, one a site"
        return [Fault("one-site", "evidence of two sites at least is merged", "SITE", hint=hint)]
    first = sites[0]
    faults = []
    for one in sites[1:]:
        if one.about.model != first.about.model or one.about.bundle[2] != first.about.bundle[2]:
            message = f"{one.name} is about bundle {_bundle(one)}, {first.name} about {_bundle(first)}"
            faults.append(Fault("another-model", message, one.name, hint="evaluate the same bundle at every site"))
            continue
        faults += _other_statements(first, one)
    for what, code, of in _ALIKE:
        seen: dict[str, SiteEvidence] = {}
        for one in sites:
            before = seen.setdefault(of(one), one)
            if before is not one:
                message = f"{before.name} and {one.name} {what}: patients would count twice"
                faults.append(Fault(code, message, one.name, hint="leave one of them out"))
    return faults


def _data(site: SiteEvidence) -> str:
    named = {one.digest for each in site.evidence.values() for one in each.subjects if one.role is Role.DATA}
    return " ".join(sorted(named))


def _key(site: SiteEvidence) -> str:
    return site.key.id


def _name(site: SiteEvidence) -> str:
    return site.about.site


_ALIKE: tuple[tuple[str, str, Callable[[SiteEvidence], str]], ...] = (
    ("were measured on the same data", "same-data", _data),
    ("are signed by the same site's key", "same-site", _key),
    ("bear the same name", "same-name", _name),
)


def _bundle(site: SiteEvidence) -> str:
    name, version, digest = site.about.bundle
    return f"{name} {version} ({digest[:12]})"


def _other_statements(first: SiteEvidence, one: SiteEvidence) -> list[Fault]:
    ours, theirs = _components(first), _components(one)
    faults = []
    for component in sorted(ours.keys() | theirs.keys()):
        if component not in ours or component not in theirs:
            lacking = first if component not in ours else one
            message = f"{lacking.name} did not measure {component}, another site did"
            hint = "measure the same at every site, by one version of Assay"
            faults.append(Fault("other-statements", message, lacking.name, hint=hint))
            continue
        mine, other = ours[component], theirs[component]
        if dict(mine.parameters) != dict(other.parameters):
            message = f"{one.name} measured {component} with other parameters than {first.name}"
            faults.append(Fault("other-parameters", message, one.name))
        if (list(mine.labels), mine.positive) != (list(other.labels), other.positive):
            message = f"{one.name} measured {component} with other labels than {first.name}"
            faults.append(Fault("labels-differ", message, one.name))
    return faults


def _components(site: SiteEvidence) -> dict[str, Evidence]:
    return {one.method.component: one for one in site.evidence.values()}


def merge_sites(
    sites: Sequence[SiteEvidence], policy: Policy, key: PrivateKey, target: Path, now: dt.datetime, *, version: str
) -> Result:
    """Write merged evidence, a verdict that rests on it, and the report into the empty folder ``target``.

    Args:
        sites: Two at least.
        policy: The rules of the verdict.
        key: Signs it.
        target: Where to.
        now: The moment of the verdict.
        version: Of Assay, for the verdict.

    Raises:
        SiteRefused: The sites do not belong together.
    """
    if faults := strangers_among(sites):
        raise SiteRefused(faults)
    (target / EVIDENCE).mkdir()
    merged: dict[str, Merged] = {}
    exhibits = []
    for name, one in sites[0].evidence.items():
        found = merge({site.about.site: _components(site)[one.method.component] for site in sites})
        text = evidence_text(found.evidence)
        (target / name).write_text(text, encoding="utf-8")
        merged[name] = found
        exhibits.append(Exhibit(name, hashlib.sha256(text.encode()).hexdigest(), found.evidence))
    any_evidence = exhibits[0].evidence
    case = Case(sites[0].about.model, any_evidence.labels, any_evidence.positive, exhibits)
    decision = decide(policy, exhibits, development=key.trust is Trust.DEVELOPMENT)
    provenance = {"assay": version, "sites": {site.about.site: site.digest for site in sites}}
    verdict = make_verdict(decision, case, policy, key, now=now, provenance=provenance)
    (target / VERDICT).write_text(verdict.sign(key).text(), encoding="utf-8")
    shown = [Site(_name(site), site.key.id, site.about.made, site.verdict, _patients(site)) for site in sites]
    title = f"{_bundle(sites[0]).partition(' (')[0]} at {len(sites)} hospitals"
    (target / REPORT).write_text(multi_site_report(title, verdict, shown, list(merged.values())), encoding="utf-8")
    return Result(verdict, merged)


def _patients(site: SiteEvidence) -> int:
    return max((one.samples.get("patients", 0) for one in site.evidence.values()), default=0)
