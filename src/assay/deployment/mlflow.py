"""MLflow's model registry: a registered model, a version of it with the verdict as tags, and a run that holds the evidence (REST API 2.0)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from assay.bundle.layout import Part
from assay.bundle.source import Source
from assay.deployment.candidate import Candidate
from assay.deployment.registration import (
    BUNDLE,
    Api,
    Registered,
    RegistrationFault,
    described,
    evidence_links,
    properties,
    refuse_another,
)
from assay.deployment.storage import Storage
from assay.model.artifacts import Json

_BASE = "/api/2.0/mlflow"
_MOST = 1000
"""Versions of a model that are looked through for this bundle."""


def register(
    source: Source, candidate: Candidate, storage: Storage, api: Api, *, experiment: str = "assay", alias: str = ""
) -> Registered:
    """Register a bundle; one that is there already is left as it is, but for the alias.

    Args:
        source: Where the bundle lies here: its evidence and reports are read from it.
        candidate: A bundle that passed.
        storage: Where the bundle lies for others.
        api: The tracking server.
        experiment: That the run with the evidence belongs to; made when it is not there.
        alias: That points at this version from now on; empty: none.

    Raises:
        RegistrationFault: The server cannot be reached, refuses, or has another bundle of this version.
    """
    name = candidate.manifest.name
    if api.get(f"{_BASE}/registered-models/get", name=name) is None:
        about = f"Models that passed the gate of Assay as {name}."
        api.post(f"{_BASE}/registered-models/create", {"name": name, "description": about})
    number, remark = _there(api, candidate), ""
    new = number is None
    if number is None:
        number, remark = _version(source, candidate, storage, api, experiment)
    if alias:
        api.post(f"{_BASE}/registered-models/alias", {"name": name, "alias": alias, "version": number})
    return Registered(number, new, f"{api.base}/#/models/{quote(name)}/versions/{number}", remark)


def _there(api: Api, candidate: Candidate) -> str | None:
    """Return the number of the version that is this bundle."""
    found = api.get(
        f"{_BASE}/model-versions/search", filter=f"name='{candidate.manifest.name}'", max_results=str(_MOST)
    )
    for one in (found or {}).get("model_versions", ()):
        tags = {tag["key"]: tag["value"] for tag in one.get("tags", ())}
        if tags.get("assay.version") == candidate.manifest.version:
            refuse_another(tags.get(BUNDLE), candidate, api.base)
            return str(one["version"])
    return None


def _version(source: Source, candidate: Candidate, storage: Storage, api: Api, experiment: str) -> tuple[str, str]:
    """Make run and version; return the version's number, and what there is to say."""
    links = {f"assay.evidence.{name}": address for name, address in evidence_links(candidate, storage).items()}
    tags = _tags(properties(candidate, storage) | links)
    run = _run(api, candidate, experiment, tags)
    try:
        stored = _store_files(source, candidate, api, run)
        made = api.post(
            f"{_BASE}/model-versions/create",
            {
                "name": candidate.manifest.name,
                "source": storage.address,
                "run_id": run["info"]["run_id"],
                "description": described(candidate),
                "tags": tags,
            },
        )
    except RegistrationFault:
        _end(api, run, "FAILED")
        raise
    _end(api, run, "FINISHED")
    remark = "" if stored else "the server keeps no artifacts itself: tags say where the evidence is"
    return str(made["model_version"]["version"]), remark


def _run(api: Api, candidate: Candidate, experiment: str, tags: list[Json]) -> dict[str, Any]:
    found = api.get(f"{_BASE}/experiments/get-by-name", experiment_name=experiment)
    number = (
        found["experiment"]["experiment_id"]
        if found
        else api.post(f"{_BASE}/experiments/create", {"name": experiment})["experiment_id"]
    )
    body: dict[str, Json] = {
        "experiment_id": number,
        "run_name": candidate.manifest.title,
        "start_time": int(time.time() * 1000),
        "tags": tags,
    }
    made: dict[str, Any] = api.post(f"{_BASE}/runs/create", body)["run"]
    return made


def _end(api: Api, run: Mapping[str, Any], status: str) -> None:
    body: dict[str, Json] = {"run_id": run["info"]["run_id"], "status": status, "end_time": int(time.time() * 1000)}
    api.post(f"{_BASE}/runs/update", body)


def _store_files(source: Source, candidate: Candidate, api: Api, run: Mapping[str, Any]) -> bool:
    """Store evidence, reports and verdict beside the run; return whether the server keeps artifacts itself."""
    place = str(run["info"]["artifact_uri"])
    if not place.startswith("mlflow-artifacts:"):
        return False
    folder = place.partition(":")[2].lstrip("/")
    for part in (Part.EVIDENCE, Part.REPORTS, Part.VERDICT, Part.OVERRIDE):
        for item in candidate.manifest.of(part):
            with source.open(item.path) as file:
                api.put_file(f"/api/2.0/mlflow-artifacts/artifacts/{quote(f'{folder}/{item.path}')}", file.read())
    return True


def _tags(said: Mapping[str, str]) -> list[Json]:
    return [{"key": name, "value": value} for name, value in said.items()]
