"""What is deployed at a site, by what stands on its services and by what answers there."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.deployment.asking import Asker, Reach, Unanswered
from assay.deployment.cluster import Cluster, ClusterFault
from assay.deployment.drift import drift
from assay.deployment.readiness import Progress, readiness

_OURS = "app.kubernetes.io/managed-by=assay"


@dataclass(frozen=True, slots=True)
class Deployed:
    """One service of a site.

    Attributes:
        site: Its name.
        service: Of the InferenceService; empty: there is none, or the site does not answer.
        bundle: sha256 of the bundle that is meant to answer.
        verdict: In words: state, and until when.
        overridden: Who published against the verdict, and why; empty: nobody.
        drift: In words.
        faults: Everything that is not as it should be.
    """

    site: str
    service: str = ""
    version: str = ""
    bundle: str = ""
    verdict: str = ""
    overridden: str = ""
    drift: str = ""
    faults: tuple[str, ...] = ()


def inventory(cluster: Cluster, reach: Reach | None, now: dt.datetime) -> list[Deployed]:
    """Return what is deployed at a site; a site that does not answer is one row with the reason.

    Args:
        cluster: The site.
        reach: The way to its services; ``None``: what fits the mode of each.
        now: The moment at which verdicts have to be valid.
    """
    try:
        services = cluster.listed("InferenceService", _OURS)
        return [_deployed(cluster, one, reach, now) for one in services] or [Deployed(cluster.site)]
    except ClusterFault as fault:
        return [Deployed(cluster.site, faults=(fault.message,))]


def _deployed(cluster: Cluster, service: Mapping[str, Any], reach: Reach | None, now: dt.datetime) -> Deployed:
    metadata = service["metadata"]
    said: Mapping[str, str] = metadata.get("annotations") or {}
    verdict, expired = _verdict(said, now)
    faults = [f"the verdict expired {said['assay.expires'][:10]}"] if expired else []
    way = reach or (Reach.URL if said.get("serving.kserve.io/deploymentMode") == "Serverless" else Reach.PROXY)
    found = readiness(service, canary=False)
    seen = ""
    if found.progress is not Progress.READY:
        faults.append(found.reason)
    elif _only_grpc(service):
        seen = "not asked: it answers over gRPC only"
    elif "containers" in service["spec"]["predictor"]:
        try:
            seen = _answers(Asker(cluster, metadata["name"], way), service, said, faults)
        except Unanswered as error:
            faults.append(error.reason)
    else:
        seen = "a plain runtime counts nothing"
    return Deployed(
        site=cluster.site,
        service=str(metadata["name"]),
        version=said.get("assay.version", ""),
        bundle=said.get("assay.bundle", "").removeprefix("sha256:"),
        verdict=verdict,
        overridden=said.get("assay.overridden", ""),
        drift=seen,
        faults=tuple(faults),
    )


def _only_grpc(service: Mapping[str, Any]) -> bool:
    containers = service["spec"]["predictor"].get("containers") or [{}]
    return [port.get("name") for port in containers[0].get("ports", ())] == ["h2c"]


def _verdict(said: Mapping[str, str], now: dt.datetime) -> tuple[str, bool]:
    """Return the verdict in words, and whether it has expired; an override stands against its age."""
    expires = dt.datetime.fromisoformat(said["assay.expires"]) if said.get("assay.expires") else None
    if expires is None:
        return "unknown", False
    return (
        f"{said.get('assay.verdict', 'unknown')} until {expires:%Y-%m-%d}",
        now >= expires and "assay.overridden" not in said,
    )


def _answers(asker: Asker, service: Mapping[str, Any], said: Mapping[str, str], faults: list[str]) -> str:
    """Return the drift in words; add a fault when another bundle answers than the one that stands on the service."""
    facts = json.loads(asker.text(service, f"/v2/models/{said.get('assay.name', '')}")).get("parameters") or {}
    got = str(facts.get("bundle_sha256", ""))
    if f"sha256:{got}" != said.get("assay.bundle"):
        faults.append(f"bundle {got[:12] or 'unknown'} answers")
    try:
        return drift(asker.text(service, "/metrics"), str(facts.get("positive", ""))).words
    except ValueError as error:
        return f"its counters cannot be read: {error}"
