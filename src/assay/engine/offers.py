"""Elements of ``foreach`` steps as offers: what a worker in another process must know to run one."""

from __future__ import annotations

import json
from collections.abc import Mapping

from assay.engine.attempts import Place
from assay.engine.bind import Binding
from assay.engine.job import Job
from assay.errors import AssayError
from assay.ids import PortName
from assay.model.artifacts import Artifact
from assay.model.events import output_from_json, output_to_json
from assay.store.work import Offer


class CodeChanged(AssayError):  # noqa: N818  (a state, like the field's libraries name it)
    """A component is no longer what it was when the run's engine decided what to do."""

    code = "code-changed"


def offer_of(place: Place, attempt: int) -> Offer:
    """Return an element as an offer."""
    binding, foreach = place.binding, place.step.foreach
    payload = {
        "params": {str(name): value for name, value in binding.params.items()},
        "inputs": {
            str(port): [output_to_json(artifact) for artifact in artifacts]
            for port, artifacts in binding.inputs.items()
        },
        "parts": dict(binding.parts),
        "key": binding.key,
        "label": place.label,
        "reasons": place.reasons,
    }
    return Offer(place.key, attempt, json.dumps(payload), foreach.parallel if foreach else None)


def place_of(offer: Offer, job: Job) -> Place:
    """Return the place that an offer is about. Raises ``CodeChanged``."""
    payload = json.loads(offer.payload)
    step = next(step for step in job.pipeline.all_steps() if step.name == offer.key.step)
    spec = job.specs[step.name]
    if payload["parts"]["code"] != spec.implementation.code:
        raise CodeChanged(
            f"the code of step {step.name!r} has changed since the run planned it",
            culprit=step.name,
            hint="let the run end, or cancel it, then resume it",
        )
    binding = Binding(payload["params"], _inputs(payload["inputs"]), payload["parts"], payload["key"])
    return Place(offer.key, step, spec, binding, payload["label"], tuple(payload["reasons"]))


def _inputs(data: Mapping[str, list[dict[str, object]]]) -> dict[PortName, tuple[Artifact, ...]]:
    found = {PortName(port): [output_from_json(item) for item in items] for port, items in data.items()}
    return {port: tuple(one for one in items if isinstance(one, Artifact)) for port, items in found.items()}
