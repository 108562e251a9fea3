"""The CHAI card: every element in its place, nothing empty. Validity against the published schema is tests/unit/trust/report/test_chai_schema.py."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from assay.trust.report.chai import chai_card

MC = "{https://mc.chai.org/v0.2/schema.xsd}"


def test_every_part_is_there_in_order_and_no_text_is_empty(make):
    root = ET.fromstring(chai_card(make()))
    assert [child.tag.removeprefix(MC) for child in root] == [
        "BasicInfo", "ReleaseInfo", "ModelSummary", "UsesAndDirections", "Warnings", "TrustIngredients", "KeyMetrics", "Resources", "Bibliography",
    ]  # fmt: skip
    assert all((element.text or "").strip() for element in root.iter() if not len(element))


def test_results_are_figures_with_intervals_or_say_why_not(make):
    root = ET.fromstring(chai_card(make()))
    results = root.find(f"{MC}KeyMetrics/{MC}UsefulnessUsabilityEfficacy/{MC}Results")
    first = json.loads(results[0].find(f"{MC}ValueJson").text)
    assert first["interval"] == "0.88 to 0.97"
    safety = root.find(f"{MC}KeyMetrics/{MC}SafetyReliability/{MC}Results")
    assert safety[0].find(f"{MC}Label").text == "Not measured"


def test_warnings_say_first_what_must_not_be_overlooked(make):
    root = ET.fromstring(chai_card(make(overridden=True)))
    told = root.find(f"{MC}Warnings/{MC}KnownRisksAndLimitations").text
    assert told.startswith("OVERRIDDEN by Dr. A")
    assert "Synthetic data" in told


def test_characters_that_xml_has_no_place_for_do_not_break_it(make):
    assert ET.fromstring(chai_card(make(developer="a\x00b\x1fc"))) is not None
