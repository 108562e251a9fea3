"""The report as a CHAI Applied Model Card, XML valid against schema v0.2 (Coalition for Health AI, mc.chai.org)."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from assay.trust.evidence.kinds import KINDS, Block
from assay.trust.report.sheet import Sheet

_SPACE = "https://mc.chai.org/v0.2/schema.xsd"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_METRICS: dict[str, tuple[tuple[Block, ...], str]] = {
    "UsefulnessUsabilityEfficacy": (
        (Block.DISCRIMINATION, Block.CALIBRATION, Block.UTILITY),
        "That the model tells the classes apart, that its scores can be read as risks, and that using it helps.",
    ),
    "FairnessEquity": ((Block.SUBGROUPS,), "That errors are as frequent in every group of patients."),
    "SafetyReliability": (
        (Block.ROBUSTNESS, Block.SHIFT_DETECTION, Block.UNCERTAINTY, Block.PRIVACY, Block.FAILURES, Block.EXPLANATION),
        "That it withstands other scanners and attackers, knows when it does not know, and does not lean on shortcuts.",
    ),
}
_MOST_RESULTS = 200


def chai_card(sheet: Sheet) -> str:
    """Return the card as XML text. What nobody declared or measured says so in words: the schema has no empty places."""
    ET.register_namespace("", _SPACE)
    root = ET.Element(f"{{{_SPACE}}}AppliedModelCard")
    about, verdict = sheet.about, sheet.verdict
    _texts(
        _child(root, "BasicInfo"),
        ModelName=sheet.name,
        ModelDeveloper=about.text("developer"),
        DeveloperContact=about.text("contact"),
    )
    _texts(
        _child(root, "ReleaseInfo"),
        ReleaseStage=about.text("release_stage", "Research: not released"),
        ReleaseDate=about.text("release_date"),
        ReleaseVersion=about.text("version", verdict.model.digest),
        GlobalAvailability=about.text("availability"),
    )
    summary = _child(root, "ModelSummary")
    _texts(summary, Summary=_summary(sheet))
    keywords = _child(summary, "Keywords")
    for word in ("machine learning", "trust report", *(("synthetic data",) if verdict.synthetic else ())):
        _texts(keywords, Keyword=word)
    _texts(
        _child(root, "UsesAndDirections"),
        IntendedUseAndWorkflow=about.text("intended_use"),
        PrimaryIntendedUsers=about.text("users"),
        HowToUse=about.text("how_to_use"),
        TargetedPatientPopulation=about.text("population"),
        CautionedOutOfScopeSettings=about.text("out_of_scope"),
    )
    _texts(
        _child(root, "Warnings"),
        KnownRisksAndLimitations=_sentences(*sheet.alarms, *sheet.banners, about.text("risks")),
        KnownBiasesOrEthicalConsiderations=about.text("biases", sheet.section(Block.SUBGROUPS).summary),
        ClinicalRiskLevel=about.text("risk_level"),
    )
    _trust(_child(root, "TrustIngredients"), sheet)
    metrics = _child(root, "KeyMetrics")
    for name, (blocks, goal) in _METRICS.items():
        _metric(_child(metrics, name), sheet, blocks, goal)
    _texts(
        _child(root, "Resources"),
        PeerReviewedPublications=about.text("publications"),
        PatientConsentOrDisclosure=about.text("consent"),
    )
    _texts(root, Bibliography=_bibliography(sheet))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _trust(parent: ET.Element, sheet: Sheet) -> None:
    about = sheet.about
    lineage = dict(sheet.section(Block.LINEAGE).facts)
    _texts(
        _child(parent, "AISystemFacts"),
        OutcomesAndOutputs=f"A score from 0 to 1, and one of the labels {', '.join(sheet.verdict.labels)}.",
        ModelType=lineage.get("training, network", "Classifier in ONNX form."),
        InputDataSource=about.text("input_source"),
        OutputAndInputDataTypes="Images or table rows in, probabilities of labels out.",
        DevelopmentDataCharacterization=_facts(sheet, Block.DATA),
        BiasMitigationApproaches=about.text("mitigation"),
        OngoingMaintenance=about.text("maintenance"),
        Security=f"Verdict signed by {sheet.verdict.signer}, {sheet.verdict.trust} key {sheet.verdict.key}.",
        Transparency=f"Model {sheet.verdict.model.digest}; {len(sheet.evidence)} evidence files named by sha256 in the verdict.",
    )
    _texts(
        _child(parent, "TransparencyInformation"),
        FundingSource=about.text("funding"),
        StakeholdersConsulted=about.text("stakeholders"),
    )


def _metric(parent: ET.Element, sheet: Sheet, blocks: Sequence[Block], goal: str) -> None:
    rules = [rule for rule in sheet.verdict.rules if any(KINDS[held.statement].block in blocks for held in rule.held)]
    _texts(parent, MetricGoal=_sentences(goal, *(rule.title for rule in rules)))
    results = _child(parent, "Results")
    rows = [row for block in blocks for row in sheet.section(block).rows][:_MOST_RESULTS]
    for row in rows:
        value = {"value": row.value, "interval": row.interval, "n": row.n, "threshold": row.asked, "state": row.state}
        _result(results, f"{row.figure} for {row.on}", {**value, "evidence": row.digest})
    if not rows:
        _result(results, "Not measured", dict(found for block in blocks for found in sheet.section(block).missing))
    told = [f"{rule.title} {rule.state.words.capitalize()}: {rule.reason}." for rule in rules]
    _texts(
        parent,
        Interpretation=_sentences(*told) or "No rule of the policy is about these figures, or nothing was measured.",
        TestType="Retrospective, internal, by patient" + (", on synthetic data" if sheet.verdict.synthetic else ""),
        TestingDataDescription=_facts(sheet, Block.DATA),
        ValidationProcessAndJustification=f"95 % intervals that count patients, held against the policy {sheet.verdict.policy.name}.",
    )


def _result(parent: ET.Element, label: str, value: object) -> None:
    result = _child(parent, "MetricResult")
    _texts(result, Label=label, ValueJson=json.dumps(value, ensure_ascii=False))


def _summary(sheet: Sheet) -> str:
    return _sentences(*sheet.alarms, *sheet.banners, sheet.about.text("summary", ""), sheet.headline)


def _facts(sheet: Sheet, block: Block) -> str:
    facts = [f"{name}: {value}." for name, value in sheet.section(block).facts]
    return _sentences(*facts) or "Not measured."


def _bibliography(sheet: Sheet) -> str:
    named = dict.fromkeys(one.evidence.method.reference for one in sheet.evidence)
    return "; ".join(filter(None, named)) or "None."


def _sentences(*texts: str) -> str:
    return " ".join(text for text in texts if text)


def _child(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_SPACE}}}{name}")


def _texts(parent: ET.Element, **texts: str) -> None:
    """Add one child a text, in this order; characters that XML has no place for become U+FFFD."""
    for name, text in texts.items():
        _child(parent, name).text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
