"""What belongs to predictions in a run, found by digest: the model that answered, its images, what it was fitted on, heat maps."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.errors import AssayError
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType
from assay.model.state import RunState
from assay.store import Store
from assay.views.places import in_order

_HEATMAPS, _MODEL, _INDEX, _META = "heatmaps.json", "model.json", "index.csv", "images.json"
_LARGEST_JSON = 4_000_000
_FITTED_ON = "train"
_STATES = frozenset({"pass", "fail", "insufficient"})


@dataclass(frozen=True, slots=True)
class Place:
    """An artifact of a run: which step, which port, which of a list."""

    step: str
    port: str
    item: int
    artifact: Artifact


@dataclass(frozen=True, slots=True)
class Maps:
    """A Heatmaps folder of a run, with what it says of itself."""

    place: Place
    facts: dict[str, Any]


def said_of_maps(facts: dict[str, Any]) -> dict[str, object]:
    """Return what ``heatmaps.json`` says of the method, in the form of the API whatever stands there: anybody may write one."""
    state = facts.get("state")
    words = {name: str(facts.get(name, "")) for name in ("method", "title", "positive", "reason")}
    return words | {"state": state if state in _STATES else None}


@dataclass(frozen=True, slots=True)
class Sources:
    """What belongs together; ``None`` for what is not among the outputs of the run."""

    model: Place | None
    images: Place | None
    training: Place | None
    maps: tuple[Maps, ...]

    @property
    def method(self) -> tuple[str, dict[str, Any]]:
        """The method that the run explains by, with its settings: of several the first that stands; empty when there is none."""
        standing = sorted(self.maps, key=lambda one: one.facts.get("state") != "pass")
        facts = standing[0].facts if standing else {}
        settings = facts.get("settings")
        return str(facts.get("method", "")), settings if isinstance(settings, dict) else {}


def outputs(state: RunState) -> Iterator[Place]:
    """Yield every artifact of a run, steps in their order."""
    for step in in_order(state):
        for port, output in step.outputs.items():
            listed = output.items if isinstance(output, ArtifactList) else (output,)
            for item, artifact in enumerate(listed):
                if isinstance(artifact, Artifact):
                    yield Place(str(step.key), str(port), item, artifact)


def sources(store: Store, state: RunState, model: str, data: str) -> Sources:
    """Find what belongs to predictions of this model about these data, both sha256; empty: not stated, nothing is found."""
    places = list(outputs(state))
    asked = _of(places, model, ArtifactType.MODEL)
    training = _training(store, places, asked) if asked else None
    images = _of(places, data, ArtifactType.IMAGES)
    maps = tuple(one for one in heatmaps(store, places) if model and one.facts.get("model") == model)
    return Sources(asked, images, training, tuple(one for one in maps if one.facts.get("images") == data))


def heatmaps(store: Store, places: list[Place]) -> Iterator[Maps]:
    """Yield the Heatmaps folders among artifacts; each content once."""
    seen = set()
    for place in places:
        artifact = place.artifact
        if artifact.type is not ArtifactType.FOLDER or not artifact.folder or artifact.digest in seen:
            continue
        seen.add(artifact.digest)
        facts = facts_of_maps(store, artifact)
        if facts:
            yield Maps(place, facts)


def facts_of_maps(store: Store, folder: Artifact) -> dict[str, Any]:
    """Return what a Heatmaps folder says of itself; empty for any other folder."""
    return _json(store, folder, _HEATMAPS)


def images_under(state: RunState, facts: dict[str, Any]) -> Place | None:
    """Return the images of a run that heat maps lie over."""
    return _of(list(outputs(state)), str(facts.get("images", "")), ArtifactType.IMAGES)


def content_digest(store: Store, images: Artifact) -> str:
    """Return what ``model.json`` calls the sha256 of an Images folder: over the index, ``images.json`` and every picture, in index order.

    The store knows the digest of every file, so no picture is read. Empty when the folder has no index that can be read.
    """
    try:
        digests = {name: member.digest for name, member in store.objects.members(images)}
        with (store.objects.path(images) / _INDEX).open(encoding="utf-8", newline="") as file:
            listed = [row["file"] for row in csv.DictReader(file)]
    except (AssayError, OSError, ValueError, KeyError, csv.Error):
        return ""
    whole, nothing = hashlib.sha256(), hashlib.sha256().hexdigest()
    for name in (_INDEX, _META, *listed):
        whole.update(bytes.fromhex(digests.get(name, nothing)))
    return whole.hexdigest()


def _of(places: list[Place], digest: str, kind: ArtifactType) -> Place | None:
    found = (place for place in places if place.artifact.digest == digest and place.artifact.type is kind)
    return next(found, None) if digest else None


def _training(store: Store, places: list[Place], model: Place) -> Place | None:
    """Return the images that the model says it was fitted on."""
    said: Any = _json(store, model.artifact, _MODEL)
    for name in ("training", "data", _FITTED_ON):
        said = said.get(name) if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(said.get("sha256"), str):
        return None
    digests = set()
    for place in places:
        artifact = place.artifact
        if artifact.type is not ArtifactType.IMAGES or artifact.digest in digests:
            continue
        digests.add(artifact.digest)
        if content_digest(store, artifact) == said["sha256"]:
            return place
    return None


def _json(store: Store, folder: Artifact, name: str) -> dict[str, Any]:
    """Return a JSON object in a folder; empty when there is none: anybody may write such a file."""
    try:
        path: Path = store.objects.path(folder) / name
        if not path.is_file() or path.stat().st_size > _LARGEST_JSON:
            return {}
        found = json.loads(path.read_bytes())
    except (AssayError, OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
