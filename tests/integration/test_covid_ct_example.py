"""The showcase pipeline, small, through the command line a person types."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assay.trust.charts.svg import embedded

PIPELINE = Path(__file__).parents[2] / "examples" / "01_covid_ct" / "covid_ct.pipeline.yaml"


QUICK = {
    "use: explain/choose": "methods: [occlusion], tried: 2, pictures: 2, few: 2, compare: false",
    "use: robustness/adversarial": "most_images: 6, steps: 2, queries: 5, samples: 20",
    "use: robustness/acquisition-shifts": "shifts: [lower dose], severities: [1]",
    "use: evaluate/shortcut-audit": "draws: 100",
}
"""Settings under which the costly steps show that they are wired, and nothing else; the full ones run as an example."""


def small_showcase(folder: Path) -> Path:
    """Write the showcase with these settings."""
    text = PIPELINE.read_text(encoding="utf-8")
    for use, settings in QUICK.items():
        head, found, tail = text.partition(use)
        assert found
        text = head + found + tail.replace("with: {seed", f"with: {{{settings}, seed", 1)
    file = folder / PIPELINE.name
    file.write_text(text, encoding="utf-8")
    return file


def assay(folder: Path, *words: str) -> str:
    command = [str(Path(sys.executable).with_name("assay")), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(folder: Path, artifact: str) -> str:
    assay(folder, "artifacts", "get", "last", artifact, f"{artifact}.json")
    return (folder / f"{artifact}.json").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_showcase_runs_and_its_second_run_is_reused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    small = ("run", str(small_showcase(tmp_path)), "-p", "patients=40", "-p", "epochs=2")
    assay(tmp_path, *small)
    assay(tmp_path, "artifacts", "get", "last", "evaluate.metrics", "metrics.json")
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["synthetic"] is True
    assert metrics["data"]["patients"] == 10
    assert metrics["figures"]["auroc"]["low"] < metrics["figures"]["auroc"]["high"]
    assay(tmp_path, "artifacts", "get", "last", "evaluate.report", "report.html")
    assert "Synthetic data: no patient stands behind them" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assay(tmp_path, "artifacts", "get", "last", "evaluate.roc", "roc.svg")
    assert embedded((tmp_path / "roc.svg").read_text(encoding="utf-8"))
    again = assay(tmp_path, *small)
    assert "17 reused" in again  # a verdict is dated: judge and report run again; nothing is published
    control = json.loads(read(tmp_path, "control.evidence"))
    assert {"sex": "M"} in [said["on"] for said in control["statements"] if said["id"] == "fairness.tpr_difference"]
    assay(tmp_path, "artifacts", "get", "last", "judge.verdict", "verdict.json")
    explained = assay(tmp_path, "verdict", "explain", "verdict.json")
    assert "the model must not be published" in explained  # ten patients show nothing
    assert "Signed by a development key" in explained
    assay(tmp_path, "artifacts", "get", "last", "report.pdf", "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
