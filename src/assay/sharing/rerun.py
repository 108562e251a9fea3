"""A bundle's trust pipeline for other data: which of its measurements a site can repeat, as a pipeline file.

A bundle holds no pipeline, but its evidence says, signed, which components measured with which parameters. Those that need the model and
the site's own data alone are run again; those that need the data the model was fitted on cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assay.errors import NotFound
from assay.model.component import ComponentSpec
from assay.trust.evidence.evidence import Evidence

IMAGES, TABLES = "images", "tables"
Resolve = Callable[[str, Path], ComponentSpec]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A measurement of the bundle that is not repeated, and why."""

    component: str
    why: str


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a site runs.

    Attributes:
        text: The pipeline file.
        measuring: Name of each measuring step, and its component with version.
        left_out: What is not repeated.
    """

    text: str
    measuring: Mapping[str, str]
    left_out: Sequence[LeftOut]


@dataclass(frozen=True, slots=True)
class Data:
    """How the site's data are read.

    Attributes:
        kind: ``images`` or ``tables``.
        settings: Parameters of ``input/image-folder`` or ``input/table``.
    """

    kind: str
    settings: Mapping[str, Any]


def plan_rerun(
    evidence: Sequence[Evidence], bundle: Path, data: Data, resolve: Resolve, unwanted: Collection[str] = ()
) -> Rerun:
    """Return the pipeline that repeats a bundle's measurements on other data.

    Args:
        evidence: Of the bundle.
        bundle: Its folder, already verified; the pipeline verifies it again.
        data: The site's.
        resolve: The catalog's: from a component's name to what it is.
        unwanted: Names of components that the site does not want to run.
    """
    source, predict = ("table", "transform/predict-table") if data.kind == TABLES else ("images", "transform/predict")
    reader = "input/table" if data.kind == TABLES else "input/image-folder"
    ports = {source: f"data.{source}", "model": "bundle.model", "predictions": "predict.predictions"}
    if data.kind == TABLES:
        ports["schema"] = "data.schema"
    steps: dict[str, Any] = {
        "bundle": {"use": "input/bundle", "with": {"bundle": str(bundle)}},
        "data": {"use": reader, "with": dict(data.settings)},
        "predict": {"use": predict, "in": {"model": "bundle.model", source: f"data.{source}"}},
    }
    measuring: dict[str, str] = {}
    left_out: list[LeftOut] = []
    for number, one in enumerate(evidence, start=1):
        name = one.method.component.partition("@")[0]
        found = _spec(name, resolve, unwanted)
        if isinstance(found, LeftOut):
            left_out.append(found)
        elif missing := [port for port, spec in found.inputs.items() if not spec.optional and port not in ports]:
            needs = " and ".join(missing)
            left_out.append(LeftOut(name, f"it needs {needs}, which only who made the model has"))
        else:
            step = f"m{number:02d}-{name.rpartition('/')[2]}"
            measuring[step] = f"{name}@{found.version}"
            steps[step] = {
                "use": name,
                "in": {str(port): ports[port] for port in found.inputs if port in ports},
                "with": {
                    key: value for key, value in one.parameters.items() if key in found.params and value is not None
                },
            }
    text = yaml.safe_dump({"assay": 1, "name": "site-evaluation", "steps": steps}, sort_keys=False, allow_unicode=True)
    return Rerun(text, measuring, left_out)


def _spec(name: str, resolve: Resolve, unwanted: Collection[str]) -> ComponentSpec | LeftOut:
    if name in unwanted:
        return LeftOut(name, "the site left it out")
    try:
        spec = resolve(name, Path())
    except NotFound:
        return LeftOut(name, "this installation of Assay does not have it")
    if not any(str(port.type.artifact) == "Evidence" for port in spec.outputs.values()):
        return LeftOut(name, "it writes no evidence")
    return spec
