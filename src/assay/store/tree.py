"""What a folder holds, as a flat sorted list; refuses what cannot be kept as content."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from assay.store.faults import Unstorable, printable

_MOST_ENTRIES = 5_000_000
_KINDS = {
    stat.S_IFSOCK: "a socket",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


class Entry(NamedTuple):
    """A file, or an empty folder (``info`` is ``None``), below a scanned folder.

    Attributes:
        name: Relative, with ``/`` between parts.
        source: Where the content lies; differs from the place of ``name`` when a link was followed.
        info: The content's ``os.stat_result``.
        linked: Whether ``name`` was reached through a link.
    """

    name: str
    source: str
    info: os.stat_result | None
    linked: bool = False


def scan(root: str, *, follow_outside: bool = False) -> list[Entry]:
    """Return every file and every empty folder below ``root``, sorted by the bytes of their names.

    Links are replaced by what they point to. A link that leads out of ``root`` is refused unless ``follow_outside``.
    Raises ``Unstorable`` for sockets, pipes, devices, names that are not UTF-8, dangling and looping links; ``OSError``
    for what cannot be read.
    """
    real_root = os.path.realpath(root)
    found: list[Entry] = []
    waiting = [("", real_root, False)]
    while waiting:
        prefix, folder, linked = waiting.pop()
        empty = True
        with os.scandir(folder) as listing:
            for item in listing:
                empty = False
                name = prefix + item.name
                _check_name(name)
                entry, below = _look(item, name, real_root, linked=linked, follow_outside=follow_outside)
                if below is not None:
                    waiting.append((name + "/", *below))
                else:
                    found.append(entry)
        if empty and prefix:
            found.append(Entry(prefix[:-1], folder, None, linked))
        if len(found) + len(waiting) > _MOST_ENTRIES:
            raise Unstorable(f"the folder has more than {_MOST_ENTRIES} entries", culprit=printable(root))
    found.sort(key=lambda entry: entry.name.encode())
    return found


def _look(
    item: os.DirEntry[str], name: str, real_root: str, *, linked: bool, follow_outside: bool
) -> tuple[Entry, tuple[str, bool] | None]:
    """Return the entry, and for a folder where to go on (real path, whether through a link)."""
    source = item.path
    info = item.stat(follow_symlinks=False)
    if stat.S_ISLNK(info.st_mode):
        source, info = _follow(item, name, real_root, follow_outside=follow_outside)
        linked = True
    if stat.S_ISDIR(info.st_mode):
        return Entry(name, source, None, linked), (source, linked)
    refuse_special(info, name)
    return Entry(name, source, info, linked), None


def _follow(item: os.DirEntry[str], name: str, real_root: str, *, follow_outside: bool) -> tuple[str, os.stat_result]:
    """Return the content that a link stands for."""
    target = os.path.realpath(item.path)
    if not follow_outside and not _within(target, real_root):
        raise Unstorable(
            "a link leads out of the folder",
            culprit=f"{printable(name)} -> {printable(os.readlink(item.path))}",
            hint="write a copy of the file instead of a link",
        )
    try:
        info = os.stat(target)
    except OSError:
        raise Unstorable("a link leads to nothing", culprit=printable(name), hint="remove it") from None
    if stat.S_ISDIR(info.st_mode) and _within(os.path.realpath(os.path.dirname(item.path)), target):
        raise Unstorable("a link leads to a folder that holds the link", culprit=printable(name), hint="remove it")
    return target, info


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def refuse_special(info: os.stat_result, name: str) -> None:
    """Raise ``Unstorable`` for anything but a regular file."""
    if not stat.S_ISREG(info.st_mode):
        kind = _KINDS.get(stat.S_IFMT(info.st_mode), "not a regular file")
        raise Unstorable(f"{kind} cannot be kept", culprit=printable(name), hint="write a regular file")


def _check_name(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise Unstorable("a file name is not UTF-8", culprit=printable(name), hint="rename the file") from None
