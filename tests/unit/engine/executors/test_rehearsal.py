"""The play that the server gives before it forks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from assay.engine.executors.forkserver import rehearsal


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(rehearsal, "_STAGES", str(tmp_path))
    built = rehearsal.build_stage()
    assert built == f"{tmp_path}/assay-{os.getuid()}"
    return built


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    plays: list[str] = []
    monkeypatch.setattr(rehearsal, "play", plays.append)
    return plays


def test_a_whole_step_is_played_and_nothing_stays_behind(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = []
    conclude = rehearsal.component.conclude
    monkeypatch.setattr(rehearsal.component, "conclude", lambda *said: outcomes.append(said[2]) or conclude(*said))
    modules, path, here = set(sys.modules), list(sys.path), Path.cwd()
    rehearsal.rehearse()
    assert {outcome["kind"] for outcome in outcomes} == {"done"}
    assert all(list(outcome["outputs"]) == ["file"] for outcome in outcomes)
    assert {name for name in set(sys.modules) - modules if name.startswith("assay_file")} == set()
    assert (sys.path, Path.cwd()) == (path, here)
    assert list(Path(stage, "outputs").iterdir()) == []
    assert [entry for entry in Path(stage, "objects").rglob("*") if entry.is_file()] == []


def test_one_at_a_time(stage: str, played: list[str]) -> None:
    with rehearsal._alone(stage):
        rehearsal.rehearse()
    assert played == []
    rehearsal.rehearse()
    assert played == [stage] * rehearsal._TIMES


def test_a_stage_that_others_may_enter_is_not_used(stage: str, played: list[str]) -> None:
    Path(stage).chmod(0o755)
    assert rehearsal.build_stage() == ""
    rehearsal.rehearse()
    assert played == []


def test_no_stage_where_none_can_be_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rehearsal, "_STAGES", str(tmp_path / "nowhere"))
    assert rehearsal.build_stage() == ""
