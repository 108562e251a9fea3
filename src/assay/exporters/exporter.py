"""What a build target is: from a component to documents, and what must hold of these before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from assay.errors import AssayError, Fault, InvalidDocument, did_you_mean
from assay.exporters.naming import check_reference, image_reference, legal_names
from assay.ids import ParamName
from assay.model.artifacts import Json
from assay.model.component import ComponentSpec, ContainerImplementation, ParamSpec
from assay.plugins import Extension, find_plugins, load_plugin
from assay.runtime.typed import OURS

DEFAULT_BASE = "python:3.11-slim"
"""The base image, by tag: pin it by digest (``--base-image python@sha256:…``) where builds must not change."""


class Document(NamedTuple):
    """One file that a target consists of."""

    content: bytes
    executable: bool = False


Documents = Mapping[str, Document]
"""Relative path, forward slashes, to its file."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a target.

    Attributes:
        params: Values in place of the defaults.
        secrets: Secret parameter to ``NAME/KEY`` of a Kubernetes secret; default: the component's name and the parameter's.
        image: Image that documents for a cluster run; empty for the one that ``--to image`` makes.
        base_image: What an image is built on.
        network: Network that an image is built in, such as ``host``; empty for the builder's own.
        index: Another package index that an image's packages may come from.
        claim: Persistent volume claim that a Job takes its files from; empty for the component's name.
    """

    spec: ComponentSpec
    params: Mapping[ParamName, Json] = field(default_factory=dict)
    secrets: Mapping[ParamName, str] = field(default_factory=dict)
    image: str = ""
    base_image: str = DEFAULT_BASE
    claim: str = ""
    network: str = ""
    index: str = ""

    @property
    def reference(self) -> str:
        """The image that documents for a cluster run."""
        return self.image or image_reference(self.spec.name, self.spec.version)

    def value(self, param: ParamSpec) -> Json | None:
        """Return the value of a parameter: the given one, else its default, else ``None``; see ``has_value``."""
        if param.name in self.params:
            return self.params[param.name]
        return param.default if self.has_value(param) else None  # type: ignore[return-value]

    def has_value(self, param: ParamSpec) -> bool:
        """Whether a parameter is given or has a default."""
        return param.name in self.params or not param.required

    @property
    def open_params(self) -> list[ParamSpec]:
        """The parameters that are not secret."""
        return [param for param in self.spec.params.values() if not param.secret]

    @property
    def secret_params(self) -> list[ParamSpec]:
        """The parameters that are secret."""
        return [param for param in self.spec.params.values() if param.secret]


class Exporter(Protocol):
    """Writes a component in one form: pure functions, which read the component's sources and nothing else."""

    help: str
    """What it yields, and for what."""

    next: str
    """What to type next; ``{folder}`` is where the files are, ``{image}`` the image."""

    containers: bool
    """Whether it takes a component that is a program in an image: that one has no code to pack."""

    def documents(self, request: Request, faults: list[Fault]) -> Documents:
        """Return the files; what stands against them is added to ``faults``."""

    def check(self, documents: Documents) -> Sequence[Fault]:
        """Return what is wrong with files that ``documents`` returned, by the rules of the platform they are for."""


@runtime_checkable
class Finisher(Protocol):
    """An exporter that does something with its files once they are written."""

    def finish(self, request: Request, folder: Path, tell: Callable[[str], None]) -> None:
        """Do it; ``tell`` gets lines for a person. Raises ``AssayError``."""


class UnknownTarget(AssayError):  # noqa: N818  (like its kin in errors.py)
    """There is no build target of this name."""

    code = "unknown-target"


def targets() -> list[str]:
    """Return the names of the targets that are installed."""
    return [plugin.name for plugin in find_plugins(Extension.EXPORTERS)]


def find_exporter(target: str) -> Exporter:
    """Return the exporter of a target; raises ``UnknownTarget`` with the nearest name."""
    known = targets()
    if target not in known:
        hint = did_you_mean(target, known) or f"there are {', '.join(known)}"
        raise UnknownTarget(f"there is no build target {target!r}", culprit=target, hint=hint)
    return load_plugin(Extension.EXPORTERS, target)  # type: ignore[return-value]


def export(target: str, request: Request) -> Documents:
    """Return the checked files of a component for one target.

    Raises:
        UnknownTarget: There is no such target.
        InvalidDocument: With every fault: names that collide or are illegal, values that the platform cannot carry, and whatever
            the check of the finished files finds.
    """
    exporter = find_exporter(target)
    if isinstance(request.spec.implementation, ContainerImplementation) and not exporter.containers:
        able = [name for name in targets() if find_exporter(name).containers]
        message = f"{request.spec.name} is a program in an image: there is no code of its own to build {target} of"
        raise InvalidDocument([Fault("no-code", message, target, hint=f"there are {', '.join(able)}")], what=target)
    faults = [*check_reference(request.base_image, "--base-image"), *_check_names(request.spec)]
    if request.image:
        faults += check_reference(request.image, "--image")
    documents = exporter.documents(request, faults)
    if not faults:
        faults += exporter.check(documents)
    if faults:
        raise InvalidDocument(faults, what=f"{request.spec.name} for {target}")
    return documents


def _check_names(spec: ComponentSpec) -> list[Fault]:
    """Every target gives a component one namespace for its parameters and inputs, and keeps a few options for itself."""
    faults: list[Fault] = []
    named = [("input port", str(name)) for name in spec.inputs]
    named += [("parameter", str(name)) for name in spec.params]
    ours = [f"assay{sign}{name}" for name in OURS for sign in "-_"]
    legal_names(named, str, "the component's options", faults, ours)
    secrets = [("secret", str(param.name)) for param in spec.params.values() if param.secret]
    legal_names(secrets, str.upper, "the environment", faults)
    return faults
