"""Pages of a table, and what its columns hold."""

import pytest

from assay.server.previews import table as module
from assay.server.previews.table import LOOKED_AT, SHOWN, table_preview


@pytest.fixture
def table(tmp_path):
    def write(text):
        file = tmp_path / "t.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


def numbered(rows):
    return "id,even\n" + "".join(f"{n},{'' if n % 2 else n}\n" for n in range(rows))


def test_a_column_says_type_missing_share_distinct_values_and_ends(table):
    found = table_preview(table("a,b,c,d\n1,x,,nan\n2,,,3\n2,y,,-inf\n"), 0)
    told = [(c.type, round(c.missing, 3), c.distinct, c.least, c.most) for c in found.columns]
    assert told == [
        ("number", 0, 2, 1.0, 2.0),
        ("text", 0.333, 2, None, None),
        ("empty", 1, 0, None, None),
        ("number", 0, 3, 3.0, 3.0),
    ]


@pytest.mark.parametrize("rows", [0, 1, SHOWN, SHOWN + 1, LOOKED_AT, LOOKED_AT + 1, LOOKED_AT + 3 * SHOWN + 7])
def test_the_pages_together_are_the_table_and_each_knows_how_long_it_is(table, rows):
    file = table(numbered(rows))
    pages = [table_preview(file, page) for page in range(rows // SHOWN + 2)]
    assert [row[0] for page in pages for row in page.rows] == [str(n) for n in range(rows)]
    assert {page.total for page in pages} == {rows}
    assert [page.start for page in pages] == [SHOWN * n for n in range(len(pages))]
    assert {page.looked_at for page in pages} == {min(rows, LOOKED_AT)}


def test_a_huge_table_is_not_counted_but_leafed_through(table, monkeypatch):
    monkeypatch.setattr(module, "COUNTED", 1000)
    file = table(numbered(LOOKED_AT + 200))
    assert table_preview(file, 0).total is None
    last = table_preview(file, LOOKED_AT // SHOWN + 3)
    assert (last.rows[-1][0], last.total) == (str(LOOKED_AT + 199), LOOKED_AT + 200)


def test_lines_that_are_too_short_too_long_or_broken_are_shown_as_far_as_they_go(table):
    found = table_preview(table(b"a,b\n1\n1,2,3\n\xff,2\n" + b"x" * 600 + b",1\n"), 0)
    assert found.rows == [["1", ""], ["1", "2"], ["\ufffd", "2"], ["x" * 500, "1"]]
    assert table_preview(table(b""), 0).columns == []
