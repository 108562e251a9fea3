"""Objects by content, and runs. Light by parts: ``assay.store.objects`` does not load the run database."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.store.objects import ObjectStore
    from assay.store.reclaim import Reclaimed
    from assay.store.records import CacheEntry, PlaceState, Remember, RunRow, RunStatus
    from assay.store.runs import RunStore
    from assay.store.sources import DigestCache, digest_source
    from assay.store.store import Store

__all__ = [
    "CacheEntry",
    "DigestCache",
    "ObjectStore",
    "PlaceState",
    "Reclaimed",
    "Remember",
    "RunRow",
    "RunStatus",
    "RunStore",
    "Store",
    "digest_source",
]

_HOMES = {
    "DigestCache": "sources",
    "ObjectStore": "objects",
    "Reclaimed": "reclaim",
    "RunStore": "runs",
    "Store": "store",
    "digest_source": "sources",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f"{__name__}.{_HOMES.get(name, 'records')}")
    return getattr(home, name)
