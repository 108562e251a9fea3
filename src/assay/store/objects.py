"""The object store: files and folders addressed by the sha256 of their content, on a local file system.

Layout below the root: ``objects/a/<digest>`` (a file; ``…x`` its executable twin), ``folders/a/<digest>/`` (a real
folder whose files are hard links to objects; its manifest is the object of the same digest), ``tmp/`` (unfinished work).
Everything visible is complete: it is made under ``tmp/`` or where the step left it, sealed, then linked or renamed.

Safe for any number of processes at once; imported by every step's process, so it stays small.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from assay.ids import Digest
from assay.model.artifacts import Artifact, ArtifactType
from assay.store.faults import StoreDamaged, Unstorable, explaining, printable
from assay.store.foldering import build_folder, copy_tree
from assay.store.hashing import hash_bytes, hash_file, hash_open_file, is_executable, manifest, read_manifest
from assay.store.integrity import damage, file_untouched, reseal, same_content, untouched
from assay.store.placing import (
    NO_LINKS,
    copy_file,
    link_or_copy,
    remove_tree,
    seal,
    seal_file,
    sync_files,
    temporary,
    write_all,
)
from assay.store.tree import Entry, refuse_special, scan

if TYPE_CHECKING:
    from assay.store.collecting import Collected


class ObjectStore:
    """The local object store below ``root`` (the ``.assay`` folder)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = f"{root}/objects"
        self._folders = f"{root}/folders"
        self._tmp = f"{root}/tmp"  # noqa: S108  (below the store's root)

    def publish(self, path: Path, type: ArtifactType) -> Artifact:  # noqa: A002  (the field's name)
        """Move a step's output, a file or a folder, into the store.

        Equal content is kept once. When this fails, the output's content is still where it was. Raises ``StoreError``:
        full or read-only disk, links out of the folder, sockets, names that are not UTF-8.
        """
        source = str(path)
        name = source.rpartition("/")[2]
        with explaining(f"keep {name}", source):
            info = os.lstat(source)
            if stat.S_ISLNK(info.st_mode):
                raise Unstorable("an output is a link", culprit=printable(source), hint="write a copy of the file")
            if stat.S_ISDIR(info.st_mode):
                artifact = self._keep_folder(scan(source), type, move=True)
                remove_tree(source)
                return artifact
            refuse_special(info, source)
            suffix = _suffix(path)
            digest, size = self._keep_file(source, info, move=True)
            os.unlink(source)
            return Artifact(digest, type, folder=False, size=size, suffix=suffix)

    def add(self, path: Path, type: ArtifactType) -> Artifact:  # noqa: A002  (the field's name)
        """Copy (or reflink) a file or folder from outside; the source is not touched and may change later.

        Links are followed, also out of the folder. Raises ``StoreError``.
        """
        with explaining(f"keep a copy of {path.name}", path):
            source = os.path.realpath(path)
            info = os.stat(source)
            if stat.S_ISDIR(info.st_mode):
                return self._keep_folder(scan(source, follow_outside=True), type, move=False)
            refuse_special(info, source)
            digest, size = self._keep_file(source, info, move=False)
            return Artifact(digest, type, folder=False, size=size, suffix=_suffix(path))

    def path(self, artifact: Artifact) -> Path:
        """Return where the content lies, read-only; raises ``StoreDamaged`` when it is missing or was written to."""
        place = self._place(artifact)
        if not self._intact(artifact, place):
            raise StoreDamaged(
                f"an artifact {damage(artifact, place, self._object(artifact.digest))}",
                culprit=place,
                hint="run the step that made it again; steps must not write to their inputs",
            )
        return Path(place)

    def intact(self, artifact: Artifact) -> bool:
        """Return whether the content is there and, by size, time and mode, as it was put there."""
        return self._intact(artifact, self._place(artifact))

    def verify(self, artifact: Artifact) -> bool:
        """Return whether the content, read again in full, still has its digest."""
        return same_content(artifact, self._place(artifact))

    def members(self, folder: Artifact) -> list[tuple[str, Artifact]]:
        """Return the files of a folder, each an artifact of its own, by relative name; raises ``StoreDamaged``."""
        root = self.path(folder)
        with explaining("list a folder", root):
            with open(self._object(folder.digest), "rb") as file:
                lines = read_manifest(file.read())
            return [
                (name, Artifact(digest, ArtifactType.FILE, False, os.stat(root / name).st_size, 1, Path(name).suffix))
                for name, (_, digest) in lines.items()
                if digest is not None
            ]

    def export(self, artifact: Artifact, target: Path) -> None:
        """Write a writable, independent copy to ``target``, which must not exist; nothing is left there on failure."""
        source = str(self.path(artifact))
        with explaining(f"write {target.name}", target):
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, "", str(target))
            folder, name = os.path.split(os.path.abspath(target))
            part = temporary(folder, f".{name}.part-")
            try:
                if artifact.folder:
                    copy_tree(source, part)
                    os.rename(part, target)
                else:
                    copy_file(source, part, 0o666)
                    os.link(part, target)
            finally:
                remove_tree(part)

    def collect(self, live: Collection[Digest], *, dry_run: bool = False) -> Collected:
        """Remove every object and folder whose digest is not in ``live``.

        Files of live folders stay: their hard links count them. Call it only while nobody uses the store.
        """
        from assay.store.collecting import collect  # a step's process never collects

        with explaining("reclaim space", self.root):
            return collect(str(self.root), live, dry_run=dry_run)

    def _intact(self, artifact: Artifact, place: str) -> bool:
        if untouched(artifact, place):
            return True
        # A copy of the whole store may have lost the times: read before calling it damaged.
        if not os.path.lexists(place) or not same_content(artifact, place):
            return False
        reseal(artifact, place)
        return True

    def _place(self, artifact: Artifact) -> str:
        if artifact.folder:
            return f"{self._folders}/{artifact.digest[0]}/{artifact.digest}"
        place = self._object(artifact.digest)
        # A member of a folder may be there as its executable twin only.
        return place if os.path.lexists(place) or not os.path.lexists(f"{place}x") else f"{place}x"

    def _object(self, digest: Digest, *, executable: bool = False) -> str:
        return f"{self._objects}/{digest[0]}/{digest}{'x' if executable else ''}"

    def _temporary(self) -> str:
        os.makedirs(self._tmp, exist_ok=True)
        return temporary(self._tmp)

    def _keep_file(
        self, path: str, info: os.stat_result, *, move: bool, executable: bool = False, sync: bool = True
    ) -> tuple[Digest, int]:
        """Make sure that the file's content has its object; return digest and size. ``move``: the file may be sealed."""
        # A further name of the file may lie outside the store: sealing the file would change that one as well.
        if not move or info.st_nlink > 1:
            return self._keep_copy(path, executable=executable, sync=sync)
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            digest = _hash_stable(fd, path)
            size = os.fstat(fd).st_size
            place = self._object(digest, executable=executable)
            if not file_untouched(place, size):
                seal_file(fd, executable=executable)
                if sync:
                    os.fsync(fd)
                self._name(path, place, size)
        finally:
            os.close(fd)
        return digest, size

    def _keep_copy(self, path: str, *, executable: bool, sync: bool) -> tuple[Digest, int]:
        digest, size = hash_file(path), os.stat(path).st_size
        if file_untouched(self._object(digest, executable=executable), size):
            return digest, size
        part = self._temporary()
        try:
            copy_file(path, part)
            return self._keep_file(part, os.stat(part), move=True, executable=executable, sync=sync)
        finally:
            remove_tree(part)

    def _name(self, path: str, place: str, size: int) -> None:
        """Give a sealed file its name in the store; a damaged object of that name is replaced."""
        try:
            return os.link(path, place)
        except FileExistsError:
            if file_untouched(place, size):
                return None
        except FileNotFoundError:
            if not os.path.lexists(path):
                raise
            os.makedirs(os.path.dirname(place), exist_ok=True)
            return self._name(path, place, size)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
        part = self._temporary()
        try:
            link_or_copy(path, part)
            os.rename(part, place)
        finally:
            remove_tree(part)

    def _keep_folder(self, entries: list[Entry], kind: ArtifactType, *, move: bool) -> Artifact:
        kept: dict[tuple[str, bool], tuple[Digest, int]] = {}
        lines: list[tuple[str, bool, Digest | None]] = []
        size = files = 0
        for entry in entries:
            if entry.info is None:
                lines.append((entry.name, False, None))
                continue
            key = entry.source, is_executable(entry.info)
            if key not in kept:
                kept[key] = self._keep_file(entry.source, entry.info, move=move, executable=key[1], sync=False)
            digest, length = kept[key]
            lines.append((entry.name, key[1], digest))
            files += 1
            size += length
        text = manifest(lines)
        artifact = Artifact(hash_bytes(text), kind, folder=True, size=size, files=files)
        if not untouched(artifact, self._place(artifact)):
            sync_files([self._object(digest, executable=executable) for (_, executable), (digest, _) in kept.items()])
            self._keep_manifest(text, artifact.digest)
            self._assemble(artifact, lines)
        return artifact

    def _keep_manifest(self, text: bytes, digest: Digest) -> None:
        place = self._object(digest)
        if file_untouched(place, len(text)):
            return
        part = self._temporary()
        try:
            fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                write_all(fd, text)
                seal_file(fd)
            finally:
                os.close(fd)
            self._name(part, place, len(text))
        finally:
            remove_tree(part)

    def _assemble(self, artifact: Artifact, lines: list[tuple[str, bool, Digest | None]]) -> None:
        """Build the read-only folder of links under ``tmp/`` and rename it into place."""
        place = self._place(artifact)
        part = self._temporary()
        os.makedirs(os.path.dirname(place), exist_ok=True)
        try:
            build_folder(
                part,
                [(name, digest and self._object(digest, executable=executable)) for name, executable, digest in lines],
            )
            try:
                os.rename(part, place)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                if untouched(artifact, place):
                    return
                aside = self._temporary()
                os.rename(place, aside)
                os.rename(part, place)
                remove_tree(aside)
            # Only now: a folder that its owner may not write to cannot be renamed by an ordinary user.
            seal(place)
        finally:
            remove_tree(part)


def _hash_stable(fd: int, path: str) -> Digest:
    """Hash an open file; raises ``Unstorable`` when somebody writes to it meanwhile."""
    before = os.fstat(fd)
    digest = hash_open_file(fd, before.st_size)
    after = os.fstat(fd)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Unstorable(
            "a file is still being written",
            culprit=printable(path),
            hint="end the threads and child processes that write to it before the step returns",
        )
    return digest


def _suffix(path: Path) -> str:
    suffix = path.suffix
    try:
        suffix.encode()
    except UnicodeEncodeError:
        raise Unstorable("a file name is not UTF-8", culprit=printable(str(path)), hint="rename the file") from None
    return suffix
