"""What a step is told when uv refuses."""

from __future__ import annotations

from assay.engine.executors.environment.building import refusal


def test_the_words_of_uv_are_bounded_and_keep_both_ends():
    failure = refusal(("a>=1",), "  error: first words\n" + "so on\n" * 5000 + "last words  \n")
    assert failure.code == "environment"
    assert failure.message.startswith("the requirements a>=1 cannot be installed: error: first words\n")
    assert failure.message.endswith("last words")
    assert len(failure.message) < 1600
