"""``assay gc``."""

from __future__ import annotations

from typing import Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json, Store
from assay.cli.terminal import document, say
from assay.views.words import counted, size

app = new_app()

_UNUSED = 30 * 86400.0


@app.command()
def gc(
    keep: Annotated[int, typer.Option("--keep", min=0, help="The newest runs that stay.")] = 20,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="Such as 30d or 12h: whatever is younger stays too."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; remove nothing.")] = False,
    store: Store = None,
    json: Json = False,
) -> None:
    """Remove old runs and the artifacts nobody needs any more.

    What a kept run made stays, so does what the next run could reuse from it. Environments that no step used for 30 days, or
    for the age given, go too; they are made again when a step needs them. Refuses while a run is going on.
    """
    from assay.cli.project import look_into  # SQLite: not for --help
    from assay.engine.executors import container, environment
    from assay.ids import RunId
    from assay.model.quantities import parse_duration

    age = parse_duration(older_than) if older_than is not None else None
    place = look_into(store)
    gone = place.reclaim(keep, age, dry_run=dry_run)
    unused = _UNUSED if age is None else age
    environments, freed = environment.reclaim(environment.folder_in(place.root), unused, dry_run=dry_run)
    mine = f"{place.root}:"
    containers = 0
    if not dry_run:
        containers = container.remove_left(
            container.Images(), mine, lambda mark: place.runs.held(RunId(mark.removeprefix(mine)))
        )
    if json:
        document(
            {
                "dry_run": dry_run,
                "runs": gone.runs,
                "objects": gone.objects,
                "work_folders": gone.work_folders,
                "logs": gone.logs,
                "environments": environments,
                "containers": containers,
                "bytes": gone.bytes + freed,
            }
        )
        return
    verb = "would remove" if dry_run else "removed"
    parts = [counted(gone.runs, "run"), counted(gone.objects, "object"), counted(gone.work_folders, "work folder")]
    parts += [counted(environments, "environment")] if environments else []
    parts += [counted(containers, "container")] if containers else []
    say(f"{verb} {', '.join(parts)} and {counted(gone.logs, 'log')}: {size(gone.bytes + freed)}")
