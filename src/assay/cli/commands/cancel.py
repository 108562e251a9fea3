"""``assay cancel``."""

from __future__ import annotations

from assay.cli.app import new_app
from assay.cli.options import Json, Run, Store
from assay.cli.terminal import document, say

app = new_app()


@app.command()
def cancel(run: Run, store: Store = None, json: Json = False) -> None:
    """Stop a run from any terminal.

    What runs is ended, final steps still run, and 'assay resume' can go on later.
    """
    from assay.cli.project import look_into, open_workspace  # SQLite and the engine: not for --help

    row = look_into(store).runs.run(run)
    open_workspace(store).cancel(row.id)
    if json:
        document({"run": row.id, "cancelling": True})
    else:
        say(f"asked run {row.id} to end; 'assay show {row.id}' says when it has")
