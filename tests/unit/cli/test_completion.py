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


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("assay component n", ["new"]),
        ("assay component check st", ["steps.py"]),
        ("assay component check sub/", ["sub/more.py"]),
        ("assay component run input/ct", ["input/ct-phantom"]),
        ("assay component test transform/predict-", ["transform/predict-table"]),
        ("assay component docs evaluate/cl", ["evaluate/classification"]),
        ("assay component run steps.py -p ", ["limit="]),
        ("assay component run gone.py -p ", []),
    ],
)
def test_tab_after_component(tab, line, offered):
    Path("sub").mkdir()
    Path("sub/more.py").write_text("")
    Path("steps.py").write_text(
        "from assay import component\n\n\n@component\ndef f(*, limit: int = 1) -> None:\n    pass\n"
    )
    assert tab(line) == offered


def test_a_broken_file_offers_nothing(tab):
    Path("p.yaml").write_text("steps: [")
    assert tab("assay run p.yaml --to ") == []
