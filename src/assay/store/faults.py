"""What can be wrong with a store, each with its own code, and how the system's errors become these."""

from __future__ import annotations

import errno
import os

from assay.errors import StoreError


class StoreFull(StoreError):  # noqa: N818  (names what is wrong, as the tree of errors does)
    """The disk or the quota is used up."""

    code = "store-full"


class StoreReadOnly(StoreError):  # noqa: N818  (names what is wrong, as the tree of errors does)
    """The store's folder cannot be written."""

    code = "store-read-only"


class StoreDamaged(StoreError):  # noqa: N818  (names what is wrong, as the tree of errors does)
    """Something in the store is missing or is not what was put there."""

    code = "store-damaged"


class StoreBusy(StoreError):  # noqa: N818  (names what is wrong, as the tree of errors does)
    """Another process holds what is needed."""

    code = "store-busy"


class StoreTooNew(StoreError):  # noqa: N818  (names what is wrong, as the tree of errors does)
    """The store was written by a later version of Assay."""

    code = "store-too-new"


class Unstorable(StoreError):  # noqa: N818  (names what is wrong, as the tree of errors does)
    """A file or folder holds something that the store does not take."""

    code = "unstorable"


_KINDS: dict[int, tuple[type[StoreError], str]] = {
    errno.ENOSPC: (StoreFull, "free some space on the disk, or run `assay gc`"),
    errno.EDQUOT: (StoreFull, "your disk quota is used up: free some space, or run `assay gc`"),
    errno.EROFS: (StoreReadOnly, "the file system is mounted read-only: use a project folder that can be written"),
    errno.EACCES: (StoreReadOnly, "check the owner and the permissions of this folder"),
    errno.EPERM: (StoreReadOnly, "check the owner and the permissions of this folder"),
    errno.ENOENT: (StoreError, "check that it exists"),
    errno.EMFILE: (StoreError, "too many open files: raise `ulimit -n`"),
    errno.EIO: (StoreDamaged, "the disk reports an input/output error: check the disk"),
}


def from_os_error(error: OSError, doing: str, path: str | os.PathLike[str] = "") -> StoreError:
    """Return ``error`` as a StoreError: "cannot <doing>: <the system's words>"."""
    kind, hint = _KINDS.get(error.errno or 0, (StoreError, ""))
    reason = os.strerror(error.errno) if error.errno else str(error)
    return kind(
        f"cannot {printable(doing)}: {reason}", culprit=printable(os.fspath(path) or error.filename or ""), hint=hint
    )


class explaining:  # noqa: N801  (read as a word of its ``with``)
    """Turn an ``OSError`` of the block into a StoreError that says what was being done.

    A class, not a generator: every step's process runs it, and each function that such a process is the first to run costs it
    two pages of memory.
    """

    __slots__ = ("_doing", "_path")

    def __init__(self, doing: str, path: str | os.PathLike[str] = "") -> None:
        self._doing, self._path = doing, path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise from_os_error(error, self._doing, self._path) from error


def printable(name: str | bytes) -> str:
    """Return a file name that can be shown and recorded: bytes that are not UTF-8 are written in hexadecimal."""
    raw = os.fsencode(name) if isinstance(name, str) else name
    return raw.decode("utf-8", "backslashreplace")
