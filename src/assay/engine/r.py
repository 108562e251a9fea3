"""What R there is on this machine, and which packages it finds: part of the key of a step in R, and of what is missing before a run."""

from __future__ import annotations

import functools
import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MARK = "assay-asks:"  # the profile of a site may print too
_ASK = f'cat(paste0("\\n{_MARK}", c(R.version.string, R.version$platform, .libPaths())))'
_PATIENCE = 120.0
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_OWN = frozenset({"base", "compiler", "datasets", "graphics", "grDevices", "grid", "methods", "parallel", "splines", "stats", "stats4", "tcltk", "tools", "utils"})  # fmt: skip
"""Packages of R itself: as old as R is."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An R.

    Attributes:
        version: Version and platform, in R's own words.
        libraries: Folders in which it looks for packages, in its order.
    """

    version: str
    libraries: Sequence[str]


@functools.cache
def installed() -> Installation | None:
    """Return the R that ``Rscript`` runs, asked once; ``None`` when there is none."""
    try:
        asked = subprocess.run(
            ["Rscript", "--no-init-file", "-e", _ASK], capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version, platform, *libraries = [
        line.removeprefix(_MARK).rstrip() for line in asked.stdout.splitlines() if line.startswith(_MARK)
    ]
    return Installation(f"{version} {platform}", tuple(libraries))


def version_of(package: str) -> str | None:
    """Return the version of a package that R would load, ``None`` when it finds none (or there is no R)."""
    found = installed()
    for library in found.libraries if found is not None else ():
        try:
            with open(os.path.join(library, package, "DESCRIPTION"), encoding="utf-8", errors="replace") as file:
                lines = [line.partition(":")[2].strip() for line in file if line.startswith("Version:")]
        except OSError:
            continue
        return lines[0] if lines else ""
    return None


def digest_lines(packages: Iterable[str]) -> list[str]:
    """Return what counts of R for the key of a step."""
    found = installed()
    if found is None:
        return ["no R"]
    return [found.version, *(f"{name}=={version_of(name)}" for name in _names(packages))]


def lacking(packages: Iterable[str]) -> list[str]:
    """Return the packages that R does not find, sorted; none when there is no R: then that is what is missing."""
    if installed() is None:
        return []
    return [name for name in _names(packages) if version_of(name) is None]


def how_to_install(packages: Iterable[str]) -> str:
    """Return the command that installs R packages, ready to be typed."""
    listed = ", ".join(f'"{package}"' for package in sorted(packages))
    return f"type: Rscript -e 'install.packages(c({listed}))'"


def _names(packages: Iterable[str]) -> list[str]:
    """Return the packages that are not R's own, sorted; of ``dplyr>=1.0``, which a ``# @dependency`` may say, the name counts."""
    found = map(_NAME.match, packages)
    return sorted({match.group(0) for match in found if match} - _OWN)
