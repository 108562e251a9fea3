"""``assay draw``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.terminal import raw, say

app = new_app()


@app.command()
def draw(
    file: Annotated[Path, typer.Argument(metavar="FILE", autocompletion=completion.pipelines, help="A pipeline file.")],
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="OUT", help="Where to write the picture; default: stdout.")
    ] = None,
) -> None:
    """Draw a pipeline as an SVG picture.

    From the file alone: the same bytes on every machine, whatever is installed. The picture loads nothing and runs nothing, follows
    the reader's light or dark setting, and tells what it shows to those who cannot see it. A step stands where the file's layout has it.
    """
    from assay.cli.picturing import opened, written  # the codec: 30 ms
    from assay.views.drawing import draw_outline

    text = draw_outline(opened(file))
    if svg is None:
        raw(text.encode())
    else:
        written(svg, text)
        say(f"{svg}: {len(text.encode()):,} bytes")
