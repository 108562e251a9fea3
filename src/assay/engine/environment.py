"""The environment a step runs in: this one or one of its own, as a digest, and what this one lacks."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
from collections.abc import Iterable

from assay.engine.r import digest_lines, lacking
from assay.model.component import (
    ComponentSpec,
    FunctionImplementation,
    Language,
    NotebookImplementation,
    ScriptImplementation,
)

_NOTEBOOKS = "ipython>=9.0"  # as the extra "notebook" has it
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@functools.cache
def installed_version(package: str) -> str | None:
    """Return the version of an installed distribution, or ``None``."""
    from importlib import metadata  # late: 15 ms that a pipeline without requirements need not pay

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def package_name(requirement: str) -> str:
    """Return the distribution that a requirement such as ``numpy>=2`` names."""
    match = _NAME.match(requirement.strip())
    return match.group(0) if match else requirement.strip()


@functools.cache
def lacks(requirement: str) -> bool:
    """Return whether the current environment does not meet a requirement: name, version, extras and marker count.

    What is no requirement after PEP 508 (an install line may hold anything) counts by the name it begins with.
    """
    name = requirement.strip()
    if _NAME.fullmatch(name):
        return installed_version(name) is None
    from packaging.requirements import InvalidRequirement, Requirement  # 10 ms, and most requirements are bare names

    try:
        wanted = Requirement(requirement)
    except InvalidRequirement:
        return installed_version(package_name(requirement)) is None
    if wanted.marker is not None and not wanted.marker.evaluate():
        return False
    version = installed_version(wanted.name)
    if version is None or not wanted.specifier.contains(version, prereleases=True):
        return True
    return bool(wanted.extras) and any(lacks(part) for part in _of_extras(wanted.name, wanted.extras))


def _of_extras(name: str, extras: Iterable[str]) -> list[str]:
    """Return what the extras of an installed distribution ask for beyond the distribution itself."""
    from importlib import metadata  # late, as above

    from packaging.requirements import Requirement  # late, as above

    found = []
    for line in metadata.requires(name) or ():
        part = Requirement(line)
        if part.marker is None or part.marker.evaluate({"extra": ""}):
            continue
        if any(part.marker.evaluate({"extra": extra}) for extra in extras):
            part.marker = None
            found.append(str(part))
    return found


@functools.cache
def _digest(requirements: tuple[str, ...]) -> str:
    versions = [f"{name}=={installed_version(name)}" for name in sorted(map(package_name, requirements))]
    return _hashed(_interpreter(), *versions)


def _interpreter() -> str:
    return f"{platform.python_implementation()}\n{platform.python_version()}\n{platform.machine()}"


def _hashed(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def environment_digest(spec: ComponentSpec) -> str:
    """Return the digest of the environment that a component runs in when no image is asked for.

    Of this environment count the interpreter, the processor type and the installed versions of the component's requirements; of
    one of its own the requirements as they are written: which versions they came to is settled once for each store. For a script in R
    its version and those of the packages that it names count too.
    """
    own = own_requirements(spec)
    digest = own_digest(own) if own else _digest(spec.requirements)
    return _hashed(digest, *digest_lines(r_packages(spec))) if in_r(spec) else digest


def in_r(spec: ComponentSpec) -> bool:
    """Whether a component is a script in R."""
    code = spec.implementation
    return isinstance(code, ScriptImplementation) and code.language is Language.R


def r_packages(spec: ComponentSpec) -> tuple[str, ...]:
    """Return the R packages that a component needs."""
    code = spec.implementation
    return code.packages if isinstance(code, ScriptImplementation) else ()


def own_requirements(spec: ComponentSpec) -> tuple[str, ...]:
    """Return what has to be installed in an environment of its own; empty when the component can run in this one."""
    needs = _needs(spec)
    return needs if any(map(lacks, needs)) else ()


@functools.cache
def own_digest(requirements: tuple[str, ...]) -> str:
    """Return the digest by which an environment made for these requirements, in any order, is known."""
    return _hashed("own environment 1", _interpreter(), *sorted(set(requirements)))


def _needs(spec: ComponentSpec) -> tuple[str, ...]:
    """Return the component's requirements, and what the runtime itself needs to run one of its kind."""
    if isinstance(spec.implementation, NotebookImplementation) and "ipython" not in map(
        package_name, spec.requirements
    ):
        return (*spec.requirements, _NOTEBOOKS)
    return spec.requirements


def package_folders(spec: ComponentSpec) -> tuple[str, ...]:
    """Return the folder of the package that a component is a module of, unless that is Assay: no index need have it."""
    code = spec.implementation
    if not isinstance(code, FunctionImplementation) or not code.module or code.module.startswith("assay."):
        return ()
    depth = code.module.count(".") + os.path.basename(code.file).startswith("__init__.")
    return (os.path.abspath(os.path.join(code.file, *[os.pardir] * depth)),)


def missing_packages(specs: Iterable[ComponentSpec]) -> dict[str, list[str]]:
    """Return the requirements that this environment does not meet, each with the components that have it."""
    missing: dict[str, list[str]] = {}
    for spec in specs:
        for requirement in spec.requirements:
            if lacks(requirement):
                missing.setdefault(requirement, []).append(spec.name)
    return missing


def missing_r_packages(specs: Iterable[ComponentSpec]) -> dict[str, list[str]]:
    """Return the packages that R does not find, each with the components that need it; none where there is no R at all."""
    missing: dict[str, list[str]] = {}
    for spec in specs:
        for package in lacking(r_packages(spec)) if in_r(spec) and r_packages(spec) else ():
            missing.setdefault(package, []).append(spec.name)
    return missing
