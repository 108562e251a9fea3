"""From what a person types to the bundle it means: a folder, an archive, or an address in a registry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.bundle.archive import ArchiveSource
from assay.bundle.source import FolderSource, Source

ADDRESS = "oci://"


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
