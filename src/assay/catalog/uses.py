"""What ``use:`` may say: a name in the catalog, or a file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assay.authoring import SUFFIXES
from assay.errors import NotFound

_NAME = re.compile(r"(?P<category>[A-Za-z0-9_-]+)/(?P<short>[A-Za-z0-9_-]+)(?:@(?P<version>[^@/\s]+))?")


@dataclass(frozen=True, slots=True)
class NamedUse:
    """``category/name[@version]``; ``version`` is empty for the newest."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class FileUse:
    """``./steps.py:clean``, ``./explore.ipynb``; ``function`` is empty for the only component of the file, or the whole file."""

    path: str
    function: str = ""


def parse_use(use: str) -> NamedUse | FileUse:
    """Return what ``use`` says; raises ``NotFound`` when it is neither form."""
    if use.startswith(("./", "../", "/", "~")) or use.partition(":")[0].endswith(SUFFIXES):
        path, colon, function = use.rpartition(":")
        return FileUse(path, function) if colon else FileUse(use)
    match = _NAME.fullmatch(use)
    if match is None:
        hint = "write category/name, category/name@version, ./file.py:function or ./notebook.ipynb"
        raise NotFound(f"{use!r} names no component", culprit=use, hint=hint)
    return NamedUse(f"{match['category']}/{match['short']}", match["version"] or "")


def version_key(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[int, str], ...]]:
    """Order versions as people do: ``1.10`` after ``1.9``, ``1.0rc1`` before ``1.0``, ``1.0.0`` as ``1``."""
    public = version.partition("+")[0]
    start = re.match(r"\d+(\.\d+)*", public)
    numbers = [int(number) for number in start[0].split(".")] if start else []
    while numbers and not numbers[-1]:
        numbers.pop()
    rest = re.findall(r"\d+|[A-Za-z]+", public[start.end() :] if start else public)
    return tuple(numbers), not rest, tuple((int(word), "") if word.isdigit() else (-1, word) for word in rest)


def version_fits(asked: str, version: str) -> bool:
    """Whether ``version`` is what ``@asked`` means: itself, or one that begins so (``@1`` takes ``1.4.2``)."""
    return not asked or version == asked or version.startswith(f"{asked}.")
