"""Which files a component is made of: its own, and the modules of its project that it reaches."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from assay.authoring.code import reached_modules
from assay.authoring.notebook import notebook_source
from assay.authoring.source import Source, load_source
from assay.model.component import ComponentSpec, FunctionImplementation, NotebookImplementation


class ComponentFile(NamedTuple):
    """One file.

    Attributes:
        path: Where it is.
        place: Its path inside its project, forward slashes: beside the component's own file, or from the top-level package.
    """

    path: Path
    place: str


def component_files(spec: ComponentSpec) -> tuple[ComponentFile, ...]:
    """Return the files of a component, its own first.

    Data that the code reads from beside itself is not among them: only modules are.

    Raises:
        NotFound: The source is no longer there.
        InvalidDocument: It is no longer what was read.
    """
    code = spec.implementation
    path = Path(code.file)
    source: Source | None = None
    if isinstance(code, FunctionImplementation):
        source = load_source(path, code.module)
    elif isinstance(code, NotebookImplementation):
        source = notebook_source(path)
    elif path.suffix == ".py":
        source = load_source(path)
    if source is None:
        return (ComponentFile(path, path.name),)
    root = _root(source)
    inside = (near.path for near in reached_modules(source))
    return tuple(ComponentFile(file, file.relative_to(root).as_posix()) for file in (path, *inside))


def _root(source: Source) -> Path:
    return source.path.parent if not source.module else source.path.parents[len(source.module.split(".")) - 1]
