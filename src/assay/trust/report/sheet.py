"""A trust report before anybody draws it: the verdict, and fourteen blocks of figures with interval, size, bound, state and digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assay.signing import Trust
from assay.trust.evidence.evidence import HARDEST, Evidence, EvidenceFigure, Table
from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.evidence.statement import State, Statement
from assay.trust.gate import Exhibit, Override, Verdict
from assay.trust.gate.words import DEVELOPMENT_WARNING, headline, override_line
from assay.trust.report.about import DECLARED, About

TITLES: dict[Block, tuple[str, str]] = {
    Block.INTENDED_USE: ("Intended use", "What it is for, for whom, and for whom not. Declared, not measured."),
    Block.DATA: ("Data", "Who and what it was measured on, and whether training and test are apart."),
    Block.LINEAGE: ("Lineage", "How the model came to be, by content: every digest can be checked."),
    Block.DISCRIMINATION: ("Discrimination", "How well the score tells the classes apart, at the stated threshold."),
    Block.CALIBRATION: ("Calibration", "Whether a score of 0.3 means that three in ten are ill."),
    Block.UTILITY: ("Clinical utility", "Whether using it beats treating everybody, or nobody."),
    Block.SUBGROUPS: ("Subgroups and fairness", "The same figures by group and where groups cross, with their sizes."),
    Block.EXPLANATION: ("Explanation", "Whether heat maps show what the model uses: beside controls that use nothing."),
    Block.ROBUSTNESS: ("Robustness", "What another scanner, noise, and an attacker do to it."),
    Block.SHIFT_DETECTION: ("Shift detection", "Whether cases of another source are noticed."),
    Block.UNCERTAINTY: ("Uncertainty", "Whether it knows when it does not know."),
    Block.PRIVACY: ("Privacy", "Whether anybody can tell who was in the training data."),
    Block.FAILURES: (
        "Failure analysis",
        "Where it fails most, the surest of its errors, and shortcuts it may lean on.",
    ),
    Block.MONITORING: ("Monitoring and oversight", "What happens after release. Declared, not measured."),
}
"""Each block's heading, and one sentence of how to read it."""

_DECLARED: dict[Block, tuple[str, ...]] = {
    Block.INTENDED_USE: ("intended_use", "users", "how_to_use", "population", "out_of_scope", "risk_level", "risks"),
    Block.MONITORING: ("monitoring", "maintenance", "changes", "oversight", "sign_off"),
}
_WORST = ("fairness.tpr", "fairness.tnr", "fairness.auroc", "fairness.accuracy", "robustness.shift_sensitivity")
TOLD = "told only"
"""State of a figure that nobody asked a bound of."""

_MOST_WORST = 8
_MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what, on whom, the estimate, its interval, its independent units, what was asked, what became of it, whose evidence."""

    figure: str
    on: str
    value: str
    interval: str
    n: str
    asked: str
    state: str
    digest: str


@dataclass(frozen=True, slots=True)
class Section:
    """One block of the report.

    Attributes:
        rows: Figures.
        facts: What is told without being an estimate: declared texts, digests.
        missing: What was not measured, and why; never empty when there is nothing else.
        tables: Further numbers.
        figures: Charts and pictures.
        caveats: Sentences that stand beside the figures.
    """

    block: Block
    title: str
    help: str
    rows: Sequence[Row] = ()
    facts: Sequence[tuple[str, str]] = ()
    missing: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[EvidenceFigure] = ()
    caveats: Sequence[str] = ()

    @property
    def judged(self) -> Sequence[Row]:
        """The figures that something was asked of."""
        return [row for row in self.rows if row.state != TOLD]

    @property
    def told(self) -> Sequence[Row]:
        """The others."""
        return [row for row in self.rows if row.state == TOLD]

    @property
    def states(self) -> Mapping[str, int]:
        """How many figures have which state."""
        found = [row.state for row in self.rows]
        return {state: found.count(state) for state in dict.fromkeys(found)}

    @property
    def summary(self) -> str:
        """Return the block in a few words, such as ``12 figures: 10 pass, 2 insufficient evidence``."""
        if self.rows:
            counts = ", ".join(f"{count} {state}" for state, count in self.states.items())
            return f"{len(self.rows)} figure{'s' * (len(self.rows) != 1)}: {counts}"
        if self.tables or self.figures:
            return f"{len(self.tables)} table{'s' * (len(self.tables) != 1)}, no figure was held against a bound"
        return "declared" if self.facts else "not measured"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a report shows.

    Attributes:
        name: Of the model.
        headline: The verdict in one sentence.
        state: Of the verdict.
        alarms: What stands in red above everything: an override.
        banners: What stands above everything else: synthetic data, a development key.
        rules: Rule, whether it decides, its state, why.
        sections: All blocks in their order.
        about: Declared facts.
        verdict: The verdict itself.
        evidence: The evidence itself.
    """

    name: str
    headline: str
    state: State
    alarms: Sequence[str]
    banners: Sequence[str]
    rules: Sequence[tuple[str, str, str, str]]
    sections: Sequence[Section]
    about: About
    verdict: Verdict
    evidence: Sequence[Exhibit] = field(default_factory=tuple)

    def section(self, block: Block) -> Section:
        """Return the section of a block."""
        return next(section for section in self.sections if section.block is block)


def make_sheet(verdict: Verdict, exhibits: Sequence[Exhibit], about: About, override: Override | None = None) -> Sheet:
    """Put everything in its place; what has no evidence says so.

    Args:
        verdict: Already verified, or not yet signed for anything but reading.
        exhibits: The evidence that it rests on.
        about: What is declared.
        override: Somebody's decision against it.
    """
    banners = []
    if verdict.synthetic:
        banners.append("Synthetic data: no patient stands behind them. These figures say nothing about real patients.")
    elif verdict.synthetic is None:
        banners.append("The evidence does not say whether the data are synthetic.")
    if verdict.trust is Trust.DEVELOPMENT:
        banners.append(DEVELOPMENT_WARNING)
    return Sheet(
        name=about.text("name", verdict.model.name),
        headline=headline(verdict),
        state=verdict.state,
        alarms=[override_line(override)] if override else [],
        banners=banners,
        rules=[(rule.title, str(rule.level), rule.state.words, rule.reason) for rule in verdict.rules],
        sections=[_section(block, verdict, exhibits, about) for block in Block],
        about=about,
        verdict=verdict,
        evidence=exhibits,
    )


def _section(block: Block, verdict: Verdict, exhibits: Sequence[Exhibit], about: About) -> Section:
    title, told = TITLES[block]
    concerned = [one for one in exhibits if block in one.evidence.blocks]
    rows = [
        _row(one, statement, verdict)
        for one in concerned
        for statement in one.evidence.statements
        if KINDS[statement.id].block is block
    ]
    rows.sort(key=lambda row: row.state == TOLD)  # what decided something comes first; the order stays otherwise
    missing = [
        (_name(found.id, found.on), found.why)
        for one in concerned
        for found in one.evidence.not_measured
        if KINDS[found.id].block is block
    ]
    facts = list(_facts(block, verdict, exhibits, about))
    tables = list(_tables(block, exhibits))
    if block is Block.FAILURES and (worst := _worst(exhibits)):
        tables.insert(0, worst)
    if not (rows or facts or tables or missing):
        missing.append((title, "no component of this pipeline wrote evidence about it"))
    return Section(
        block,
        title,
        told,
        rows[:_MOST_ROWS],
        facts,
        missing + _rest(rows),
        tables,
        [figure for one in exhibits for figure in one.evidence.figures if figure.block is block],
        list(dict.fromkeys(caveat for one in concerned for caveat in one.evidence.caveats)),
    )


def _rest(rows: Sequence[Row]) -> list[tuple[str, str]]:
    if len(rows) <= _MOST_ROWS:
        return []
    return [
        ("more figures", f"{len(rows) - _MOST_ROWS} of {len(rows)} are left out here; they stand in the evidence files")
    ]


def _row(exhibit: Exhibit, statement: Statement, verdict: Verdict) -> Row:
    estimate = statement.estimate
    asked, state = _asked(exhibit, statement, verdict)
    interval = "none" if estimate.low is None else f"{estimate.low:.3g} to {estimate.high:.3g}"
    return Row(
        KINDS[statement.id].title,
        statement.subject,
        f"{estimate.value:.3g}",
        interval,
        str(estimate.n or "-"),
        asked,
        state,
        exhibit.digest[:12],
    )


def _asked(exhibit: Exhibit, statement: Statement, verdict: Verdict) -> tuple[str, str]:
    """Return what was asked of a figure and what became of it: by the policy first, by the component's own criterion else."""
    for rule in verdict.rules:
        for held in rule.held:
            same = (held.evidence, held.statement) == (exhibit.digest, statement.id)
            if same and dict(held.on) == dict(statement.on) and dict(held.against) == dict(statement.against):
                return f"{rule.bound} ({rule.id}, {rule.level})", held.state.words
    if statement.criterion is not None and statement.state is not None:
        return f"{statement.criterion} (the component's own)", statement.state.words
    return "-", TOLD


def _name(statement: str, on: Mapping[str, str]) -> str:
    group = ", ".join(f"{name} {value}" for name, value in on.items())
    return f"{KINDS[statement].title}{f' for {group}' if group else ''}"


def _facts(block: Block, verdict: Verdict, exhibits: Sequence[Exhibit], about: About) -> Iterator[tuple[str, str]]:
    for key in _DECLARED.get(block, ()):
        if key in about:
            yield DECLARED[key], about.text(key)
    if block is Block.LINEAGE:
        yield from _lineage(verdict, exhibits)
    if block is Block.DATA:
        for one in exhibits:
            counts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in one.evidence.samples.items())
            if counts:
                yield f"Counted for: {one.evidence.title}", counts
    if block is Block.MONITORING:
        yield (
            "This verdict holds until",
            f"{verdict.expires:%Y-%m-%d %H:%M} UTC; after that the model has to be judged again",
        )


def _lineage(verdict: Verdict, exhibits: Sequence[Exhibit]) -> Iterator[tuple[str, str]]:
    yield "Model (sha256)", verdict.model.digest
    for one in verdict.data:
        yield "Test data (sha256)", one.digest
    yield f"Policy {verdict.policy.name} (sha256)", verdict.policy.digest
    yield "Labels in the order of the classes", ", ".join(verdict.labels)
    yield "Signed by", f"{verdict.signer}, {verdict.trust} key {verdict.key}"
    yield "Judged", f"{verdict.judged:%Y-%m-%d %H:%M} UTC"
    yield from _flat(verdict.provenance)
    for exhibit in exhibits:
        method, cost = exhibit.evidence.method, exhibit.evidence.cost
        seed = "" if exhibit.evidence.seed is None else f", seed {exhibit.evidence.seed}"
        took = f", {cost.cpu_seconds:g} CPU-seconds, {cost.model_calls} model calls" if cost else ""
        told = f"{method.component}: {method.name} ({' '.join(filter(None, [method.library, method.version]))}{seed}{took})"
        yield f"Evidence: {exhibit.evidence.title}", f"{told}; sha256 {exhibit.digest}"


def _flat(facts: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in facts.items():
        name = f"{before}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}, ")
        elif value not in (None, "", []):
            yield name, str(value)


def _tables(block: Block, exhibits: Sequence[Exhibit]) -> Iterator[Table]:
    """Yield tables where they belong: the hardest cases to the failures, others to the first block of their evidence."""
    for one in exhibits:
        for table in one.evidence.tables:
            home = Block.FAILURES if table.name == HARDEST else _home(one.evidence)
            if home is block:
                yield table


def _home(evidence: Evidence) -> Block:
    return next((block for block in evidence.blocks if block is not Block.DATA), Block.DATA)


def _worst(exhibits: Sequence[Exhibit]) -> Table | None:
    """The groups and conditions in which the model is worst, by the estimate, with intervals: few patients make wide ones."""
    cells = [
        (statement.estimate, KINDS[statement.id].title, statement.subject)
        for one in exhibits
        for statement in one.evidence.statements
        if statement.id in _WORST and statement.on
    ]
    if not cells:
        return None
    cells.sort(key=lambda cell: cell[0].value)
    rows = [
        [title, subject, round(estimate.value, 3), estimate.low, estimate.high, estimate.n]
        for estimate, title, subject in cells[:_MOST_WORST]
    ]
    title = f"Worst cells: the lowest {len(rows)} of {len(cells)}"
    return Table("worst_cells", title, ["figure", "on", "value", "low", "high", "n"], rows)
