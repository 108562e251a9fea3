"""How parameters, inputs and places for outputs reach a notebook or script: by its environment, or by assignments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assay.runtime.artifacts import CLASSES, Folder
from assay.runtime.failures import StepFailure
from assay.runtime.loading import SECRET_PREFIX
from assay.runtime.words import COMMAND_LINE, Words, text_of


class Values:
    """What one step hands to its notebook or script.

    Attributes:
        environment: Variable to its text; ``None`` for one that must not be set.
        assignments: Python variable to the source of its value.
        arguments: What stands on the command line.
    """

    def __init__(self, folder: Path, order: Mapping[str, Any]) -> None:
        self.environment: dict[str, str | None] = {}
        self.assignments: dict[str, str] = {}
        self._made: list[Path] = []
        self._words = Words()
        for variable in order["implementation"]["variables"]:
            self._add(variable, folder, order)
        self.arguments = self._words.all()

    def _add(self, variable: Mapping[str, Any], folder: Path, order: Mapping[str, Any]) -> None:
        port, name, assign = variable["port"], variable["name"], variable["form"] == "assign"
        secret = f"{SECRET_PREFIX}{port.upper()}"
        match variable["role"]:
            case "param" if port not in order["params"] and secret in os.environ:
                if assign:
                    self.assignments[name] = f"__import__('os').environ[{secret!r}]"
                elif variable["form"] in COMMAND_LINE:
                    self._words.add(variable, os.environ[secret])
                else:
                    self.environment[name] = os.environ[secret]
                return
            case "param":
                if port not in order["params"]:
                    return
                value = order["params"][port]
            case "input":
                value = _inputs(folder, order["inputs"].get(port))
            case _:
                value = self._output(folder, port, variable["suffix"], order["outputs"][port])
        if assign:
            self.assignments[name] = repr(value)
        elif variable["form"] in COMMAND_LINE:
            self._words.add(variable, value)
        else:
            self.environment[name] = text_of(value, variable)

    def _output(self, folder: Path, port: str, suffix: str, facts: Mapping[str, Any]) -> str:
        place = folder / "outputs" / f"{port}{suffix}"
        if facts.get("many") or (facts["type"] in CLASSES and issubclass(CLASSES[facts["type"]], Folder)):
            place.mkdir(exist_ok=True)
            self._made.append(place)
        return str(place)

    def apply(self) -> None:
        """Set the variables of this process."""
        for name, text in self.environment.items():
            if text is None:
                os.environ.pop(name, None)
                continue
            try:
                os.environ[name] = text
            except (ValueError, UnicodeEncodeError) as error:
                message = f"the value of {name!r} cannot stand in the environment: {error}"
                raise StepFailure(
                    "component", message, hint="leave out NUL and other characters that are no text"
                ) from error

    def remove_empty(self) -> None:
        """Remove the folders for outputs that nothing was written to: an output that is not there says more."""
        for place in self._made:
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def _inputs(folder: Path, facts: Mapping[str, Any] | None) -> str | list[str] | None:
    if facts is None:
        return None
    paths = [str(folder / path) for path in facts["paths"]]
    return paths if facts["many"] else paths[0]


def source_lines(assignments: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the cell that sets the parameters."""
    yield "# Parameters of this run"
    yield from (f"{name} = {text}" for name, text in assignments.items())


def cut_traceback(error: BaseException, files: Sequence[str]) -> None:
    """Leave out the frames before the first that is of one of ``files`` (beginnings of names)."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(tuple(files)):
            error.__traceback__ = trace
            return
        trace = trace.tb_next
