"""``assay runs``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json, Store
from assay.cli.terminal import Cell, Column, document, note, table
from assay.views.words import duration, moment

if TYPE_CHECKING:
    from assay.store.records import RunRow

app = new_app()

_STYLES = {
    "running": "cyan",
    "interrupted": "yellow",
    "succeeded": "green",
    "failed": "bold red",
    "cancelled": "yellow",
}
_WORDS = {"succeeded": "ran"}


@app.command()
def runs(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most runs to list.")] = 20,
    pipeline: Annotated[
        str | None, typer.Option("--pipeline", metavar="NAME", help="Only runs of this pipeline.")
    ] = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """List runs, newest first."""
    from assay.cli.project import look_into  # SQLite and the engine: not for --help

    rows = look_into(store).runs.runs(pipeline=pipeline, limit=limit)
    if json:
        from assay.views.shapes import run_row_json

        document([run_row_json(row) for row in rows])
        return
    if not rows:
        note("no runs yet: assay run FILE")
        return
    columns = [Column("run"), Column("status"), Column("pipeline")]
    columns += [Column("started"), Column("took", right=True), Column("steps")]
    table(columns, [_cells(row) for row in rows])


def _cells(row: RunRow) -> list[Cell | str]:
    took = ""
    if row.finished is not None:
        took = duration(row.finished - row.started)
    elif row.status == "running":
        took = duration(time.time() - row.started)
    words = _WORDS | ({"running": "interrupted"} if row.status == "interrupted" else {})
    steps = ", ".join(f"{count} {words.get(state, state)}" for state, count in sorted(row.steps.items()))
    return [
        Cell(row.id, "bold"),
        Cell(row.status, _STYLES[row.status]),
        row.pipeline,
        moment(row.started),
        took,
        steps,
    ]
