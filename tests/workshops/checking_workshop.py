"""A small catalog, and what is said of a pipeline that is held against it."""

from __future__ import annotations

from pathlib import Path

from assay.check import Checked, check
from assay.errors import (
    AssayError,
    Fault,
    InvalidDocument,
    Location,
    MissingDependency,
    NotFound,
    did_you_mean,
)
from assay.ids import ComponentName, ParamName, PortName
from assay.model.artifacts import ArtifactType, PortType
from assay.model.codec import load
from assay.model.component import MISSING, ComponentSpec, FunctionImplementation, ParamSpec, ParamType, PortSpec

A = ArtifactType


def port(name: str, kind: ArtifactType, *, many: bool = False, optional: bool = False) -> PortSpec:
    return PortSpec(PortName(name), PortType(kind, many), optional)


def component(name: str, params: list[ParamSpec], inputs: list[PortSpec], outputs: list[PortSpec]) -> ComponentSpec:
    return ComponentSpec(
        ComponentName(name),
        FunctionImplementation("f", "f.py", "0"),
        params={param.name: param for param in params},
        inputs={item.name: item for item in inputs},
        outputs={item.name: item for item in outputs},
    )


COMPONENTS = {
    spec.name: spec
    for spec in (
        component(
            "input/ct",
            [ParamSpec(ParamName("patients"), ParamType.INT, default=10, min=1), ParamSpec(ParamName("mode"), ParamType.STR, default="fast", choices=("fast", "slow"))],
            [],
            [port("images", A.IMAGES), port("count", A.VALUE), port("table", A.DATASET)],
        ),
        component("transform/one", [ParamSpec(ParamName("name"), ParamType.STR, default="")], [port("file", A.FILE)], [port("file", A.FILE), port("n", A.VALUE)]),
        component(
            "train/model",
            [ParamSpec(ParamName("epochs"), ParamType.INT), ParamSpec(ParamName("rate"), ParamType.FLOAT, default=0.1), ParamSpec(ParamName("token"), ParamType.STR, secret=True, default=None)],
            [port("train", A.IMAGES), port("extra", A.FOLDER, optional=True)],
            [port("model", A.MODEL), port("auroc", A.VALUE)],
        ),
        component("report/all", [], [port("files", A.FILE, many=True)], [port("report", A.REPORT)]),
        component("need/secret", [ParamSpec(ParamName("token"), ParamType.STR, secret=True, default=MISSING)], [], []),
    )
}  # fmt: skip


def resolve(use: str, base: Path) -> ComponentSpec:
    del base
    if use == "./broken.py:f":
        raise InvalidDocument([Fault("no-hint", "parameter 'x' has no type", "x", Location("broken.py", 3, 7))])
    if use == "./syntax.py:f":
        raise AssayError("cannot read it", culprit="syntax.py")
    if use == "./lacks.py:f":
        raise MissingDependency("pandas is not installed", hint="pip install assay-ml[data]")
    if use in COMPONENTS:
        return COMPONENTS[use]  # type: ignore[index]  # a name is a text
    raise NotFound(f"there is no component {use!r}", culprit=use, hint=did_you_mean(use, COMPONENTS))


INNER = "assay: 1\nname: inner\nsteps:\n  make: {use: input/ct}\n"


def checked(steps: str, head: str = "") -> Checked:
    """Beside the file lies ``inner.pipeline.yaml``, which makes images and takes nothing."""
    document = load(f"assay: 1\nname: a\n{head}steps:\n{steps}", "p.yaml")
    return check(document, resolve, Path(), lambda file: load(INNER, file.name))


def show(result: Checked) -> list[str]:
    text = result.document.text
    return [
        f"{fault}" + (f" fix {text[fault.fix.start : fault.fix.end]} -> {fault.fix.text}" if fault.fix else "")
        for fault in result.faults
    ]
