"""What ``assay component run`` is asked: words to paths, values and secrets for one component, all faults at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assay.errors import AssayError, Fault, InvalidDocument, did_you_mean
from assay.ids import ParamName, PortName
from assay.model.artifacts import FACTS, Json
from assay.model.component import ComponentSpec, PortSpec
from assay.model.params import parse_text

_SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,126}")


@dataclass(frozen=True, slots=True)
class Request:
    """The words as typed.

    Attributes:
        out: Where outputs go; ``None`` for a new folder here.
        memory: Limit such as ``4Gi``; ``None`` for the component's own.
    """

    inputs: Sequence[str]
    params: Sequence[str]
    secrets: Sequence[str]
    out: Path | None = None
    memory: str | None = None
    cache: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What a component is run with."""

    inputs: Mapping[PortName, Sequence[Path]] = field(default_factory=dict)
    params: Mapping[ParamName, Json] = field(default_factory=dict)
    secrets: Mapping[ParamName, str] = field(default_factory=dict)


def parse_request(spec: ComponentSpec, request: Request) -> Given:
    """Return what the words give ``spec``.

    Raises:
        InvalidDocument: With a fault for every word that is wrong and every port, parameter and secret that is missing.
    """
    reader = _Reader(spec)
    given = Given(reader.inputs(request.inputs), reader.params(request.params), reader.secrets(request.secrets))
    reader.require()
    if reader.faults:
        raise InvalidDocument(reader.faults, what="command line")
    return given


def parse_params(spec: ComponentSpec, words: Sequence[str]) -> tuple[dict[ParamName, Json], list[Fault]]:
    """Return what ``-p NAME=VALUE`` words give ``spec``, and a fault for every one that is wrong."""
    reader = _Reader(spec)
    return reader.params(words), reader.faults


class _Reader:
    def __init__(self, spec: ComponentSpec) -> None:
        self._spec = spec
        self._named: set[str] = set()
        self.faults: list[Fault] = []

    def inputs(self, words: Sequence[str]) -> dict[PortName, list[Path]]:
        found: dict[PortName, list[Path]] = {}
        for name, text in self._pairs(words, "--input", "PORT=PATH"):
            port = self._spec.inputs.get(PortName(name))
            if port is None:
                self._unknown("input port", "unknown-input", name, self._spec.inputs)
            elif name in found and not port.type.many:
                self._fault("several-sources", f"--input {name}: the port takes one {port.type}", name)
            elif self._fits(port, Path(text).expanduser()):
                found.setdefault(port.name, []).append(Path(text).expanduser().absolute())
        return found

    def params(self, words: Sequence[str]) -> dict[ParamName, Json]:
        found: dict[ParamName, Json] = {}
        for name, text in self._pairs(words, "-p", "NAME=VALUE"):
            param = self._spec.params.get(ParamName(name))
            if param is None:
                self._unknown("parameter", "unknown-parameter", name, self._spec.params)
            elif name in found:
                self._fault("bad-param", f"parameter {name!r} is given twice", name)
            elif param.secret:
                hint = f"--secret {name}=NAME, with its value in ASSAY_SECRET_NAME"
                self._fault("secret-in-command", f"-p {name}: a secret is given by its name", name, hint)
            else:
                try:
                    found[param.name] = parse_text(param, text)
                except AssayError as error:
                    self._fault(error.code, f"-p {name}: {error.message}", name, error.hint)
        return found

    def secrets(self, words: Sequence[str]) -> dict[ParamName, str]:
        known = [name for name, param in self._spec.params.items() if param.secret]
        found: dict[ParamName, str] = {}
        for name, text in self._pairs(words, "--secret", "PARAM=NAME"):
            if name in known and _SECRET_NAME.fullmatch(text):
                found[ParamName(name)] = text
            elif name in known:  # what is no name may be the value: it is not repeated
                hint = f"--secret {name}=NAME, with its value in ASSAY_SECRET_NAME"
                self._fault(
                    "bad-secret-name", f"--secret {name}: a secret's name is capital letters, digits and _", name, hint
                )
            else:
                self._unknown("secret parameter", "unknown-secret", name, known)
        return found

    def require(self) -> None:
        """Note every port, parameter and secret that is needed and that no word names."""
        spec = self._spec
        for port in spec.inputs.values():
            if not port.optional and port.name not in self._named:
                hint = f"--input {port.name}=PATH"
                self._fault("missing-input", f"input port {port.name!r} ({port.type}) has no file", port.name, hint)
        for param in spec.params.values():
            if param.required and param.name not in self._named:
                hint = f"--secret {param.name}=NAME" if param.secret else f"-p {param.name}=…"
                self._fault("missing-parameter", f"parameter {param.name!r} needs a value", param.name, hint)

    def _pairs(self, words: Sequence[str], option: str, form: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for word in words:
            name, equals, text = word.partition("=")
            if name and equals:
                self._named.add(name)
                found.append((name, text))
            else:
                self._fault("usage", f"{option} {word} is not {form}", word)
        return found

    def _fits(self, port: PortSpec, path: Path) -> bool:
        folder = FACTS[port.type.artifact].folder
        if not path.exists():
            near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
            self._fault(
                "source", f"--input {port.name}: {path} does not exist", str(path), did_you_mean(path.name, near)
            )
            return False
        if path.is_dir() is not folder:
            message = f"--input {port.name}: {path} is a {'folder' if path.is_dir() else 'file'}"
            self._fault("source", message, str(path), f"{port.type.artifact} is a {'folder' if folder else 'file'}")
            return False
        return True

    def _unknown(
        self,
        what: str,
        code: str,
        name: str,
        known: Sequence[str] | Mapping[PortName, object] | Mapping[ParamName, object],
    ) -> None:
        names = [str(one) for one in known]
        hint = did_you_mean(name, names) or (f"it has {', '.join(names)}" if names else f"it has no {what}")
        self._fault(code, f"{self._spec.name} has no {what} {name!r}", name, hint)

    def _fault(self, code: str, message: str, culprit: str, hint: str = "") -> None:
        self.faults.append(Fault(code, message, culprit, hint=hint))
