"""What is wrong with a request: always the caller's, always with a reason, never a 500."""

from __future__ import annotations

from typing import ClassVar

from assay.errors import AssayError


class RequestFault(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A request that cannot be answered; ``status`` is that of HTTP."""

    code: ClassVar[str] = "request"

    def __init__(self, message: str, *, status: int = 400, culprit: str = "", hint: str = "") -> None:
        self.status = status
        super().__init__(message, culprit=culprit, hint=hint)
