"""The policies that come with Assay, and how one is found by name or file."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from assay.errors import NotFound, did_you_mean
from assay.trust.gate.policy import Policy
from assay.trust.gate.policy_text import read_policy


def shipped_names() -> list[str]:
    """Return the names of the shipped policies, sorted."""
    folder = resources.files("assay.trust.gate") / "policies"
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


def shipped_text(name: str) -> str:
    """Return a shipped policy as it stands in its file, comments included; raises ``NotFound``."""
    known = shipped_names()
    if name not in known:
        hint = did_you_mean(name, known) or f"there are {', '.join(known)}; a file is named by its path"
        raise NotFound(f"there is no policy {name!r}", culprit=name, hint=hint)
    return (resources.files("assay.trust.gate") / "policies" / f"{name}.yaml").read_text(encoding="utf-8")


def find_policy(which: str | os.PathLike[str]) -> Policy:
    """Return the policy of a file, or the shipped one of this name.

    Raises:
        NotFound: There is neither.
        InvalidDocument: It has faults.
    """
    path = Path(which)
    if path.is_file():
        return read_policy(path.read_text(encoding="utf-8", errors="replace"), str(which))
    name = os.fspath(which)
    return read_policy(shipped_text(name), f"{name}.yaml")
