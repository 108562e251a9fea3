"""A federation as a job of NVIDIA FLARE: one app for the server, and one for each site, which alone says where its images lie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.training.federated.asking import Asked
from assay.training.federated.recipe import FederatedRecipe
from assay.training.federated.site import Folders

_VERSION = 2
_ASKED_EVERY = 0.2
"""Seconds after which a site asks for its next task; by default 2, which is most of the time that small rounds take."""
_HERE = "assay.training.federated.flare"
_SERVER, _SITE = "server.Federation", "client.SiteExecutor"
_ARRIVAL, _DOOR = "crossing.Arrival", "crossing.Door"


def write_job(
    folder: Path,
    sites: Mapping[str, Folders],
    recipe: FederatedRecipe,
    *,
    workspace: Path,
    server: Path,
    notes: Path,
    fewest: int,
    patience: float,
) -> None:
    """Write a job folder, and beside it what FLARE may load: by default nothing but its own classes.

    Args:
        folder: Where.
        sites: Images of each site, by name.
        recipe: What is fitted.
        workspace: Folder that FLARE works in.
        server: Folder that the server writes to.
        notes: Folder that holds one folder a site, for what it keeps to itself.
        fewest: Sites without which the federation fails.
        patience: Seconds a site may take for an answer.
    """
    known = recipe.as_json()
    rounds = {"sites": list(sites), "fewest": fewest, "patience": patience, "folder": str(server), "recipe": known}
    _write(
        folder / "app_server" / "config" / "config_fed_server.json",
        {
            "format_version": _VERSION,
            "server": {"task_request_interval": _ASKED_EVERY},
            "workflows": [{"id": "federation", **_of(_SERVER, rounds)}],
        },
    )
    tasks = [str(asked) for asked in Asked]  # by name: "*" means all tasks to an executor, and none to a filter
    for number, (name, images) in enumerate(sites.items()):
        own = str(notes / name)
        told = {"number": number, "train": str(images.train), "validation": str(images.validation), "notes": own}
        executor = _of(_SITE, {**told, "recipe": known})
        _write(
            folder / f"app_{name}" / "config" / "config_fed_client.json",
            {
                "format_version": _VERSION,
                "executors": [{"tasks": tasks, "executor": executor}],
                "task_result_filters": [{"tasks": tasks, "filters": [_of(_DOOR, {"notes": own})]}],
                "task_data_filters": [{"tasks": tasks, "filters": [_of(_ARRIVAL, {})]}],
                "components": [],
            },
        )
    deployed = {"app_server": ["server"], **{f"app_{name}": [name] for name in sites}}
    _write(
        folder / "meta.json",
        {"name": "federation", "resource_spec": {}, "min_clients": len(sites), "deploy_map": deployed},
    )

    allowed = [f"{_HERE}.{path}" for path in (_SERVER, _SITE, _ARRIVAL, _DOOR)]
    _write(workspace / "local" / "resources.json", {"format_version": _VERSION, "class_allow_list": allowed})


def _of(path: str, args: Mapping[str, Any]) -> dict[str, Any]:
    return {"path": f"{_HERE}.{path}", "args": dict(args)}


def _write(path: Path, body: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
