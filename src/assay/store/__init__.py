"""Objects by content, and runs. Light by parts: ``assay.store.objects`` does not load the run database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.store.store import Store

__all__ = ["Store"]


def __getattr__(name: str) -> Any:
    if name == "Store":
        from assay.store.store import Store  # SQLite stays out of a step's process

        return Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
