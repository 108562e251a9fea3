import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file

from assay.data.images import load_values, read_index, read_meta
from assay.errors import ComponentError
from assay.library.input.image_folder import image_folder


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(6):
        Image.fromarray(rng.integers(0, 255, (10, 12), dtype=np.uint8)).save(tmp_path / f"{number}.png")
    return tmp_path


def table(folder, rows, **columns):
    path = folder / "table.csv"
    facts = {"file": [f"{n}.png" for n in range(rows)], "label": ["a", "b"] * (rows // 2), **columns}
    pd.DataFrame(facts).to_csv(path, index=False)
    return path


def test_a_table_beside_pictures(folder):
    path = table(folder, 6, patient=list("aabbcc"), age=["063Y"] * 6, sex=["female"] * 6, view=["PA"] * 6)
    images, unreadable = image_folder(folder=folder, table=path, keep=["view"], labels=["a", "b"])
    index, meta = read_index(images), read_meta(images)
    assert unreadable == 0
    assert (meta.labels, meta.positive, meta.synthetic, str(meta.intensity)) == (("a", "b"), "b", False, "grey")
    assert index["patient"].tolist() == list("aabbcc")
    assert (set(index["age"]), set(index["sex"]), set(index["view"])) == ({63.0}, {"F"}, {"PA"})
    assert index["source"].tolist() == [f"{n}.png" for n in range(6)]
    original = np.asarray(Image.open(folder / "3.png")) / 255
    np.testing.assert_allclose(load_values(images / index["file"][3], meta), original, atol=1e-6)


def test_sub_folders_without_a_table(tmp_path, capsys):
    for label in ("covid", "healthy"):
        (tmp_path / label).mkdir()
        Image.new("L", (4, 4)).save(tmp_path / label / "p1.png")
    images, _ = image_folder(folder=tmp_path)
    assert "each file counts as a patient of its own" in capsys.readouterr().out
    assert read_index(images)["patient"].tolist() == ["covid/p1.png", "healthy/p1.png"]
    named, _ = image_folder(folder=tmp_path, patient_pattern=r"(p\d)")
    assert "warning" not in capsys.readouterr().out
    assert read_index(named)["patient"].tolist() == ["p1", "p1"]


def test_unreadable_files_are_listed_and_not_fatal(folder):
    (folder / "1.png").write_bytes(b"broken")
    (folder / "2.png").unlink()
    images, unreadable = image_folder(folder=folder, table=table(folder, 6), max_unreadable=0.5)
    assert unreadable == 2
    listed = pd.read_csv(images / "unreadable.csv")
    assert listed["file"].tolist() == ["1.png", "2.png"]
    assert listed["reason"].tolist() == ["no picture of a known format", "the file is not there"]
    assert len(read_index(images)) == 4


def test_too_many_unreadable_files_are_fatal(folder):
    for number in (1, 2):
        (folder / f"{number}.png").write_bytes(b"broken")
    with pytest.raises(ComponentError) as caught:
        image_folder(folder=folder, table=table(folder, 6), max_unreadable=0.3)
    assert "2 of 6 files cannot be read" in str(caught.value)
    assert "1.png: no picture" in str(caught.value)


def test_nothing_readable_is_fatal_whatever_the_share(folder):
    for number in range(6):
        (folder / f"{number}.png").write_bytes(b"broken")
    with pytest.raises(ComponentError, match="6 of 6"):
        image_folder(folder=folder, table=table(folder, 6), max_unreadable=1.0)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ComponentError, match="not there"):
        image_folder(folder=tmp_path / "no")


def dicoms(folder, count=2, **tags):
    for number in range(count):
        data = dcmread(get_testdata_file("CT_small.dcm", download=False))
        data.PatientID, data.PatientAge, data.PatientSex = f"MRN{number}", "071Y", "M"
        for tag, value in tags.items():
            setattr(data, tag, value)
        data.save_as(folder / f"{data.SOPInstanceUID}{number}.dcm")
    names = sorted(path.name for path in folder.glob("*.dcm"))
    pd.DataFrame({"file": names, "label": ["a", "b"] * (count // 2)}).to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


def test_dicom_keeps_hounsfield_units_and_fills_in_age_and_sex(tmp_path):
    images, _ = image_folder(folder=tmp_path, table=dicoms(tmp_path), hash_patients="never")
    index, meta = read_index(images), read_meta(images)
    assert (str(meta.intensity), meta.modality) == ("hounsfield", "CT")
    assert index[["patient", "age", "sex"]].to_numpy().tolist() == [["MRN0", 71, "M"], ["MRN1", 71, "M"]]
    assert load_values(images / index["file"][0], meta).min() == -896


@pytest.mark.parametrize("hashed", ["tags", "always"])
def test_nothing_in_the_output_names_a_dicom_patient(tmp_path, hashed):
    images, _ = image_folder(
        folder=tmp_path, table=dicoms(tmp_path, PatientName="Miller^Ann"), hash_patients=hashed, salt="x"
    )
    text = (images / "index.csv").read_text() + (images / "images.json").read_text()
    uid = str(dcmread(get_testdata_file("CT_small.dcm", download=False)).SOPInstanceUID)
    assert not [word for word in ("MRN", "Miller", uid) if word in text]
    assert read_index(images)["patient"].nunique() == 2


def test_patients_of_the_table_are_hashed_only_when_asked(folder):
    path = table(folder, 2, patient=["anna", "bert"])
    assert "anna" in (image_folder(folder=folder, table=path).images / "index.csv").read_text()
    assert (
        "anna" not in (image_folder(folder=folder, table=path, hash_patients="always").images / "index.csv").read_text()
    )


def test_nifti_slices_share_the_patient_of_their_file(tmp_path):
    (tmp_path / "covid").mkdir()
    volume = np.full((4, 5, 10), -1000, np.int16)
    nib.Nifti1Image(volume, np.eye(4)).to_filename(tmp_path / "covid" / "a.nii.gz")
    images, _ = image_folder(folder=tmp_path, frames="every", every=4)
    index = read_index(images)
    assert index["frame"].tolist() == [2, 6]
    assert set(index["patient"]) == {"covid/a.nii.gz"}
    assert str(read_meta(images).intensity) == "hounsfield"


def test_grey_among_hounsfield_is_listed(tmp_path):
    path = dicoms(tmp_path, 4)
    Image.new("L", (4, 4)).save(tmp_path / "z.png")
    facts = pd.concat([pd.read_csv(path), pd.DataFrame({"file": ["z.png"], "label": ["a"]})])
    facts.to_csv(path, index=False)
    images, unreadable = image_folder(folder=tmp_path, table=path, max_unreadable=0.2)
    assert unreadable == 1
    assert "grey pixels among hounsfield images" in (images / "unreadable.csv").read_text()


def test_what_the_file_says_of_itself_is_kept_in_the_index(folder):
    Image.new("RGBA", (12, 10)).save(folder / "1.png")
    Image.new("L", (12, 10)).save(folder / "2.jpg", quality=80)
    (folder / "2.png").unlink()
    facts = {"file": ["0.png", "1.png", "2.jpg"], "label": ["a", "b", "a"]}
    pd.DataFrame(facts).to_csv(folder / "table.csv", index=False)
    images, _ = image_folder(folder=folder, table=folder / "table.csv")
    index = read_index(images)
    assert index["file_type"].tolist() == ["PNG", "PNG", "JPEG"]
    assert index["file_mode"].tolist() == ["L", "RGBA", "L"]
    assert (index["file_width"] == 12).all()
    assert index["file_bytes"].tolist() == [(folder / name).stat().st_size for name in facts["file"]]
    assert index["file_quality"].fillna(0).tolist() == [0, 0, pytest.approx(80, abs=1)]
    assert set(read_meta(images).columns) >= {name for name in index.columns if name.startswith("file_")}
