"""``assay work``."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Store

app = new_app()


@app.command()
def work(
    run: Annotated[
        str,
        typer.Argument(
            metavar="[RUN]", autocompletion=completion.runs, help="Run id, a unique start of one, or 'last'."
        ),
    ] = "last",
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Most elements at one time.")] = 1,
    store: Store = None,
    json: Json = False,
) -> None:
    """Help a run with its foreach steps, from as many terminals as you like.

    Takes elements that nobody else has, one after another, until none is left: each is in one pair of hands at most. Ctrl+C lets what is
    in hand end. A worker that is killed loses nothing: its elements are run again by others.
    """
    from assay.cli.project import find_run, open_workspace  # the engine and SQLite: only when something runs
    from assay.cli.terminal import document, say
    from assay.cli.watching import WorkWatcher
    from assay.errors import ExitCode

    found = find_run(store, run)
    watcher = WorkWatcher(found.state, json=json)
    result = open_workspace(store).work(found.row.id, jobs, watcher.see)
    if json:
        document({"run": result.run, "done": result.done, "failed": result.failed}, indent=None)
    else:
        say(f"{result.done} done, {result.failed} failed in run {result.run}")
    raise typer.Exit(ExitCode.RUN_FAILED if result.failed else ExitCode.OK)
