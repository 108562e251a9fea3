"""The same cells from every format, and what is no table told."""

import pandas as pd
import pytest

from assay.data.tables.cells import read_cells
from assay.errors import ComponentError

ROWS = pd.DataFrame({"id": ["001", "002"], "age": [63, None], "note": ["a b", None]})


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet", "t.jsonl"])
def test_every_format_gives_the_same_cells(tmp_path, name: str) -> None:
    path = tmp_path / name
    match path.suffix:
        case ".parquet":
            ROWS.to_parquet(path)
        case ".jsonl":
            ROWS.to_json(path, orient="records", lines=True)
        case ending:
            ROWS.to_csv(path, index=False, sep="\t" if ending == ".tsv" else ";")
    cells = read_cells(path)
    assert cells.columns.tolist() == ["id", "age", "note"]
    assert cells.replace({"63.0": "63"}).to_numpy().tolist() == [["001", "63", "a b"], ["002", "", ""]]


def test_a_text_without_header_takes_the_names_given(tmp_path) -> None:
    (tmp_path / "t.csv").write_text("1, x\n2, ?\n")
    assert read_cells(tmp_path / "t.csv", names=["a", "b"]).to_numpy().tolist() == [["1", "x"], ["2", ""]]
    with pytest.raises(ComponentError, match="3 columns are named, the table has 2"):
        read_cells(tmp_path / "t.csv", names=["a", "b", "c"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("a,b\n", "no rows"),
        ("a,a,b,b\n1,2,3,4\n", "2 names stand for several columns: 'a', 'b'"),
        ("a,,b\n1,2,3\n", "column 2 has no name"),
    ],
)
def test_what_is_no_table_is_told(tmp_path, text: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ComponentError, match=message):
        read_cells(tmp_path / "t.csv")


def test_bytes_that_are_no_text_are_told(tmp_path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(ComponentError, match="cannot be read"):
        read_cells(tmp_path / "t.csv")
