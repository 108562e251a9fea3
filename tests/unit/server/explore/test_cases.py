import pytest

from assay.server.explore import cases as module
from assay.server.explore.cases import Kind, NotExplorable, Outcome, read_cases

HEADER = "file,patient,label,score,predicted,positive,threshold,synthetic,model_sha256,data_sha256,age,sex,code"


def table(tmp_path, *rows, header=HEADER):
    path = tmp_path / "p.csv"
    path.write_text("\r\n".join([header, *rows]) + "\r\n", encoding="utf-8", newline="")
    return path


def row(file="a.png", patient="p1", label="covid", score="0.6", threshold="0.5", age="61.0", sex="F", code="007"):
    called = "covid" if float(score or 0) >= float(threshold) else "other"
    return f"{file},{patient},{label},{score},{called},covid,{threshold},True,m,d,{age},{sex},{code}"


def test_the_outcome_of_a_case_is_truth_and_answer_at_the_threshold_of_its_own_row(tmp_path):
    found = read_cases(
        table(
            tmp_path,
            row("a"),
            row("b", label="other"),
            row("c", score="0.49999"),
            row("d", label="other", score="0.1"),
            row("e", score="0.5"),
            row("f", score="0.6", threshold="0.7"),
        )
    )
    assert list(found.outcomes) == [
        Outcome.TRUE_POSITIVE,
        Outcome.FALSE_POSITIVE,
        Outcome.FALSE_NEGATIVE,
        Outcome.TRUE_NEGATIVE,
        Outcome.TRUE_POSITIVE,
        Outcome.FALSE_NEGATIVE,
    ]
    assert found.thresholds == (0.5, 0.7)
    assert (found.model, found.data, found.synthetic, found.key, found.positive) == ("m", "d", True, "file", "covid")


def test_columns_know_how_they_are_asked_and_digests_are_none_of_them(tmp_path):
    found = read_cases(table(tmp_path, row("a", "007", age="61.0"), row("b", "008", age="", sex=""), row("c", "008")))
    kinds = {name: column.kind for name, column in found.columns.items()}
    assert kinds["age"] is Kind.NUMBER
    assert kinds["patient"] is kinds["sex"] is kinds["code"] is Kind.CATEGORY  # 007 is a name
    assert kinds["file"] is Kind.TEXT
    assert not {"model_sha256", "data_sha256", "row_seal"} & set(kinds)
    assert found.columns["age"].range == (61.0, 61.0)
    assert (found.columns["age"].missing, found.columns["sex"].missing) == (1, 1)
    assert found.columns["sex"].values == [("F", 2)]
    assert found.patients(range(3)) == 2


def test_a_text_of_many_values_is_searched_not_chosen_from(tmp_path):
    rows = [row(f"{n}.png", patient=f"p{n}") for n in range(module.MOST_CATEGORIES + 1)]
    assert read_cases(table(tmp_path, *rows)).columns["patient"].kind is Kind.TEXT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "need the columns"),
        ("a,b\r\n1,2\r\n", "need the columns label, score, positive, threshold, file"),
        (f"{HEADER}\r\n", "no prediction"),
        (f"{HEADER}\r\n{row().replace('0.6', 'high')}\r\n", "a score is no number"),
        (f"{HEADER}\r\n{row()}\r\n{row('b').replace('0.6', '')}\r\n", "a score in row 2 is no number"),
        (f"{HEADER}\r\n{row()}\r\n{row('b').replace('0.6', 'nan')}\r\n", "a score in row 2 is no number"),
        (f"{HEADER}\r\n{row()}\r\n{row('b').replace(',m,', ',other,')}\r\n", "2 models"),
        (f"{HEADER}\r\n{row()},more\r\n", "14 cells, the header 13"),
        (f"{HEADER},sex\r\n{row()},F\r\n", "sex stands there twice"),
        (f'{HEADER}\r\n"{row()}\r\n', "no CSV table"),
    ],
)
def test_what_is_no_table_of_predictions_is_refused_with_its_place(tmp_path, text, said):
    path = tmp_path / "p.csv"
    path.write_text(text, newline="")
    with pytest.raises(NotExplorable, match=said):
        read_cases(path)


def test_bytes_that_are_no_text_and_tables_that_are_too_large_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "p.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NotExplorable, match="no CSV table"):
        read_cases(path)
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    with pytest.raises(NotExplorable, match="more than 1 rows"):
        read_cases(table(tmp_path, row("a"), row("b")))
    monkeypatch.setattr(module, "LARGEST", 10)
    with pytest.raises(NotExplorable, match="at most"):
        read_cases(table(tmp_path, row()))
