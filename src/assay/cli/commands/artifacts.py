"""``assay artifacts``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json, Run, Store
from assay.cli.terminal import Cell, Column, document, note, say, table
from assay.model.artifacts import Artifact, ArtifactList, Output

if TYPE_CHECKING:
    from assay.model.state import RunState

app = new_app(no_args_is_help=True)


@app.callback()
def artifacts() -> None:
    """List the artifacts of a run, or copy one out."""


@app.command("list")
def list_artifacts(
    run: Run,
    step: Annotated[
        str | None, typer.Argument(metavar="[STEP]", autocompletion=completion.steps, help="Only this step's.")
    ] = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """List what the steps of a run made, with digests and places in the store."""
    from assay.cli.project import find_run  # SQLite and the engine: not for --help
    from assay.cli.summary import output_path, output_text
    from assay.views.places import find_step
    from assay.views.shapes import artifact_json

    opened = find_run(store, run)
    key = find_step(opened.state, step) if step is not None else None
    found = [
        (name, output) for name, output in outputs_of(opened.state).items() if key is None or name.startswith(f"{key}.")
    ]
    if json:
        document([artifact_json(name, output, output_path(opened.store, output)) for name, output in found])
        return
    if not found:
        note("no artifacts", "dim")
        return
    columns = [Column("artifact"), Column("what"), Column("digest"), Column("path")]
    table(
        columns,
        [[Cell(n, "bold"), output_text(o), _digest(o), Cell(output_path(opened.store, o), "dim")] for n, o in found],
    )


@app.command()
def get(
    run: Run,
    name: Annotated[
        str, typer.Argument(metavar="STEP.PORT", autocompletion=completion.ports, help="Such as evaluate.report.")
    ],
    target: Annotated[
        Path | None, typer.Argument(metavar="[TARGET]", help="File or folder to write; default: STEP.PORT here.")
    ] = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """Copy an artifact out of the store. Never overwrites; a value is written as JSON, to stdout without TARGET."""
    from assay.cli.exporting import export  # SQLite and the engine: not for --help
    from assay.cli.project import find_run
    from assay.errors import NotFound, did_you_mean

    opened = find_run(store, run)
    known = outputs_of(opened.state)
    if name not in known:
        hint = did_you_mean(name, known) or f"'assay artifacts list {opened.row.id}' lists them"
        raise NotFound(f"run {opened.row.id} has no artifact {name!r}", culprit=name, hint=hint)
    written = export(opened.store.objects, name, known[name], target)
    if json and written is not None:
        document({"artifact": name, "path": str(written)})
    elif written is not None:
        say(str(written))


def outputs_of(state: RunState) -> dict[str, Output]:
    """Return what every step, and every element, put on its ports, as ``step.port``."""
    return {f"{step.key}.{port}": output for step in state.steps.values() for port, output in step.outputs.items()}


def _digest(output: Output) -> str:
    match output:
        case Artifact(digest=digest):
            return digest[:12]
        case ArtifactList(items):
            return f"{len(items)} digests"
        case _:
            return ""
