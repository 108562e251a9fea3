"""The catalog of components."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from assay.authoring import SUFFIXES, Reading, declared_components, read_file, read_function, read_whole_file
from assay.authoring.uncollected import uncollected
from assay.catalog.places import BUILT_IN, Place, built_in, installed, legal_name
from assay.catalog.readings import Readings
from assay.catalog.search import rank
from assay.catalog.uses import FileUse, NamedUse, parse_use, version_fits, version_key
from assay.errors import Fault, InvalidDocument, Location, NotFound, Severity, did_you_mean
from assay.model.component import ComponentSpec


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One file of a folder of others, and what was read of it."""

    file: Path
    reading: Reading


class Catalog:
    """Every component that a pipeline may use. Reads source files and never runs one.

    A name is looked for in the built-in library, then in ``folders`` in their order, then in installed packages; the first
    place that has it wins, and there the newest version. Asking for ``@version`` passes over places that lack it.

    Args:
        folders: Folders whose Python files, notebooks, scripts and descriptions may be components; one that does not exist is empty.
        foreign: Folders of others, looked into after those; each of their files is a component or listed with the reason.
        readings: Keeps what was read.
    """

    def __init__(
        self, folders: Sequence[Path] = (), foreign: Sequence[Path] = (), readings: Readings | None = None
    ) -> None:
        self._built_in = built_in()
        self._folders = [Place(folder.absolute()) for folder in folders]
        self._folders += [Place(folder.absolute(), foreign=True) for folder in foreign]
        self._readings = readings or Readings()

    def resolve(self, use: str, base: Path) -> ComponentSpec:
        """Return the component that a step uses.

        Args:
            use: ``category/name``, ``category/name@version``, ``./file.py:function``, ``./notebook.ipynb`` or ``./script.R``.
            base: The pipeline's folder, where a file reference begins. That the reference may leave it by ``..`` is for the
                caller to allow or not: nothing is run here.

        Raises:
            NotFound: There is none, with the nearest name.
            InvalidDocument: Its source has faults.
        """
        match parse_use(use):
            case FileUse() as file_use:
                return _from_file(file_use, use, base)
            case NamedUse() as named:
                return self._named(named)

    def list(self) -> tuple[ComponentSpec, ...]:
        """Return every component without errors, sorted by name and version."""
        return self.whole()[0]

    def whole(self) -> tuple[tuple[ComponentSpec, ...], tuple[Fault, ...]]:
        """Return what ``list`` and ``faults`` give, with one look at the files."""
        with uncollected():
            found, faults = self._read_all()
        return tuple(spec for spec, _ in found), tuple(faults)

    def search(self, text: str) -> tuple[ComponentSpec, ...]:
        """Return the components that have every word of ``text`` in name, title, tags or description, the best first."""
        return rank(text, self.list())

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the versions of a component, the newest first; raises ``NotFound``."""
        found = {spec.version for place in self._places() for spec in _read_named(place, name)}
        if not found:
            raise self._unknown(name)
        return tuple(sorted(found, key=version_key, reverse=True))

    def faults(self) -> tuple[Fault, ...]:
        """Return what is wrong with components and packages of components, warnings too."""
        return self.whole()[1]

    def survey(self, folder: Path) -> tuple[Surveyed, ...]:
        """Return every file of a folder of others: what components it is, or the reason why it is none."""
        place = Place(Path(os.path.abspath(folder)), foreign=True)
        first: dict[tuple[str, str], ComponentSpec] = {}
        with uncollected():
            found = [Surveyed(file, _first_of_name(self._read(place, file), first)) for file in place.files()]
        self._readings.save()
        return tuple(found)

    def _read(self, place: Place, file: Path) -> Reading:
        key = f"{place.folder} {place.package} {place.foreign}"
        return self._readings.get(file, key, lambda: _read_any(place, file), installed=bool(place.package))

    @cached_property
    def _installed(self) -> tuple[Sequence[Place], Sequence[Fault]]:
        return installed()

    def _places(self) -> Iterator[Place]:
        """Yield the places, the expensive one last and only when it is asked for."""
        yield self._built_in
        yield from self._folders
        yield from self._installed[0]

    def _named(self, use: NamedUse) -> ComponentSpec:
        for place in self._places():
            found = [spec for spec in _read_named(place, use.name) if version_fits(use.version, spec.version)]
            if found:
                return max(found, key=lambda spec: version_key(spec.version))
        raise self._unknown(use.name, use.version)

    def _unknown(self, name: str, version: str = "") -> NotFound:
        names = sorted({known for place in self._places() for known in _names(place)})
        if version and name in names:
            known = ", ".join(self.versions(name))
            return NotFound(f"component {name!r} has no version {version!r}", culprit=version, hint=f"it has {known}")
        hint = did_you_mean(name, names) or _same_short_name(name, names) or "'assay components' lists what there is"
        return NotFound(f"no component is called {name!r}", culprit=name, hint=hint)

    def _read_all(self) -> tuple[Sequence[tuple[ComponentSpec, Place]], Sequence[Fault]]:
        faults = [*self._installed[1]]
        first: dict[tuple[str, str], tuple[ComponentSpec, Place]] = {}
        for place in self._places():
            if place.foreign and not place.folder.is_dir():
                faults.append(_no_folder(place))
            for file in place.files():
                reading = self._read(place, file)
                faults.extend(reading.faults)
                for spec in reading.specs:
                    if "/" not in spec.name:
                        continue  # has no name of its own: used by its file only
                    if place.package == BUILT_IN and place.expected(spec.name) != file:
                        faults.append(_misplaced(spec))
                    kept, _ = first.setdefault((spec.name, spec.version), (spec, place))
                    if kept is not spec:
                        faults.append(_duplicate(spec, kept))
        self._readings.save()
        ordered = sorted(first.values(), key=lambda pair: (pair[0].name, version_key(pair[0].version)))
        return ordered, faults


def _names(place: Place) -> Iterator[str]:
    yield from (declared.name for _, declared in place.declared())
    yield from (name for _, name in place.whole_files())


def _read_any(place: Place, file: Path) -> Reading:
    """Read a file of a place: its functions, or all of it when it is a notebook or script."""
    name = place.whole_name(file)
    if not name and file.suffix != ".py":
        return Reading((), (_left_out(file),) if place.foreign else ())
    if not name:
        reading = read_file(file, module=place.module(file))
        silent = not any("/" in spec.name for spec in reading.specs) and not reading.faults
        return replace(reading, faults=(_left_out(file),)) if silent and place.foreign else reading
    if not legal_name(name):
        message = f"{file.name} is in {file.parent.name}, which together make no component's name"
        hint = "call folder and file by small letters, digits and dashes or underscores"
        return Reading((), (Fault("illegal-name", message, name, Location(str(file), 1, 1), hint),))
    return read_whole_file(file, name)


def _left_out(file: Path) -> Fault:
    """Return why a file of a folder of others is no component."""
    match file.suffix:
        case ".py" if declared_components(file):
            why, hint = "its component functions have no name of their own", f"use them by path: ./{file.name}:function"
        case ".py":
            why, hint = "a module: it takes and gives nothing", "read a parameter from the environment or an option"
        case ".yaml" | ".yml" | ".cwl":
            why, hint = "YAML that describes no component", "begin it with 'component: 1'"
        case _:
            why, hint = "no notebook, script or description", ""
    return Fault(
        "left-out", f"{file.name} is no component: {why}", file.name, Location(str(file), 1, 1), hint, Severity.WARNING
    )


def _first_of_name(reading: Reading, first: dict[tuple[str, str], ComponentSpec]) -> Reading:
    """Return a reading without the components whose name an earlier file has, each with a fault."""
    faults = [
        _duplicate(spec, kept)
        for spec in reading.specs
        if (kept := first.setdefault((spec.name, spec.version), spec)) is not spec
    ]
    if not faults:
        return reading
    specs = tuple(spec for spec in reading.specs if first[spec.name, spec.version] is spec)
    return Reading(specs, (*reading.faults, *faults))


def _no_folder(place: Place) -> Fault:
    message = f"the catalog names the folder {place.folder}, which is not there"
    hint = "bring it back, or type: assay catalog remove DIR"
    return Fault("catalog-folder", message, str(place.folder), hint=hint, severity=Severity.WARNING)


def _read_named(place: Place, name: str) -> Iterator[ComponentSpec]:
    """Yield the versions of a component in one place: by convention if that leads there, else by looking at every file."""
    expected = place.expected(name)
    if expected is not None:
        module = place.module(expected)
        function = _function_named(expected, module, name)
        if function:
            yield read_function(expected, function, module=module)
            return
    if place.package != BUILT_IN:
        for file, declared in place.declared():
            if declared.name == name:
                yield read_function(file, declared.function, module=place.module(file))
        for file, called in place.whole_files():
            if called == name:
                yield _whole(_read_any(place, file), file)


def _function_named(file: Path, module: str, name: str) -> str:
    """Return the function of a component in the file where it should be, also when its decorator is too broken to say."""
    short = name.partition("/")[2].replace("-", "_")
    found = {
        declared.name or declared.function: declared.function for declared in declared_components(file, module=module)
    }
    return found.get(name) or found.get(short, "")


def _from_file(use: FileUse, text: str, base: Path) -> ComponentSpec:
    file = Path(os.path.normpath(base.absolute() / use.path))
    if not os.path.isfile(file):
        near = (
            [entry.name for entry in file.parent.iterdir() if entry.suffix in SUFFIXES] if file.parent.is_dir() else []
        )
        hint = did_you_mean(file.name, near) or f"looked in {file.parent}"
        raise NotFound(f"there is no file {use.path}", culprit=use.path, hint=hint)
    if file.suffix not in SUFFIXES:
        hint = "name a .py file with a @component function, a notebook (.ipynb) or a script (.py, .sh, .R), or describe it (.yaml, .cwl)"
        raise NotFound(f"{use.path} is no Python file, notebook, script or description", culprit=use.path, hint=hint)
    if file.suffix == ".py" and (use.function or declared_components(file)):
        return read_function(file, use.function or None, name=text)
    if use.function:
        message = f"{use.path} has no functions to choose from: the whole file is the component"
        raise NotFound(message, culprit=use.function, hint=f"write {use.path}")
    return _whole(read_whole_file(file, text), file)


def _whole(reading: Reading, file: Path) -> ComponentSpec:
    if not reading.specs:
        errors = [fault for fault in reading.faults if fault.severity is Severity.ERROR]
        raise InvalidDocument(errors, what=str(file))
    return reading.specs[0]


def _same_short_name(name: str, names: Sequence[str]) -> str:
    short = name.partition("/")[2]
    same = next((known for known in names if known.partition("/")[2] == short), "")
    return f"did you mean {same!r}?" if same else ""


def _duplicate(spec: ComponentSpec, kept: ComponentSpec) -> Fault:
    message = (
        f"component {spec.name}@{spec.version} in {spec.implementation.file} is also in {kept.implementation.file}"
    )
    return Fault(
        "duplicate-component", message, spec.name, hint="the second is left out: rename it or change its version"
    )


def _misplaced(spec: ComponentSpec) -> Fault:
    category, _, short = spec.name.replace("-", "_").partition("/")
    message = f"built-in component {spec.name!r} stands in {spec.implementation.file}"
    return Fault("misplaced-component", message, spec.name, hint=f"move it to library/{category}/{short}.py")
