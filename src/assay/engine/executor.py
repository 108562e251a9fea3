"""The seam between the runner and whatever runs one step: an order goes in, notices come out, nothing ever blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from assay.ids import PortName, RunId
from assay.model.artifacts import Json, Output
from assay.model.component import ContainerImplementation, Isolation
from assay.model.events import Failure, StepKey


@dataclass(frozen=True, slots=True)
class StepOrder:
    """Everything an executor needs to run one attempt of one step.

    Attributes:
        folder: The step's folder, made by the runner, with ``step.json``, ``inputs/``, ``outputs/`` and ``scratch/``.
        log: File to which the step's stdout and stderr are appended; made when it is not there.
        store: Root of the store (the ``.assay`` folder) into which the outputs are published.
        source: The Python file that the component is in; empty when it is in a module, or not in Python. An executor may read it
            ahead of the step, but never run it.
        preload: Modules to import before the step's process is made; one that is missing is not an error here.
        threads: Threads that numerical libraries may use, at least 1.
        memory: Bytes that all processes of the step may use together; ``None`` for no limit.
        env: Variables added to the environment of the step's process.
        secrets: More of these, whose values are replaced by ``***`` in the log and in every message.
        requirements: What an environment of its own must hold; empty for the engine's environment.
        packages: Folders of packages that the component is a module of, beside Assay itself.
        python: Interpreter to run it, when it is not the engine's; whoever makes environments fills it in.
        path: Folder added to the import path of that interpreter.
        image: Container image to run it in; empty for none.
        container: The command in that image; ``None`` for a component in Python.
        reads: Paths outside the store that its parameters name.
        cpu: Cores, as the step declares them.
        fetch: Inputs that are still in an object store: ``Artifact.origin``, and the path below ``folder`` that each is to get.
    """

    run: RunId
    key: StepKey
    attempt: int
    folder: Path
    log: Path
    store: Path
    source: str = ""
    preload: tuple[str, ...] = ()
    threads: int = 1
    isolation: Isolation = Isolation.FORK
    memory: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    python: str = ""
    path: str = ""
    image: str = ""
    container: ContainerImplementation | None = None
    reads: tuple[str, ...] = ()
    cpu: float = 1.0
    fetch: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """Something a running step said: ``data["kind"]`` is ``metric``, ``progress`` or ``preview``."""

    key: StepKey
    attempt: int
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Exited:
    """An attempt is over; exactly one comes for each order, after its last message.

    When it failed, or left a child process, a thread or an exit handler, or has a memory limit, a secret or an accelerator
    (``CUDA_VISIBLE_DEVICES``), no process of it is left by then. Any other has done all it will ever do, its outputs are in
    the store and its log is written: at most its own process is left, between its last instruction and its end, and
    the executor sees to that end.

    Attributes:
        outputs: What is in the store now; ``None`` when the attempt failed.
        failure: ``None`` when it succeeded.
        cpu_seconds: User and system time of the step's process and the children it waited for.
        peak_memory: Largest resident set of any one of these processes, or of all together when the step has a
            memory limit; bytes.
        image: Digest of the image it ran in.
    """

    key: StepKey
    attempt: int
    outputs: Mapping[PortName, Output] | None
    failure: Failure | None
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    image: str = ""


Notice = Message | Exited
"""What ``Executor.drain`` returns."""


class Executor(Protocol):
    """Runs single attempts of single steps. No method waits for a step or for a slow peer."""

    def start(self, order: StepOrder) -> None:
        """Begin an attempt. Every failure, also to make the process, comes as an ``Exited``; raises ``ValueError`` only
        when an attempt of the same key is still running."""

    def stop(self, key: StepKey, *, grace: float = 2.0) -> None:
        """Ask every process of the step to end (SIGTERM), and kill it after ``grace`` seconds.

        An ``Exited`` follows, with failure code ``killed`` unless the step had finished already. Harmless for a key that is
        not running.
        """

    def fileno(self) -> int:
        """Return a descriptor that is readable when ``drain`` has something to do (an epoll of the executor's own)."""

    def drain(self) -> list[Notice]:
        """Return what happened since the last call, a bounded amount; stays readable when there is more."""

    def deadline(self) -> float | None:
        """Return the ``time.monotonic()`` by which ``drain`` wants to be called even if nothing is readable."""

    def close(self) -> None:
        """Kill every step that still runs and everything the executor started; nothing comes after it."""
