"""How a model came to be: an in-toto statement with an SLSA provenance predicate, version 1 (slsa.dev/spec/v1.0/provenance)."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import assay
from assay.signing import Claim, Envelope, PrivateKey, Resource, seal
from assay.signing.statement import PAYLOAD
from assay.trust.gate import Verdict

PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE, BUILDER = "urn:assay:pipeline-run:1", "urn:assay:engine"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the run: its name, its component with version, the digest of its code."""

    name: str
    component: str
    digest: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The run that made a model, as far as whoever makes the bundle knows it.

    Attributes:
        run: Its id.
        pipeline: Name of the pipeline.
        document: sha256 of the pipeline file.
        params: Parameters of the pipeline; paths are reduced to their last part, they name people's computers.
        steps: What was done.
        started: When, UTC.
        finished: When, UTC.
    """

    run: str = ""
    pipeline: str = ""
    document: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Step] = ()
    started: dt.datetime | None = None
    finished: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """The statement, not yet signed."""

    claim: Claim

    def sign(self, key: PrivateKey) -> Envelope:
        """Return it signed."""
        return seal(PAYLOAD, self.claim.payload(), [key])


def provenance(origin: Origin, verdict: Verdict, model: str, facts: Mapping[str, Any]) -> Provenance:
    """Return what is known of a model's making.

    Args:
        origin: The run.
        verdict: The gate's: names data and evidence.
        model: sha256 of the model.
        facts: ``model.json``.
    """
    sources = [_named("data", one.digest) for one in verdict.data]
    sources += [_named(f"step:{step.name}", step.digest, step.component) for step in origin.steps if step.digest]
    if origin.document:
        sources.append(_named("pipeline", origin.document))
    metadata = {
        "invocationId": origin.run,
        "startedOn": _stamp(origin.started),
        "finishedOn": _stamp(origin.finished),
    }
    predicate = {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {
                "pipeline": origin.pipeline,
                "params": {name: _homeless(value) for name, value in origin.params.items()},
            },
            "internalParameters": {"training": _homeless(facts.get("training", {}))},
            "resolvedDependencies": sources,
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"assay": assay.__version__, "python": platform.python_version()}},
            "metadata": {name: value for name, value in metadata.items() if value},
            "byproducts": [one.json() for one in verdict.evidence],
        },
    }
    return Provenance(Claim(PREDICATE, [Resource("model", model)], predicate))


def _named(name: str, digest: str, uri: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "digest": {"sha256": digest}}
    return found | ({"uri": f"urn:assay:component:{uri}"} if uri else {})


def _homeless(value: Any) -> Any:
    """Return a value whose absolute paths have lost all but their last part."""
    if isinstance(value, str) and value.startswith("/"):
        return value.rstrip("/").rpartition("/")[2]
    if isinstance(value, Mapping):
        return {name: _homeless(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_homeless(one) for one in value]
    return value


def _stamp(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
