import numpy as np
import pytest

from assay.data.images import ImagesMeta, ImagesWriter, load_mask, load_values, read_index, read_meta
from assay.errors import ComponentError
from assay.library.transform.split_by_patient import split_by_patient


def folder_of(path, patients=20, split=None, **meta):
    with ImagesWriter(path, ImagesMeta(**meta), masks=True) as writer:
        for number in range(patients):
            for slice_ in range(2):
                extra = {} if split is None else {"split": split(number, slice_)}
                writer.add(
                    np.full((4, 4), number, np.uint8),
                    patient=f"p{number}",
                    label=("healthy", "covid")[number % 2],
                    mask=np.ones((4, 4)) if number % 2 else None,
                    age=20 + 3 * number,
                    sex="FM"[number % 3 % 2],
                    **extra,
                )
    return path


def split_up(path, **params):
    from assay import Images

    return split_by_patient(Images(path), **params)


def test_every_image_lands_in_one_part_with_its_pixels_and_mask(tmp_path):
    source = folder_of(tmp_path / "images", labels=("healthy", "covid"), positive="covid")
    split = split_up(source)
    whole = read_index(source).set_index("file")
    seen: dict[str, set[str]] = {}
    for part in ("train", "validation", "test"):
        images = getattr(split, part)
        assert read_meta(images) == read_meta(source)
        index = read_index(images)
        assert set(index["split"]) == {part}
        seen[part] = set(index["patient"])
        for row in index.itertuples():
            original = whole.loc[row.file]
            assert (row.patient, row.label, row.mask) == (original.patient, original.label, original["mask"])
            assert (load_values(images / row.file, ImagesMeta()) == load_values(source / row.file, ImagesMeta())).all()
            if row.mask:
                assert load_mask(images / row.mask).all()
        assert split.counts[part]["images"] == len(index)
        whole = whole.drop(index["file"])
    assert not len(whole)
    assert not seen["train"] & seen["test"] | seen["train"] & seen["validation"] | seen["test"] & seen["validation"]


def test_pictures_are_linked_and_not_copied(tmp_path):
    source = folder_of(tmp_path / "images")
    split = split_up(source)
    file = read_index(split.test)["file"][0]
    assert (split.test / file).samefile(source / file)


def test_cells_keep_their_spelling(tmp_path):
    source = folder_of(tmp_path / "images")
    text = (source / "index.csv").read_text().replace(",20,", ",20.50,")
    (source / "index.csv").write_text(text)
    split = split_up(source)
    together = "".join((getattr(split, part) / "index.csv").read_text() for part in ("train", "validation", "test"))
    assert together.count(",20.50,") == 2


OFFICIAL = ["Training", "Training", "val", "val", "TEST", "TEST", "Training", "Training"]


def test_an_official_split_is_kept(tmp_path, capsys):
    source = folder_of(tmp_path / "images", 8, lambda number, _: OFFICIAL[number])
    split = split_up(source, use_split="split")
    assert read_index(split.train)["patient"].unique().tolist() == ["p0", "p1", "p6", "p7"]
    assert read_index(split.validation)["patient"].unique().tolist() == ["p2", "p3"]
    split_up(folder_of(tmp_path / "more", 40, lambda *_: "train"))
    assert "official split" in capsys.readouterr().out


def test_a_part_the_official_split_lacks_is_drawn_from_its_training_patients(tmp_path):
    source = folder_of(tmp_path / "images", 40, lambda number, _: "test" if number < 10 else "train")
    split = split_up(source, use_split="split", validation=0.2)
    assert [split.counts[part]["patients"] for part in ("train", "validation", "test")] == [22, 8, 10]
    assert set(read_index(split.test)["patient"]) == {f"p{number}" for number in range(10)}


def test_a_torn_patient_is_refused_or_dropped(tmp_path):
    def torn(number, slice_):
        return "test" if number >= 14 or (number == 3 and slice_) else "val" if number >= 10 else "train"

    source = folder_of(tmp_path / "images", 20, torn)
    with pytest.raises(ComponentError) as caught:
        split_up(source, use_split="split")
    assert "1 patients stand in more than one part: p3" in str(caught.value)
    assert "repair: drop" in str(caught.value)
    split = split_up(source, use_split="split", repair="drop")
    assert split.counts["dropped"] == ["p3"]
    assert sum(split.counts[part]["patients"] for part in ("train", "validation", "test")) == 19


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"validation": 0.5, "test": 0.5}, "leave nothing to train on"),
        ({"positive": "covdi"}, "no image has the positive label 'covdi'"),
        ({"use_split": "fold"}, "no column 'fold'"),
        ({"validation": 0.01}, "validation has no patient with"),
    ],
)
def test_what_cannot_be_split_is_refused(tmp_path, params, message):
    with pytest.raises(ComponentError) as caught:
        split_up(folder_of(tmp_path / "images"), **params)
    assert message in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ComponentError, match="no images to split"):
        split_up(folder_of(tmp_path / "images", 0))


def test_parts_of_no_share_are_empty_folders(tmp_path):
    split = split_up(folder_of(tmp_path / "images"), validation=0.0)
    assert len(read_index(split.validation)) == 0
    assert split.counts["validation"]["patients"] == 0
