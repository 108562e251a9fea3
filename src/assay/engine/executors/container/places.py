"""Where a command finds its inputs and leaves its outputs, inside and outside the container."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from assay.model.artifacts import FACTS, ArtifactType, Json
from assay.model.command import Role, Values, text_of_word
from assay.model.component import OutputPlace
from assay.runtime.failures import StepFailure

_INPUTS, _OUTPUTS = "/assay/inputs", "/assay/outputs"

_LONGEST_WORD = 100_000
"""Bytes; Linux takes 131,071, with what stands around it (``MAX_ARG_STRLEN``)."""


class Places:
    """The folders of one step of a command.

    Args:
        folder: The step's, outside.
        described: Its order, as in ``step.json``.
        outputs: Where the component says that it leaves them.
        temporary: Name of the folder that is ``/tmp`` inside.
        contents: Inputs of which the command wants the text, not the path.

    Raises:
        StepFailure: An output or input that a command cannot have so.
    """

    WORK = "/assay/work"

    def __init__(
        self,
        folder: Path,
        described: Mapping[str, Any],
        outputs: tuple[OutputPlace, ...],
        temporary: str,
        contents: Collection[str] = (),
    ) -> None:
        self._folder = folder
        self._declared: Mapping[str, Mapping[str, Any]] = described["outputs"]
        self._places = {str(place.port): place for place in outputs}
        self._roots = {
            _OUTPUTS: f"{folder}/outputs",
            self.WORK: f"{folder}/scratch",
            "/tmp": f"{folder}/{temporary}",  # noqa: S108  (that of the container)
        }
        self.inputs = [
            (f"{folder}/{path}", f"/assay/{path}") for facts in described["inputs"].values() for path in facts["paths"]
        ]
        self._values: dict[tuple[Role, str], Json] = {
            **{(Role.PARAM, name): value for name, value in described["params"].items()},
            **{
                (Role.INPUT, port): [f"/assay/{path}" for path in facts["paths"]]
                if facts["many"]
                else f"/assay/{facts['paths'][0]}"
                for port, facts in described["inputs"].items()
            },
        }
        self._values |= {
            (Role.CONTENT, port): _content(port, folder / described["inputs"][port]["paths"][0])
            for port in contents
            if port in described["inputs"]
        }
        for index, port in enumerate(self._declared):
            self._prepare(index, port)

    def values(self) -> Values:
        """Return what stands for each placeholder: values of parameters, and paths inside the container."""
        return self._values

    def shared(self) -> Iterator[tuple[str, str]]:
        """Yield the folders that the container may write to: outside, inside."""
        for inside, outside in self._roots.items():
            yield outside, inside

    def stdout(self) -> Path | None:
        """Return the file that takes what the command prints, when that is an output."""
        for port in self._declared:
            if self._of(port).stdout:
                return self._home(port)
        return None

    def gather(self) -> None:
        """Bring every output under its port's name in ``outputs``; raises ``StepFailure`` for what cannot be taken."""
        for port in self._declared:
            place = self._of(port)
            if place.path:
                self._move(Path(self._outside(place.path)), self._home(port))
            elif place.glob is not None:
                self._take_matches(port, text_of_word(place.glob, self._values) or "")
            home = self._home(port)
            if self._is_folder(port) and home.is_dir() and not any(home.iterdir()):
                home.rmdir()
        refuse_odd(self._folder / "outputs")

    def _of(self, port: str) -> OutputPlace:
        from assay.ids import PortName  # a name for type checkers

        return self._places.get(port, OutputPlace(PortName(port)))

    def _is_folder(self, port: str) -> bool:
        kind = self._declared[port]["type"]
        return bool(self._declared[port].get("many")) or (kind != "Value" and FACTS[ArtifactType(kind)].folder)

    def _home(self, port: str) -> Path:
        suffix = self._of(port).suffix or (".json" if self._declared[port]["type"] == "Value" else "")
        return self._folder / "outputs" / (port if self._is_folder(port) else f"{port}{suffix}")

    def _prepare(self, index: int, port: str) -> None:
        place, home = self._of(port), self._home(port)
        if place.path:
            parent = str(PurePosixPath(place.path).parent)
            if parent == "/":
                message = f"output {port!r} is written to {place.path}: the root of a container cannot be shared"
                raise StepFailure("component", message, hint="have it written to a folder of its own")
            if not any(PurePosixPath(parent).is_relative_to(root) for root in self._roots):
                self._roots[parent] = f"{self._folder}/shared{index}"
            made = place.path if self._is_folder(port) else parent
            Path(self._outside(made)).mkdir(parents=True, exist_ok=True)
            self._values[Role.OUTPUT, port] = place.path
        elif place.glob is None and not place.stdout:
            if self._is_folder(port):
                home.mkdir(exist_ok=True)
            self._values[Role.OUTPUT, port] = f"{_OUTPUTS}/{home.name}"

    def _outside(self, inside: str) -> str:
        root = max((root for root in self._roots if PurePosixPath(inside).is_relative_to(root)), key=len)
        return os.path.join(self._roots[root], str(PurePosixPath(inside).relative_to(root)))

    def _take_matches(self, port: str, pattern: str) -> None:
        root = self._folder / "scratch"
        found = sorted(Path(root, name) for name in glob.glob(pattern, root_dir=root) if ".." not in Path(name).parts)
        if self._declared[port].get("many"):
            for index, path in enumerate(found):
                self._move(path, self._home(port) / f"{index:04d}{path.suffix}")
        elif len(found) > 1:
            names = ", ".join(path.name for path in found[:5])
            raise StepFailure("bad-output", f"output {port!r}: {len(found)} files match {pattern!r}: {names}")
        elif found:
            home = self._home(port)
            self._move(
                found[0], home if home.suffix or found[0].is_dir() else home.with_name(f"{port}{found[0].suffix}")
            )

    def _move(self, source: Path, target: Path) -> None:
        if os.path.lexists(source) and source != target:
            # A folder on the way may be a link that the command made: followed here, it would lead anywhere on this machine.
            if not Path(os.path.realpath(source.parent)).is_relative_to(os.path.realpath(self._folder)):
                raise StepFailure(
                    "bad-output", f"the way to {source.name} leads through a link", hint="write it to a folder"
                )
            refuse_odd(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(source, target)


def _content(port: str, path: Path) -> str:
    """Return the text of an input that is a word of the command; raises ``StepFailure`` when it cannot be one."""
    hint = "have the component read the file: in KFP 'inputPath' in place of 'inputValue'"
    if path.is_dir():
        raise StepFailure(
            "bad-input", f"input {port!r} is a folder, and the command wants its content as a word", hint=hint
        )
    with path.open("rb") as file:
        content = file.read(_LONGEST_WORD + 1)
    if len(content) > _LONGEST_WORD:
        message = f"input {port!r} has more than {_LONGEST_WORD} bytes, and the command wants its content as a word"
        raise StepFailure("bad-input", message, hint=hint)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise StepFailure("bad-input", f"input {port!r} is no text in UTF-8: {error.reason}", hint=hint) from error
    if "\0" in text:
        raise StepFailure(
            "bad-input", f"input {port!r} has a zero byte, which no word of a command can hold", hint=hint
        )
    return text


def refuse_odd(place: Path) -> None:
    """Raise ``StepFailure`` for links and for what is neither file nor folder: a link would be followed outside the container."""
    todo = [str(place)]
    while todo:
        path = todo.pop()
        mode = os.lstat(path).st_mode
        if stat.S_ISDIR(mode):
            todo += [f"{path}/{name}" for name in os.listdir(path)]
        elif not stat.S_ISREG(mode):
            what = "a link" if stat.S_ISLNK(mode) else "neither a file nor a folder"
            message = f"among the outputs is {what}: {os.path.relpath(path, place.parent)}"
            raise StepFailure("bad-output", message, hint="write a copy of the file")
