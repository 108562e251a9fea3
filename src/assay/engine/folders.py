"""The step's folder: the order, its inputs as links into the store, and room for its outputs."""

from __future__ import annotations

import json
import os
import queue
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

from assay.engine.bind import Binding
from assay.errors import StoreError
from assay.ids import PortName, RunId
from assay.model.artifacts import FACTS, Artifact, Json
from assay.model.component import ComponentSpec
from assay.store import Store

_LEAST_ROOM = 2**20
_NO_ROOM = "free some space or make the store writable, then 'assay resume'"


def make_run_folders(store: Store, run: RunId) -> None:
    """Make the folders that the attempts of a run share. Raises ``StoreError``."""
    for place in (store.root / "work" / run, store.root / "logs" / run):
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make {place}: {error.strerror}", culprit=str(place), hint=_NO_ROOM) from error


def prepare(
    folder: Path, store: Store, spec: ComponentSpec, binding: Binding, facts: Mapping[str, Json], threads: int
) -> None:
    """Make the folder of an attempt; one that an interrupted engine left behind is replaced.

    Args:
        facts: ``run``, ``step``, ``item``, ``attempt``, ``pipeline``: who asks.

    Raises:
        StoreError: The disk is full or read-only, or an input is no longer intact.
    """
    try:
        _make(folder)
        inputs: dict[str, Json] = {}
        for port, artifacts in binding.inputs.items():
            inputs[port] = _link_input(folder, port, artifacts, spec, store)
        order = {"format": 1, **facts, **_order(spec, binding, inputs, threads)}
        with open(folder / "step.json", "w", encoding="utf-8") as file:
            file.write(json.dumps(order, ensure_ascii=False))  # json.dump is the slow, pure Python encoder
    except OSError as error:
        raise StoreError(
            f"cannot prepare the step's folder: {error.strerror}",
            culprit=str(folder),
            hint=_NO_ROOM,
        ) from error


def _make(folder: Path) -> None:
    try:
        os.mkdir(folder)
    except FileNotFoundError:
        os.makedirs(folder)
    except FileExistsError:
        shutil.rmtree(folder)
        os.mkdir(folder)
    for name in ("inputs", "outputs", "scratch"):
        os.mkdir(f"{folder}/{name}")


def _link_input(
    folder: Path, port: PortName, artifacts: tuple[Artifact, ...], spec: ComponentSpec, store: Store
) -> dict[str, Json]:
    many = spec.inputs[port].type.many
    paths: list[Json] = []
    if many:
        os.mkdir(folder / "inputs" / port)
    for index, artifact in enumerate(artifacts):
        name = f"inputs/{port}/{index:04d}{artifact.suffix}" if many else f"inputs/{port}{artifact.suffix}"
        os.symlink(store.objects.path(artifact), folder / name)
        paths.append(name)
    return {"type": str(spec.inputs[port].type.artifact), "many": many, "paths": paths}


def _order(spec: ComponentSpec, binding: Binding, inputs: dict[str, Json], threads: int) -> dict[str, Json]:
    code = spec.implementation
    return {
        "component": f"{spec.name}@{spec.version}",
        "implementation": {
            "kind": code.kind,
            "module": code.module,
            "file": code.file,
            "function": code.function,
        },
        "params": {str(name): value for name, value in binding.params.items()},
        "inputs": inputs,
        "outputs": {
            str(name): {
                "type": str(port.type.artifact),
                "many": port.type.many,
                "optional": port.optional,
                "folder": FACTS[port.type.artifact].folder,
            }
            for name, port in spec.outputs.items()
        },
        "threads": threads,
    }


def make_room(folder: Path) -> bool:
    """Remove the partial outputs of a failed attempt when the disk is full, so that its failure can be written down.

    Returns whether they were removed; with room on the disk they are kept for looking at.
    """
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize > _LEAST_ROOM:
        return False
    for name in ("outputs", "scratch"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return True


class Sweeper:
    """Removes the folders of attempts that succeeded, beside the loop: removing can wait for the disk.

    What a killed engine could not remove, ``assay gc`` does.
    """

    def __init__(self) -> None:
        self._folders: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
        self._thread.start()

    def discard(self, folder: Path) -> None:
        """Have a folder removed some time soon."""
        self._folders.put(folder)

    def close(self) -> None:
        """Return when every folder is gone."""
        self._folders.put(None)
        self._thread.join()

    def _sweep(self) -> None:
        while (folder := self._folders.get()) is not None:
            shutil.rmtree(folder, ignore_errors=True)
