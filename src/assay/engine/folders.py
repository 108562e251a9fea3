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
from assay.model.artifacts import Artifact, Json
from assay.model.component import ComponentSpec
from assay.model.interface import outputs_order
from assay.store import Store
from assay.store.placing import NO_LINKS, write_all

_LEAST_ROOM = 2**20
_MOST_USED = 4
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
        _write_order(f"{folder}/{ORDER}", json.dumps(order, ensure_ascii=False).encode())
    except OSError as error:
        raise StoreError(
            f"cannot prepare the step's folder: {error.strerror}",
            culprit=str(folder),
            hint=_NO_ROOM,
        ) from error


def _write_order(path: str, text: bytes) -> None:
    """Write a small file, perhaps over that of an earlier attempt.

    Never by truncating first: ext4 then writes the new content out as soon as the file is closed, and the next truncation waits
    for the disk.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        write_all(descriptor, text)
        if os.fstat(descriptor).st_size > len(text):
            os.ftruncate(descriptor, len(text))
    finally:
        os.close(descriptor)


def _link_input(
    folder: Path, port: PortName, artifacts: tuple[Artifact, ...], spec: ComponentSpec, store: Store
) -> dict[str, Json]:
    many = spec.inputs[port].type.many
    paths: list[Json] = []
    if many:
        os.mkdir(folder / "inputs" / port)
    for index, artifact in enumerate(artifacts):
        name = input_name(port, artifact, index if many else None)
        if not artifact.origin:
            _link(store.objects.path(artifact), folder / name, artifact)
        paths.append(name)
    return {"type": str(spec.inputs[port].type.artifact), "many": many, "paths": paths}


def input_name(port: PortName, artifact: Artifact, index: int | None) -> str:
    """Return the path of an input below the step's folder; ``index`` is its place on a list port."""
    return f"inputs/{port}{artifact.suffix}" if index is None else f"inputs/{port}/{index:04d}{artifact.suffix}"


def to_fetch(spec: ComponentSpec, binding: Binding) -> tuple[tuple[str, str], ...]:
    """Return the inputs that are still in an object store: ``Artifact.origin``, and the path below the step's folder."""
    return tuple(
        (artifact.origin, input_name(port, artifact, index if spec.inputs[port].type.many else None))
        for port, artifacts in binding.inputs.items()
        for index, artifact in enumerate(artifacts)
        if artifact.origin
    )


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
        "outputs": outputs_order(spec),
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
    """The folders in which the attempts of one run work. Removing goes on beside the loop: it waits for the disk.

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
        for left in self._root.glob(".blank-*"):
            if not os.path.exists(f"/proc/{left.name.split('-')[1]}"):  # by an engine or worker that was killed
                shutil.rmtree(left, ignore_errors=True)
        self._used: list[Path] = []
        self._numbers = itertools.count()
        self._jobs: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="work-folders", daemon=True)
        self._thread.start()

    def take(self, folder: Path) -> None:
        """Make the folder of an attempt, with its empty sub-folders. Raises ``StoreError``."""
        try:
            blank = self._emptied() or self._blank()
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
        """Have the folder of an attempt that succeeded removed, or used again, some time soon."""
        if len(self._used) < _MOST_USED:
            self._used.append(folder)
        else:
            self._jobs.put(folder)

    def close(self) -> None:
        """Return when every folder that nobody needs is gone."""
        for folder in (*self._used, None):
            self._jobs.put(folder)
        self._thread.join()

    def _work(self) -> None:
        while (folder := self._jobs.get()) is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _emptied(self) -> str:
        """Return a folder that has served an attempt and can serve the next one; empty when there is none."""
        while self._used:
            folder = self._used.pop()
            if _empty(folder):
                return os.fspath(folder)
            self._jobs.put(folder)
        return ""

    def _blank(self) -> str:
        blank = f"{self._root}/.blank-{os.getpid()}-{next(self._numbers)}"
        os.mkdir(blank)
        for part in _PARTS:
            os.mkdir(f"{blank}/{part}")
        return blank


def _empty(folder: Path) -> bool:
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
