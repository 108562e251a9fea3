import nibabel as nib
import numpy as np
import pytest

from assay.data.nifti import read_nifti
from assay.data.reading import Frames, Intensity, Unreadable

# In RAS+ an axis grows to the right, the front and the head; a picture's rows run to the back, its columns to the left.
CANONICAL = np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6) - 1000
EXPECTED = CANONICAL[::-1, ::-1, :]


def written(path, data, affine):
    nib.Nifti1Image(data, affine).to_filename(path)
    return path


@pytest.mark.parametrize("codes", ["RAS", "LPS", "LAS", "PIR", "SRA", "ASL", "IPL"])
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_slices_hang_alike_whatever_the_storage_order(tmp_path, codes, name):
    canonical = nib.Nifti1Image(CANONICAL, np.diag([1.0, 2.0, 3.0, 1.0]))
    wanted = nib.orientations.axcodes2ornt(tuple(codes))
    stored = canonical.as_reoriented(nib.orientations.ornt_transform(nib.io_orientation(canonical.affine), wanted))
    stored.to_filename(tmp_path / name)
    readings = list(read_nifti(tmp_path / name, Frames("all")))
    assert [reading.frame for reading in readings] == list(range(6))
    for reading in readings:
        assert reading.intensity is Intensity.HOUNSFIELD
        assert reading.pixels.tolist() == EXPECTED[:, :, reading.frame].T.tolist()


def test_the_middle_slice_is_the_default(tmp_path):
    path = written(tmp_path / "a.nii", CANONICAL, np.eye(4))
    assert [reading.frame for reading in read_nifti(path, Frames())] == [3]


def test_numbers_above_air_are_grey_between_0_and_1(tmp_path):
    path = written(tmp_path / "a.nii", CANONICAL + 1000, np.eye(4))
    readings = list(read_nifti(path, Frames("all")))
    assert readings[0].intensity is Intensity.GREY
    assert (readings[0].pixels.min(), readings[-1].pixels.max()) == (0, 1)
    forced = list(read_nifti(path, Frames("all"), Intensity.HOUNSFIELD))
    assert forced[-1].pixels.max() == 119


def test_a_time_series_is_unreadable_and_a_single_volume_of_one_is_not(tmp_path):
    series = written(tmp_path / "a.nii", np.zeros((2, 2, 2, 3), np.int16), np.eye(4))
    with pytest.raises(Unreadable, match="not one volume"):
        list(read_nifti(series, Frames()))
    one = written(tmp_path / "b.nii", np.zeros((2, 2, 2, 1), np.int16), np.eye(4))
    assert len(list(read_nifti(one, Frames("all")))) == 2


def test_damaged_files_are_unreadable(tmp_path):
    path = written(
        tmp_path / "a.nii.gz", np.random.default_rng(0).integers(0, 999, (20, 20, 20)).astype(np.int16), np.eye(4)
    )
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="broken NIfTI"):
        list(read_nifti(path, Frames("all")))
    (tmp_path / "b.nii").write_bytes(b"hello")
    with pytest.raises(Unreadable, match="NIfTI"):
        list(read_nifti(tmp_path / "b.nii", Frames()))
    with pytest.raises(Unreadable, match="not there"):
        list(read_nifti(tmp_path / "c.nii", Frames()))
