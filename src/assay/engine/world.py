"""What the plan may ask, answered by the store and the file system."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assay.engine.bind import Element
from assay.engine.decision import Remembered
from assay.engine.environment import environment_digest
from assay.engine.objects import is_address, listed
from assay.errors import AssayError, NotFound, did_you_mean
from assay.ids import Digest, PortName
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Output
from assay.model.component import ComponentSpec
from assay.store import Store, digest_source


class SourceError(AssayError):
    """A file or folder that a parameter names cannot be read."""

    code = "source"


class World:
    """Answers for one pipeline.

    Args:
        pipeline: Its name, under which last executions are kept.
        base: Folder of the pipeline file; relative paths start there.
        image_digest: Returns the digest of an image that is on this machine, else ``None``.
        importing: Whether files of a folder outside the store are copied into it (a run) or only named (a plan).
    """

    def __init__(
        self, store: Store, pipeline: str, base: Path, image_digest: Callable[[str], str | None], *, importing: bool
    ) -> None:
        self._image_digest = image_digest
        self._store = store
        self._pipeline = pipeline
        self._base = base
        self._importing = importing
        self._last: Mapping[str, Mapping[str, str]] | None = None
        self._sources: dict[str, Digest] = {}

    def environment(self, spec: ComponentSpec, image: str) -> str:
        """Return a digest of what a component runs in; see ``Surroundings``."""
        return (self._image_digest(image) or image) if image else environment_digest(spec)

    def absolute(self, path: str) -> str:
        """Return ``path`` made absolute against the pipeline's folder (``~`` is the home folder)."""
        return os.path.normpath(self._base / Path(path).expanduser())

    def source(self, path: str) -> Digest:
        """Return the content digest of a file or folder outside the store, read once in a run."""
        if path not in self._sources:
            self._require(path)
            self._sources[path] = digest_source(path, self._store.runs.digests)[0]
        return self._sources[path]

    def remembered(self, key: Digest) -> Remembered | None:
        """Return the execution kept under a cache key."""
        entry = self._store.runs.cached(key)
        if entry is None:
            return None
        intact = all(self._store.objects.intact(artifact) for artifact in artifacts_of(entry.outputs))
        return Remembered(entry.outputs, entry.run, intact)

    def last_parts(self, label: str) -> Mapping[str, str] | None:
        """Return the key parts of the last execution of a step or element of this pipeline."""
        if self._last is None:
            self._last = self._store.runs.last_parts_all(self._pipeline)
        return self._last.get(label)

    def files(self, folder: str, pattern: str) -> Sequence[Element]:
        """Return the files of a folder outside the store, or the objects below a prefix of an object store, sorted by name.

        ``pattern`` is matched against the path below the folder, so ``*.png`` also finds files in sub-folders.
        """
        if is_address(folder):
            found = enumerate(listed(folder, pattern))
            return [Element(index, name, file=origin.artifact()) for index, (name, origin) in found]
        root = self.absolute(folder)
        self._require(root)
        if not os.path.isdir(root):
            raise SourceError("'foreach: files:' names a file, not a folder", culprit=folder)
        names = sorted(
            os.path.relpath(os.path.join(parent, name), root)
            for parent, _, found in os.walk(root)
            for name in found
            if fnmatch.fnmatch(os.path.relpath(os.path.join(parent, name), root), pattern)
        )
        return [Element(index, name, file=self._file(Path(root, name))) for index, name in enumerate(names)]

    def members(self, folder: Artifact, pattern: str) -> Sequence[Element]:
        """Return the files of a folder in the store as elements, sorted by name."""
        root = self._store.objects.path(folder)
        found = [(name, file) for name, file in self._store.objects.members(folder) if fnmatch.fnmatch(name, pattern)]
        return [Element(index, name, file=self._kept(file, root / name)) for index, (name, file) in enumerate(found)]

    def _file(self, path: Path) -> Artifact:
        digest, size = digest_source(path, self._store.runs.digests)
        return self._kept(Artifact(digest, ArtifactType.FILE, folder=False, size=size, suffix=path.suffix), path)

    def _kept(self, artifact: Artifact, path: Path) -> Artifact:
        """Make sure that a run finds the file in the store."""
        if self._importing and not self._store.objects.intact(artifact):
            return self._store.objects.add(path, ArtifactType.FILE)
        return artifact

    def _require(self, path: str) -> None:
        if not os.path.exists(path):
            near = os.listdir(os.path.dirname(path)) if os.path.isdir(os.path.dirname(path)) else []
            raise NotFound(
                f"{path} does not exist",
                culprit=path,
                hint=did_you_mean(os.path.basename(path), near) or "paths start at the pipeline's folder",
            )


def artifacts_of(outputs: Mapping[PortName, Output]) -> list[Artifact]:
    """Return every artifact among the outputs of a step."""
    found: list[Artifact] = []
    for output in outputs.values():
        if isinstance(output, Artifact):
            found.append(output)
        elif isinstance(output, ArtifactList):
            found.extend(output.items)
    return found
