"""One site's deployment from the first question to its cluster to the last: tried, applied, waited for, asked, and taken back when anything fails."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assay.deployment.asking import Asker, Unanswered
from assay.deployment.cluster import Cluster, ClusterFault
from assay.deployment.documents import Document
from assay.deployment.expectation import Expectation
from assay.deployment.readiness import Progress, readiness, stuck
from assay.deployment.settings import Settings

_PAUSE = 1.0
"""Seconds between two looks at a service."""

_STALE = 10.0
"""Seconds for which a failure that stood there before may still be the old version's."""


class State(enum.StrEnum):
    """How a deployment ended at a site."""

    DEPLOYED = "deployed"
    CHECKED = "checked"
    REFUSED = "refused"
    ROLLED_BACK = "rolled back"
    BROKEN = "broken"

    @property
    def good(self) -> bool:
        """Whether it ended as it was meant to."""
        return self in {State.DEPLOYED, State.CHECKED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a deployment ended at a site.

    Attributes:
        site: Its name.
        state: ``refused``: nothing was changed; ``broken``: rolling back failed too.
        detail: What was done, or why it failed.
        before: Version that was there; empty: none.
        seconds: It took.
    """

    site: str
    state: State
    detail: str
    before: str = ""
    seconds: float = 0.0


class _Failed(Exception):  # noqa: N818  (says what happened)
    """The deployment cannot go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """What is deployed to a site.

    Attributes:
        documents: As its cluster gets them; the InferenceService is the last.
        settings: How.
        wanted: What it has to answer; ``None``: the server checks the documents, and nothing is changed.
        patience: Seconds until it has to answer.
        stop: Set by whoever wants it to end: a site that is not done is rolled back.
        tell: Gets a line for each stage.
    """

    documents: list[Document]
    settings: Settings
    wanted: Expectation | None
    patience: float
    stop: threading.Event
    tell: Callable[[str], None]

    def run(self, cluster: Cluster, asker: Asker) -> Outcome:
        """Deploy to one cluster; never raises for what can go wrong there."""
        began = time.monotonic()
        site = _Site(self, cluster, asker)
        state, detail = site.run()
        return Outcome(cluster.site, state, detail, site.version_before, time.monotonic() - began)


class _Site:
    """The state of one site while it is deployed to."""

    def __init__(self, job: Rollout, cluster: Cluster, asker: Asker) -> None:
        self._job = job
        self._cluster = cluster
        self._asker = asker
        self._service = job.documents[-1]
        self._before: dict[str, Any] | None = None
        self._made: list[tuple[str, str]] = []

    @property
    def version_before(self) -> str:
        """Version that was there before; empty: none."""
        said = (self._before or {}).get("metadata", {}).get("annotations") or {}
        return str(said.get("assay.version") or ("unknown" if self._before else ""))

    def run(self) -> tuple[State, str]:
        """Deploy; return how it ended and what there is to say."""
        try:
            self._before = self._cluster.find("InferenceService", self._job.settings.name)
            tried = [self._cluster.apply(one, trial=True) for one in self._job.documents]
        except ClusterFault as fault:
            return State.REFUSED, _told(fault)
        if self._job.wanted is None:
            return State.CHECKED, self._difference(tried[-1])
        if self._job.stop.is_set():
            return State.REFUSED, "stopped before anything was changed"
        try:
            self._apply()
            self._wait(self._job.wanted)
        except (_Failed, ClusterFault) as fault:
            return self._roll_back(_told(fault) if isinstance(fault, ClusterFault) else str(fault))
        except BaseException as error:
            self._roll_back(f"{type(error).__name__}: {error}")
            raise
        explained = self._job.wanted.heat and (self._job.settings.explainer or not self._job.settings.only_grpc)
        return State.DEPLOYED, "it answers and explains as here" if explained else "it answers as here"

    def _difference(self, tried: dict[str, Any]) -> str:
        if self._before is None:
            return "would be made"
        same = self._before.get("spec") == tried.get("spec")
        return f"{'would stay as it is' if same else 'would be changed'}, {self.version_before} is there"

    def _apply(self) -> None:
        for one in self._job.documents:
            kind, name = str(one["kind"]), _name(one)
            if self._cluster.find(kind, name) is None:
                self._made.append((kind, name))  # before it is: what was interrupted half-way has to go too
            self._cluster.apply(one)
        self._job.tell(f"{self._cluster.site}: applied, waiting until it answers")

    def _wait(self, wanted: Expectation) -> None:
        began = time.monotonic()
        reason = ""
        while (spent := time.monotonic() - began) < self._job.patience:
            if self._job.stop.wait(_PAUSE if reason else 0.0):
                raise _Failed("stopped")
            service = self._cluster.find("InferenceService", self._job.settings.name)
            if service is None:
                raise _Failed("somebody deleted it meanwhile")
            found = readiness(service, canary=self._job.settings.canary is not None)
            reason = found.reason
            if found.progress is Progress.FAILED and (spent > _STALE or not self._stood_before(service)):
                raise _Failed(reason)
            if found.progress is Progress.READY:
                try:
                    return self._asker.check(service, wanted)
                except Unanswered as error:
                    reason = error.reason
                    if error.final:
                        raise _Failed(reason) from None
            elif why := stuck(self._cluster.pods(f"serving.kserve.io/inferenceservice={self._job.settings.name}")):
                reason = f"{reason}; {why}"
        raise _Failed(f"not after {self._job.patience:.0f} s: {reason}")

    def _stood_before(self, service: dict[str, Any]) -> bool:
        before = ((self._before or {}).get("status") or {}).get("modelStatus")
        return before is not None and before == (service.get("status") or {}).get("modelStatus")

    def _roll_back(self, why: str) -> tuple[State, str]:
        """Put back what was there: the old fields, or nothing."""
        self._job.tell(f"{self._cluster.site}: {why}; rolling back")
        try:
            if self._before is not None:
                self._cluster.apply(_restored(self._before), force=True)
            for kind, name in reversed(self._made):
                self._cluster.delete(kind, name)
        except ClusterFault as fault:
            return State.BROKEN, f"{why}; and rolling back failed: {fault.message}"
        there = f"{self.version_before} is back" if self._before is not None else "nothing was there before"
        return State.ROLLED_BACK, f"{why}; {there}"


def _restored(before: dict[str, Any]) -> Document:
    """Return an object as documents that bring it back: what somebody chose, and nothing that the server keeps itself."""
    metadata = before["metadata"]
    kept = {key: metadata[key] for key in ("name", "namespace", "labels", "annotations") if metadata.get(key)}
    return {key: before[key] for key in ("apiVersion", "kind")} | {"metadata": kept, "spec": before["spec"]}


def _name(document: Document) -> str:
    metadata = document["metadata"]
    return str(metadata["name"]) if isinstance(metadata, dict) else ""


def _told(fault: ClusterFault) -> str:
    return f"{fault.message} ({fault.hint})" if fault.hint else fault.message
