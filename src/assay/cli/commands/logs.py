"""``assay logs``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json, Run, Step, Store
from assay.cli.terminal import document, note
from assay.errors import NotFound
from assay.model.artifacts import Json as Value
from assay.views.words import counted

if TYPE_CHECKING:
    from assay.cli.project import Found
    from assay.ids import RunId
    from assay.model.state import StepState

app = new_app()


@app.command()
def logs(
    run: Run,
    step: Step,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the step has ended.")] = False,
    attempt: Annotated[int | None, typer.Option("--attempt", min=1, help="Which attempt; default: the last.")] = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """Print what a step printed; -f follows it.

    stdout and stderr together. Following ends with the step, or with its run. STEP may be one element of a foreach step, such as 'map[3]'. A reused step's log is that of the run that made it.
    """
    from assay.cli.logview import Tail, follow_step, print_file  # SQLite and the engine: not for --help
    from assay.cli.project import find_run
    from assay.views.places import find_step

    found = find_run(store, run)
    state = found.state.step(find_step(found.state, step))
    if json:
        document(_paths(found, state))
        return
    if follow:
        follow_step(found.store, found.row.id, found.state, state.key)
        return
    origin, places = _places(found, state)
    last = max((place.attempt for place in places), default=0)
    if attempt is not None and attempt > last:
        raise NotFound(f"{state.key} had {counted(last, 'attempt')}", culprit=str(attempt), hint="leave --attempt out")
    for place in places:
        path = found.store.log_file(origin, place.key, attempt or place.attempt)
        if not path.is_file() or not path.stat().st_size:
            note(f"{place.key} printed nothing", "dim")
            continue
        if len(places) > 1:
            note(f"==> {place.key} <==", "bold")
        print_file(Tail(path))
    for place in places:
        if place.failure is not None:
            note(f"✘ {place.key} [{place.failure.code}] {place.failure.message}", "bold red")
            note(place.failure.traceback.rstrip())


def _places(found: Found, step: StepState) -> tuple[RunId, list[StepState]]:
    """Return the run whose logs hold the step's output, and its places: itself, or its elements."""
    if step.from_run and step.from_run != found.row.id:
        from assay.cli.project import state_of

        origin = state_of(found.store, step.from_run)
        note(f"reused: this is the log of run {step.from_run}", "dim")
        return step.from_run, [origin.step(step.key)]
    return found.row.id, found.state.elements_of(step.key.step) if step.elements else [step]


def _paths(found: Found, step: StepState) -> list[Value]:
    origin, places = _places(found, step)
    return [
        {"step": str(place.key), "run": origin, "attempt": place.attempt, "path": str(path)}
        for place in places
        for path in [found.store.log_file(origin, place.key, place.attempt)]
        if path.is_file()
    ]
