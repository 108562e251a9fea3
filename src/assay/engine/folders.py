"""The step's folder: the order, its inputs as links into the store, and room for its outputs."""

from __future__ import annotations

import itertools
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
from assay.store.placing import NO_LINKS

_LEAST_ROOM = 2**20
_BLANKS = 4
_PARTS = ("inputs", "outputs", "scratch")
ORDER = "step.json"
_NO_ROOM = "free some space or make the store writable, then 'assay resume'"


def prepare(
    folder: Path, store: Store, spec: ComponentSpec, binding: Binding, facts: Mapping[str, Json], threads: int
) -> None:
    """Write the order and link the inputs into the folder of an attempt (see ``WorkFolders.take``).

    Args:
        facts: ``run``, ``step``, ``item``, ``attempt``, ``pipeline``: who asks.

    Raises:
        StoreError: The disk is full or read-only, or an input is no longer intact.
    """
    try:
        inputs: dict[str, Json] = {}
        for port, artifacts in binding.inputs.items():
            inputs[port] = _link_input(folder, port, artifacts, spec, store)
        order = {"format": 1, **facts, **_order(spec, binding, inputs, threads)}
        with open(folder / ORDER, "w", encoding="utf-8") as file:
            file.write(json.dumps(order, ensure_ascii=False))  # json.dump is the slow, pure Python encoder
    except OSError as error:
        raise StoreError(
            f"cannot prepare the step's folder: {error.strerror}",
            culprit=str(folder),
            hint=_NO_ROOM,
        ) from error


def _link_input(
    folder: Path, port: PortName, artifacts: tuple[Artifact, ...], spec: ComponentSpec, store: Store
) -> dict[str, Json]:
    many = spec.inputs[port].type.many
    paths: list[Json] = []
    if many:
        os.mkdir(folder / "inputs" / port)
    for index, artifact in enumerate(artifacts):
        name = f"inputs/{port}/{index:04d}{artifact.suffix}" if many else f"inputs/{port}{artifact.suffix}"
        _link(store.objects.path(artifact), folder / name, artifact)
        paths.append(name)
    return {"type": str(spec.inputs[port].type.artifact), "many": many, "paths": paths}


def _link(source: Path, target: Path, artifact: Artifact) -> None:
    """Name an artifact in the folder of inputs: a file by a hard link, which is cheaper than a symbolic one."""
    if not artifact.folder:
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
        else:
            return
    os.symlink(source, target)


def _order(spec: ComponentSpec, binding: Binding, inputs: dict[str, Json], threads: int) -> dict[str, Json]:
    return {
        "component": f"{spec.name}@{spec.version}",
        "implementation": spec.implementation.order(),
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


class WorkFolders:
    """The folders in which the attempts of one run work. Making and removing goes on beside the loop: both wait for the disk.

    What a killed engine could not remove, ``assay gc`` does.

    Raises:
        StoreError: The folders of the run cannot be made.
    """

    def __init__(self, store: Store, run: RunId) -> None:
        self._root = store.root / "work" / run
        for place in (self._root, store.root / "logs" / run):
            try:
                place.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"cannot make {place}: {error.strerror}", culprit=str(place), hint=_NO_ROOM) from error
        for left in self._root.glob(".blank-*"):  # by an engine that was killed
            shutil.rmtree(left, ignore_errors=True)
        self._blanks: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._numbers = itertools.count()
        self._jobs: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="work-folders", daemon=True)
        self._thread.start()

    def take(self, folder: Path) -> None:
        """Make the folder of an attempt, with its empty sub-folders. Raises ``StoreError``."""
        try:
            try:
                blank = self._blanks.get_nowait()
            except queue.Empty:
                blank = self._blank()
            try:
                os.rename(blank, folder)
            except OSError:  # an interrupted engine left one
                shutil.rmtree(folder)
                os.rename(blank, folder)
        except OSError as error:
            raise StoreError(
                f"cannot make the step's folder: {error.strerror}", culprit=str(folder), hint=_NO_ROOM
            ) from error

    def discard(self, folder: Path) -> None:
        """Have the folder of an attempt that succeeded removed some time soon."""
        self._jobs.put(folder)

    def close(self) -> None:
        """Return when every folder that nobody needs is gone."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (folder := self._jobs.get()) is not None:
            if self._blanks.qsize() < _BLANKS and _emptied(folder):
                self._blanks.put(os.fspath(folder))
            else:
                shutil.rmtree(folder, ignore_errors=True)
        while not self._blanks.empty():
            shutil.rmtree(self._blanks.get(), ignore_errors=True)

    def _blank(self) -> str:
        blank = f"{self._root}/.blank-{os.getpid()}-{next(self._numbers)}"
        os.mkdir(blank)
        for part in _PARTS:
            os.mkdir(f"{blank}/{part}")
        return blank


def _emptied(folder: Path) -> bool:
    """Return whether a finished attempt's folder can serve the next one: nothing of it is left but its order.

    Nothing of the attempt runs any more (see ``Exited``). Using a folder again spares the file system four new inodes, which on
    ext4 cost more than all else that the engine does for a step.
    """
    try:
        with os.scandir(folder) as listing:
            if {item.name for item in listing} != {*_PARTS, ORDER}:
                return False
        for item in os.listdir(f"{folder}/inputs"):
            os.unlink(f"{folder}/inputs/{item}")
        return not os.listdir(f"{folder}/outputs") and not os.listdir(f"{folder}/scratch")
    except OSError:  # a list port's folder of inputs, or something a step did: remove it
        return False
