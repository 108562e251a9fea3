import pytest

from assay.errors import ComponentError
from assay.trust.performance.table import read_predictions


@pytest.fixture
def table(tmp_path):
    def write(*labels, classes=("none", "nodule")):
        path = tmp_path / "predictions.csv"
        rows = [f"p{number},{label},0.5,nodule" + ",0.5" * len(classes) for number, label in enumerate(labels)]
        head = "patient,label,score,positive" + "".join(f",p_{name}" for name in classes)
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return path

    return write


def test_a_class_that_is_called_none_is_a_truth(table):
    found = read_predictions(table("none", "nodule", "none"))
    assert found.negatives == ["none"]
    assert found.rows.truth.tolist() == [False, True, False]


@pytest.mark.parametrize("silent", ["", "nan", "None", "null"])
def test_a_word_for_nothing_that_names_no_class_is_no_truth(table, silent):
    with pytest.raises(ComponentError, match=r"1 of 2 predictions have no truth .* first in row 2"):
        read_predictions(table("nodule", silent))


def test_none_is_no_truth_where_the_model_knows_no_such_class(table):
    with pytest.raises(ComponentError, match="no truth"):
        read_predictions(table("nodule", "none", classes=("clear", "nodule")))


HEAD = ["patient", "label", "score", "positive", "threshold"]
GOOD = [["p1", "nodule", "0.7", "nodule", "0.5"], ["p2", "clear", "0.2", "nodule", "0.5"]]


@pytest.mark.parametrize(
    ("place", "cell", "message", "culprit", "hint"),
    [
        (2, "high", "1 of 2 scores are no number from 0 to 1, first in row 2: high", "high", "probability"),
        (2, "", "1 of 2 scores are no number from 0 to 1, first in row 2: (empty)", "(empty)", "left out on purpose"),
        (2, "9" * 99, f"first in row 2: {'9' * 40}", "9" * 99, "probability"),
        (0, " ", "1 of 2 predictions have no patient (column patient), first in row 2", "patient", "needs the patient"),
        (1, "", "1 of 2 predictions have no truth (column label), first in row 2", "label", "needs the truth"),
    ],
)
def test_a_row_that_cannot_be_measured_is_named_with_what_to_do(tmp_path, place, cell, message, culprit, hint):
    rows = [list(row) for row in GOOD]
    rows[1][place] = cell
    with pytest.raises(ComponentError) as error:
        read_predictions(written(tmp_path, rows))
    assert error.value.message.endswith(message)
    assert error.value.culprit == culprit
    assert hint in error.value.hint


@pytest.mark.parametrize("cell", ["high", "nan"])
def test_a_threshold_that_is_no_number_is_refused(tmp_path, cell):
    path = written(tmp_path, [[*row[:4], cell] for row in GOOD])
    with pytest.raises(ComponentError, match=f"the threshold that the predictions state is no number: {cell}") as error:
        read_predictions(path)
    assert error.value.hint == "set 'threshold', or predict again"
    assert read_predictions(path, threshold=0.3).threshold == 0.3


def test_a_table_without_a_row_says_where_to_look(tmp_path):
    with pytest.raises(ComponentError, match="no rows") as error:
        read_predictions(written(tmp_path, []))
    assert "a split or a filter" in error.value.hint


def test_what_is_no_table_is_refused_by_name(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ComponentError, match="cannot be read") as error:
        read_predictions(path)
    assert error.value.culprit == str(path)
    assert "UTF-8" in error.value.hint


def written(folder, rows):
    path = folder / "rows.csv"
    path.write_text("\n".join(",".join(row) for row in [HEAD, *rows]) + "\n", encoding="utf-8")
    return path
