"""A component that was packed with its code: what ``component.json`` says of it, and whether it can run here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from assay.errors import AssayError, Fault, did_you_mean
from assay.model.artifacts import Json
from assay.model.component import ParamSpec, ParamType, PortSpec
from assay.model.interface import param_from_json, port_from_json
from assay.model.params import conform, parse_text
from assay.runtime.loading import SECRET_PREFIX

FORMAT = 1
"""The version of ``component.json`` that this code reads."""

DESCRIPTION = "component.json"


class Packed:
    """A packed component.

    Args:
        home: The folder of the pack.

    Attributes:
        facts: ``component.json`` as it is.
    """

    def __init__(self, home: str, facts: Mapping[str, Any]) -> None:
        self.home = home
        self.facts = facts
        self.name: str = facts["name"]
        self.params: dict[str, ParamSpec] = {data["name"]: param_from_json(data) for data in facts["params"]}
        self.inputs: dict[str, PortSpec] = {data["name"]: port_from_json(data) for data in facts["inputs"]}
        self.outputs: dict[str, PortSpec] = {data["name"]: port_from_json(data) for data in facts["outputs"]}

    @property
    def short(self) -> str:
        """The last part of its name: ``drop-empty`` of ``filter/drop-empty``."""
        return self.name.rpartition("/")[2].rpartition(":")[2]

    def implementation(self) -> dict[str, Any]:
        """Return what ``step.json`` says of the implementation, its file where it is here."""
        found = dict(self.facts["implementation"])
        if found.get("file"):
            found["file"] = os.path.join(self.home, found["file"])
        return found

    def complete(self, given: Mapping[str, Json], faults: list[Fault]) -> dict[str, Json]:
        """Return a value for every parameter, secrets left out; what is wrong is added to ``faults``."""
        values: dict[str, Json] = {}
        for name in given:
            if name not in self.params:
                hint = did_you_mean(name, self.params)
                faults.append(Fault("unknown-parameter", f"{self.name} has no parameter {name!r}", name, hint=hint))
        for name, param in self.params.items():
            if param.secret:
                self._require_secret(param, given, faults)
            elif name in given:
                try:
                    values[name] = _absolute(param, conform(param, given[name]))
                except AssayError as error:
                    faults.append(error.fault())
            elif isinstance(param.default, (type(None), bool, int, float, str, list, dict)):
                values[name] = _absolute(param, param.default)
            else:
                faults.append(Fault("missing-parameter", f"parameter {name!r} needs a value", name))
        return values

    def _require_secret(self, param: ParamSpec, given: Mapping[str, Json], faults: list[Fault]) -> None:
        variable = SECRET_PREFIX + param.name.upper()
        if param.name in given:
            message = f"parameter {param.name!r} is a secret: it is not given openly"
            faults.append(Fault("secret-in-command", message, param.name, hint=f"set the variable {variable}"))
        elif param.required and variable not in os.environ:
            message = f"the secret parameter {param.name!r} has no value"
            faults.append(Fault("missing-secret", message, param.name, hint=f"set the variable {variable}"))


def load_packed(home: str) -> Packed:
    """Return the component that is packed in the folder ``home``.

    Raises:
        AssayError: There is none, or a newer Assay packed it.
    """
    try:
        with open(os.path.join(home, DESCRIPTION), encoding="utf-8") as file:
            facts = json.load(file)
    except (OSError, ValueError) as error:
        raise AssayError(f"{home} holds no packed component: {error}", culprit=home) from error
    if facts.get("format") != FORMAT:
        raise AssayError(f"{DESCRIPTION} has format {facts.get('format')}, this runtime reads {FORMAT}", culprit=home)
    return Packed(home, facts)


def from_json_text(param: ParamSpec, text: str) -> Json:
    """Return the value of a parameter written as JSON; what is not JSON of its type is taken as a person types it.

    Raises:
        ParamError: It is neither.
    """
    try:
        return conform(param, json.loads(text))
    except (ValueError, RecursionError, AssayError):
        return parse_text(param, text)


def _absolute(param: ParamSpec, value: Json) -> Json:
    """Make a path absolute: a step runs in another folder."""
    if ParamType.PATH not in (param.type, param.items):
        return value
    if isinstance(value, str):
        return os.path.abspath(value)
    if isinstance(value, list):
        return [os.path.abspath(item) if isinstance(item, str) else item for item in value]
    if isinstance(value, dict):
        return {key: os.path.abspath(item) if isinstance(item, str) else item for key, item in value.items()}
    return value


def lacking(packed: Packed) -> list[Fault]:
    """Return what stands against running the component here: its code is loaded, and not called."""
    from assay.runtime.failures import StepFailure  # only a self check needs these
    from assay.runtime.loading import load_function
    from assay.runtime.script import require_program

    found = packed.implementation()
    try:
        if found["kind"] == "function":
            load_function(found)
        elif found["kind"] == "notebook":
            _require_ipython()
        else:
            require_program(found["language"])
    except StepFailure as failure:
        return [Fault(failure.code, failure.message, packed.name, hint=failure.hint)]
    return []


def _require_ipython() -> None:
    import importlib.util

    from assay.runtime.failures import StepFailure

    if importlib.util.find_spec("IPython") is None:
        hint = "pip install ipython"
        raise StepFailure("import", "IPython, which runs notebooks, is not installed", hint=hint)
