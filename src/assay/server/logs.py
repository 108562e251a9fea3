"""What a step printed, a part at a time."""

from __future__ import annotations

from pathlib import Path

from assay.server.wire.runs import Log

PART = 1 << 18
"""Bytes of one part."""


def log_part(file: Path, start: int) -> Log:
    """Return at most 256 KiB from byte ``start`` on, cut at the end of a character; empty when there is no log."""
    try:
        with file.open("rb") as reader:
            size = reader.seek(0, 2)
            reader.seek(min(start, size))
            data = whole_characters(reader.read(PART))
    except FileNotFoundError:
        return Log(text="", start=start, next=start, size=0)
    begun = min(start, size)
    return Log(text=data.decode("utf-8", errors="replace"), start=begun, next=begun + len(data), size=size)


def whole_characters(data: bytes) -> bytes:
    """Return ``data`` without the first bytes of a character whose rest has not come yet."""
    for cut in range(1, min(3, len(data)) + 1):
        byte = data[-cut]
        if byte >= 0xC0:  # the first byte of a character of two to four
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[:-cut] if cut < needed and len(data) > cut else data
        if byte < 0x80:
            break
    return data
