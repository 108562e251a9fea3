"""The one tree of exceptions, and faults: what is wrong with a document, as data.

An error carries a stable ``code``, the ``culprit`` (the name or value at fault) and a ``hint`` (the next thing to do),
so that the command line, the editor and a log can each say it in their own way.
"""

from __future__ import annotations

import enum

TYPE_CHECKING = False  # the one of typing costs a fresh interpreter milliseconds
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import ClassVar

    from assay.faults import Fault, Fix, Location, Severity


_LONGEST_TEXT = 2000
_MOST_SHOWN_FAULTS = 50


__all__ = [
    "AssayError",
    "ComponentError",
    "ExitCode",
    "Fault",
    "Fix",
    "InvalidDocument",
    "Location",
    "MissingDependency",
    "NotFound",
    "Severity",
    "StoreError",
    "WouldOverwrite",
    "bounded",
    "did_you_mean",
]
_FAULTS = frozenset({"Fault", "Fix", "Location", "Severity"})


def __getattr__(name: str) -> object:
    if name not in _FAULTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from assay import faults  # see there

    globals().update({fault: getattr(faults, fault) for fault in _FAULTS})
    return globals()[name]


class ExitCode(enum.IntEnum):
    """What the ``assay`` command's exit status means."""

    OK = 0
    RUN_FAILED = 1
    DIFFERENT = 1
    BAD_INPUT = 2
    MISSING_DEPENDENCY = 3
    STORE = 4
    INTERNAL = 70
    INTERRUPTED = 130


def bounded(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Return ``text``, its middle cut out when it is longer than ``longest`` characters."""
    if len(text) <= longest:
        return text
    half = (longest - 40) // 2
    return f"{text[:half]} … {len(text) - 2 * half} characters left out … {text[-half:]}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest known name, or an empty string."""
    import difflib  # only when something is wrong

    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


class AssayError(Exception):
    """Base of every error a person may see.

    Args:
        message: One sentence: what is wrong.
        culprit: The name or value at fault.
        hint: The next thing to do.
        location: The place in a file, if there is one.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[ExitCode] = ExitCode.BAD_INPUT

    def __init__(self, message: str, *, culprit: str = "", hint: str = "", location: Location | None = None) -> None:
        self.message = bounded(message)
        self.culprit = bounded(culprit)
        self.hint = bounded(hint)
        self.location = location
        super().__init__(self.message)

    def fault(self) -> Fault:
        """Return this error as data."""
        from assay.faults import Fault  # see there

        return Fault(self.code, self.message, self.culprit, self.location, self.hint)

    def __str__(self) -> str:
        return str(self.fault())


class InvalidDocument(AssayError):  # noqa: N818  (names a state of the document, like the field's libraries do)
    """A pipeline or component file has faults; ``faults`` lists all of them."""

    code = "invalid-document"

    def __init__(self, faults: Sequence[Fault], *, what: str = "document") -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        super().__init__(f"{what} has {count} fault{'s' if count != 1 else ''}")

    def __str__(self) -> str:
        shown = [str(fault) for fault in self.faults[:_MOST_SHOWN_FAULTS]]
        if len(self.faults) > _MOST_SHOWN_FAULTS:
            shown.append(f"… and {len(self.faults) - _MOST_SHOWN_FAULTS} more")
        return "\n".join(shown)


class NotFound(AssayError):  # noqa: N818
    """Something named by the user does not exist."""

    code = "not-found"


class WouldOverwrite(AssayError):  # noqa: N818
    """Something is there already, and is kept."""

    code = "would-overwrite"


class MissingDependency(AssayError):  # noqa: N818
    """An optional package is not installed; the hint says what to type."""

    code = "missing-dependency"
    exit_code = ExitCode.MISSING_DEPENDENCY


class StoreError(AssayError):
    """The store cannot be read or written (read-only, full disk, damaged, locked)."""

    code = "store"
    exit_code = ExitCode.STORE


class ComponentError(AssayError):
    """Raised by a component for a fault in its inputs or parameters: shown without a traceback."""

    code = "component"
    exit_code = ExitCode.RUN_FAILED
