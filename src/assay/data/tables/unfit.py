"""All that is wrong with a table, at once."""

from __future__ import annotations

from collections.abc import Sequence

from assay.errors import ComponentError, Fault


class UnfitTable(ComponentError):  # noqa: N818  (like its kin in errors.py)
    """A table, or what is asked of it, has faults; ``faults`` lists all of them."""

    code = "unfit-table"

    def __init__(self, faults: Sequence[Fault], what: str = "the table") -> None:
        self.faults = tuple(faults)
        count = f"{len(faults)} faults" if len(faults) > 1 else "a fault"
        listed = "; ".join(f"[{fault.code}] {fault.message}" for fault in faults)
        hints = dict.fromkeys(fault.hint for fault in faults if fault.hint)
        super().__init__(f"{what} has {count}: {listed}", culprit=faults[0].culprit, hint="; ".join(hints))


def refuse(faults: Sequence[Fault], what: str = "the table") -> None:
    """Raise ``UnfitTable`` with all faults, if there are any."""
    if faults:
        raise UnfitTable(faults, what)


def some(names: Sequence[str], most: int = 5) -> str:
    """Return the first few names, quoted, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(repr(name) for name in names[:most]) + more
