"""Documents of a bundle that nobody has verified yet."""

from __future__ import annotations

import io

import pytest

from assay.bundle.faults import Rejected
from assay.bundle.layout import LARGEST_DOCUMENT
from assay.bundle.source import read_document


class Shelf:
    """A source that states sizes, and notes what it is asked for."""

    name = "shelf"

    def __init__(self, stated: int, held: int) -> None:
        self._stated, self._held = stated, held
        self.asked: list[str] = []

    def sizes(self):
        return {"verdict.json": self._stated}

    def open(self, path):
        self.asked.append(path)
        return io.BytesIO(b"x" * self._held)


def code(source, path="verdict.json"):
    with pytest.raises(Rejected) as raised:
        read_document(source, path)
    return raised.value.faults[0].code


def test_a_document_that_is_said_to_be_too_large_is_not_asked_for():
    shelf = Shelf(LARGEST_DOCUMENT + 1, 3)
    assert code(shelf) == "too-large"
    assert shelf.asked == []


def test_one_that_is_larger_than_it_says_is_refused_too():
    assert code(Shelf(3, LARGEST_DOCUMENT + 1)) == "too-large"


def test_one_that_is_not_there_is_named():
    assert code(Shelf(3, 3), "report.json") == "missing-file"


def test_any_other_is_read():
    assert read_document(Shelf(3, 3), "verdict.json") == b"xxx"
