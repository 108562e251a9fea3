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
