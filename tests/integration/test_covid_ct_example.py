"""The showcase pipeline, small, through the command line a person types."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assay.trust.charts.svg import embedded

PIPELINE = Path(__file__).parents[2] / "examples" / "01_covid_ct" / "covid_ct.pipeline.yaml"


def assay(folder: Path, *words: str) -> str:
    command = [str(Path(sys.executable).with_name("assay")), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_showcase_runs_and_its_second_run_is_reused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    small = ("run", str(PIPELINE), "-p", "patients=40", "-p", "epochs=2")
    assay(tmp_path, *small)
    assay(tmp_path, "artifacts", "get", "last", "evaluate.metrics", "metrics.json")
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["synthetic"] is True
    assert metrics["data"]["patients"] == 10
    assert metrics["figures"]["auroc"]["low"] < metrics["figures"]["auroc"]["high"]
    assay(tmp_path, "artifacts", "get", "last", "evaluate.report", "report.html")
    assert "Synthetic data: no patient was imaged" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assay(tmp_path, "artifacts", "get", "last", "evaluate.roc", "roc.svg")
    assert embedded((tmp_path / "roc.svg").read_text(encoding="utf-8"))
    again = assay(tmp_path, *small)
    assert "7 reused" in again  # a verdict is dated: judge and report run again
    assay(tmp_path, "artifacts", "get", "last", "judge.verdict", "verdict.json")
    explained = assay(tmp_path, "verdict", "explain", "verdict.json")
    assert "the model must not be published" in explained  # ten patients show nothing
    assert "Signed by a development key" in explained
    assay(tmp_path, "artifacts", "get", "last", "report.pdf", "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
