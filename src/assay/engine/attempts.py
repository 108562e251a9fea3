"""Attempts: the executions that are under way, their time limits and their repetitions."""

from __future__ import annotations

import heapq
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assay.engine.bind import Binding, image_of
from assay.engine.environment import own_requirements, package_folders
from assay.engine.executor import Executor, StepOrder
from assay.engine.folders import WorkFolders, prepare, to_fetch
from assay.engine.job import Job, resources_of
from assay.engine.machine import gpus
from assay.model.artifacts import Json
from assay.model.component import ComponentSpec, ContainerImplementation, FunctionImplementation, ParamType
from assay.model.events import StepKey
from assay.model.pipeline import Retry, Step
from assay.store import Store

_NEVER_REPEATED = frozenset({"component", "import"})
"""Failures that a repetition cannot mend: bad inputs, and a missing package."""


@dataclass(slots=True)
class Place:
    """One execution place that must run: a step or an element, with its sources bound."""

    key: StepKey
    step: Step
    spec: ComponentSpec
    binding: Binding
    label: str
    reasons: tuple[str, ...]
    failures: int = 0
    lost: int = 0


@dataclass(slots=True)
class Attempt:
    """One execution under way. ``ending`` says why it is being stopped: ``timeout``, ``cancel``, or nothing."""

    place: Place
    number: int
    folder: Path
    began: float
    gpus: tuple[str, ...] = ()
    ending: str = ""


@dataclass(slots=True)
class Attempts:
    """The attempts of one run.

    Args:
        job: What is being run.
        numbers: Last attempt number of each place (goes on after a resume).
    """

    job: Job
    store: Store
    executor: Executor
    folders: WorkFolders
    running: dict[StepKey, Attempt] = field(default_factory=dict)
    numbers: dict[StepKey, int] = field(default_factory=dict)
    _timers: list[tuple[float, int, StepKey, int]] = field(default_factory=list)
    _repeats: dict[tuple[StepKey, int], Place] = field(default_factory=dict)
    _free_gpus: list[str] = field(default_factory=lambda: list(gpus()))
    _claimed: set[StepKey] = field(default_factory=set)
    _owner: str = field(default_factory=lambda: f"{os.getpid()}-{os.urandom(4).hex()}")
    _count: int = 0

    def next_number(self, key: StepKey) -> int:
        """Return the number that the next attempt of a place gets, from 1."""
        number = self.numbers[key] = self.next_is(key)
        return number

    def next_is(self, key: StepKey) -> int:
        """Return the number that ``next_number`` would give."""
        return self.numbers.get(key, self.job.attempts.get(key, 0)) + 1

    def claim(self, key: StepKey) -> bool:
        """Take an element for this engine; return whether it is its own, and not in the hands of a worker."""
        if key.item is None or key in self._claimed:
            return True
        if not self.store.runs.claim(self.job.run, key.step, key.item, self._owner):
            return False
        self._claimed.add(key)
        return True

    def holds(self, key: StepKey) -> bool:
        """Return whether an element is this engine's."""
        return key in self._claimed

    def begin(self, place: Place, number: int) -> None:
        """Make the folder and give the order to the executor. Raises ``StoreError``."""
        key, need = place.key, resources_of(place.step, place.spec)
        folder = self.store.work_folder(self.job.run, key, number)
        threads = max(1, math.ceil(need.cpu))
        facts: dict[str, Json] = {
            "run": self.job.run,
            "pipeline": self.job.pipeline.name,
            "step": key.step,
            "item": key.item,
            "attempt": number,
        }
        self.folders.take(folder)
        prepare(folder, self.store, place.spec, place.binding, facts, threads)
        held = tuple(self._free_gpus.pop(0) for _ in range(min(need.gpu, len(self._free_gpus))))
        env = dict(place.step.env)
        if held or need.gpu:
            env["CUDA_VISIBLE_DEVICES"] = ",".join(held)
        image, code = image_of(place.step, place.spec), place.spec.implementation
        attempt = Attempt(place, number, folder, time.monotonic(), held)
        self.running[key] = attempt
        if place.step.timeout is not None:
            self._push(attempt.began + place.step.timeout, key, number)
        self.executor.start(
            StepOrder(
                run=self.job.run,
                key=key,
                attempt=number,
                folder=folder,
                log=self.store.log_file(self.job.run, key, number),
                store=self.store.root,
                source=_source(place.spec),
                preload=place.spec.implementation.preload,
                threads=threads,
                isolation=place.step.isolation or place.spec.isolation,
                memory=need.memory,
                env=env,
                secrets=secret_variables(place.step, place.spec, self.job.secrets),
                requirements=() if image else own_requirements(place.spec),
                packages=package_folders(place.spec),
                image=image,
                container=code if isinstance(code, ContainerImplementation) else None,
                reads=_outside(place),
                cpu=need.cpu,
                fetch=to_fetch(place.spec, place.binding),
            )
        )

    def end(self, key: StepKey) -> Attempt:
        """The executor is done with an attempt; give back what it held."""
        attempt = self.running.pop(key)
        self._free_gpus.extend(attempt.gpus)
        return attempt

    def retry_delay(self, attempt: Attempt, code: str) -> float | None:
        """Return after how many seconds to try again, or ``None`` when this was the last attempt.

        An attempt lost with its executor was not the step's fault: it is repeated once for free.
        """
        place, retry = attempt.place, attempt.place.step.retry
        if code == "lost" and place.lost == 0:
            place.lost += 1
            return 0.0
        if code in _NEVER_REPEATED or place.failures >= retry.limit:
            return None
        place.failures += 1
        return _pause(retry, place.failures)

    def repeat_in(self, place: Place, seconds: float) -> None:
        """Put a place aside until it is time for its next attempt."""
        self._repeats[place.key, -1] = place
        self._push(time.monotonic() + seconds, place.key, -1)

    def due(self) -> float | None:
        """Return the ``time.monotonic()`` of the next time limit or repetition."""
        return self._timers[0][0] if self._timers else None

    def expire(self) -> list[Place]:
        """Stop attempts whose time is up, and return the places whose pause is over."""
        now, repeat = time.monotonic(), []
        while self._timers and self._timers[0][0] <= now:
            _, _, key, number = heapq.heappop(self._timers)
            attempt = self.running.get(key)
            if number == -1:
                place = self._repeats.pop((key, -1), None)
                if place is not None:
                    repeat.append(place)
            elif attempt is not None and attempt.number == number and not attempt.ending:
                attempt.ending = "timeout"
                self.executor.stop(key)
        return repeat

    def stop_all(self) -> list[StepKey]:
        """Stop every attempt, drop every planned repetition, and return the places that were waiting for one."""
        for key, attempt in self.running.items():
            if not attempt.ending:
                attempt.ending = "cancel"
                self.executor.stop(key)
        waiting = [key for key, _ in self._repeats]
        self._repeats.clear()
        return waiting

    def _push(self, when: float, key: StepKey, number: int) -> None:
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, key, number))


def _source(spec: ComponentSpec) -> str:
    code = spec.implementation
    return code.file if isinstance(code, FunctionImplementation) and not code.module else ""


def _outside(place: Place) -> tuple[str, ...]:
    """Return the files and folders outside the store that a step's parameters name."""
    names = [name for name, param in place.spec.params.items() if ParamType.PATH in (param.type, param.items)]
    values = [place.binding.params.get(name) for name in names]
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return tuple(item for item in flat if isinstance(item, str))


def _pause(retry: Retry, failures: int) -> float:
    return float(retry.delay * retry.backoff ** (failures - 1))


def secret_variables(step: Step, spec: ComponentSpec, secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that carry the step's secrets; a secret parameter has a name of its own."""
    variables = {}
    for name, secret in step.secrets.items():
        param = next((p for p in spec.params.values() if p.name == name and p.secret), None)
        variables[f"ASSAY_PARAM_{name.upper()}" if param else name] = secrets[secret]
    return variables
