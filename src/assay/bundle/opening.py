"""From what a person types to the bundle it means: a folder, an archive, or an address in a registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from assay.bundle.archive import ArchiveSource
from assay.bundle.shelf import Shelf, default_shelf
from assay.bundle.source import FolderSource, Source

ADDRESS = "oci://"


def find(where: str, shelf: Path | None, environment: Mapping[str, str]) -> str:
    """Return where a bundle lies: as given, or what ``NAME`` or ``NAME:VERSION`` means on the shelf.

    Args:
        shelf: Its folder; default: the user's.
    """
    if where.startswith(ADDRESS) or Path(where).exists():
        return where
    found = Shelf(shelf or default_shelf(environment)).find(where)
    return str(found) if found is not None else where


@contextmanager
def opened(where: str) -> Iterator[Source]:
    """Open a bundle for verifying.

    Args:
        where: A folder, an archive (``.assay.tar``), or ``oci://registry/repository:tag`` or ``@sha256:…``.

    Raises:
        NotFound: There is none.
        Rejected: It is something else.
        MissingDependency: For an address, when the client for registries is not installed.
    """
    if where.startswith(ADDRESS):
        from assay.bundle.registry import RegistrySource  # an HTTP client, only for addresses

        with RegistrySource(where) as source:
            yield source
    elif Path(where).is_dir():
        yield FolderSource(Path(where))
    else:
        with ArchiveSource(Path(where)) as archive:
            yield archive
