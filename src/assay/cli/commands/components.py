"""``assay components``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Component, Json
from assay.cli.terminal import Cell, Column, Row, document, note, say, table
from assay.model.component import ComponentSpec
from assay.views.words import counted

app = new_app(invoke_without_command=True)


@app.callback()
def components(context: typer.Context, json: Json = False) -> None:
    """List, search and explain components. Without a word after it, lists them."""
    if context.invoked_subcommand is None:
        list_components(json)


@app.command("list")
def list_components(json: Json = False) -> None:
    """List the components of the catalog, by category."""
    from assay.cli.project import catalog  # the catalog reads sources: only when asked

    known = catalog()
    _say_list(known.list(), json)
    if not json:
        from assay.cli.faults import faults_text

        if faults := known.faults():
            note(faults_text(faults))


@app.command()
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words of a name, title, tag or description.")],
    json: Json = False,
) -> None:
    """Find components by words."""
    from assay.cli.project import catalog  # see above

    found = catalog().search(text)
    if not found and not json:
        note(f"no component matches {text!r}; 'assay components' lists all of them")
        return
    _say_list(found, json)


@app.command()
def show(name: Component, json: Json = False) -> None:
    """Explain one component: ports, parameters with units and limits, needs, and a step to copy.

    NAME is category/name[@version], a function of a file (./steps.py:clean), a notebook or a script (./explore.ipynb).
    """
    from assay.cli.componentview import say_component
    from assay.cli.project import catalog
    from assay.views.shapes import component_json

    spec = catalog().resolve(name, Path.cwd())
    if json:
        document(component_json(spec))
    else:
        say_component(spec, name if name.startswith(".") else spec.name)


@app.command()
def versions(name: Component, json: Json = False) -> None:
    """List the versions of a component, newest last."""
    from assay.cli.project import catalog  # see above

    known = catalog()
    known.resolve(name, Path.cwd())  # an unknown name is an error with a suggestion, not an empty list
    found = known.versions(name)
    if json:
        document({"name": name, "versions": list(found)})
    else:
        for version in found:
            say(version)


def _say_list(specs: Sequence[ComponentSpec], json: bool) -> None:
    if json:
        from assay.views.shapes import component_json

        document([component_json(spec) for spec in specs])
        return
    rows: list[Row] = [[Cell(spec.name, "bold"), spec.version, spec.title] for spec in specs]
    table([Column("component"), Column("version"), Column("what it does")], rows)
    note(f"{counted(len(specs), 'component')}; 'assay components show NAME' explains one", "dim")
