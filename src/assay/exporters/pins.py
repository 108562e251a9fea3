"""What a component requires, pinned to what is installed here, with everything that this in turn requires."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assay.errors import Fault, bounded
from assay.model.component import ComponentSpec, NotebookImplementation

if TYPE_CHECKING:
    from importlib.metadata import Distribution

    from packaging.requirements import Requirement

_OWN = "assay-ml"
"""The runtime is packed, not installed."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version.

    Attributes:
        name: Normalised (PEP 503).
        hashes: ``sha256:…`` of the file it was installed from, where its installer wrote that down (PEP 610).
        wanted: The packages that require it; empty for what the component itself requires.
    """

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()

    def line(self, *, hashes: bool) -> str:
        """Return it as a line of ``requirements.txt``."""
        told = "".join(f" \\\n    --hash={digest}" for digest in self.hashes) if hashes else ""
        why = f"\n    # for {', '.join(self.wanted)}" if self.wanted else ""
        return f"{self.name}=={self.version}{told}{why}"


def needs(spec: ComponentSpec) -> tuple[str, ...]:
    """Return the requirements of a component and of the way it is run."""
    return (*spec.requirements, *(("ipython",) if isinstance(spec.implementation, NotebookImplementation) else ()))


def pin(requirements: Sequence[str], faults: list[Fault]) -> list[Pin]:
    """Return every package that is needed, sorted, each at the version that is installed here.

    Markers are judged by this interpreter. One that is not installed is a fault, unless it is pinned already: then it is taken
    at its word, without what it requires.
    """
    reader = _Reader(faults)
    found: dict[str, Pin] = {}
    wanted: dict[str, set[str]] = {}
    seen: set[tuple[str, str]] = set()
    waiting: deque[tuple[str, str]] = deque((text, "") for text in requirements)
    while waiting:
        text, by = waiting.popleft()
        requirement = reader.read(text)
        if requirement is None:
            continue
        name = _normal(requirement.name)
        if name == _OWN:
            continue
        wanted.setdefault(name, set()).add(by)
        here = _installed(name)
        if here is None:
            _take_at_word(requirement, name, by, found, faults)
            continue
        if not requirement.specifier.contains(here.version, prereleases=True):
            message = f"{text!r} is required, and {name} {here.version} is installed here"
            faults.append(
                Fault("unpinned", message, text, hint=f"pip install '{requirement.name}{requirement.specifier}'")
            )
            continue
        found[name] = Pin(name, here.version, _hashes(here))
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting.extend((inner, name) for inner in reader.inner(here, extra))
    return [
        Pin(one.name, one.version, one.hashes, () if "" in wanted[name] else tuple(sorted(wanted[name])))
        for name, one in sorted(found.items())
    ]


def check_index(index: str) -> list[Fault]:
    """Return a fault when this is no address of a package index that may stand in a file."""
    found = urlsplit(index)
    if found.username or found.password:
        hint = "leave name and password out, and give them to the builder by pip's own configuration"
        return [Fault("secret-in-command", "--index holds a name or password, and the image would keep it", hint=hint)]
    if found.scheme not in ("https", "http") or not found.hostname or any(sign.isspace() for sign in index):
        return [
            Fault(
                "usage",
                f"--index {bounded(index, 120)!r} is no address",
                hint="such as https://packages.example.org/simple",
            )
        ]
    return []


def requirements_text(pins: Iterable[Pin], index: str = "") -> str:
    """Return ``requirements.txt``; hashes stand in it when every package has one, as pip wants all or none.

    Args:
        index: Another package index; a version such as ``2.13.0+cpu`` is on no public one.
    """
    listed = list(pins)
    hashes = bool(listed) and all(one.hashes for one in listed)
    head = "# What this component requires, at the versions that it was built with.\n"
    local = [one.name for one in listed if "+" in one.version]
    if index:
        head += f"--extra-index-url {index}\n"
    elif local:
        head += f"# Not on the public index: {', '.join(local)}. --index ADDRESS names the one that has it.\n"
    return head + "".join(f"{one.line(hashes=hashes)}\n" for one in listed)


class _Reader:
    """Reads requirements as this interpreter sees them."""

    def __init__(self, faults: list[Fault]) -> None:
        from packaging.requirements import InvalidRequirement, Requirement  # 20 ms, and only images need it

        self._faults, self._make, self._invalid = faults, Requirement, InvalidRequirement

    def read(self, text: str) -> Requirement | None:
        """Return a requirement; ``None`` for one that is none, which is a fault, or that is not for this machine."""
        try:
            requirement = self._make(text)
        except self._invalid as error:
            message = f"{text!r} is no requirement: {str(error).splitlines()[0]}"
            self._faults.append(Fault("bad-requirement", message, text, hint="write it as in name>=1.2"))
            return None
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        return requirement if applies else None

    def inner(self, here: Distribution, extra: str) -> list[str]:
        """Return what an installed package requires, or what one of its extras adds."""
        found = []
        for text in here.requires or []:
            requirement = self._make(text)
            marker = requirement.marker
            if extra:
                applies = (
                    marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})
                )
            else:
                applies = marker is None or marker.evaluate({"extra": ""})
            if applies:
                requirement.marker = None
                found.append(str(requirement))
        return found


def _take_at_word(requirement: Requirement, name: str, by: str, found: dict[str, Pin], faults: list[Fault]) -> None:
    exact = [
        spec.version for spec in requirement.specifier if spec.operator in ("==", "===") and "*" not in spec.version
    ]
    if exact:
        found[name] = Pin(name, exact[0])
        return
    for_whom = f" (for {by})" if by else ""
    message = f"{requirement.name} is required{for_whom} and not installed here, so no version of it can be pinned"
    hint = f"pip install '{requirement.name}{requirement.specifier}', or require one version: {requirement.name}==…"
    faults.append(Fault("unpinned", message, requirement.name, hint=hint))


def _installed(name: str) -> Distribution | None:
    from importlib import metadata  # 15 ms that other targets need not pay

    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _hashes(here: Distribution) -> tuple[str, ...]:
    try:
        archive = json.loads(here.read_text("direct_url.json") or "{}").get("archive_info", {})
    except ValueError:
        return ()
    digests = archive.get("hashes") or {}
    return tuple(
        f"{kind}:{digest}" for kind, digest in sorted(digests.items()) if kind in ("sha256", "sha384", "sha512")
    )


def _normal(name: str) -> str:
    return "-".join(filter(None, name.lower().replace("_", "-").replace(".", "-").split("-")))
