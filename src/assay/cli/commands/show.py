"""``assay show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Run, Store
from assay.cli.terminal import document, note
from assay.errors import AssayError

if TYPE_CHECKING:
    from assay.cli.project import Found

app = new_app()


@app.command()
def show(
    run: Run,
    step: Annotated[
        str | None,
        typer.Argument(metavar="[STEP]", autocompletion=completion.steps, help="A step, or an element of one: map[3]."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="OUT", help="Write the run as a page: one file that opens offline and prints."),
    ] = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """Show a run, or one step of it.

    Of a run: its steps, figures and artifacts. Of a step: what it is, how it went, what it took and gave. The page has the picture of the
    pipeline, steps, parameters, figures with intervals, verdicts, figures of evidence, the end of each log and where everything comes from.
    """
    if html is not None and step is not None:
        raise AssayError("a page is about a whole run", culprit=step, hint="leave the step out")
    from assay.cli.project import find_run  # SQLite and the engine: not for --help

    found = find_run(store, run)
    if html is not None:
        _write_page(found, html)
    if step is None and (json or html is None):
        _show_run(found, json=json)
    elif step is not None:
        _show_step(found, step, json=json)


def _write_page(found: Found, file: Path) -> None:
    import datetime as dt

    from assay.cli.picturing import written
    from assay.views.runpage import run_page

    written(file, run_page(found.store, found.row, found.state, dt.datetime.now(dt.UTC)))
    note(f"page: {file}", "dim")


def _show_run(found: Found, *, json: bool) -> None:
    from assay.views.places import in_order

    steps = in_order(found.state)
    if json:
        from assay.views.shapes import run_json

        document(run_json(found.row.id, found.row.status, found.state, steps))
    else:
        from assay.cli.runview import say_run

        say_run(found.store, found.row, found.state, [step for step in steps if step.key.item is None])


def _show_step(found: Found, text: str, *, json: bool) -> None:
    from assay.views.places import find_step

    step = found.state.step(find_step(found.state, text))
    if json:
        from assay.views.shapes import step_json

        document(step_json(step))
    else:
        from assay.cli.stepview import say_step

        say_step(found.store, found.row.id, found.state, step)
