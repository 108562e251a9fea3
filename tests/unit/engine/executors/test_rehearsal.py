"""The play that a waiting child gives."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from assay.engine.executors.forkserver import component, rehearsal, step


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(rehearsal, "_STAGES", str(tmp_path))
    built = rehearsal.build_stage()
    assert built == f"{tmp_path}/assay-{os.getuid()}"
    return built


def test_a_whole_step_is_played_and_nothing_stays_behind(stage: str, tmp_path: Path) -> None:
    outcomes = []
    modules, path = set(sys.modules), list(sys.path)
    line = component.Line(os.open(os.devnull, os.O_WRONLY))
    rehearsal.rehearse(stage, lambda: outcomes.append(step.attempt(stage, str(tmp_path / "store"), line)))
    assert outcomes[0]["kind"] == "done"
    assert list(outcomes[0]["outputs"]) == ["file"]
    assert {name for name in set(sys.modules) - modules if name.startswith("assay_file")} == set()
    assert sys.path == path
    assert list(Path(stage, "outputs").iterdir()) == []


def test_one_at_a_time(stage: str) -> None:
    played = []
    rehearsal.rehearse(
        stage, lambda: rehearsal.rehearse(stage, lambda: played.append("inner")) or played.append("outer")
    )
    assert played == ["outer"]


def test_a_stage_that_others_may_enter_is_not_used(stage: str) -> None:
    Path(stage).chmod(0o755)
    assert rehearsal.build_stage() == ""


def test_no_stage_where_none_can_be_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rehearsal, "_STAGES", str(tmp_path / "nowhere"))
    assert rehearsal.build_stage() == ""
