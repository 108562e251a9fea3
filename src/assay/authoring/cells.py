"""A notebook file as cells, and its code cells as one syntax tree that remembers which cell each line is of."""

from __future__ import annotations

import ast
import bisect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.authoring.source import Source
from assay.errors import Fault, InvalidDocument, Location, NotFound, Severity, bounded

LARGEST_NOTEBOOK = 50 * 2**20
"""Bytes of a notebook, outputs included; more is data."""

_OPAQUE = re.compile(r"%%(?!(?:time|timeit|capture|prun)\b)\w+")
_MAGIC = re.compile(r"\s*(?:[!%?]|.*\?\??\s*$|[\w.,\s]+=\s*[!%])")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        number: Position among all cells, from 1.
        stated: What its metadata says under ``assay``: name to a type, or to a map with ``type`` and ``help``.
    """

    number: int
    kind: str
    text: str
    tags: frozenset[str]
    stated: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook without its outputs."""

    path: Path
    cells: tuple[Cell, ...]
    language: str

    def place(self, cell: int, line: int = 1, column: int = 1) -> Location:
        """Return a place in a cell."""
        return Location(f"{self.path}:cell {cell}", line, column)


@dataclass(frozen=True)
class NotebookSource(Source):
    """The code cells of a notebook as one file.

    Attributes:
        starts: The first line of each code cell in ``text``, from 1.
        cells: Their numbers.
        magics: Lines that are no Python: magics and shell commands, by line in ``text``.
    """

    starts: tuple[int, ...] = ()
    cells: tuple[int, ...] = ()
    magics: tuple[tuple[int, str], ...] = ()

    def place(self, line: int, column: int = 1) -> Location:
        """Return the place of a line of ``text`` in its cell."""
        at = bisect.bisect_right(self.starts, line) - 1
        if at < 0:
            return Location(str(self.path), 1, 1)
        return Location(f"{self.path}:cell {self.cells[at]}", line - self.starts[at] + 1, column)

    def cell_of(self, line: int) -> int:
        """Return the number of the cell that a line of ``text`` is of."""
        return self.cells[max(bisect.bisect_right(self.starts, line) - 1, 0)] if self.cells else 0

    def location(self, node: ast.AST) -> Location:
        """Return the place of ``node`` in its cell, in characters."""
        plain = Source.location(self, node)
        return self.place(plain.line, plain.column)


def load_notebook(path: Path) -> Notebook:
    """Return the cells of a file; raises ``NotFound``, or ``InvalidDocument`` when it is no notebook of format 4."""
    try:
        size = path.stat().st_size
        if size > LARGEST_NOTEBOOK:
            message = f"a notebook of {size // 2**20} MiB, at most {LARGEST_NOTEBOOK // 2**20} MiB"
            raise _refused(path, "too-large", message, "clear its outputs and keep data in files")
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}", culprit=str(path)) from error
    except (ValueError, RecursionError) as error:
        hint = "save it again in Jupyter"
        raise _refused(path, "not-a-notebook", f"not a notebook: {bounded(str(error), 200)}", hint) from error
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        hint = "open it in Jupyter and save it: that writes format 4"
        raise _refused(path, "not-a-notebook", "not a notebook of format 4: it has no list of cells", hint)
    cells = tuple(_cell(number, cell) for number, cell in enumerate(data["cells"], 1) if isinstance(cell, dict))
    return Notebook(path, cells, _language(data.get("metadata")))


def _refused(path: Path, code: str, message: str, hint: str) -> InvalidDocument:
    return InvalidDocument([Fault(code, message, path.name, Location(str(path), 1, 1), hint)], what=str(path))


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    text = cell.get("source", "")
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    stated = metadata.get("assay") if isinstance(metadata, dict) else None
    return Cell(
        number,
        str(cell.get("cell_type", "")),
        "".join(map(str, text)) if isinstance(text, list) else str(text),
        frozenset(map(str, tags)) if isinstance(tags, list) else frozenset(),
        stated if isinstance(stated, dict) else {},
    )


def _language(metadata: object) -> str:
    if not isinstance(metadata, dict):
        return "python"
    for group in ("kernelspec", "language_info"):
        found = metadata.get(group)
        if isinstance(found, dict):
            name = found.get("language") or (found.get("name") if group == "language_info" else "")
            if name:
                return str(name).lower()
    return "python"


def parse_cells(notebook: Notebook, stamp: tuple[int, int], faults: list[Fault]) -> NotebookSource:
    """Return the code of the notebook; a fault for each cell that is not Python."""
    lines: list[str] = []
    body: list[ast.stmt] = []
    starts: list[int] = []
    numbers: list[int] = []
    magics: list[tuple[int, str]] = []
    for cell in notebook.cells:
        if cell.kind != "code":
            continue
        starts.append(len(lines) + 1)
        numbers.append(cell.number)
        own = cell.text.splitlines() or [""]
        tree = _parse_cell(cell, own, len(lines), magics, notebook, faults)
        body.extend(tree.body)
        lines.extend(own)
    module = ast.Module(body=body, type_ignores=[])
    return NotebookSource(
        notebook.path,
        "\n".join(lines),
        module,
        root=notebook.path.parent,
        stamp=stamp,
        starts=tuple(starts),
        cells=tuple(numbers),
        magics=tuple(magics),
    )


def _parse_cell(
    cell: Cell, lines: list[str], before: int, magics: list[tuple[int, str]], notebook: Notebook, faults: list[Fault]
) -> ast.Module:
    """Parse one cell, its magics put aside; ``lines`` is what remains of its text. The tree counts lines from the first cell on."""
    if _is_opaque(cell, lines, notebook, faults):
        magics += [(before + number, line) for number, line in enumerate(lines, 1)]
        lines[:] = [""] * len(lines)
    for _ in range(len(lines) + 1):
        try:
            return _parse("\n" * before + "\n".join(lines))  # empty lines: a tenth of the cost of moving the tree
        except SyntaxError as error:
            line = max((error.lineno or 1) - before, 1)
            at = min(line, len(lines))
            if not _MAGIC.match(lines[at - 1]):
                at = next((n for n, line in enumerate(lines, 1) if line.lstrip().startswith(("!", "%"))), 0)
            if at:
                magics.append((before + at, lines[at - 1]))
                indent = lines[at - 1][: len(lines[at - 1]) - len(lines[at - 1].lstrip())]
                lines[at - 1] = f"{indent}pass"
                continue
            place = notebook.place(cell.number, line, max(error.offset or 1, 1))
            faults.append(Fault("syntax", f"cell {cell.number} is not Python: {error.msg}", "", place))
            break
        except (ValueError, RecursionError, MemoryError) as error:
            told = str(error) or "nested too deeply"
            faults.append(Fault("syntax", f"cell {cell.number} is not Python: {told}", "", notebook.place(cell.number)))
            break
    return ast.Module(body=[], type_ignores=[])


def _parse(text: str) -> ast.Module:
    import warnings  # a user's "\d" must not print warnings of the compiler from here

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _is_opaque(cell: Cell, lines: list[str], notebook: Notebook, faults: list[Fault]) -> bool:
    """Whether the cell is in another language or one of those that build an image, which no run needs."""
    if is_image_cell(cell.text):
        message = f"cell {cell.number} builds an image: it is not run"
        hint = "remove the cell: an image is made of a component, not by it"
        faults.append(Fault("image-cell", message, "create_image", notebook.place(cell.number), hint, Severity.WARNING))
        return True
    first = next((line for line in lines if line.strip()), "")
    return bool(_OPAQUE.match(first))


def is_image_cell(text: str) -> bool:
    """Whether a cell calls the builder of CLAIMED, by whatever way."""
    return any(_IMAGE.match(line) for line in text.splitlines())


_IMAGE = re.compile(r"\s*(?:[!%]\s*)?(?:\w+\s*=\s*)?(?:[\w.]+\.)?(?:create_image|c3_create_\w+)\b\s*(?:\(|[\w./\"'-])")


def docs(notebook: Notebook) -> tuple[str, str]:
    """Return title and description from the first Markdown cell that says anything."""
    for cell in notebook.cells:
        if cell.kind != "markdown" or not cell.text.strip():
            continue
        lines = list(_shown(cell.text))
        if lines:
            return lines[0].strip("*_ ").rstrip("."), "\n".join(lines[1:]).strip()
    return "", ""


def _shown(text: str) -> Iterator[str]:
    started = False
    for line in text.strip().splitlines():
        bare = line.strip().lstrip("#").strip()
        if bare or started:
            started = True
            yield bare
