"""What a person names on the command line: a component of the catalog, a file, a function of a file, or a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from assay.authoring import DOCUMENT_SUFFIXES, SUFFIXES, declared_components, is_described, is_script
from assay.catalog.uses import FileUse, parse_use
from assay.cli.project import catalog
from assay.errors import AssayError, NotFound, did_you_mean
from assay.model.component import ComponentSpec, FunctionImplementation


@dataclass(frozen=True, slots=True)
class ComponentFile:
    """A file of components.

    Attributes:
        path: As named, so that messages name it in the same way.
        module: Its importable name; empty for a user's file.
    """

    path: Path
    module: str = ""


def find_files(words: Iterable[str]) -> list[ComponentFile]:
    """Return the files that ``words`` name, each once; a folder stands for every file with a component in it.

    Raises:
        NotFound: A word names nothing, with the nearest name.
        InvalidDocument: A word names a component of the catalog whose source has faults.
    """
    found: dict[Path, ComponentFile] = {}
    for word in words:
        for file in _files(word):
            found.setdefault(file.path.absolute(), file)
    return list(found.values())


def find_component(word: str) -> ComponentSpec:
    """Return the one component that ``word`` names: ``category/name[@version]``, ``FILE`` or ``FILE:FUNCTION``."""
    if not is_file(word):
        return catalog().resolve(word, Path.cwd())
    if Path(word).is_dir():
        raise NotFound(f"{word} is a folder", culprit=word, hint="name a file in it: FILE or FILE:FUNCTION")
    return catalog().resolve(use_of(word), Path.cwd())


def use_of(word: str) -> str:
    """Return what ``use:`` of a step in the current folder says for ``word``."""
    return word if not is_file(word) or word.startswith(("./", "../", "/", "~")) else f"./{word}"


def is_file(word: str) -> bool:
    """Whether ``word`` is meant as a path: it ends so, or it is there."""
    return word.startswith(("./", "../", "/", "~")) or word.partition(":")[0].endswith(SUFFIXES) or os.path.exists(word)


def _files(word: str) -> Iterator[ComponentFile]:
    if not is_file(word):
        spec = catalog().resolve(word, Path.cwd())
        code = spec.implementation
        module = code.module if isinstance(code, FunctionImplementation) else ""
        yield ComponentFile(_near(Path(code.file)), module)
        return
    use = parse_use(use_of(word))
    path = Path(use.path if isinstance(use, FileUse) else word).expanduser()
    if path.is_dir():
        yield from _inside(path)
        return
    if not path.is_file():
        near = (
            [entry.name for entry in path.parent.iterdir() if entry.suffix in SUFFIXES] if path.parent.is_dir() else []
        )
        raise NotFound(f"there is no file {path}", culprit=str(path), hint=did_you_mean(path.name, near))
    if path.suffix not in SUFFIXES:
        message = f"{path} is no Python file, notebook, script or description"
        raise NotFound(message, culprit=str(path), hint=f"name a file that ends in {', '.join(SUFFIXES)}")
    yield ComponentFile(Path(os.path.normpath(path)))


def _inside(folder: Path) -> Iterator[ComponentFile]:
    listed = sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES)
    files = [file for file in listed if not _hidden(file.relative_to(folder))]
    found = [ComponentFile(file) for file in files if _has_component(file)]
    if not found:
        raise NotFound(f"{folder} holds no component", culprit=str(folder), hint="'assay component new NAME' makes one")
    yield from found


def _has_component(file: Path) -> bool:
    if file.suffix in DOCUMENT_SUFFIXES:
        return is_described(file)
    if file.suffix != ".py":
        return True
    try:
        return bool(declared_components(file)) or is_script(file)
    except AssayError:
        return True  # broken Python is not passed over in silence


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _near(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
