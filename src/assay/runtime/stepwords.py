"""How a platform says what a step is given: words behind ``--step``, each followed by a fixed number of others.

No value is ever looked at to find out what it is, so that one may begin with a dash, be empty or hold anything. Parameters come as
JSON; no word may hold a secret.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assay.errors import AssayError, Fault
from assay.model.artifacts import FACTS, Json
from assay.model.component import PortSpec
from assay.runtime.packed import Packed, from_json_text

PARAMS_VARIABLE = "ASSAY_PARAMS"
"""A variable with the parameters as one JSON object; every other way of giving one comes before it."""

OUTPUTS = "outputs"
CWL_RESULT = "cwl.output.json"


class Given:
    """What a packed component is run with.

    Attributes:
        inputs: Port to paths.
        places: Output port to the exact path it is wanted at.
        called: Output port to what the platform calls it, where that differs.
        out: Folder of the outputs that have no place; empty for none.
        cwl: Whether the outputs are told in ``cwl.output.json``.
        replace: Whether what lies there already is replaced.
        faults: All that is wrong with what was said.
    """

    def __init__(self) -> None:
        self.values: dict[str, Json] = {}
        self.params: dict[str, Json] = {}
        self.inputs: dict[str, list[str]] = {}
        self.places: dict[str, str] = {}
        self.called: dict[str, str] = {}
        self.out = ""
        self.cwl = False
        self.replace = False
        self.faults: list[Fault] = []

    def fault(self, code: str, message: str, culprit: str, hint: str = "") -> None:
        """Note what is wrong."""
        self.faults.append(Fault(code, message, culprit, hint=hint))


def read_variable(given: Given) -> None:
    """Take the parameters of the environment."""
    text = os.environ.get(PARAMS_VARIABLE)
    if text is not None:
        given.values.update(_loaded(text, PARAMS_VARIABLE, given))


def read_params_file(given: Given, path: str) -> None:
    """Take the parameters of a file, one JSON object."""
    given.values.update(_loaded(_text(path, given), path, given))


def read_step_words(packed: Packed, words: Sequence[str]) -> Given:
    """Return what the words behind ``--step`` say, completed and checked."""
    given = Given()
    given.replace = True
    read_variable(given)
    reader = _Reader(packed, given)
    rest = list(words)
    while rest:
        word = rest.pop(0)
        arity, take = reader.table.get(word, (0, None))
        if take is None or len(rest) < arity:
            given.fault("usage", f"{word!r} is no word of --step, or its value is missing", word)
            break
        take(*rest[:arity])
        del rest[:arity]
    finish(packed, given)
    return given


def finish(packed: Packed, given: Given) -> None:
    """Complete the parameters, and hold inputs against ports."""
    given.params = packed.complete(given.values, given.faults)
    for name, port in packed.inputs.items():
        if name not in given.inputs and not port.optional:
            given.fault("missing-input", f"input port {name!r} ({port.type}) has no file", name)
        for path in given.inputs.get(name, []):
            _check_input(port, path, given)


class _Reader:
    def __init__(self, packed: Packed, given: Given) -> None:
        self._packed = packed
        self._given = given
        self._inputs: dict[str, str] = {}
        self._outputs: dict[str, str] = {}
        self.table: dict[str, tuple[int, Callable[..., None] | None]] = {
            "--input-called": (2, self._inputs.__setitem__),
            "--output-called": (2, self._call_output),
            "--params": (1, self._params_file),
            "--params-dir": (1, self._params_folder),
            "--executor-input": (1, self._executor_input),
            "--cwl": (1, self._cwl),
            "--inputs": (1, self._inputs_folder),
            "--input": (2, self._input),
            "--output": (2, self._output),
            "--outputs": (1, self._outputs_folder),
        }

    def _call_output(self, legal: str, name: str) -> None:
        """Note that the platform calls an output port ``legal``."""
        self._outputs[legal] = name
        self._given.called[name] = legal

    def _named(self, values: Mapping[str, Json]) -> dict[str, Json]:
        return {self._inputs.get(name, name): value for name, value in values.items()}

    def _params_file(self, path: str) -> None:
        read_params_file(self._given, path)

    def _params_folder(self, path: str) -> None:
        """Take one file a parameter, its value as JSON; one that is not there leaves the default."""
        for name, param in self._packed.params.items():
            file = os.path.join(path, name)
            if not param.secret and os.path.isfile(file):
                try:
                    self._given.values[name] = from_json_text(param, _text(file, self._given))
                except AssayError as error:
                    self._given.faults.append(error.fault())

    def _executor_input(self, text: str) -> None:
        """Take the parameters of Kubeflow's executor input, which holds them as JSON of their own type."""
        found = _loaded(text, "--executor-input", self._given).get("inputs")
        values = found.get("parameterValues", {}) if isinstance(found, dict) else {}
        if isinstance(values, dict):
            self._given.values.update(self._named(values))

    def _cwl(self, path: str) -> None:
        """Take the input object of a CWL tool; what is null there was not given, unless null is a value."""
        self._given.cwl, self._given.out = True, OUTPUTS
        values = self._named(_loaded(_text(path, self._given), path, self._given))
        for name, value in values.items():
            if name in self._packed.inputs and value is not None:
                objects = value if isinstance(value, list) else [value]
                self._given.inputs[name] = [str(one["path"]) for one in objects if isinstance(one, dict)]
            param = self._packed.params.get(name)
            if param is not None and (value is not None or param.nullable or param.default is None):
                json_text = isinstance(value, str) and param.type in ("list", "map")
                try:
                    self._given.values[name] = from_json_text(param, str(value)) if json_text else value
                except AssayError as error:
                    self._given.faults.append(error.fault())

    def _inputs_folder(self, folder: str) -> None:
        """Take for each port the entry of its name, with or without an ending."""
        there = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        for name, port in self._packed.inputs.items():
            found = [entry for entry in there if entry == name] or [e for e in there if e.startswith(f"{name}.")]
            if len(found) > 1:
                self._given.fault("several-sources", f"input port {name!r} is {' and '.join(found)}", name)
            elif found:
                self._given.inputs[name] = _expanded(port, os.path.join(folder, found[0]))

    def _input(self, name: str, path: str) -> None:
        port = self._packed.inputs.get(self._inputs.get(name, name))
        if port is None:
            self._given.fault("unknown-input", f"{self._packed.name} has no input port {name!r}", name)
        elif not (port.optional and not os.path.exists(path)):
            self._given.inputs[port.name] = _expanded(port, path)

    def _output(self, name: str, path: str) -> None:
        name = self._outputs.get(name, name)
        if name in self._packed.outputs:
            self._given.places[name] = path
        else:
            self._given.fault("unknown-output", f"{self._packed.name} has no output port {name!r}", name)

    def _outputs_folder(self, path: str) -> None:
        self._given.out = path


def _expanded(port: PortSpec, path: str) -> list[str]:
    """Return the paths of a port: those inside the folder, in their order, when it takes many."""
    if port.type.many and os.path.isdir(path):
        return [os.path.join(path, entry) for entry in sorted(os.listdir(path))]
    return [path]


def _check_input(port: PortSpec, path: str, given: Given) -> None:
    folder = FACTS[port.type.artifact].folder
    if not os.path.exists(path):
        given.fault("source", f"input port {port.name!r}: {path} does not exist", path)
    elif os.path.isdir(path) is not folder:
        message = f"input port {port.name!r}: {path} is a {'file' if folder else 'folder'}"
        given.fault("source", message, path, f"{port.type.artifact} is a {'folder' if folder else 'file'}")


def _text(path: str, given: Given) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        given.fault("source", f"cannot read {path}: {error}", path)
        return "{}"


def _loaded(text: str, where: str, given: Given) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        given.fault("bad-param", f"{where} is not JSON: {error}", where)
        return {}
    if isinstance(found, dict):
        return found
    given.fault("bad-param", f"{where} is no JSON object", where)
    return {}
