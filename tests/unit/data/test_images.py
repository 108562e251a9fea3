import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from assay.data.images import (
    LUNG_WINDOW,
    ImagesMeta,
    ImagesWriter,
    Intensity,
    apply_window,
    load_mask,
    load_pixels,
    load_values,
    read_index,
    read_meta,
    write_meta,
)
from assay.errors import ComponentError

CT = ImagesMeta(Intensity.HOUNSFIELD, "CT", labels=("healthy", "covid"), positive="covid", synthetic=True, help="x")


def index_of(folder, text):
    (folder / "index.csv").write_text(text, encoding="utf-8")
    return read_index(folder)


def test_hounsfield_units_come_back_as_written(tmp_path):
    values = np.array([[-1024.0, -600.4], [40.0, 3071.0]])
    with ImagesWriter(tmp_path, CT) as writer:
        file = writer.add(values, patient="a", label="covid")
    assert load_values(tmp_path / file, read_meta(tmp_path)).tolist() == [[-1024, -600], [40, 3071]]


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (np.array([[0, 255]], dtype=np.uint8), [[0, 1]]),
        (np.array([[0, 65535]], dtype=np.uint16), [[0, 1]]),
        (np.array([[-0.5, 2.0]]), [[0, 1]]),
    ],
)
def test_grey_is_between_0_and_1(tmp_path, pixels, expected):
    with ImagesWriter(tmp_path, ImagesMeta()) as writer:
        file = writer.add(pixels, patient="a", label="b")
    assert load_pixels(tmp_path / file, read_meta(tmp_path)).tolist() == expected


def test_meta_comes_back_as_written(tmp_path):
    meta = ImagesMeta(Intensity.HOUNSFIELD, "CT", -1000, True, "t", "h", "s", ("a", "b"), "b", {"age": "Years."})
    write_meta(tmp_path, meta)
    assert read_meta(tmp_path) == meta


def test_a_folder_without_meta_holds_grey_images(tmp_path):
    assert read_meta(tmp_path) == ImagesMeta(Intensity.GREY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "not of format 1"),
        (json.dumps({"format": 2}), "not of format 1"),
        (json.dumps({"format": 1, "intensity": "hounsfeld"}), "did you mean 'hounsfield'?"),
    ],
)
def test_bad_meta_is_refused(tmp_path, text, message):
    (tmp_path / "images.json").write_text(text)
    with pytest.raises(ComponentError) as caught:
        read_meta(tmp_path)
    assert message in str(caught.value)


def test_index_keeps_ids_as_text_and_knows_numbers(tmp_path):
    table = index_of(
        tmp_path, "file,patient,label,age,sex,level,code,none\na.png,007,1,61,F,0.5,01,\nb.png,8,0,,NA,2,02,\n"
    )
    assert table["patient"].tolist() == ["007", "8"]
    assert table["label"].tolist() == ["1", "0"]
    assert table["sex"].tolist() == ["F", "NA"]
    assert table["age"].dtype == "float64"
    assert np.isnan(table["age"][1])
    assert table["level"].tolist() == [0.5, 2.0]
    assert table["code"].tolist() == ["01", "02"]
    assert table["none"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,patien,label\n", "did you mean 'patien'?"),
        ("file,label\n", "lacks the column patient"),
        ("", "cannot be read"),
        ("file,patient,label\na.png,1,x\na.png,1,y\n", "more than once"),
        ("file,patient,label\n../a.png,1,x\n", "outside its folder"),
        ("file,patient,label\n/etc/a.png,1,x\n", "outside its folder"),
        ("file,patient,label,mask\na.png,1,x,masks/../../b.png\n", "outside its folder"),
        ("file,patient,label,age\na.png,1,x,old\n", "age 'old' is not a number"),
    ],
)
def test_bad_index_is_refused(tmp_path, text, message):
    with pytest.raises(ComponentError) as caught:
        index_of(tmp_path, text)
    assert message in str(caught.value)


def test_a_missing_index_is_named(tmp_path):
    with pytest.raises(ComponentError, match=r"no index\.csv"):
        read_index(tmp_path)


def test_the_default_window_shows_lungs():
    values = np.array([[-1350.0, -600.0, 150.0, 400.0]], dtype=np.float32)
    assert apply_window(values, LUNG_WINDOW).tolist() == [[0.0, 0.5, 1.0, 1.0]]


def test_a_window_needs_a_width():
    with pytest.raises(ComponentError, match="must be positive"):
        apply_window(np.zeros((1, 1), dtype=np.float32), (0.0, 0.0))


def test_size_makes_a_square_and_keeps_the_mean(tmp_path):
    values = np.linspace(0, 1, 60 * 90).reshape(60, 90)
    with ImagesWriter(tmp_path, ImagesMeta()) as writer:
        file = writer.add(values, patient="a", label="b")
    pixels = load_pixels(tmp_path / file, read_meta(tmp_path), size=30)
    assert (pixels.shape, pixels.dtype) == ((30, 30), np.float32)
    assert pixels.mean() == pytest.approx(0.5, abs=0.01)


def test_a_mask_comes_back_as_booleans(tmp_path):
    mask = np.zeros((8, 8), dtype=bool)
    mask[2:6, 2:6] = True
    with ImagesWriter(tmp_path, CT, masks=True) as writer:
        writer.add(np.zeros((8, 8)), patient="a", label="healthy")
        writer.add(np.zeros((8, 8)), patient="b", label="covid", mask=mask)
    index = read_index(tmp_path)
    assert index["mask"].tolist() == ["", "masks/000001.png"]
    assert (load_mask(tmp_path / index["mask"][1]) == mask).all()
    assert load_mask(tmp_path / index["mask"][1], size=4).sum() == 4


def test_cells_with_commas_and_quotes_come_back(tmp_path):
    with ImagesWriter(tmp_path, ImagesMeta()) as writer:
        writer.add(np.zeros((2, 2), np.uint8), patient='a,"b"', label="x\ny", note=None)
    row = read_index(tmp_path).iloc[0]
    assert (row["patient"], row["label"], row["note"]) == ('a,"b"', "x\ny", "")


def test_an_empty_folder_still_has_an_index(tmp_path):
    ImagesWriter(tmp_path, ImagesMeta()).close()
    assert list(read_index(tmp_path).columns) == ["file", "patient", "label"]


def test_the_writer_refuses_what_would_not_come_back(tmp_path):
    pixels = np.zeros((2, 2), np.uint8)
    with ImagesWriter(tmp_path, ImagesMeta()) as writer:
        writer.add(pixels, patient="a", label="b", age=1)
        with pytest.raises(ComponentError, match="the same columns"):
            writer.add(pixels, patient="a", label="b", sex="F")
        with pytest.raises(ComponentError, match="letters, digits"):
            writer.add(pixels, patient="a", label="b", age=1, name="../x")
        with pytest.raises(ComponentError, match="without masks"):
            writer.add(pixels, patient="a", label="b", age=1, mask=pixels)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n broken"])
def test_a_broken_image_is_no_traceback(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ComponentError, match="cannot be read"):
        load_values(tmp_path / "a.png", ImagesMeta())


def test_a_missing_image_is_no_traceback(tmp_path):
    with pytest.raises(ComponentError, match="not there"):
        load_values(tmp_path / "a.png", ImagesMeta())


def test_an_index_of_another_writer_is_read(tmp_path):
    pd.DataFrame({"label": ["a"], "patient": [3], "file": ["x/y.png"]}).to_csv(tmp_path / "index.csv", index=False)
    assert read_index(tmp_path).loc[0, "patient"] == "3"


def test_a_colour_image_is_read_as_grey(tmp_path):
    Image.new("RGB", (3, 2), (255, 255, 255)).save(tmp_path / "a.png")
    assert load_values(tmp_path / "a.png", ImagesMeta()).tolist() == [[1, 1, 1], [1, 1, 1]]
