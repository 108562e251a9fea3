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
def test_the_showcase_runs_and_its_second_run_is_reused(tmp_path: Path) -> None:
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
    assert "5 reused" in again
