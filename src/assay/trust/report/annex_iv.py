"""The skeleton of technical documentation under Annex IV of Regulation (EU) 2024/1689: filled where measured, empty where not.

It is a skeleton. Nobody becomes compliant by a file; what is missing is said in each place so that somebody can write it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assay.trust.evidence.kinds import Block
from assay.trust.report.about import DECLARED
from assay.trust.report.markdown import plain, quoted, table
from assay.trust.report.sheet import Sheet

_POINTS: tuple[tuple[str, str, tuple[str, ...], tuple[Block, ...]], ...] = (
    ("1", "General description of the AI system", ("intended_use", "developer", "version", "users", "how_to_use", "population", "availability", "release_stage"), ()),
    ("2 (a)-(c)", "Development: methods, design, architecture", ("summary", "input_source"), (Block.LINEAGE,)),
    ("2 (d)", "Data requirements, provenance, characteristics", ("consent",), (Block.DATA,)),
    ("2 (e)", "Human oversight measures", ("oversight",), ()),
    ("2 (f)", "Pre-determined changes", ("changes",), ()),
    ("2 (g)", "Validation and testing: accuracy, robustness, discriminatory impacts", (), (Block.DISCRIMINATION, Block.CALIBRATION, Block.SUBGROUPS, Block.ROBUSTNESS)),
    ("2 (h)", "Cybersecurity measures", (), (Block.PRIVACY,)),
    ("3", "Monitoring, functioning and control: capabilities and limitations", ("out_of_scope", "risks", "biases"), (Block.FAILURES, Block.UNCERTAINTY, Block.SHIFT_DETECTION, Block.EXPLANATION)),
    ("4", "Appropriateness of the performance metrics", (), (Block.UTILITY,)),
    ("5", "Risk management system (Article 9)", ("risk_management", "risk_level"), ()),
    ("6", "Relevant changes through the lifecycle", ("changes", "maintenance"), ()),
    ("7", "Harmonised standards applied", ("standards",), ()),
    ("8", "EU declaration of conformity (Article 47)", ("declaration",), ()),
    ("9", "Post-market monitoring (Article 72)", ("monitoring",), ()),
)  # fmt: skip
"""Point of the annex, its subject, what is declared for it, and the blocks that are measured for it."""

_WHY_METRICS = (
    "Discrimination is given with 95 % intervals that count patients, since slices or rows of one patient resemble each other. Sensitivity and specificity are told "
    "before accuracy and predictive values, which follow the share of the sick. Calibration is told beside discrimination, since a score is read as a risk. "
    "Each figure is held against a bound on an end of its interval, so that few patients cannot look like a good model."
)


def annex_iv(sheet: Sheet) -> str:
    """Return the skeleton as Markdown."""
    parts = [f"# Technical documentation (Annex IV): {plain(sheet.name)}\n"]
    parts += [quoted(text) for text in (*sheet.alarms, *sheet.banners)]
    parts.append(
        "A skeleton, filled from signed evidence where something was measured. It is no declaration of conformity. "
        f"Verdict: {plain(sheet.headline)}\n"
    )
    for point, title, declared, blocks in _POINTS:
        parts.append(f"## {point} {title}\n")
        body = [*_declared(sheet, declared), *(text for block in blocks for text in _measured(sheet, block))]
        if point == "4":
            body.insert(0, f"{_WHY_METRICS}\n")
        wanted = ", ".join(DECLARED[key].lower() for key in declared)
        hint = f" To be declared: {wanted}." if wanted else ""
        parts += body or [f"*This section is empty: nothing was declared or measured for it.{hint}*\n"]
    return "\n".join(parts)


def _declared(sheet: Sheet, keys: Sequence[str]) -> Iterator[str]:
    facts = [(DECLARED[key], sheet.about.text(key)) for key in keys if key in sheet.about]
    if facts:
        yield table(["declared", ""], facts)


def _measured(sheet: Sheet, block: Block) -> Iterator[str]:
    section = sheet.section(block)
    if section.rows:
        cells = [[row.figure, row.on, row.value, row.interval, row.n, row.asked, row.state] for row in section.rows]
        yield f"**{section.title}**\n"
        yield table(["figure", "on", "value", "95 % interval", "n", "threshold", "state"], cells)
    if section.facts:
        yield table([section.title.lower(), ""], section.facts)
    if not section.rows and not section.facts:
        why = "; ".join(f"{name}: {reason}" for name, reason in section.missing)
        yield f"*{section.title}: this part is empty. {plain(why)}*\n"
