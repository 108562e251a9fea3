"""What ``assay doctor`` looks at: each check is one function that returns a finding."""

from __future__ import annotations

import enum
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.errors import ExitCode
from assay.views.words import size

_LEAST_PYTHON = (3, 11)
_LEAST_SQLITE = (3, 22, 0)
"""The first that lets a read-only reader open a WAL database."""
_LEAST_SPACE = 1_000_000_000
_FICLONE = 0x40049409


class Health(enum.StrEnum):
    """How good it is: only ``BROKEN`` stops work."""

    GOOD = "good"
    ABSENT = "absent"
    BROKEN = "broken"

    @property
    def symbol(self) -> str:
        """One character for a terminal."""
        return {Health.GOOD: "✔", Health.ABSENT: "\N{EN DASH}", Health.BROKEN: "✘"}[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: ``hint`` says what to type; ``exit_code`` is used when it is broken."""

    topic: str
    health: Health
    detail: str
    hint: str = ""
    exit_code: ExitCode = ExitCode.MISSING_DEPENDENCY


def examine(root: Path) -> Iterator[Finding]:
    """Yield every finding for a store at ``root``, which need not be there yet."""
    for check in (_python, _sqlite, _machine, _packages, _uv, _r, _containers, _completion):
        yield check()
    yield from _store(root)
    yield from _extras()


def _python() -> Finding:
    import platform  # 5 ms that no other command pays

    detail = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < _LEAST_PYTHON:
        return Finding("Python", Health.BROKEN, detail, "install Python 3.11 or newer")
    return Finding("Python", Health.GOOD, detail)


def _sqlite() -> Finding:
    import sqlite3  # only here

    if sqlite3.sqlite_version_info < _LEAST_SQLITE:
        least = ".".join(map(str, _LEAST_SQLITE))
        return Finding(
            "SQLite", Health.BROKEN, sqlite3.sqlite_version, f"install a Python built with SQLite {least} or newer"
        )
    return Finding("SQLite", Health.GOOD, sqlite3.sqlite_version)


def _machine() -> Finding:
    from assay.engine.machine import this_machine  # only here

    machine = this_machine()
    memory = size(machine.memory) if machine.memory else "unknown memory"
    gpus = f", {machine.gpu} GPU" if machine.gpu else ", no GPU"
    return Finding("machine", Health.GOOD, f"{machine.cpu:g} cores, {memory}{gpus}")


def _packages() -> Finding:
    """The packages without which nothing runs are there when this line runs; say which versions."""
    versions = [f"{name} {_version(name)}" for name in ("packaging", "pyyaml", "rich", "typer")]
    return Finding("core packages", Health.GOOD, ", ".join(versions))


def _uv() -> Finding:
    from assay.engine.executors.environment.settings import find_uv  # only here

    found = find_uv()
    if found:
        return Finding("uv", Health.GOOD, found)
    return Finding(
        "uv", Health.ABSENT, "not found (only needed for steps whose packages are not installed)", "pip install uv"
    )


def _r() -> Finding:
    from assay.engine.r import installed  # only here: R is asked, 0.3 s

    found = installed()
    if found:
        return Finding("R", Health.GOOD, found.version)
    return Finding(
        "R",
        Health.ABSENT,
        "not found (only needed for R scripts)",
        "install it (Debian: apt-get install r-base-core)",
    )


def _containers() -> Finding:
    from assay.engine.executors.container import ContainerError, find_daemon  # only here

    try:
        daemon = find_daemon()
        facts = daemon.facts()
        rights = ", rootless" if daemon.rootless() else ""
    except ContainerError as error:
        return Finding("containers", Health.ABSENT, f"{error.message} (only needed for container steps)", error.hint)
    parts = [str(part.get("Name", "")) for part in facts.get("Components") or ()]
    name = "podman" if any("Podman" in part for part in parts) else "docker"
    return Finding("containers", Health.GOOD, f"{name} {facts.get('Version', '')} at {daemon.path}{rights}")


def _completion() -> Finding:
    home = Path.home()
    places = (".bash_completions/assay.sh", ".zfunc/_assay", ".config/fish/completions/assay.fish")
    for place in places:
        if (home / place).is_file():
            return Finding("completion", Health.GOOD, f"~/{place}")
    return Finding("completion", Health.ABSENT, "not installed for this user", "assay --install-completion")


def _store(root: Path) -> Iterator[Finding]:
    place = next((folder for folder in (root, *root.parents) if folder.is_dir()), root)
    try:
        trial = tempfile.TemporaryDirectory(prefix=".assay-doctor-", dir=place)
    except OSError as error:
        hint = "make it writable, or name another folder: --store DIR"
        yield Finding("store", Health.BROKEN, f"{place}: {error.strerror}", hint, ExitCode.STORE)
        return
    with trial as name:
        state = "there" if place == root else "not made yet"
        yield Finding("store", Health.GOOD, f"{root} ({state}, writable)")
        yield _space(place)
        yield _links(Path(name))
        yield _locks(Path(name))
    yield _environments(root)


def _space(place: Path) -> Finding:
    free = shutil.disk_usage(place).free
    if free < _LEAST_SPACE:
        return Finding("free space", Health.BROKEN, size(free), "make room: assay gc --dry-run", ExitCode.STORE)
    return Finding("free space", Health.GOOD, size(free))


def _environments(root: Path) -> Finding:
    """The environments that were made for components whose packages are not installed."""
    from assay.engine.executors import environment  # only here

    found = environment.environments(environment.folder_in(root))
    if not found:
        return Finding("environments", Health.GOOD, "none was needed yet")
    names = ", ".join(" ".join(one.requirements) for one in found)
    return Finding("environments", Health.GOOD, f"{len(found)}, {size(sum(one.bytes for one in found))}: {names}")


def _links(trial: Path) -> Finding:
    """How artifacts get from the store to a folder of the user's: shared blocks, hard links, or bytes copied."""
    source = trial / "source"
    source.write_bytes(b"assay" * 1000)
    able = [word for word, way in (("reflinks", _reflink), ("hard links", os.link)) if _can(way, source, trial / word)]
    detail = f"{' and '.join(able)} work" if able else "no reflinks, no hard links: artifacts are copied"
    return Finding("file system", Health.GOOD, detail)


def _can(way: Callable[[Path, Path], None], source: Path, target: Path) -> bool:
    try:
        way(source, target)
    except OSError:
        return False
    return True


def _reflink(source: Path, target: Path) -> None:
    import fcntl  # not on every platform on which this module is read for its documentation

    with source.open("rb") as reader, target.open("xb") as writer:
        fcntl.ioctl(writer, _FICLONE, reader.fileno())


def _locks(trial: Path) -> Finding:
    import fcntl  # see above

    try:
        with (trial / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        hint = "put the store on a local disk: --store DIR"
        return Finding("file locks", Health.BROKEN, str(error.strerror), hint, ExitCode.STORE)
    return Finding("file locks", Health.GOOD, "work")


def _extras() -> Iterator[Finding]:
    from importlib.metadata import requires  # 20 ms: only here

    wanted: dict[str, list[str]] = {}
    for line in requires("assay-ml") or ():
        requirement, _, marker = line.partition(";")
        extra = marker.rpartition("extra ==")[2].strip(" '\"()")
        if extra and not requirement.startswith("assay-ml"):
            wanted.setdefault(extra, []).append(_distribution(requirement))
    for extra, names in sorted(wanted.items()):
        missing = [name for name in names if _version(name) is None]
        if missing:
            yield Finding(
                f"extra {extra}", Health.ABSENT, f"missing {', '.join(missing)}", f"pip install 'assay-ml[{extra}]'"
            )
        else:
            yield Finding(f"extra {extra}", Health.GOOD, ", ".join(f"{name} {_version(name)}" for name in names))


def _distribution(requirement: str) -> str:
    from assay.engine.environment import package_name  # only here

    return package_name(requirement)


def _version(name: str) -> str | None:
    from assay.engine.environment import installed_version  # only here

    return installed_version(name)
