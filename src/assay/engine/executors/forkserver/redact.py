"""Keeping secrets out of the log and of messages."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 4
"""Characters; a shorter value cannot be told from ordinary text and is left alone."""

_SHORTEST_LINE = 8
_READ = 1 << 16


class Redactor:
    """Replaces secret values, and the usual encodings of them (base64, URL, JSON), by ``***``.

    Args:
        secrets: The values. Of one with several lines, each longer line counts by itself too.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for part in _parts(secret) for form in _forms(part)}
        self._forms = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, self._forms)) or rb"(?!)")

    def text(self, text: str) -> str:
        """Return ``text`` without the secrets."""
        return self.packet(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")

    def packet(self, data: bytes) -> bytes:
        """Return ``data`` without the secrets."""
        return self._pattern.sub(MASK.encode(), data)

    def json(self, value: object) -> object:
        """Return a JSON value with the secrets taken out of every text in it, keys included."""
        match value:
            case str():
                return self.text(value)
            case list():
                return [self.json(item) for item in value]
            case dict():
                return {self.text(key): self.json(item) for key, item in value.items()}
            case _:
                return value

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what of ``data`` may be shown, without the secrets, and its end that might be the beginning of one."""
        clean = self.packet(data)
        shown = len(clean) - self._beginning(clean)
        return clean[:shown], clean[shown:]

    def _beginning(self, data: bytes) -> int:
        longest = len(self._forms[0]) - 1 if self._forms else 0
        for length in range(min(len(data), longest), 0, -1):
            if any(form.startswith(data[-length:]) for form in self._forms if len(form) > length):
                return length
        return 0

    def copy(self, source: int, target: int) -> None:
        """Copy descriptor ``source`` to ``target`` until its end, without the secrets, also those split across reads."""
        waiting = b""
        while data := os.read(source, _READ):
            shown, waiting = self.feed(waiting + data)
            write_all(target, shown)
        write_all(target, waiting)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of ``data``."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _parts(secret: str) -> list[str]:
    lines = [line.strip() for line in secret.splitlines()]
    return [secret, *(line for line in lines if len(line) >= _SHORTEST_LINE)]


def _forms(secret: str) -> set[bytes]:
    raw = secret.encode("utf-8", "surrogateescape")
    if len(secret) < SHORTEST:
        return set()
    texts = {
        quote(raw),
        quote(raw, safe=""),
        quote_plus(raw),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    }
    return {raw, *(text.encode("utf-8", "surrogateescape") for text in texts), *_base64_forms(raw)}


def _base64_forms(raw: bytes) -> set[bytes]:
    """Return what of ``raw`` shows in base64 of any text that holds it: it may begin at any of three positions."""
    forms = set()
    for before in range(3):
        padded = base64.b64encode(bytes(before) + raw)
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        if last - first >= SHORTEST:
            forms.update({padded[first:last], padded[first:last].translate(bytes.maketrans(b"+/", b"-_"))})
    return forms
