"""Files as git keeps them, by git's own command line: nothing of the working tree is touched, and nothing is fetched."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from assay.errors import AssayError, MissingDependency, NotFound

_PATIENCE = 30
_FIELD = "\x1f"
_QUIET = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
}
_SETTINGS = (
    "-c", "log.showSignature=false",  # would run the program that a repository's own settings name
    "-c", "core.fsmonitor=false",  # as above
)  # fmt: skip


class GitError(AssayError):
    """git would not answer: no repository, no such revision, or one that belongs to somebody else."""

    code: ClassVar[str] = "git"


@dataclass(frozen=True, slots=True)
class Revision:
    """One commit that changed a file; ``time`` is seconds since 1970."""

    id: str
    title: str
    author: str
    time: int


def content(folder: Path, revision: str, path: str, *, root_too: bool = True) -> bytes:
    """Return a file as it was.

    Args:
        revision: Anything that git takes for a commit: ``HEAD~1``, a tag, a branch, the start of an id.
        path: Below ``folder``.
        root_too: Where nothing is there, ``path`` counts from the root of the repository.

    Raises:
        GitError: The folder is in no repository, or there is no such revision.
        NotFound: The revision has no such file.
        MissingDependency: git is not installed.
    """
    commit = _commit(folder, revision)
    for place in (f"./{path}", path) if root_too else (f"./{path}",):
        found = _git(folder, "cat-file", "blob", f"{commit}:{place}")
        if found.returncode == 0:
            return found.stdout
    hint = "paths count from this folder, or from the root of the repository"
    raise NotFound(f"revision {revision} has no file {path}", culprit=f"{revision}:{path}", hint=hint)


def history(file: Path, most: int = 50) -> list[Revision]:
    """Return the commits that changed a file, newest first; none when the file or the folder is in no repository.

    Raises:
        GitError: git would not answer for another reason.
        MissingDependency: git is not installed.
    """
    form = _FIELD.join(("%H", "%s", "%an", "%ct"))
    command = ("log", f"--max-count={most}", f"--format={form}", "-z", "--follow", "--", file.name)
    found = _git(file.parent, *command)
    if found.returncode:
        if _inside(file.parent) and _git(file.parent, "rev-parse", "--verify", "--quiet", "HEAD").returncode == 0:
            raise _refused(found)
        return []
    rows = (entry.split(_FIELD) for entry in found.stdout.decode("utf-8", errors="replace").split("\0") if entry)
    return [Revision(row[0], row[1], row[2], int(row[3])) for row in rows if len(row) == 4]


def _commit(folder: Path, revision: str) -> str:
    if not revision or ":" in revision or any(ord(character) < 32 for character in revision):
        raise GitError(
            "this is no revision", culprit=revision, hint="such as HEAD, HEAD~1, a tag, or the start of an id"
        )
    if not _inside(folder):
        raise GitError(
            f"{folder} is in no git repository", culprit=str(folder), hint="'git init' begins one; or name two files"
        )
    found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        hint = "'git log --oneline' lists them" if revision != "HEAD" else "the repository has no commit yet"
        raise GitError(f"there is no revision {revision}", culprit=revision, hint=hint)
    return found.stdout.decode().strip()


def _inside(folder: Path) -> bool:
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found.returncode and b"not a git repository" not in found.stderr:
        raise _refused(found)
    return found.returncode == 0


def _refused(found: subprocess.CompletedProcess[bytes]) -> GitError:
    said = found.stderr.decode("utf-8", errors="replace").strip().splitlines()
    return GitError(
        "git would not answer", culprit="git", hint=said[0] if said else f"it ended with {found.returncode}"
    )


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", "--no-pager", *_SETTINGS, *words],
            cwd=folder,
            env=os.environ | _QUIET,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        if not folder.is_dir():
            raise NotFound(f"there is no folder {folder}", culprit=str(folder)) from None
        raise MissingDependency("revisions need git", culprit="git", hint="install git, or name two files") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git did not answer within {_PATIENCE} s", culprit="git") from None
