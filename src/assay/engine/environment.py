"""The environment a step runs in, as a digest, and what it lacks."""

from __future__ import annotations

import functools
import hashlib
import platform
import re
from collections.abc import Iterable

from assay.model.component import ComponentSpec

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
def _digest(requirements: tuple[str, ...]) -> str:
    versions = [f"{name}=={installed_version(name)}" for name in sorted(map(package_name, requirements))]
    text = "\n".join([platform.python_implementation(), platform.python_version(), platform.machine(), *versions])
    return hashlib.sha256(text.encode()).hexdigest()


def environment_digest(spec: ComponentSpec) -> str:
    """Return a digest of the interpreter, the processor type and the installed versions of the component's requirements."""
    return _digest(spec.requirements)


def missing_packages(specs: Iterable[ComponentSpec]) -> dict[str, list[str]]:
    """Return the required distributions that are not installed, each with the components that want it."""
    missing: dict[str, list[str]] = {}
    for spec in specs:
        for requirement in spec.requirements:
            if installed_version(package_name(requirement)) is None:
                missing.setdefault(requirement, []).append(spec.name)
    return missing
