"""``assay catalog``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json
from assay.cli.terminal import Cell, Column, Row, document, note, say, table
from assay.errors import Severity
from assay.views.words import counted

if TYPE_CHECKING:
    from assay.catalog import Surveyed
    from assay.model.artifacts import Json as JsonValue

app = new_app(no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A folder of notebooks, scripts or descriptions.")]


@app.callback()
def catalog() -> None:
    """Use folders of others as components. They are named in assay.toml, read, and never run."""


@app.command()
def add(folder: Folder, json: Json = False) -> None:
    """Add a folder: each of its files is a component, or listed with the reason why not."""
    from assay.catalog import add_folder, open_catalog, project_folder  # reads component sources

    root = project_folder(Path.cwd())
    new = add_folder(root, folder)
    if not new and not json:
        note(f"{folder} is in the catalog already")
    _say([(folder, open_catalog(root).survey(folder))], json=json)


@app.command("list")
def list_folders(json: Json = False) -> None:
    """List the folders with their components, and every file that is none with the reason."""
    from assay.catalog import catalog_folders, open_catalog, project_folder  # see add

    root = project_folder(Path.cwd())
    folders = catalog_folders(root)
    if not folders and not json:
        note("the catalog names no folder; 'assay catalog add DIR' adds one")
        return
    known = open_catalog(root)
    _say([(folder, known.survey(folder)) for folder in folders], json=json)


@app.command()
def remove(folder: Folder) -> None:
    """Take a folder out of the catalog. Its files stay where they are."""
    from assay.catalog import project_folder, remove_folder  # see add

    remove_folder(project_folder(Path.cwd()), folder)
    say(f"{folder} is no longer in the catalog")


def _say(surveys: list[tuple[Path, tuple[Surveyed, ...]]], *, json: bool) -> None:
    if json:
        document({"folders": [_folder_json(folder, survey) for folder, survey in surveys]})
        return
    for folder, survey in surveys:
        named = [(one.file, spec) for one in survey for spec in one.reading.specs if "/" in spec.name]
        if not folder.is_dir():
            note(f"{folder} is not there", "yellow")
        rows: list[Row] = [
            [Cell(spec.name, "bold"), str(file.relative_to(Path(os.path.abspath(folder)))), spec.title]
            for file, spec in named
        ]
        if rows:
            table([Column("component"), Column("file"), Column("what it does")], rows)
        left = [one for one in survey if not any("/" in spec.name for spec in one.reading.specs)]
        if left:
            told: list[Row] = [[str(one.file.relative_to(Path(os.path.abspath(folder)))), _reason(one)] for one in left]
            table([Column("left out"), Column("why")], told)
        say(f"{folder}: {counted(len(named), 'component')}, {counted(len(left), 'file')} left out")


def _reason(one: Surveyed) -> str:
    """Return why a file is no component: the first error, with its place in the file, and how many more there are."""
    errors = [fault for fault in one.reading.faults if fault.severity is Severity.ERROR] or list(one.reading.faults)
    first = errors[0]
    place = first.location
    cell = place.file.partition(":cell ")[2] if place is not None else ""
    where = f"{f'cell {cell}, ' * bool(cell)}line {place.line}: " if place and first.code != "left-out" else ""
    text = first.message.removeprefix(f"{one.file.name} is no component: ")
    return f"{where}{text}" + f" (and {len(errors) - 1} more)" * (len(errors) > 1)


def _folder_json(folder: Path, survey: tuple[Surveyed, ...]) -> dict[str, JsonValue]:
    """A folder: ``folder``, ``components`` (each ``name``, ``file``, ``title``), ``left_out`` (each ``file`` and its ``faults``)."""
    from assay.views.shapes import fault_json

    components: list[JsonValue] = []
    left_out: list[JsonValue] = []
    for one in survey:
        named = [spec for spec in one.reading.specs if "/" in spec.name]
        components += [{"name": spec.name, "file": str(one.file), "title": spec.title} for spec in named]
        if not named:
            left_out.append({"file": str(one.file), "faults": [fault_json(fault) for fault in one.reading.faults]})
    return {"folder": str(folder), "components": components, "left_out": left_out}
