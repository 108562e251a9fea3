"""A log is cut between characters, never inside one."""

import pytest
from msgspec.structs import asdict

from assay.server.logs import log_part, whole_characters


@pytest.mark.parametrize("text", ["a", "aä", "a€", "a😀", "ä", "😀"])
def test_a_character_that_is_not_all_there_waits(text):
    data = text.encode()
    for cut in range(1, len(data) + 1):
        part = whole_characters(data[:cut])
        assert data.startswith(part)
        part.decode("utf-8", errors="replace" if len(text) == 1 else "strict")
    assert whole_characters(data) == data


def test_bytes_that_are_no_text_are_passed_on():
    assert whole_characters(b"\xff\xfe\x80\x80\x80\x80") == b"\xff\xfe\x80\x80\x80\x80"
    assert whole_characters(b"") == b""


def test_a_log_that_is_not_there_is_empty(tmp_path):
    assert asdict(log_part(tmp_path / "none", 7)) == {"text": "", "start": 7, "next": 7, "size": 0}


def test_parts_make_the_whole(tmp_path):
    file = tmp_path / "log"
    file.write_text("ä" * 300_000)
    first = log_part(file, 0)
    second = log_part(file, first.next)
    third = log_part(file, second.next)
    assert first.text + second.text + third.text == "ä" * 300_000
