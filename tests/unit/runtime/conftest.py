"""A step's folder made by hand: the execution contract as a fixture."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from assay.runtime.execute import execute
from assay.runtime.results import RawOutput


class Recorder:
    """A channel that keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send(self, message: Mapping[str, Any], /) -> None:
        self.messages.append(dict(message))


class StepFolder:
    """Writes a component and its ``step.json``, and runs it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.folder = folder / "step"
        self.channel = Recorder()
        (self.folder / "inputs").mkdir(parents=True)
        (self.folder / "outputs").mkdir()

    def write(self, source: str, name: str = "steps.py") -> Path:
        file = self.root / name
        file.write_text(textwrap.dedent(source))
        return file

    def run(
        self,
        source: str,
        outputs: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, RawOutput]:
        """``outputs`` maps a port to its type: ``Images``, ``list[File]``, ``File?`` for an optional one."""
        order = {
            "format": 1,
            "run": "r",
            "step": "s",
            "item": None,
            "attempt": 1,
            "pipeline": "p",
            "component": "test/main",
            "implementation": {
                "kind": "function",
                "module": "",
                "file": str(self.write(source)),
                "function": "main",
            },
            "params": dict(params or {}),
            "inputs": dict(inputs or {}),
            "outputs": {port: _port(text) for port, text in (outputs or {}).items()},
            "threads": 1,
            **more,
        }
        (self.folder / "step.json").write_text(json.dumps(order))
        return execute(self.folder, self.channel)


def _port(text: str) -> dict[str, object]:
    kind = text.removesuffix("?")
    many = kind.startswith("list[")
    return {"type": kind[5:-1] if many else kind, "many": many, "optional": text.endswith("?")}


@pytest.fixture
def step_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StepFolder:
    import sys

    monkeypatch.setattr(sys, "path", [*sys.path])
    return StepFolder(tmp_path)


@pytest.fixture
def run(step_folder: StepFolder) -> Callable[..., dict[str, RawOutput]]:
    return step_folder.run
