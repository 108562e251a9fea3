"""examples/03_tabular_fairness on each of its three tables, small, through the command line a person types."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PIPELINE = Path(__file__).parents[2] / "examples" / "03_tabular_fairness" / "tabular_fairness.pipeline.yaml"

QUICK = {
    "most: 60, backgrounds: 50": "most: 6, backgrounds: 10",
    "severities: [1, 2, 4], draws: 200": "severities: [1], draws: 100",
    "{draws: 200": "{draws: 100",
}
"""Settings under which the costly steps show that they are wired; docs/guides/tables.md has the figures of the full ones."""


def small_audit(folder: Path) -> Path:
    """Write the example with these settings."""
    text = PIPELINE.read_text(encoding="utf-8")
    for full, quick in QUICK.items():
        assert text.count(full) == 1
        text = text.replace(full, quick)
    file = folder / PIPELINE.name
    file.write_text(text, encoding="utf-8")
    return file


def assay(folder: Path, *words: str) -> str:
    command = [str(Path(sys.executable).with_name("assay")), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("name", "groups", "positive"),
    [
        ("adult", ["sex", "age_group", "race"], ">50K"),
        ("compas", ["sex", "age_group", "race"], "rearrested"),
        ("german-credit", ["sex", "age_group"], "bad"),
    ],
)
def test_each_public_table_is_fitted_audited_and_judged(tmp_path: Path, monkeypatch, name, groups, positive) -> None:
    monkeypatch.setenv("ASSAY_KEYS", str(tmp_path / "keys"))
    told = ("-p", f"name={name}", "-p", "rows=600", "-p", f"by={json.dumps(groups)}")
    assay(tmp_path, "run", str(small_audit(tmp_path)), *told)
    assay(tmp_path, "artifacts", "get", "last", "fair.evidence", "fair.json")
    fair = json.loads((tmp_path / "fair.json").read_text(encoding="utf-8"))
    assert fair["positive"] == positive
    audited = {name for one in fair["statements"] for name in one["on"]}
    assert set(groups) <= audited
    sex = [one for one in fair["statements"] if one["id"] == "fairness.tpr" and list(one["on"]) == ["sex"]]
    assert len(sex) == 2
    assert all(one["estimate"]["low"] < one["estimate"]["high"] for one in sex)
    judged = assay(tmp_path, "logs", "last", "judge")
    for rule in ("better-than-chance", "calibrated", "no-shortcut", "fair-opportunity", "explanation-beats-controls"):
        assert rule in judged
