"""Why a bundle is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from assay.errors import AssayError, ExitCode, Fault

_MOST_TOLD = 20


class Rejected(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A bundle is not what it says, or must not be used; nothing of it was written. ``faults`` lists every reason."""

    code: ClassVar[str] = "bundle"
    exit_code: ClassVar[ExitCode] = ExitCode.RUN_FAILED

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        told = "; ".join(f"[{fault.code}] {fault.message}" for fault in self.faults[:_MOST_TOLD])
        more = f"; and {len(self.faults) - _MOST_TOLD} more" if len(self.faults) > _MOST_TOLD else ""
        hints = dict.fromkeys(fault.hint for fault in self.faults if fault.hint)
        super().__init__(f"{name} is refused: {told}{more}", culprit=self.faults[0].culprit, hint="; ".join(hints))
