"""The contract that every component keeps, whatever it does: four things that are looked at without running it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.engine.bind import Binding
from assay.engine.environment import missing_packages, missing_r_packages
from assay.engine.folders import prepare
from assay.engine.r import how_to_install
from assay.errors import AssayError, bounded
from assay.ids import Digest, ParamName
from assay.model.artifacts import Json
from assay.model.component import MISSING, ComponentSpec, FunctionImplementation, ParamSpec, ParamType
from assay.model.params import conform
from assay.store import Store

_PATIENCE = 120.0
"""Seconds that an import may take."""

_SAMPLE: dict[ParamType, Json] = {
    ParamType.INT: 1,
    ParamType.FLOAT: 0.5,
    ParamType.STR: "a 'b' \"c\"\n$d ü",
    ParamType.BOOL: False,
    ParamType.LIST: [],
    ParamType.MAP: {},
    ParamType.PATH: "/a b/ü",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out of one check: nothing, or what is wrong, each in one sentence."""

    check: str
    problems: tuple[str, ...] = ()
    hint: str = ""

    @property
    def ok(self) -> bool:
        """Whether the component keeps this part of the contract."""
        return not self.problems


def hold_to_contract(spec: ComponentSpec) -> list[Verdict]:
    """Return the verdict of every check."""
    return [Verdict("reads without being run"), *(check(spec) for check in _CHECKS)]


def _defaults(spec: ComponentSpec) -> Verdict:
    problems = []
    for param in spec.params.values():
        if param.default is MISSING:
            continue
        try:
            if conform(param, param.default) != param.default:
                problems.append(f"the default of {param.name!r} becomes another value when it is read back")
        except AssayError as error:
            problems.append(error.message)
    return Verdict("defaults suit their parameters", tuple(problems))


def _order(spec: ComponentSpec) -> Verdict:
    params = {
        name: _SAMPLE[param.type] if param.default is MISSING else param.default
        for name, param in spec.params.items()
        if not param.secret
    }
    with tempfile.TemporaryDirectory(prefix="assay-") as folder:
        store = Store.open(Path(folder) / "store")
        try:
            binding = Binding(params, {}, {}, Digest("0" * 64))
            prepare(Path(folder), store, spec, binding, {"run": "", "step": "contract"}, 1)
            order = json.loads((Path(folder) / "step.json").read_text(encoding="utf-8"))
        finally:
            store.close()
    return Verdict("its order survives step.json", tuple(_lost(spec, params, order)))


def _lost(spec: ComponentSpec, params: dict[ParamName, Json], order: dict[str, Any]) -> Iterator[str]:
    for name, value in params.items():
        if order["params"].get(name) != value:
            yield f"parameter {name!r} is {order['params'].get(name)!r} in step.json, not {value!r}"
    for port in spec.outputs.values():
        if order["outputs"].get(port.name, {}).get("type") != str(port.type.artifact):
            yield f"output {port.name!r} is not in step.json as it was read"
    if order["component"] != f"{spec.name}@{spec.version}":
        yield f"step.json names {order['component']!r}"


def _imports(spec: ComponentSpec) -> Verdict:
    what = "can be imported here, with the signature that was read"
    missing = list(missing_packages([spec]))
    if missing:
        packages = " ".join(f"'{package}'" for package in missing)
        return Verdict(what, (f"not installed: {', '.join(missing)}",), f"type: pip install {packages}")
    in_r = missing_r_packages([spec])
    if in_r:
        return Verdict(what, (f"R does not find {', '.join(in_r)}",), how_to_install(in_r))
    code = spec.implementation
    if not isinstance(code, FunctionImplementation):
        return Verdict(what)  # nothing to import: its front end has read all there is
    answer = _ask(code)
    if isinstance(answer, str):
        return Verdict(what, (answer,))
    failure = answer.get("failure")
    if failure:
        return Verdict(what, (bounded(f"{failure['message']}\n{failure['traceback']}".strip()),), failure["hint"])
    return Verdict(what, tuple(differences(spec, answer["parameters"])))


def _ask(code: FunctionImplementation) -> dict[str, Any] | str:
    facts = {"module": code.module, "file": code.file, "function": code.function}
    with tempfile.TemporaryDirectory(prefix="assay-") as folder:
        command = [sys.executable, "-m", "assay.runtime.probe"]
        try:
            done = subprocess.run(
                command,
                input=json.dumps(facts),
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))},
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"importing it takes longer than {_PATIENCE:g} s"
    if done.returncode or not done.stdout:
        return bounded(f"importing it ended the process (status {done.returncode})\n{done.stderr}".strip())
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def differences(spec: ComponentSpec, parameters: list[dict[str, Any]]) -> Iterator[str]:
    """Yield how the imported function differs from what syntax says of it.

    Args:
        parameters: As ``assay.runtime.probe`` tells them.
    """
    found = {parameter["name"]: parameter for parameter in parameters}
    for name in (*spec.inputs, *spec.params):
        if name not in found:
            yield f"the imported function has no parameter {name!r}: something changes it after it is defined"
        elif not found[name]["by_name"]:
            yield f"parameter {name!r} of the imported function cannot be passed by name"
    known = {str(name) for name in (*spec.inputs, *spec.params)}
    for name in found:
        if name not in known:
            yield f"the imported function has a parameter {name!r} that is not in its source"
    for param in spec.params.values():
        facts = found.get(param.name, {})
        differs = param.default is not MISSING and bool(facts) and not _same(param, facts.get("default"))
        if "shown" in facts or differs:
            now = facts.get("shown") or (repr(facts["default"]) if "default" in facts else "not there")
            yield f"the default of {param.name!r} is {now}, the source says {param.default!r}"


def _same(param: ParamSpec, imported: Json) -> bool:
    if param.type is ParamType.PATH and isinstance(imported, str) and isinstance(param.default, str):
        return Path(imported) == Path(param.default)
    return imported == param.default


_CHECKS: tuple[Callable[[ComponentSpec], Verdict], ...] = (_defaults, _order, _imports)
