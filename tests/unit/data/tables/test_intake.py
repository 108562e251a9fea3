"""A table of somebody else's: types told, missing counted, and every fault at once."""

from pathlib import Path

import pandas as pd
import pytest

from assay.data.tables.cells import read_cells
from assay.data.tables.intake import About, Roles, take_in
from assay.data.tables.schema import Kind, Schema
from assay.data.tables.unfit import UnfitTable
from assay.errors import ComponentError

GOOD = "id,age,gender,dose,ward,ill\na,63,female,1.5,x,yes\nb,NA,male,2,y,no\nc,40,Female,,x,no\nd,71,M,?,y,yes\n"


def taken(tmp_path: Path, text: str, **roles: object) -> tuple[pd.DataFrame, Schema, list[str]]:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return take_in(read_cells(tmp_path / "t.csv"), Roles("ill", **roles), About())


def faults(tmp_path: Path, text: str, **roles: object) -> set[tuple[str, str]]:
    with pytest.raises(UnfitTable) as raised:
        taken(tmp_path, text, **roles)
    assert "Traceback" not in str(raised.value)
    return {(fault.code, fault.culprit) for fault in raised.value.faults}


def test_types_missing_values_and_keys_are_told(tmp_path) -> None:
    table, schema, notes = taken(tmp_path, GOOD, row="id", renamed={"gender": "sex"}, sensitive=["sex"])
    assert list(table.columns) == ["row", "patient", "label", "age", "sex", "dose", "ward", "synthetic"]
    assert table["sex"].tolist() == ["F", "M", "F", "M"]
    assert (schema.columns["age"].kind, schema.columns["age"].missing, schema.columns["age"].high) == (
        Kind.NUMBER,
        1,
        71.0,
    )
    assert (schema.columns["dose"].missing, schema.columns["ward"].categories) == (2, ["x", "y"])
    assert (schema.labels, schema.positive, schema.sensitive, notes) == (["no", "yes"], "yes", ["sex"], [])


def test_a_schema_survives_its_file(tmp_path) -> None:
    _, schema, _ = taken(tmp_path, GOOD, row="id", sensitive=["gender"])
    (tmp_path / "s.json").write_text(schema.text(), encoding="utf-8")
    assert Schema.read(tmp_path / "s.json") == schema
    (tmp_path / "s.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ComponentError, match="schema cannot be read"):
        Schema.read(tmp_path / "s.json")


def test_every_fault_is_told_at_once(tmp_path) -> None:
    rows = "".join(f"r{number % 19},{number},z,,{'yes' if number else ''}\n" for number in range(20))
    text = "id,age,score,empty,ill\n" + rows.replace("r3,3,", "r3,40+,")
    assert faults(tmp_path, text, row="id") == {
        ("repeated-id", "r0"),
        ("no-label", "ill"),
        ("one-class", "ill"),
        ("reserved-column", "score"),
        ("empty-column", "empty"),
        ("odd-cells", "40+"),
    }


def test_columns_that_are_not_there_are_named_with_the_nearest(tmp_path) -> None:
    with pytest.raises(UnfitTable, match=r"2 faults.*'gendre'.*'wards'") as raised:
        taken(tmp_path, GOOD, sensitive=["gendre"], leave_out=["wards"])
    assert raised.value.hint == "did you mean 'gender'?; did you mean 'ward'?"


@pytest.mark.parametrize(
    ("labels", "roles", "code"),
    [
        (["no", "no", "no"], {}, "one-class"),
        (["a", "b", "c"], {}, "no-positive"),
        (["a", "b", "c"], {"positive": "d"}, "unknown-positive"),
        ([str(number) for number in range(30)], {}, "label-is-a-number"),
    ],
)
def test_labels_that_are_no_two_classes_are_refused(tmp_path, labels, roles, code: str) -> None:
    text = "age,ill\n" + "".join(f"{number},{label}\n" for number, label in enumerate(labels))
    assert {found for found, _ in faults(tmp_path, text, **roles)} == {code}


def test_three_classes_are_taken_when_one_is_named_as_positive(tmp_path) -> None:
    _, schema, _ = taken(tmp_path, "age,ill\n1,a\n2,b\n3,c\n", positive="b")
    assert (schema.labels, schema.positive) == (["a", "b", "c"], "b")


def test_odd_ages_count_as_missing_when_told_to(tmp_path) -> None:
    text = (
        "age,ill\n" + "".join(f"{number},{'yes' if number % 2 else 'no'}\n" for number in range(20, 40)) + "40+,yes\n"
    )
    _, schema, notes = taken(tmp_path, text, odd="missing")
    assert (schema.columns["age"].kind, schema.columns["age"].missing) == (Kind.NUMBER, 1)
    assert "'40+'" in notes[0]


def test_rows_without_a_label_are_dropped_only_on_purpose(tmp_path) -> None:
    text = GOOD + "e,50,F,1,x,\n"
    assert ("no-label", "ill") in faults(tmp_path, text)
    table, _, notes = taken(tmp_path, text, unlabelled="drop")
    assert (len(table), notes) == (4, ["1 of 5 rows have no label and were dropped"])


def test_an_odd_code_of_sex_stays_a_group_of_its_own(tmp_path) -> None:
    table, _, _ = taken(tmp_path, "sex,ill\nX7,yes\nwoman,no\n")
    assert table["sex"].tolist()[0] == "X7"
