"""The store as one thing: the ``.assay`` folder of a project."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from assay.ids import Digest, RunId
from assay.model.artifacts import Artifact
from assay.model.events import StepKey
from assay.store.faults import explaining
from assay.store.objects import ObjectStore
from assay.store.placing import link_or_copy
from assay.store.reclaim import Reclaimed, reclaim
from assay.store.runs import RunStore

_FOLDERS = ("objects", "folders", "tmp", "locks", "work", "logs", "results")


@dataclass(frozen=True, slots=True)
class Store:
    """Artifacts, runs, work folders and logs below ``root``."""

    root: Path
    objects: ObjectStore
    runs: RunStore

    @classmethod
    def open(cls, root: Path, *, create: bool = True) -> Store:
        """Open the store, making its layout when it is not there yet; safe in many processes at once.

        Raises ``StoreError``: read-only folder, damaged or later database; missing store when ``create`` is false.
        """
        root = root.absolute()
        runs = RunStore(root, create=create)
        with explaining("set up the store", root):
            for name in _FOLDERS:
                os.makedirs(f"{root}/{name}", exist_ok=True)
            if not os.path.isdir(f"{root}/objects/f"):
                for bucket in "0123456789abcdef":  # now, so that no step has to
                    os.makedirs(f"{root}/objects/{bucket}", exist_ok=True)
            ignore = root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
        return cls(root, ObjectStore(root), runs)

    def work_folder(self, run: RunId, key: StepKey, attempt: int) -> Path:
        """Return where an attempt of a step works (not made yet)."""
        return self.root / "work" / run / _attempt_name(key, attempt)

    def log_file(self, run: RunId, key: StepKey, attempt: int) -> Path:
        """Return where the log of an attempt is kept (its folder not made yet)."""
        return self.root / "logs" / run / f"{_attempt_name(key, attempt)}.log"

    def result_file(self, run: RunId, key: StepKey, port: str, suffix: str) -> Path:
        """Return where a person finds a result of a run under a name with a suffix, such as ``evaluate.report.html``."""
        return self.root / "results" / run / f"{_place_name(key)}.{port}{suffix}"

    def derived_folder(self, kind: str, *of: Digest) -> Path:
        """Return where is kept what was computed of artifacts and can be computed again (not made yet); gone with any of them."""
        return self.root / "derived" / kind / "-".join(of)

    def show_result(self, run: RunId, key: StepKey, port: str, artifact: Artifact) -> None:
        """Give a file its ``result_file`` as a further name, so that a browser or viewer knows by the suffix what it is.

        Not as a symbolic link: a browser follows it, sees the object's name without a suffix, and shows a page as its source.
        """
        file = self.result_file(run, key, port, artifact.suffix)
        with explaining("show a result", file):
            source = self.objects.path(artifact)
            os.makedirs(file.parent, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(file)
            link_or_copy(os.fspath(source), os.fspath(file))

    def reclaim(self, keep_runs: int, older_than: float | None = None, *, dry_run: bool = False) -> Reclaimed:
        """Forget old runs and remove what nothing refers to any more.

        Args:
            keep_runs: The newest runs stay, this many.
            older_than: Seconds; also runs and cache entries younger than this stay. ``None``: only the newest stay.
            dry_run: Say what would go, change nothing.

        Raises:
            StoreBusy: A run is going on.
        """
        return reclaim(self.root, self.objects, self.runs, keep_runs, older_than, dry_run=dry_run)

    def close(self) -> None:
        """Close the run database."""
        self.runs.close()


def _place_name(key: StepKey) -> str:
    step = key.step.replace("/", "+")  # of a pipeline within a pipeline: its name makes no folders
    return step if key.item is None else f"{step}.{key.item}"


def _attempt_name(key: StepKey, attempt: int) -> str:
    return f"{_place_name(key)}.{attempt}"
