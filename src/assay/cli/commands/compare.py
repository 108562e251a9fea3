"""``assay compare``."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Store
from assay.cli.terminal import document

app = new_app()


@app.command()
def compare(
    run_a: Annotated[str, typer.Argument(metavar="RUN_A", autocompletion=completion.runs, help="The first run.")],
    run_b: Annotated[
        str,
        typer.Argument(metavar="[RUN_B]", autocompletion=completion.runs, help="The second run; default: the last."),
    ] = "last",
    everything: Annotated[bool, typer.Option("--all", help="Also what is the same in both.")] = False,
    store: Store = None,
    json: Json = False,
) -> None:
    """Compare two runs: parameters, metrics, artifacts, durations.

    Metrics come with their intervals where a step gave them; those whose intervals do not overlap are marked.
    """
    from assay.cli.comparison import say_comparison  # SQLite and the engine: not for --help
    from assay.cli.project import look_into
    from assay.views.comparison import compare_runs

    opened = look_into(store)
    comparison = compare_runs(opened, opened.runs.run(run_a).id, opened.runs.run(run_b).id)
    if json:
        document(comparison.json())
    else:
        say_comparison(comparison, everything=everything)
