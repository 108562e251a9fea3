"""What an InferenceService says of itself: whether it answers, and why not."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assay.errors import bounded

_FAILED = frozenset({"BlockedByFailedLoad", "InvalidSpec"})
_STUCK = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CrashLoopBackOff"}
)


class Progress(enum.StrEnum):
    """How far it is."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far an InferenceService is, and what it is waiting for or failed at."""

    progress: Progress
    reason: str


def readiness(service: Mapping[str, Any], *, canary: bool) -> Readiness:
    """Return what the status of a service says; a status of an older generation says nothing.

    Args:
        service: As the API server has it.
        canary: Whether the new version gets a part of the requests only: then the old one stays the active model.
    """
    status = service.get("status") or {}
    seen = status.get("observedGeneration")
    if seen is not None and seen < service["metadata"].get("generation", 0):
        return Readiness(Progress.WAITING, "KServe has not seen the new documents yet")
    model = status.get("modelStatus") or {}
    states = model.get("states") or {}
    if model.get("transitionStatus") in _FAILED or "FailedToLoad" in states.values():
        return Readiness(Progress.FAILED, _failure(model))
    conditions = {one["type"]: one for one in status.get("conditions", ())}
    if conditions.get("Ready", {}).get("status") != "True":
        return Readiness(Progress.WAITING, _waiting(conditions))
    state = states.get("targetModelState" if canary else "activeModelState", "Loaded")
    if state not in {"Loaded", ""}:
        return Readiness(Progress.WAITING, f"the model is {state}")
    return Readiness(Progress.READY, "")


def _failure(model: Mapping[str, Any]) -> str:
    info = model.get("lastFailureInfo") or {}
    parts = [info.get("reason") or model.get("transitionStatus") or "the model failed to load", info.get("message")]
    if info.get("exitCode"):
        parts.append(f"exit code {info['exitCode']}")
    return bounded(": ".join(str(part) for part in parts if part), 600)


def _waiting(conditions: Mapping[str, Mapping[str, Any]]) -> str:
    told = [
        f"{name}: {one.get('reason') or one.get('status')}{f', {message}' if (message := one.get('message')) else ''}"
        for name, one in sorted(conditions.items())
        if one.get("status") != "True" and one.get("severity", "") != "Info"
    ]
    return bounded("; ".join(told), 600) or "KServe has said nothing yet"


def stuck(pods: Sequence[Mapping[str, Any]]) -> str:
    """Return what keeps the containers of pods from running; empty when nothing does that waiting would not mend."""
    told: dict[str, None] = {}
    for pod in pods:
        status = pod.get("status") or {}
        for one in [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]:
            waiting = (one.get("state") or {}).get("waiting") or {}
            if waiting.get("reason") in _STUCK:
                ended = (one.get("lastState") or {}).get("terminated") or {}
                message = ended.get("message") or waiting.get("message") or ""
                told[bounded(f"{one.get('name', 'a container')}: {waiting['reason']}: {message}".rstrip(": "), 400)] = (
                    None
                )
    return "; ".join(told)
