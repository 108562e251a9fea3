"""What Tab offers, asked for in the way the shell asks."""

from pathlib import Path

import pytest

PIPELINE = """assay: 1
name: p
params:
  patients: {type: int, default: 20, help: How many.}
steps:
  scans: {use: input/ct-phantom, with: {patients: $params.patients}}
  split: {use: transform/split-by-patient, in: {images: scans.images}}
"""


@pytest.fixture
def tab(assay, monkeypatch):
    def press(line):
        words = line.split(" ")
        monkeypatch.setenv("_ASSAY_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        result = assay()
        assert (result.status, result.err) == (0, "")
        return result.out.split()

    return press


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("assay re", ["resume"]),
        ("assay components s", ["search", "show"]),
        ("assay components show input/ct", ["input/ct-phantom"]),
        ("assay init --template mi", ["minimal"]),
        ("assay check p", ["p.yaml"]),
        ("assay run p.yaml --to s", ["scans", "split"]),
        ("assay run p.yaml --to sp", ["split"]),
        ("assay run p.yaml --from scans --only ", ["scans", "split"]),
        ("assay run p.yaml -p ", ["patients="]),
        ("assay run gone.yaml --to ", []),
        ("assay show ", []),
        ("assay show last s", []),
    ],
)
def test_tab(tab, line, offered):
    Path("p.yaml").write_text(PIPELINE)
    Path("data.csv").write_text("")
    assert tab(line) == offered
    assert not Path(".assay").exists()


def test_a_broken_file_offers_nothing(tab):
    Path("p.yaml").write_text("steps: [")
    assert tab("assay run p.yaml --to ") == []
