"""What ``use:`` may say: a name in the catalog, or a file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assay.errors import NotFound

_NAME = re.compile(r"(?P<category>[A-Za-z0-9_-]+)/(?P<short>[A-Za-z0-9_-]+)(?:@(?P<version>[^@/\s]+))?")


@dataclass(frozen=True, slots=True)
class NamedUse:
    """``category/name[@version]``; ``version`` is empty for the newest."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class FileUse:
    """``./steps.py:clean``; ``function`` is empty for the only component of the file."""

    path: str
    function: str = ""


def parse_use(use: str) -> NamedUse | FileUse:
    """Return what ``use`` says; raises ``NotFound`` when it is neither form."""
    if use.startswith(("./", "../", "/", "~")) or ".py" in use:
        path, colon, function = use.rpartition(":")
        return FileUse(path, function) if colon else FileUse(use)
    match = _NAME.fullmatch(use)
    if match is None:
        hint = "write category/name, category/name@version or ./file.py:function"
        raise NotFound(f"{use!r} names no component", culprit=use, hint=hint)
    return NamedUse(f"{match['category']}/{match['short']}", match["version"] or "")


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Order versions as people do: ``1.10`` after ``1.9``, and ``1.0rc1`` before ``1.0``."""
    words = re.findall(r"\d+|[A-Za-z]+", version.partition("+")[0])
    parts = [(1, int(word), "") if word.isdigit() else (-1, 0, word) for word in words]
    while parts and parts[-1] == (1, 0, ""):
        parts.pop()  # 1.0 and 1.0.0 are the same
    return (*parts, (0, 0, ""))


def version_fits(asked: str, version: str) -> bool:
    """Whether ``version`` is what ``@asked`` means: itself, or one that begins so (``@1`` takes ``1.4.2``)."""
    return not asked or version == asked or version.startswith(f"{asked}.")
