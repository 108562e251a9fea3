"""What a container engine is asked to make for a step. Nothing here talks to it.

A step in Python finds its folder, its sources and what it reads under the names that they have outside, so that its order,
its log and its tracebacks mean the same. A command finds its inputs under ``/assay/inputs``, and writes to ``/assay/outputs``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.engine.executor import StepOrder
from assay.engine.executors.container.inside import SAID
from assay.engine.executors.container.places import Places
from assay.engine.executors.forkserver.protocol import HOME, PYTHON_OPTIONS, program
from assay.model.artifacts import Json
from assay.model.command import Role, Values, text_of_word, words
from assay.model.component import ContainerImplementation

LABEL = "org.assay.run"
"""Its value is the mark of the run."""

TEMPORARY = "temporary"
"""In the step's folder: ``/tmp`` of the container, so that what it writes there is on the disk and goes with the step."""

HIDDEN = "hidden"
"""In the step's folder: the empty folder that a component in Python sees in place of the store."""

_PACKAGES = "/assay/packages"
_PROGRAM = program("assay.engine.executors.container.inside")
_MOST_PROCESSES = 4096
_ACCELERATORS = "CUDA_VISIBLE_DEVICES"
_SECRET = "ASSAY_PARAM_"  # noqa: S105  (a variable's name, not a secret)
_THREADED = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")


@dataclass(frozen=True, slots=True)
class User:
    """Who runs in the container, by numbers. Never root where the engine's root is this machine's."""

    uid: int
    gid: int
    rootless: bool = False


@dataclass(slots=True)
class Request:
    """The body of a request for a container, and the folders that it shares."""

    order: StepOrder
    image: str
    user: User
    mark: tuple[str, str]
    _mounts: dict[str, dict[str, Json]] = field(default_factory=dict)
    _hidden: str = ""

    def for_python(self, described: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request for a component in Python."""
        folder, code = str(self.order.folder), described["implementation"]
        self._share(f"{HOME}/assay", f"{_PACKAGES}/assay")
        for package in self.order.packages:
            self._share(package, f"{_PACKAGES}/{os.path.basename(package)}")
        if not code.get("module"):
            self._share(os.path.dirname(code["file"]), os.path.dirname(code["file"]))
            self._hide(str(self.order.store), os.path.dirname(code["file"]))
        self._share(folder, folder)
        for name in ("outputs", "scratch", SAID):
            self._share(f"{folder}/{name}", f"{folder}/{name}", writable=True)
        for path in _links(self.order.folder / "inputs"):
            self._share(path, path)
        command = ["python3", *PYTHON_OPTIONS, _PROGRAM, _PACKAGES, folder]
        return self._body({"Entrypoint": command, "Cmd": [], "WorkingDir": f"{folder}/scratch"}, {}, network=False)

    def for_command(self, code: ContainerImplementation, places: Places, values: Values) -> dict[str, Any]:
        """Return the request for a command.

        Args:
            values: Of parameters and inputs; those of outputs are added.
        """
        for source, target in places.inputs:
            self._share(os.path.realpath(source), target)
        for source, target in places.shared():
            self._share(source, target, writable=True)
        values = {**values, **places.values()}
        open_words, closed = words(code.args, values), words(code.command, values)
        secret = {
            (Role.PARAM, name.removeprefix(_SECRET).lower()): text
            for name, text in self.order.secrets.items()
            if name.startswith(_SECRET)
        }
        texts = {name: text_of_word(word, {**values, **secret}) for name, word in code.env.items()}
        variables = {name: text for name, text in texts.items() if text is not None}
        what: dict[str, Any] = {"WorkingDir": code.workdir or places.WORK}
        if closed:
            what |= {"Entrypoint": closed, "Cmd": open_words}
        elif code.args:
            what["Cmd"] = open_words
        return self._body(what, variables, network=code.network)

    def _share(self, source: str, target: str, *, writable: bool = False) -> None:
        self._mounts[target] = {"Type": "bind", "Source": source, "Target": target, "ReadOnly": not writable}

    def _hide(self, store: str, shared: str) -> None:
        """Lay an empty folder over the store, when it is in a folder that is shared: it holds everybody's artifacts and secrets.

        Not a tmpfs: podman fills one with what it covers.
        """
        if store != shared and Path(store).is_relative_to(shared):
            self._hidden = store

    def _cover(self) -> None:
        if not self._hidden:
            return
        empty = self.order.folder / HIDDEN
        inside = [mount for target, mount in self._mounts.items() if Path(target).is_relative_to(self._hidden)]
        for mount in inside:  # places to mount on: made by the container engine, they would be root's
            place = empty / os.path.relpath(str(mount["Target"]), self._hidden)
            if os.path.isdir(str(mount["Source"])):
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()
        empty.mkdir(exist_ok=True)
        self._share(str(empty), self._hidden, writable=True)

    def _body(self, what: Mapping[str, Any], variables: Mapping[str, str], *, network: bool) -> dict[str, Any]:
        order = self.order
        self._share(f"{order.folder}/{TEMPORARY}", "/tmp", writable=True)  # noqa: S108  (that of the container)
        for path in order.reads:
            self._share(path, path)
        self._cover()
        threads = {f"{name}_NUM_THREADS": str(order.threads) for name in _THREADED}
        environment = {"HOME": "/tmp", **threads, **variables, **order.env, **order.secrets, self.mark[0]: self.mark[1]}  # noqa: S108
        return {
            "Image": self.image,
            **what,
            "Env": [f"{name}={value}" for name, value in environment.items()],
            "User": f"{self.user.uid}:{self.user.gid}",
            "Labels": {LABEL: self.mark[1]},
            "AttachStdout": True,
            "AttachStderr": True,
            "HostConfig": {
                "Mounts": sorted(self._mounts.values(), key=lambda mount: str(mount["Target"])),
                "NetworkMode": "default" if network else "none",
                "ReadonlyRootfs": True,
                "CapDrop": ["ALL"],
                "SecurityOpt": ["no-new-privileges"],
                "Init": True,
                "PidsLimit": _MOST_PROCESSES,
                "NanoCpus": int(min(order.cpu, os.cpu_count() or 1) * 1e9),
                "LogConfig": {"Type": "none"},
                **({"Memory": order.memory, "MemorySwap": order.memory} if order.memory else {}),
                **self._accelerators(),
            },
        }

    def _accelerators(self) -> dict[str, Any]:
        held = [name for name in self.order.env.get(_ACCELERATORS, "").split(",") if name]
        if not held:
            return {}
        return {"DeviceRequests": [{"Driver": "", "DeviceIDs": held, "Capabilities": [["gpu"]]}]}


def _links(folder: Path) -> list[str]:
    """Return what the links below a folder of inputs lead to."""
    found = [Path(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files)]
    return sorted({os.path.realpath(path) for path in found if path.is_symlink()})
