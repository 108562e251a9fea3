"""``assay show``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Run, Store
from assay.cli.terminal import document

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
    store: Store = None,
    json: Json = False,
) -> None:
    """Show a run, or one step of it.

    Of a run: its steps, figures and artifacts. Of a step: what it is, how it went, what it took and gave.
    """
    from assay.cli.project import find_run  # SQLite and the engine: not for --help

    found = find_run(store, run)
    if step is None:
        _show_run(found, json=json)
    else:
        _show_step(found, step, json=json)


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
