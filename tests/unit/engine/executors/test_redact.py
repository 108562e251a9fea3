"""The filter of secrets."""

from __future__ import annotations

import base64
import itertools
import os
import threading
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from assay.engine.executors.forkserver.redact import Redactor

SECRET = "hunter2-is-long"


def test_text_and_json() -> None:
    redactor = Redactor([SECRET, "other"])
    assert redactor.text(f"a {SECRET} b other") == "a *** b ***"
    assert redactor.json({SECRET: [1, None, {"k": f"<{SECRET}>"}]}) == {"***": [1, None, {"k": "<***>"}]}


def test_the_longer_secret_wins() -> None:
    assert Redactor(["pass", "password"]).text("password") == "***"


def test_short_and_empty_values_are_left_alone() -> None:
    assert Redactor(["", "abc"]).text("abc abc") == "abc abc"
    assert Redactor([]).text("abc") == "abc"


def test_each_line_of_a_key_counts() -> None:
    redactor = Redactor(["-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----\n"])
    assert redactor.text("it said MIIEvQIBADANBg here") == "it said *** here"


@given(before=some.binary(max_size=7), after=some.binary(max_size=7))
def test_base64_of_any_text_around_it(before: bytes, after: bytes) -> None:
    encoded = base64.b64encode(before + SECRET.encode() + after).decode()
    shown = Redactor([SECRET]).text(encoded)
    assert "***" in shown
    assert not any(
        encoded[n : n + 6] in shown for n in range(len(before) * 8 // 6 + 2, len(encoded) - len(after) * 2 - 10)
    )


@given(cuts=some.lists(some.integers(0, 80), max_size=8))
def test_a_secret_split_anywhere(cuts: list[int]) -> None:
    data = f"<{SECRET}>{SECRET}{SECRET[:5]}|{SECRET[:-1]}{SECRET}\n".encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert _copied([data[a:b] for a, b in itertools.pairwise(edges)]) == (
        f"<***>***{SECRET[:5]}|{SECRET[:-1]}***\n".encode()
    )


def _copied(pieces: list[bytes]) -> bytes:
    redactor = Redactor([SECRET])
    waiting = out = b""
    for piece in pieces:
        clean, waiting = redactor.feed(waiting + piece)
        out += clean
    return out + waiting


def test_copy_through_pipes(tmp_path: Path) -> None:
    source, feed = os.pipe()
    target = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    worker = threading.Thread(target=Redactor([SECRET]).copy, args=(source, target))
    worker.start()
    os.write(feed, b"x" * 65_530 + SECRET.encode()[:6])
    os.write(feed, SECRET.encode()[6:] + b" end " + SECRET.encode()[:3])
    os.close(feed)
    worker.join()
    os.close(source)
    os.close(target)
    assert (tmp_path / "log").read_bytes() == b"x" * 65_530 + b"*** end " + SECRET.encode()[:3]
