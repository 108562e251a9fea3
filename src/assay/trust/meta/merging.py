"""Evidence of several sites about one model as one evidence: every figure that two sites or more tell, averaged, with its spread."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assay.trust.charts.chart import IntervalChart, IntervalRow
from assay.trust.charts.svg import draw
from assay.trust.charts.vega import specification
from assay.trust.evidence.evidence import Evidence, EvidenceFigure, Method, NotMeasured, Role, Subject, Table
from assay.trust.evidence.kinds import KINDS
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.meta.pooling import Pooled, pooled
from assay.trust.meta.scales import LOGIT, Scale, effect, scale_of

METHOD = "random effects: variance between sites by Paule and Mandel, interval by Hartung and Knapp"
REFERENCE = "Paule and Mandel 1982; Hartung and Knapp 2001; Higgins, Thompson and Spiegelhalter 2009"
DRAWN = (
    "discrimination.auroc",
    "discrimination.sensitivity",
    "discrimination.specificity",
    "calibration.ece",
    "calibration.brier",
    "fairness.tpr_difference",
    "fairness.fpr_difference",
)
"""Statements that get a forest plot."""

_MOST_DRAWN = 24
COLUMNS = ("figure", "on", "site", "value", "low", "high", "patients")
SPREAD = ("figure", "on", "sites", "I²", "tau² (scale)", "another site from", "to")
_FEW = "Two sites say little of how sites differ: the interval is wide for that, and there is none for another site."


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over sites.

    Attributes:
        statement: As a gate reads it.
        sites: Name of each site that told it, with its estimate.
        found: The mean on the scale it was computed on.
        scale: That scale.
    """

    statement: Statement
    sites: Sequence[tuple[str, Estimate]]
    found: Pooled
    scale: Scale

    @property
    def name(self) -> str:
        """What and on whom, for people."""
        return f"{KINDS[self.statement.id].title}, {self.statement.subject}"

    @property
    def prediction(self) -> tuple[float, float] | None:
        """Where another site's true figure lies with 95 %, as the figure itself is read."""
        ends = self.found.prediction
        return None if ends is None else (self.scale.back(ends[0]), self.scale.back(ends[1]))

    def chart(self, mark: str) -> IntervalChart:
        """Return the forest plot."""
        rows = [IntervalRow(site, each.value, each.low, each.high, "site") for site, each in self.sites]
        mean = self.statement.estimate
        rows.append(IntervalRow("all sites", mean.value, mean.low, mean.high, "mean"))
        if self.prediction is not None:
            rows.append(IntervalRow("another site", mean.value, *self.prediction, "prediction"))
        criterion = self.statement.criterion
        allowed = (
            (criterion.least, criterion.most) if criterion and None not in (criterion.least, criterion.most) else None
        )
        reach = (0.0, 1.0) if self.scale is LOGIT else None
        zero = 0.0 if self.statement.id.endswith("_difference") else None
        return IntervalChart(f"{self.name}{mark}", "95 % interval", rows, zero, allowed=allowed, x_range=reach)  # type: ignore[arg-type]  # both are numbers here


@dataclass(frozen=True, slots=True)
class Merged:
    """One evidence over sites, and the lines it is made of."""

    evidence: Evidence
    lines: Sequence[Line] = field(default_factory=tuple)


def merge(sites: Mapping[str, Evidence]) -> Merged:
    """Return the evidence of one component over sites.

    Args:
        sites: Site to what it measured; one model, one component, one set of labels. At least two.

    Raises:
        ValueError: There are fewer than two sites.
    """
    if len(sites) < 2:
        raise ValueError("there is nothing to merge: evidence of two sites at least is needed")
    first = next(iter(sites.values()))
    lines, missing = [], []
    for key, told in _told(sites).items():
        line = _line(told)
        if line is None:
            missing.append(
                NotMeasured(key[0], f"told with an interval by fewer than two of {len(sites)} sites", dict(key[1]))
            )
        else:
            lines.append(line)
    synthetic = [one.synthetic for one in sites.values() if one.synthetic is not None]
    marked = any(synthetic)
    drawn = [line for name in DRAWN for line in lines if line.statement.id == name][:_MOST_DRAWN]
    evidence = Evidence(
        title=f"{first.title}: {len(sites)} sites",
        method=Method(first.method.component, METHOD, "assay", first.method.version, REFERENCE),
        subjects=list(_subjects(sites)),
        statements=[line.statement for line in lines],
        samples=_added([one.samples for one in sites.values()]) | {"sites": len(sites)},
        parameters=dict(first.parameters),
        labels=first.labels,
        positive=first.positive,
        seed=first.seed,
        synthetic=marked if synthetic else None,
        not_measured=[*missing, *_unmeasured(sites, lines)],
        tables=[_by_site(lines), _spread(lines)],
        figures=[_figure(number, line, marked=marked) for number, line in enumerate(drawn)],
        caveats=list(
            dict.fromkeys(
                [*([_FEW] if len(sites) == 2 else []), *(text for one in sites.values() for text in one.caveats)]
            )
        ),
    )
    return Merged(evidence, lines)


Key = tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


def _told(sites: Mapping[str, Evidence]) -> dict[Key, list[tuple[str, Statement]]]:
    found: dict[Key, list[tuple[str, Statement]]] = {}
    for site, evidence in sites.items():
        for each in evidence.statements:
            key = (each.id, tuple(sorted(each.on.items())), tuple(sorted(each.against.items())))
            found.setdefault(key, []).append((site, each))
    return found


def _line(told: Sequence[tuple[str, Statement]]) -> Line | None:
    """Average one figure; ``None`` where fewer than two sites tell it with an interval."""
    model = told[0][1]
    scale = scale_of(model.id)
    parts = [(site, each.estimate, one) for site, each in told if (one := effect(each.estimate, scale)) is not None]
    if len(parts) < 2:
        return None
    found = pooled([value for _, _, (value, _) in parts], [variance for _, _, (_, variance) in parts])
    estimate = Estimate(
        scale.back(found.value),
        scale.back(found.low),
        scale.back(found.high),
        n=sum(each.n for _, each, _ in parts),
        method=f"{METHOD}; {len(parts)} sites, scale: {scale.name}",
    )
    statement = Statement.judged(model.id, estimate, model.criterion, on=dict(model.on), against=dict(model.against))
    return Line(statement, [(site, each) for site, each, _ in parts], found, scale)


def _subjects(sites: Mapping[str, Evidence]) -> Iterator[Subject]:
    """Yield the model, one number that stands for all data together, and the data of each site."""
    first = next(iter(sites.values()))
    yield from (one for one in first.subjects if one.role is Role.MODEL)
    data = {site: [one.digest for one in each.subjects if one.role is Role.DATA] for site, each in sites.items()}
    everything = sorted(digest for digests in data.values() for digest in digests)
    yield Subject(Role.DATA, hashlib.sha256("".join(everything).encode()).hexdigest(), "the data of all sites")
    for site, digests in data.items():
        yield from (Subject(Role.OTHER_DATA, digest, site) for digest in digests)


def _added(samples: Sequence[Mapping[str, int]]) -> dict[str, int]:
    names = dict.fromkeys(name for each in samples for name in each)
    return {name: sum(each.get(name, 0) for each in samples) for name in names}


def _unmeasured(sites: Mapping[str, Evidence], lines: Sequence[Line]) -> list[NotMeasured]:
    told = {line.statement.id for line in lines}
    reasons: dict[str, list[str]] = {}
    for site, evidence in sites.items():
        for each in evidence.not_measured:
            if each.id not in told:
                reasons.setdefault(each.id, []).append(f"{site}: {each.why}")
    return [NotMeasured(name, "; ".join(dict.fromkeys(why))) for name, why in reasons.items()]


def _by_site(lines: Sequence[Line]) -> Table:
    rows = [
        [
            KINDS[line.statement.id].title,
            line.statement.subject,
            site,
            round(each.value, 4),
            each.low,
            each.high,
            each.n,
        ]
        for line in lines
        for site, each in line.sites
    ]
    return Table("by_site", "Figures of each site", COLUMNS, rows)


def _spread(lines: Sequence[Line]) -> Table:
    rows: list[list[str | float | int | bool | None]] = []
    for line in lines:
        ends = line.prediction or (None, None)
        rows.append(
            [
                KINDS[line.statement.id].title,
                line.statement.subject,
                line.found.sites,
                round(line.found.i2, 3),
                f"{line.found.tau2:.4g} ({line.scale.name})",
                None if ends[0] is None else round(ends[0], 4),
                None if ends[1] is None else round(ends[1], 4),
            ]
        )
    return Table("between_sites", "How sites differ, and where another site lies with 95 %", SPREAD, rows)


def _figure(number: int, line: Line, *, marked: bool) -> EvidenceFigure:
    chart = line.chart(" (synthetic data)" if marked else "")
    return EvidenceFigure(
        f"forest_{number}", chart.title, KINDS[line.statement.id].block, specification(chart), draw(chart)
    )
