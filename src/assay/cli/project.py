"""The one door to the floors below: the project around the current folder, opened for what a command needs and no more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import NotFound, did_you_mean
from assay.ids import StepName
from assay.model.events import StepKey

if TYPE_CHECKING:
    from assay.catalog import Catalog
    from assay.check import Checked
    from assay.model.state import RunState
    from assay.store.runs import RunRow
    from assay.workspace import Workspace

STORE_FOLDER = ".assay"
_COMPONENT_FOLDER = "components"


def project_root() -> Path | None:
    """Return the nearest folder, from the current one upwards, that holds a store."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / STORE_FOLDER).is_dir()), None)


def open_workspace(store: Path | None) -> Workspace:
    """Open the workspace for running; its store is made when there is none."""
    from assay.workspace import Workspace  # 60 ms: the engine, the store and SQLite with it

    return Workspace.open(store=store)


def look_into(store: Path | None) -> Workspace:
    """Open the workspace for looking; raises ``NotFound`` in place of making a store."""
    if store is not None and not store.is_dir():
        raise NotFound(f"there is no store {store}", culprit=str(store), hint="'assay run FILE --store DIR' makes one")
    if store is None and project_root() is None:
        raise NotFound(
            f"there is no store ({STORE_FOLDER}) in this folder or above it",
            culprit=STORE_FOLDER,
            hint="'assay run FILE' makes one; elsewhere: go there, or --store DIR",
        )
    return open_workspace(store)


def catalog() -> Catalog:
    """Return the catalog of the project, without touching a store."""
    from assay.catalog import Catalog  # reads component sources: not for every command

    folder = (project_root() or Path.cwd()) / _COMPONENT_FOLDER
    return Catalog([folder] if folder.is_dir() else [])


def check_file(file: Path) -> Checked:
    """Return the pipeline in ``file`` with its faults; raises ``NotFound`` when it cannot be read."""
    from assay.workspace import read_document  # see open_workspace

    return check_text(file, read_document(file).text)


def check_text(file: Path, text: str) -> Checked:
    """Return the faults that ``file`` has when it holds ``text``."""
    from assay.check import check  # 20 ms, with the catalog
    from assay.model.codec import load

    return check(load(text, str(file)), catalog().resolve, file.resolve().parent)


def find_run(workspace: Workspace, prefix: str) -> RunRow:
    """Return the run that ``prefix`` (a unique start of an id, or ``last``) names; raises ``NotFound``."""
    return workspace.store.runs.run(prefix)


def find_step(state: RunState, text: str) -> StepKey:
    """Return the place that ``train`` or ``map[3]`` names in a run; raises ``NotFound``."""
    name, bracket, rest = text.partition("[")
    item = rest.removesuffix("]")
    known = step_names(state)
    if name not in known:
        hint = did_you_mean(name, known) or f"it has {', '.join(known[:12])}{' …' if len(known) > 12 else ''}"
        raise NotFound(f"the run has no step {name!r}", culprit=name, hint=hint)
    if not bracket:
        return StepKey(StepName(name))
    elements = state.steps[StepKey(StepName(name))].elements if StepKey(StepName(name)) in state.steps else ()
    if not item.isdecimal() or int(item) >= len(elements):
        hint = f"elements are {name}[0] to {name}[{len(elements) - 1}]" if elements else f"{name!r} has no elements"
        raise NotFound(f"there is no element {text!r}", culprit=text, hint=hint)
    return StepKey(StepName(name), int(item))


def step_names(state: RunState) -> list[str]:
    """Return the steps of a run: in the order of its pipeline file, also those that no event names yet."""
    from assay.model.codec import load  # only to look at one run

    pipeline = load(state.document, state.file).pipeline
    listed = [str(step.name) for step in pipeline.all_steps()] if pipeline else []
    return list(dict.fromkeys([*listed, *(str(key.step) for key in state.steps)]))
