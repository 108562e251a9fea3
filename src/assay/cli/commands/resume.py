"""``assay resume``."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Store

app = new_app()


@app.command()
def resume(
    run: Annotated[
        str,
        typer.Argument(
            metavar="[RUN]", autocompletion=completion.runs, help="Run id, a unique start of one, or 'last'."
        ),
    ] = "last",
    store: Store = None,
    json: Json = False,
) -> None:
    """Go on with a run that was interrupted, cancelled or failed.

    What had finished is kept. The pipeline file as it was when the run began is used, with the code as it is now: to take up
    changes of the file, start a new run, which reuses whatever is unchanged.
    """
    from assay.cli.project import (  # these bring the engine and SQLite: only when something runs
        find_run,
        open_workspace,
    )
    from assay.cli.running import carry_out, sound
    from assay.model.codec import load

    found = find_run(store, run)
    workspace = open_workspace(store)
    pipeline = sound(workspace.check(load(found.state.document, found.state.file), found.state.documents))
    carry_out(
        workspace.store,
        pipeline,
        lambda observe, on_start: workspace.resume(found.row.id, None, observe, on_start),
        json=json,
    )
