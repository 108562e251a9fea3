"""Full and read-only disks: real ones where this user may mount, else a system that answers as such a disk would."""

import errno
import os
import subprocess

import pytest

from assay.store import Store


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / ".assay")
    yield opened
    opened.close()


def _mount(*arguments):
    return os.geteuid() == 0 and subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0


def _refuse(monkeypatch, number, names):
    def refuse(*_arguments, **_options):
        raise OSError(number, os.strerror(number))

    for name in names:
        monkeypatch.setattr(os, name, refuse)


def write_for_ever(fd):
    while True:
        os.write(fd, bytes(4096))


@pytest.fixture
def full_disk(tmp_path, monkeypatch):
    """Return a folder on a small disk, and a function that fills the disk up."""
    place = tmp_path / "small"
    place.mkdir()
    if not _mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)):
        yield place, lambda: _refuse(monkeypatch, errno.ENOSPC, ("link", "mkdir", "sendfile", "write"))
        return

    def fill():
        ballast = os.open(place / "ballast", os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError, match="No space left on device"):
            write_for_ever(ballast)
        os.close(ballast)

    yield place, fill
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def read_only(tmp_path, monkeypatch):
    """Return a function that makes a folder and what is in it read-only, also for root."""
    mounted = []

    def protect(folder):
        if os.geteuid() != 0:
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o555 if path.is_dir() else 0o444)
            mounted.append(("chmod", folder))
        elif _mount("--bind", str(folder), str(folder)) and _mount("-o", "remount,bind,ro", str(folder)):
            mounted.append(("mount", folder))
        else:
            _refuse(monkeypatch, errno.EROFS, ("link", "mkdir", "rename", "sendfile", "write"))
            monkeypatch.setattr(os, "access", lambda _path, _mode: False)

    yield protect
    for kind, folder in mounted:
        if kind == "mount":
            subprocess.run(["umount", "-l", str(folder)], check=True)
        else:
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
