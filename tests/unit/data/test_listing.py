import pytest

from assay.data.intake import Labels, hash_id
from assay.data.listing import Columns, Listed, from_folder, from_table
from assay.errors import ComponentError


def table(tmp_path, text):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return tmp_path / "t.csv"


def test_a_table_is_read_with_its_usual_names(tmp_path):
    path = table(tmp_path, "file,label,patient,age,sex,split\na.png,covid,007,063Y,female,Val\n")
    assert from_table(path, Columns(), {}) == [
        Listed("a.png", "covid", "007", 63, "F", "validation"),
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_names_separators_and_kept_columns(tmp_path, separator):
    path = table(tmp_path, "\ufeffpath,dx,id,note\na.png,covid,7,x\n".replace(",", separator))
    columns = Columns(file="path", label="dx", patient="id", keep=["note"])
    assert from_table(path, columns, {}) == [Listed("a.png", "covid", "7", kept={"note": "x"})]


def test_rows_are_chosen(tmp_path):
    path = table(tmp_path, "file,label,view\na,x,PA\nb,x,AP\nc,x,L\n")
    assert [item.file for item in from_table(path, Columns(), {"view": "PA"})] == ["a"]
    assert [item.file for item in from_table(path, Columns(), {"view": ["PA", "L"]})] == ["a", "c"]


def test_a_row_twice_counts_once(tmp_path):
    assert len(from_table(table(tmp_path, "file,label\na,x\na,x\n"), Columns(), {})) == 1


@pytest.mark.parametrize(
    ("text", "columns", "rows", "message"),
    [
        ("fil,label\na,x\n", Columns(), {}, "did you mean 'fil'? columns there: fil, label"),
        ("file,label\na,x\n", Columns(patient="id"), {}, "no column 'id'"),
        ("file,label\na,x\n", Columns(keep=["view", "note"]), {}, "no column 'view', 'note'"),
        ("file,label\na,x\n", Columns(), {"veiw": "PA"}, "to choose rows by"),
        ("file,label\na,x\n", Columns(), {"label": "y"}, "no row of the table is left"),
        ("file,label\n../a,x\n", Columns(), {}, "leave the folder"),
        ("file,label\n/etc/passwd,x\n", Columns(), {}, "leave the folder"),
        ("file,label\na\\..\\b,x\n", Columns(), {}, "leave the folder"),
        ("file,label\na,x\na,y\n", Columns(), {}, "different facts"),
        ("", Columns(), {}, "cannot be read"),
    ],
)
def test_a_bad_table_is_refused(tmp_path, text, columns, rows, message):
    with pytest.raises(ComponentError) as caught:
        from_table(table(tmp_path, text), columns, rows)
    assert message in str(caught.value)


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(ComponentError, match="cannot be read"):
        from_table(tmp_path / "no.csv", Columns(), {})


def tree(tmp_path, *names):
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def test_sub_folders_are_labels(tmp_path):
    folder = tree(
        tmp_path, "covid/p1_a.png", "covid/deep/p2_b.JPG", "healthy/p3.nii.gz", "x.png", "covid/.z.png", "covid/n.txt"
    )
    assert [(item.file, item.label, item.patient) for item in from_folder(folder, r"(p\d)")] == [
        ("covid/deep/p2_b.JPG", "covid", "p2"),
        ("covid/p1_a.png", "covid", "p1"),
        ("healthy/p3.nii.gz", "healthy", "p3"),
    ]
    assert from_folder(folder, "")[0].patient == "covid/deep/p2_b.JPG"


@pytest.mark.parametrize(("pattern", "message"), [("(", "no regular expression"), ("q", "does not match")])
def test_a_bad_pattern_is_refused(tmp_path, pattern, message):
    with pytest.raises(ComponentError, match=message):
        from_folder(tree(tmp_path, "covid/a.png"), pattern)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ComponentError, match="no images in sub-folders"):
        from_folder(tmp_path, "")


LISTED = [Listed("1", "NCP"), Listed("2", "CP"), Listed("3", "Normal")]


def test_labels_are_renamed_then_ordered():
    labels = Labels(("other", "covid"), renamed={"NCP": "covid", "CP": "other", "Normal": "other"})
    listed, order, positive = labels.applied(LISTED)
    assert [item.label for item in listed] == ["covid", "other", "other"]
    assert (order, positive) == (("other", "covid"), "covid")


def test_unstated_labels_are_sorted_and_none_is_positive():
    _, order, positive = Labels().applied(LISTED[:2])
    assert (order, positive) == (("CP", "NCP"), "")


@pytest.mark.parametrize(
    ("labels", "listed", "message"),
    [
        (Labels(("CP", "NCPP", "Normal")), LISTED, "did you mean 'NCPP'?"),
        (Labels(positive="NPC"), LISTED, "did you mean 'NCP'?"),
        (Labels(), [Listed("1", "")], "1 files have no label"),
    ],
)
def test_bad_labels_are_refused(labels, listed, message):
    with pytest.raises(ComponentError) as caught:
        labels.applied(listed)
    assert message in str(caught.value)


def test_a_hash_hides_the_id_and_depends_on_the_salt():
    assert hash_id("007", "a") == hash_id("007", "a") != hash_id("007", "b")
    assert "Miller" not in hash_id("Miller", "a")


def test_columns_that_the_index_writes_itself_are_not_kept_under_their_name(tmp_path):
    path = table(tmp_path, "file,label,age,source,note\na.png,covid,63,x,y\n")
    with pytest.raises(ComponentError, match="columns of its own called 'age', 'source'"):
        from_table(path, Columns(keep=["note", "source", "age"]), {})
