"""The one door to the floors below: the project around the current folder, opened for what a command needs and no more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import NotFound
from assay.ids import RunId
from assay.model.state import RunState, fold

if TYPE_CHECKING:
    from assay.catalog import Catalog
    from assay.check import Checked
    from assay.store.records import RunRow
    from assay.store.store import Store
    from assay.workspace import Workspace

STORE_FOLDER = ".assay"
_SETTINGS_FILE = "assay.toml"


def project_root() -> Path | None:
    """Return the project around the current folder, when it has a store."""
    root = _project()
    return root if (root / STORE_FOLDER).is_dir() else None


def _project() -> Path:
    """The same rule as ``assay.catalog.project_folder``, which is 30 ms away from commands that want a store only."""
    here = Path.cwd()
    marked = (one for one in (here, *here.parents) if (one / STORE_FOLDER).is_dir() or (one / _SETTINGS_FILE).is_file())
    return next(marked, here)


def open_workspace(store: Path | None) -> Workspace:
    """Open the workspace for running; its store is made when there is none."""
    from assay.workspace import Workspace  # 60 ms: the engine, the store and SQLite with it

    return Workspace.open(store=store)


def look_into(folder: Path | None) -> Store:
    """Open the store for looking; raises ``NotFound`` in place of making one."""
    from assay.store.store import Store  # SQLite: 10 ms

    if folder is not None and not folder.is_dir():
        raise NotFound(
            f"there is no store {folder}", culprit=str(folder), hint="'assay run FILE --store DIR' makes one"
        )
    root = project_root()
    if folder is None and root is None:
        raise NotFound(
            f"there is no store ({STORE_FOLDER}) in this folder or above it",
            culprit=STORE_FOLDER,
            hint="'assay run FILE' makes one; elsewhere: go there, or --store DIR",
        )
    return Store.open(folder or (root or Path()) / STORE_FOLDER)


@dataclass(frozen=True, slots=True)
class Found:
    """A run, the store it is in, and its state."""

    store: Store
    row: RunRow
    state: RunState


def find_run(folder: Path | None, prefix: str) -> Found:
    """Return the run that ``prefix`` (a unique start of an id, or ``last``) names; raises ``NotFound``."""
    store = look_into(folder)
    row = store.runs.run(prefix)
    return Found(store, row, state_of(store, row.id))


def state_of(store: Store, run: RunId) -> RunState:
    """Return what the log says of a run."""
    return fold(store.runs.events(run))


def secret_value(name: str, folder: Path | None) -> str:
    """Return the value of a secret, from where steps get theirs; raises ``InvalidDocument`` when it has none."""
    from assay.engine.secrets import read_secrets  # only for what signs

    root = folder or (project_root() or Path()) / STORE_FOLDER
    return read_secrets([name], root / "secrets")[name]


def catalog() -> Catalog:
    """Return the catalog of the project, without touching a store."""
    from assay.catalog import open_catalog  # reads component sources: not for every command

    return open_catalog(_project())


def check_file(file: Path) -> Checked:
    """Return the pipeline in ``file`` with its faults; raises ``NotFound`` when it cannot be read."""
    from assay.catalog.pipelines import read_pipeline  # with the codec: 15 ms

    return check_text(file, read_pipeline(file).text)


def check_text(file: Path, text: str) -> Checked:
    """Return the faults that ``file`` has when it holds ``text``."""
    from assay.catalog.pipelines import pipeline_reader
    from assay.check import check  # 20 ms, with the catalog
    from assay.model.codec import load

    document = load(text, str(file))
    return check(document, catalog().resolve, file.resolve().parent, pipeline_reader(document, _project()))
