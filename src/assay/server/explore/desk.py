"""Where the routes ask: tables of predictions and what belongs to them, kept while somebody looks, and the processes that know images."""

from __future__ import annotations

from pathlib import Path

from assay.errors import NotFound
from assay.model.artifacts import Artifact, ArtifactType
from assay.model.state import RunState
from assay.server.explore.cases import Cases, NotExplorable, read_cases
from assay.server.explore.examiner import Examiner
from assay.server.explore.explainer import Explainer
from assay.server.explore.shelf import Shelf
from assay.server.explore.sources import Maps, Sources, heatmaps, outputs, sources
from assay.server.previews.preview import chosen
from assay.views.places import find_step
from assay.workspace import Workspace

_TABLES_KEPT, _RUNS_KEPT, _FOLDERS_KEPT = 4, 8, 64


class Desk:
    """Answers about explored runs of one workspace; safe in many threads.

    Args:
        workspace: Whose runs.
        log: File for what the processes print.
    """

    def __init__(self, workspace: Workspace, log: Path) -> None:
        self._workspace = workspace
        self._tables = Shelf[Cases](_TABLES_KEPT)
        self._states = Shelf[RunState](_RUNS_KEPT)
        self._sources = Shelf[Sources](_RUNS_KEPT)
        self._maps = Shelf[list[Maps]](_RUNS_KEPT)
        self._folders = Shelf[Path](_FOLDERS_KEPT)
        self.pictures = Examiner(log)
        """For what is quick: a page of pictures does not wait for an explanation."""
        self.models = Examiner(log)
        """For what a model is asked."""
        self.explainer = Explainer(log)

    def close(self) -> None:
        """End the processes."""
        self.pictures.close()
        self.models.close()
        self.explainer.close()

    def cases(self, run: str, step: str, port: str, item: int = 0) -> Cases:
        """Return the predictions on a port.

        Raises:
            NotFound: No such run, step or port.
            NotExplorable: It carries no predictions, or see ``read_cases``.
        """
        artifact = self.artifact(run, step, port, item)
        if artifact.type is not ArtifactType.PREDICTIONS or artifact.suffix != ".csv":
            raise NotExplorable(f"{step}.{port} carries no CSV table of predictions", culprit=port)
        path = self._workspace.store.objects.path(artifact)
        return self._tables.get(artifact.digest, lambda: read_cases(path))

    def sources(self, run: str, cases: Cases) -> Sources:
        """Return what belongs to predictions, among the outputs of their run."""
        state = self._state(run)
        key = (run, state.sequence, cases.model, cases.data)
        return self._sources.get(key, lambda: sources(self._workspace.store, state, cases.model, cases.data))

    def maps_over(self, run: str, images: Artifact) -> list[Maps]:
        """Return the heat maps of a run that lie over these images."""
        state = self._state(run)
        store = self._workspace.store
        found = self._maps.get((run, state.sequence), lambda: list(heatmaps(store, list(outputs(state)))))
        return [one for one in found if one.facts.get("images") == images.digest]

    def artifact(self, run: str, step: str, port: str, item: int = 0) -> Artifact:
        """Return the artifact on a port; raises ``NotFound``."""
        state = self._state(run)
        found = state.step(find_step(state, step)).outputs
        output = next((output for name, output in found.items() if name == port), None)
        if output is None:
            hint = f"it has {', '.join(found) or 'none'}"
            raise NotFound(f"step {step!r} has no output {port!r} (yet)", culprit=port, hint=hint)
        return chosen(output, item)

    def folder(self, artifact: Artifact) -> Path:
        """Return where a folder lies; that it is whole is looked at once while it is in use, not for each of its pictures."""
        if not artifact.folder:
            raise NotFound("this artifact is no folder", culprit=artifact.digest[:12])
        return self._folders.get(artifact.digest, lambda: self._workspace.store.objects.path(artifact))

    def derived(self, kind: str, *of: Artifact) -> Path:
        """Return where is kept what is computed of artifacts and can be computed again."""
        return self._workspace.store.derived_folder(kind, *(one.digest for one in of))

    def predictions(self, run: str) -> list[tuple[str, str, int]]:
        """Return the ports of a run that carry predictions, as step, port and place in its list."""
        found = outputs(self._state(run))
        return [(one.step, one.port, one.item) for one in found if one.artifact.type is ArtifactType.PREDICTIONS]

    def _state(self, run: str) -> RunState:
        store = self._workspace.store
        row = store.runs.run(run)
        if row.status in {"running", "interrupted"}:
            return self._workspace.state(row.id)
        return self._states.get((row.id, row.status, row.finished), lambda: self._workspace.state(row.id))
