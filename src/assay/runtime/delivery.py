"""Running a packed component in a step's folder, and bringing its outputs to where they are wanted."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.model.artifacts import FACTS
from assay.runtime.artifacts import CLASSES
from assay.runtime.channels import Channel
from assay.runtime.execute import FORMAT, execute
from assay.runtime.packed import Packed
from assay.runtime.results import RawArtifact, RawList, RawOutput, RawValue
from assay.runtime.stepwords import CWL_RESULT, Given


def run_packed(packed: Packed, given: Given, channel: Channel) -> dict[str, str]:
    """Run the component by the execution contract and return where its outputs are by port; one that it left out has none.

    Raises:
        StepFailure: It failed.
        OSError: An output cannot be written to where it is wanted.
    """
    home = given.out or None
    if home:
        os.makedirs(home, exist_ok=True)
    # Beside the outputs: bringing them to their place is a rename then, however large they are.
    folder = Path(tempfile.mkdtemp(prefix=".assay-", dir=home))
    try:
        _prepare(folder, packed, given)
        outputs = execute(folder, channel)
        brought = {port: _bring(port, outputs[port], given) for port in packed.outputs if port in outputs}
        if given.cwl:
            _tell_cwl(outputs, brought, given.called)
        return brought
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, packed: Packed, given: Given) -> None:
    (folder / "inputs").mkdir()
    inputs = {port: _link(folder, packed, port, paths) for port, paths in given.inputs.items()}
    order = {
        "format": FORMAT,
        "component": f"{packed.name}@{packed.facts['version']}",
        "implementation": packed.implementation(),
        "params": given.params,
        "inputs": inputs,
        "outputs": packed.facts["order"]["outputs"],
        "threads": packed.facts["order"]["threads"],
    }
    (folder / "step.json").write_text(json.dumps(order), encoding="ascii")


def _link(folder: Path, packed: Packed, port: str, paths: list[str]) -> dict[str, Any]:
    kind = packed.inputs[port].type
    names: list[str] = []
    if kind.many:
        (folder / "inputs" / port).mkdir()
    for index, path in enumerate(paths):
        suffix = "" if FACTS[kind.artifact].folder else os.path.splitext(path)[1] or CLASSES[kind.artifact].suffix
        name = f"inputs/{port}/{index:04d}{suffix}" if kind.many else f"inputs/{port}{suffix}"
        os.symlink(os.path.abspath(path), folder / name)
        names.append(name)
    return {"type": str(kind.artifact), "many": kind.many, "paths": names}


def _bring(port: str, output: RawOutput, given: Given) -> str:
    """Move one output to its place, or into the folder of outputs under its own name; return where it is."""
    place = given.places.get(port, "")
    match output:
        case RawValue(value):
            text = value if place and isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            return _write(text, place or os.path.join(given.out, f"{port}.json"))
        case RawArtifact(_, path):
            return _move(path, place or os.path.join(given.out, f"{port}{'' if path.is_dir() else path.suffix}"))
        case RawList(_, paths):
            folder = place or os.path.join(given.out, port)
            _clear(folder)
            os.makedirs(folder, exist_ok=True)
            for index, path in enumerate(paths):
                _move(path, os.path.join(folder, f"{index:04d}{'' if path.is_dir() else path.suffix}"))
            return folder


def _write(text: str, place: str) -> str:
    os.makedirs(os.path.dirname(os.path.abspath(place)), exist_ok=True)
    with open(place, "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(text)
    return place


def _move(path: Path, place: str) -> str:
    os.makedirs(os.path.dirname(os.path.abspath(place)), exist_ok=True)
    _clear(place)
    shutil.move(path, place)
    return place


def _clear(place: str) -> None:
    """Remove what an earlier attempt left, or an empty folder that the platform made."""
    if os.path.isdir(place) and not os.path.islink(place):
        shutil.rmtree(place)
    elif os.path.lexists(place):
        os.unlink(place)


def _tell_cwl(outputs: Mapping[str, RawOutput], brought: Mapping[str, str], called: Mapping[str, str]) -> None:
    told: dict[str, Any] = {}
    for port, output in outputs.items():
        name = called.get(port, port)
        match output:
            case RawValue(value):
                told[name] = value
            case RawArtifact():
                told[name] = _cwl_object(brought[port])
            case RawList():
                entries = sorted(os.listdir(brought[port]))
                told[name] = [_cwl_object(os.path.join(brought[port], entry)) for entry in entries]
    with open(CWL_RESULT, "w", encoding="utf-8") as file:
        json.dump(told, file)


def _cwl_object(path: str) -> dict[str, str]:
    return {"class": "Directory" if os.path.isdir(path) else "File", "path": path}
