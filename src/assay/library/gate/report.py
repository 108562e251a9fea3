"""gate/report."""

from __future__ import annotations

from typing import NamedTuple

from assay import Evidence, File, Report, Verdict, component, step
from assay.signing import open_envelope
from assay.trust.evidence.text import read_evidence
from assay.trust.gate import Exhibit, Override, Refused, strangers
from assay.trust.gate import Verdict as Signed
from assay.trust.report.about import About
from assay.trust.report.annex_iv import annex_iv
from assay.trust.report.chai import chai_card
from assay.trust.report.model_card import model_card
from assay.trust.report.sheet import make_sheet
from assay.trust.report.sheet_html import sheet_html
from assay.trust.report.sheet_pdf import sheet_pdf


class Reported(NamedTuple):
    """What a report yields."""

    report: Report
    pdf: File
    model_card: File
    chai: File
    annex_iv: File


@component(
    "gate/report",
    version="1.0.0",
    tags=("trust", "report", "model card"),
    licence="Apache-2.0",
    requires=("cryptography", "jsonschema", "pyyaml", "typst"),
)
def report(
    verdict: Verdict,
    evidence: list[Evidence],
    override: Verdict | None = None,
    *,
    about: dict[str, str] | None = None,
) -> Reported:
    """Write the trust report for people: the verdict first, then fourteen blocks of figures, each with interval, size, bound and state.

    A block without evidence says that nothing was measured. The same content is written as PDF, as a model card for the Hugging Face Hub,
    as a CHAI Applied Model Card, and as a skeleton of the technical documentation that the EU AI Act asks for. What nobody can measure
    (what the model is for, who answers for it) is taken from what you declare. The signature is not checked here: assay verdict verify and
    the publish components do that.

    Args:
        verdict: From gate/judge.
        evidence: Every file that the verdict rests on.
        override: From gate/override; shown in red.
        about: Declared facts, such as name, developer, intended_use, population, out_of_scope, risk_level, monitoring, oversight.

    Returns:
        report: One HTML page that opens offline, prints well, runs and loads nothing.
        pdf: The same on paper.
        model_card: README.md for the Hugging Face Hub, with metadata.
        chai: Applied Model Card of the Coalition for Health AI, XML of schema v0.2.
        annex_iv: Skeleton of Annex IV of Regulation (EU) 2024/1689, Markdown.
    """
    declared = About(about or {})
    envelope = open_envelope(verdict.path.read_bytes(), "the verdict")
    judged = Signed.read(envelope, "the verdict")
    digests = {step.digest(one): one for one in evidence}
    exhibits = [Exhibit(one.path.name, digest, read_evidence(one.path)) for digest, one in digests.items()]
    decided = None
    if override is not None:
        decided = Override.read(open_envelope(override.path.read_bytes(), "the override"), "the override")
    faults = strangers(envelope, judged, list(digests), decided)
    if faults:
        raise Refused(faults)
    sheet = make_sheet(judged, exhibits, declared, decided)
    pdf, left_out = sheet_pdf(sheet)
    for title in left_out:
        print(f"the picture {title!r} cannot be drawn and is left out of the PDF")
    made = Reported(
        step.output("report", Report),
        step.output("pdf", File, suffix=".pdf"),
        step.output("model_card", File, suffix=".md"),
        step.output("chai", File, suffix=".xml"),
        step.output("annex_iv", File, suffix=".md"),
    )
    made.pdf.path.write_bytes(pdf)
    texts = {made.report: sheet_html, made.model_card: model_card, made.chai: chai_card, made.annex_iv: annex_iv}
    for target, write in texts.items():
        target.path.write_text(write(sheet), encoding="utf-8")
    print(sheet.headline)
    for section in sheet.sections:
        print(f"{section.title}: {section.summary}")
    return made
