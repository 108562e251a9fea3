"""Where components lie: a folder of Python files, with or without an importable name."""

from __future__ import annotations

import importlib.machinery
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.authoring import DOCUMENT_SUFFIXES, SUFFIXES, Declared, declared_components, is_described, is_script
from assay.errors import AssayError, Fault
from assay.plugins import Extension, Plugin, find_plugins

_SKIPPED = ("__pycache__", "node_modules", "site-packages", "build", "dist")
BUILT_IN = "assay.library"
"""The package of the built-in components; it is found without reading any metadata."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of components.

    Attributes:
        package: Importable name of the folder; empty when its files are loaded by path.
        foreign: Whether it is a folder of others: names are made to fit, and a file that is no component is told of.
    """

    folder: Path
    package: str = ""
    foreign: bool = False

    def expected(self, name: str) -> Path | None:
        """Return the file in which ``category/some-name`` stands by convention, ``category/some_name.py``, if it is there."""
        category, _, short = name.partition("/")
        file = self.folder / category.replace("-", "_") / f"{short.replace('-', '_')}.py"
        return file if file.is_file() else None

    def files(self) -> Iterator[Path]:
        """Yield the files of the folder that may be components, sorted, those in hidden folders and environments left out.

        A package has Python files only; of a folder of others every file counts.
        """
        suffixes = (".py",) if self.package else SUFFIXES
        found: list[Path] = []
        for base, folders, names in os.walk(self.folder):
            folders[:] = [name for name in folders if not name.startswith(".") and name not in _SKIPPED]
            wanted = (name for name in names if not name.startswith("."))
            found += [Path(base, name) for name in wanted if self.foreign or name.endswith(suffixes)]
        yield from sorted(found)

    def whole_name(self, file: Path) -> str:
        """Return the name of a notebook, script or description, ``<its folder>/<its name>``; empty for a file of functions or a module.

        One that lies in the component folder itself is called ``notebook/…``, ``script/…`` or ``container/…``.
        """
        described = file.suffix in DOCUMENT_SUFFIXES
        if self.package or file.suffix not in SUFFIXES or (file.suffix == ".py" and not _is_whole(file)):
            return ""
        if described and not is_described(file):
            return ""
        kind = "container" if described else "notebook" if file.suffix == ".ipynb" else "script"
        folder = file.parent.name if file.parent != self.folder else kind
        stem = file.name.partition(".")[0] if described else file.stem
        if self.foreign:
            return f"{_fitted(folder)}/{_fitted(stem)}"
        return f"{folder}/{stem}".replace("_", "-").replace(" ", "-").lower()

    def whole_files(self) -> Iterator[tuple[Path, str]]:
        """Yield every notebook, script and description with its name."""
        if not self.package:
            named = ((file, self.whole_name(file)) for file in self.files())
            yield from ((file, name) for file, name in named if name)

    def module(self, file: Path) -> str:
        """Return the importable name of a file; empty when it is loaded by path."""
        if not self.package:
            return ""
        parts = file.relative_to(self.folder).with_suffix("").parts
        return ".".join([self.package, *(part for part in parts if part != "__init__")])

    def declared(self) -> Iterator[tuple[Path, Declared]]:
        """Yield every named component by reading decorators only; files that are not Python are passed over."""
        for file in self.files():
            if file.suffix != ".py":
                continue
            try:
                found = declared_components(file, module=self.module(file))
            except AssayError:
                continue
            yield from ((file, declared) for declared in found if declared.name)


_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")


def legal_name(name: str) -> bool:
    """Whether this is ``category/name`` in small letters, digits and single dashes."""
    return bool(_NAME.fullmatch(name))


def _fitted(text: str) -> str:
    """Return a part of a name made of whatever a file is called: ``My run (1)`` gives ``my-run-1``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _is_whole(file: Path) -> bool:
    """Whether a Python file is a script: it has no component functions, and names what it takes or gives."""
    try:
        return not declared_components(file) and is_script(file)
    except AssayError:
        return False


def built_in() -> Place:
    """Return the built-in library."""
    return Place(Path(__file__).parent.parent / "library", BUILT_IN)


def installed() -> tuple[list[Place], list[Fault]]:
    """Return the folders of installed component packages, without the built-in one, and a fault for each that is broken."""
    places: list[Place] = []
    faults: list[Fault] = []
    for plugin in find_plugins(Extension.COMPONENTS):
        if plugin.target == BUILT_IN:
            continue
        folder = _package_folder(plugin.target)
        if folder is None:
            faults.append(_broken(plugin))
        else:
            places.append(Place(folder, plugin.target))
    return places, faults


def _broken(plugin: Plugin) -> Fault:
    message = f"package {plugin.distribution!r} offers components in {plugin.target!r}, which is no importable package"
    return Fault("plugin", message, plugin.target, hint=f"reinstall or remove it: pip uninstall {plugin.distribution}")


def _package_folder(package: str) -> Path | None:
    """Find a package's folder without running any of it: ``find_spec`` of a nested name would import the parents."""
    path: list[str] = list(sys.path)
    for end in range(package.count(".") + 1):
        name = ".".join(package.split(".")[: end + 1])
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.submodule_search_locations is None:
            return None
        path = list(spec.submodule_search_locations)
    return next((Path(entry) for entry in path if Path(entry).is_dir()), None)
