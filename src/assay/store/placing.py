"""Putting bytes somewhere: reflink or copy, seal, sync, temporary names, removal of read-only trees."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Sequence
from itertools import count

SEALED_MTIME_NS = 1_000_000_000_000_000_000
"""Every sealed file and folder has this modification time: whoever writes to it changes the time."""

NO_LINKS = (errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV)
"""A hard link cannot be made: too many already, not on this file system, or not across two of them."""

_FICLONE = 0x40049409
_COPY_CHUNK = 1 << 24
_FEW = 32
_numbers = count()


def seal_file(fd: int, *, executable: bool = False) -> None:
    """Make an open file read-only and mark it as untouched."""
    os.fchmod(fd, 0o555 if executable else 0o444)
    os.utime(fd, ns=(SEALED_MTIME_NS, SEALED_MTIME_NS))


def seal(path: str) -> None:
    """Make a file read-only, keeping whether it is executable, and mark a file or folder as untouched.

    A folder stays writable, so that its owner can simply remove the store; its time tells when something was added.
    """
    mode = os.stat(path).st_mode
    os.chmod(path, 0o755 if stat.S_ISDIR(mode) else 0o555 if mode & stat.S_IXUSR else 0o444)
    os.utime(path, ns=(SEALED_MTIME_NS, SEALED_MTIME_NS))


def sealed(info: os.stat_result) -> bool:
    """Return whether nobody wrote to a sealed file or folder since."""
    return info.st_mtime_ns == SEALED_MTIME_NS and not (stat.S_ISREG(info.st_mode) and info.st_mode & 0o222)


def temporary(folder: str, prefix: str = "") -> str:
    """Return an unused path in ``folder``; its name holds this process's id, its owner."""
    return f"{folder}/{prefix}{os.getpid()}-{next(_numbers)}-{os.urandom(4).hex()}"


def owner_of(name: str) -> int | None:
    """Return the process id in a name made by ``temporary``."""
    head = name.partition("-")[0]
    return int(head) if head.isdecimal() else None


def copy_file(source: str, target: str, mode: int = 0o600) -> None:
    """Make ``target`` (which must not exist) an independent copy: shared blocks where the file system can, else bytes.

    Leaves no target behind when it fails.
    """
    reader = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        writer = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            _clone_or_copy(reader, writer)
        except BaseException:
            os.unlink(target)
            raise
        finally:
            os.close(writer)
    finally:
        os.close(reader)


def link_or_copy(source: str, target: str) -> None:
    """Give a sealed file a further name, by a hard link or, where none can be made, a sealed copy."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        copy_file(source, target, stat.S_IMODE(os.stat(source).st_mode) | stat.S_IWUSR)
        seal(target)


def _clone_or_copy(reader: int, writer: int) -> None:
    try:
        fcntl.ioctl(writer, _FICLONE, reader)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS):
            raise
        try:
            while os.sendfile(writer, reader, None, _COPY_CHUNK):
                pass
        except OSError as again:
            if again.errno not in (errno.EINVAL, errno.ENOSYS):
                raise
            while data := os.read(reader, 1 << 20):
                write_all(writer, data)


def write_all(fd: int, data: bytes) -> None:
    """Write all of ``data``."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def remove_tree(path: str) -> int:
    """Remove a file, or a folder with everything in it, read-only or not; return the bytes of its files.

    Links are removed, not followed. What is already gone is fine.
    """
    size = 0
    waiting = [(path, False)]
    while waiting:
        here, emptied = waiting.pop()
        try:
            if emptied:
                os.rmdir(here)
                continue
            info = os.lstat(here)
            if stat.S_ISDIR(info.st_mode):
                os.chmod(here, 0o700)
                waiting.append((here, True))
                with os.scandir(here) as listing:
                    waiting.extend((item.path, False) for item in listing)
            else:
                size += info.st_size if info.st_nlink == 1 else 0
                os.unlink(here)
        except FileNotFoundError:
            continue
    return size


def sync_files(paths: Sequence[str]) -> None:
    """Wait until the content of ``paths``, all on one file system, is on the disk.

    Many files are synced by one call for their whole file system: a tenth of the time of one call each.
    """
    if len(paths) > _FEW and _sync_file_system(paths[0]):
        return
    for path in paths:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _sync_file_system(path: str) -> bool:
    """Call syncfs(2), which Python lacks; return whether it was there and succeeded."""
    try:
        import ctypes  # takes 5 ms, and only large folders need it

        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (ImportError, AttributeError):
        return False
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return bool(syncfs(fd) == 0)
    finally:
        os.close(fd)
