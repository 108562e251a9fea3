"""``assay init``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json
from assay.cli.terminal import Cell, Column, document, say, say_cells, table
from assay.model.artifacts import Json as Value
from assay.templates import Template, find_template, templates, write_project

app = new_app()


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; made when it is not there.")] = Path(),
    template: Annotated[
        str, typer.Option("--template", "-t", autocompletion=completion.templates, help="Which template.")
    ] = "minimal",
    show: Annotated[bool, typer.Option("--list", help="List the templates and write nothing.")] = False,
    json: Json = False,
) -> None:
    """Make a new project from a template.

    No file is ever overwritten: a README or .gitignore that is there is kept; when any other file is there, nothing is written.
    """
    if show:
        _list(json)
        return
    chosen = find_template(template)
    written = write_project(chosen, folder)
    if json:
        new, kept = ([str(path) for path in paths] for paths in (written.new, written.kept))
        document({"template": chosen.name, "folder": str(folder), "files": list[Value](new), "kept": list[Value](kept)})
        return
    for path in written.new:
        say_cells(Cell("  new   ", "green"), Cell(str(path)))
    for path in written.kept:
        say_cells(Cell("  kept  ", "dim"), Cell(str(path)))
    _say_next(chosen, folder)


def _list(json: bool) -> None:
    known = templates()
    if json:
        document([{"name": t.name, "title": t.title, "needs": list[Value](t.needs)} for t in known])
    else:
        table([Column("template"), Column("what it is")], [[Cell(t.name, "bold"), t.title] for t in known])


def _say_next(template: Template, folder: Path) -> None:
    say()
    say("Next:", "bold")
    if template.needs:
        say(f"  pip install 'assay-ml[{','.join(template.needs)}]'")
    if folder != Path():
        say(f"  cd {folder}")
    say(f"  assay run {template.pipeline}")
