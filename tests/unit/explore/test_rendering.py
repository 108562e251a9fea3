import io

import numpy as np
import pytest
from PIL import Image

from assay.errors import ComponentError
from assay.explore.rendering import rendered
from assay.explore.windows import Window
from assay.server.previews.pictures import picture_kind


def decoded(content):
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.fixture
def nifti(tmp_path):
    """A volume whose slices are -1000, -900, … Hounsfield units; named as the store names it: not at all."""
    import nibabel as nib

    volume = np.empty((6, 5, 8), dtype=np.int16)
    volume[:] = -1000 + 100 * np.arange(8)

    def write(suffix):
        path = tmp_path / f"volume{suffix}"
        nib.save(nib.Nifti1Image(volume, np.eye(4)), path)
        return path.rename(tmp_path / "content")

    return write


@pytest.fixture
def dicom(tmp_path):
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = CTImageStorage, meta.MediaStorageSOPInstanceUID, "CT"
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = 4, 6, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
    data.RescaleSlope, data.RescaleIntercept, data.RescaleType = 1, -1024, "HU"
    data.PixelData = np.full((4, 6), 424, dtype=np.int16).tobytes()
    path = tmp_path / "content"
    pydicom.dcmwrite(path, data)
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_volume_is_shown_slice_by_slice_in_hounsfield_units(nifti, suffix):
    path = nifti(suffix)
    assert picture_kind(path) == "nifti"
    told, content = rendered(path, "nifti", 2, Window.LUNG, 1024)
    assert told == {"window": "lung", "low": -1350, "high": 150, "unit": "HU", "frame": 2, "frames": 8}
    assert decoded(content).shape == (5, 6)
    assert set(decoded(content).flat) == {int((-800 + 1350) / 1500 * 255)}
    assert rendered(path, "nifti", None, Window.AUTO, 1024)[0]["frame"] == 4
    assert rendered(path, "nifti", 99, Window.AUTO, 1024)[0]["frame"] == 7


def test_a_dicom_file_is_shown_in_the_window_asked_for(dicom):
    assert picture_kind(dicom) == "dicom"
    told, content = rendered(dicom, "dicom", None, Window.LUNG, 1024)
    assert (told["unit"], told["frames"]) == ("HU", 1)
    assert set(decoded(content).flat) == {127}  # -600 HU: the middle of the lung window
    assert set(decoded(rendered(dicom, "dicom", None, Window.MEDIASTINUM, 1024)[1]).flat) == {0}


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_sixteen_bits_of_few_greys_are_stretched_and_it_is_told(tmp_path, suffix):
    path = tmp_path / "content"
    Image.fromarray((np.arange(10_000, dtype=np.uint16) // 20 + 300).reshape(100, 100)).save(path, suffix)
    assert picture_kind(path) == "picture"
    told, content = rendered(path, "picture", None, Window.AUTO, 1024)
    assert (told["window"], told["unit"], told["frames"]) == ("percentiles", "", 1)
    assert 300 / 65535 < told["low"] < told["high"] < 800 / 65535
    assert (decoded(content).min(), decoded(content).max()) == (0, 255)
    assert decoded(rendered(path, "picture", None, Window.FULL, 1024)[1]).max() == 3  # nearly black, as the file is


def test_what_a_browser_shows_by_itself_is_not_rendered(tmp_path):
    for name, content in (("text", b"hello"), ("empty", b""), ("gzip", b"\x1f\x8bno"), ("head", b"\x89PNG\r\n\x1a\n")):
        (tmp_path / name).write_bytes(content)
        assert picture_kind(tmp_path / name) is None
    Image.new("RGB", (4, 4)).save(tmp_path / "colours", "png")
    assert picture_kind(tmp_path / "colours") is None


@pytest.mark.parametrize("kind", ["dicom", "nifti", "picture"])
def test_a_broken_file_is_said_to_be(tmp_path, kind):
    (tmp_path / "content").write_bytes(b"\x1f\x8b" + b"broken" * 100)
    with pytest.raises(ComponentError, match="cannot be shown"):
        rendered(tmp_path / "content", kind, None, Window.AUTO, 1024)
