"""What a report says, before it is drawn: the verdict first, all fourteen blocks, and no silence where nothing was measured."""

from __future__ import annotations

import pytest

from assay.errors import ComponentError
from assay.trust.evidence.kinds import Block
from assay.trust.report.about import About
from assay.trust.report.sheet import TITLES


def test_every_block_is_there_in_its_order_and_those_without_evidence_say_so(make):
    sheet = make()
    assert [section.block for section in sheet.sections] == list(Block)
    assert len(sheet.sections) == 14
    assert set(TITLES) == set(Block)
    for block in (Block.ROBUSTNESS, Block.PRIVACY, Block.SHIFT_DETECTION, Block.UNCERTAINTY, Block.UTILITY):
        section = sheet.section(block)
        assert section.summary == "not measured"
        assert section.missing == [(section.title, "no component of this pipeline wrote evidence about it")]


def test_a_figure_has_interval_size_threshold_state_and_digest(make):
    auroc, sensitivity = make().section(Block.DISCRIMINATION).rows
    assert (auroc.figure, auroc.on, auroc.value, auroc.interval, auroc.n) == (
        "AUROC",
        "everybody",
        "0.93",
        "0.88 to 0.97",
        "120",
    )
    assert (auroc.asked, auroc.state) == ("low >= 0.6 (better-than-chance, required)", "pass")
    assert auroc.digest == "e" * 12
    assert (sensitivity.asked, sensitivity.state) == ("-", "told only")


def test_the_components_own_criterion_counts_where_the_policy_asks_nothing(make):
    (row,) = make(policy="clinical-strict").section(Block.CALIBRATION).rows
    assert row.asked == "high <= 0.1 (calibrated, required)"
    sheet = make()
    (row,) = sheet.section(Block.CALIBRATION).rows
    assert row.asked == "high <= 0.15 (calibrated, advisory)"


def test_what_was_not_measured_stands_with_its_reason(make):
    assert ("FPR for sex F", "no negatives of known sex") in make().section(Block.SUBGROUPS).missing


def test_the_failures_show_the_worst_cells_and_the_hardest_cases(make):
    worst, hardest = make().section(Block.FAILURES).tables
    assert worst.rows[0][2:] == [0.7, 0.4, 0.9, 12]
    assert hardest.rows[0][1] == "missed"
    assert make().section(Block.FAILURES).summary == "2 tables, no figure was held against a bound"


def test_alarms_and_banners(make):
    sheet = make(overridden=True)
    assert sheet.alarms == ["OVERRIDDEN by Dr. A on 2026-11-26: For a trial."]
    assert any("Synthetic data" in banner for banner in sheet.banners)
    assert any("development key" in banner for banner in sheet.banners)
    quiet = make(named=True, synthetic=False)
    assert (quiet.alarms, quiet.banners) == ([], [])
    assert make(named=True, synthetic=None).banners == ["The evidence does not say whether the data are synthetic."]


def test_lineage_names_every_digest(make):
    facts = dict(make().section(Block.LINEAGE).facts)
    assert facts["Model (sha256)"] == "a" * 64
    assert facts["Test data (sha256)"] == "d" * 64
    assert "e" * 64 in facts["Evidence: How well"]
    assert facts["training, seed"] == "7"


def test_declared_facts_are_shown_and_unknown_ones_refused(make):
    sheet = make(intended_use="Research only.", oversight="A radiologist decides.")
    assert ("Intended use and workflow", "Research only.") in sheet.section(Block.INTENDED_USE).facts
    assert ("Human oversight", "A radiologist decides.") in sheet.section(Block.MONITORING).facts
    with pytest.raises(ComponentError, match="nothing is declared as 'intended_us', 'x'") as caught:
        About({"intended_us": "a", "x": "b"})
    assert caught.value.hint == "did you mean 'intended_use'?"
