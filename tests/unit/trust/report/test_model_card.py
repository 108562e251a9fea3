"""The model card is one that the Hub's own library reads, and says what the report says."""

from __future__ import annotations

import re

from huggingface_hub import ModelCard

from assay.trust.report.model_card import model_card


def test_the_hub_reads_the_card_with_its_results(make):
    card = ModelCard(model_card(make(licence="Apache-2.0", intended_use="Research only.")))
    assert card.data.license == "apache-2.0"
    assert card.data.library_name == "onnx"
    assert card.data.pipeline_tag == "image-classification"
    assert ModelCard(model_card(make(task="tabular-classification"))).data.pipeline_tag == "tabular-classification"
    assert "verdict-pass" in card.data.tags
    assert "synthetic-data" in card.data.tags
    results = {result.metric_type: result for result in card.data.eval_results}
    assert results["roc_auc"].metric_value == 0.93
    assert results["roc_auc"].metric_args == {"low": 0.88, "high": 0.97, "n": 120, "evidence": "e" * 64}
    assert results["recall"].metric_value == 0.95


def test_no_name_becomes_markup(make):
    text = model_card(make(overridden=True))
    body = ModelCard(text).text
    assert "<img" not in body
    assert not re.search(r"(?<!\\)\]\(javascript", body)
    assert "> **OVERRIDDEN by Dr. A" in text
    assert "verdict-overridden" in text
    rows = [line for line in text.splitlines() if line.startswith("| ") and "onerror" in line]
    assert rows
    assert all(line.replace("\\|", "").count("|") == 9 for line in rows)


def test_every_block_is_in_the_card(make):
    text = model_card(make())
    assert text.count("\n## ") == 14
    assert "no component of this pipeline wrote evidence about it" in text
