"""``assay diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json
from assay.cli.terminal import document, note
from assay.errors import ExitCode

app = new_app()


@app.command()
def diff(
    a: Annotated[
        str,
        typer.Argument(metavar="A", autocompletion=completion.pipelines, help="A pipeline file, or REVISION:FILE."),
    ],
    b: Annotated[
        str | None,
        typer.Argument(metavar="[B]", autocompletion=completion.pipelines, help="Another, or REVISION:FILE."),
    ] = None,
    rev: Annotated[
        str | None,
        typer.Option("--rev", metavar="REV", help="Without B: the git revision to hold A against, or FROM..TO."),
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="OUT", help="Write a picture of it.")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="OUT", help="Write a page with picture and tables.")
    ] = None,
    json: Json = False,
) -> None:
    """Say what two versions of a pipeline differ in.

    Steps and wires that came and went, parameters with both values, steps under another name; where steps stand is no difference. With one file, it is
    held against git's HEAD. Exits with 0 when there is no difference, 1 when there is one, 2 when they cannot be compared.
    """
    from assay.cli.picturing import difference, written  # the codec: 30 ms
    from assay.cli.versions import say_difference
    from assay.views.difference import difference_page, draw_difference

    found = difference(a, b, rev)
    if json:
        document(found.json())
    else:
        say_difference(found)
    if svg is not None:
        written(svg, draw_difference(found))
        note(f"picture: {svg}", "dim")
    if html is not None:
        written(html, difference_page(found))
        note(f"page: {html}", "dim")
    if found:
        raise typer.Exit(ExitCode.DIFFERENT)
