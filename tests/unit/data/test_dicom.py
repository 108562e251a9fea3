import warnings

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

from assay.data.dicom import read_dicom
from assay.data.reading import Frames, Intensity, Unreadable


def sample(tmp_path, name="CT_small.dcm", **tags):
    data = dcmread(get_testdata_file(name, download=False))
    for tag, value in tags.items():
        setattr(data, tag, value)
    data.save_as(tmp_path / "a.dcm")
    return data, tmp_path / "a.dcm"


def test_ct_keeps_hounsfield_units_and_tells_who(tmp_path):
    data, path = sample(tmp_path, PatientAge="063Y", PatientSex="F", PatientID="77")
    (reading,) = read_dicom(path, Frames())
    assert reading.intensity is Intensity.HOUNSFIELD
    assert (reading.patient, reading.age, reading.sex, reading.modality) == ("77", 63, "F", "CT")
    expected = data.pixel_array * float(data.RescaleSlope) + float(data.RescaleIntercept)
    assert reading.pixels.tolist() == expected.tolist()


def test_other_modalities_are_grey_and_monochrome1_is_inverted(tmp_path):
    _, plain = sample(tmp_path, "MR_small.dcm")
    (reading,) = read_dicom(plain, Frames())
    _, inverse = sample(tmp_path, "MR_small.dcm", PhotometricInterpretation="MONOCHROME1")
    (inverted,) = read_dicom(inverse, Frames())
    assert reading.intensity is Intensity.GREY
    assert 0 <= reading.pixels.min() < reading.pixels.max() <= 1
    np.testing.assert_allclose(inverted.pixels, 1 - reading.pixels, atol=1e-6)


def test_without_a_window_the_stored_bits_span_the_range(tmp_path):
    data, path = sample(tmp_path, "MR_small.dcm", WindowCenter=None, WindowWidth=None)
    (reading,) = read_dicom(path, Frames())
    lowest = -(2 ** (data.BitsStored - 1)) if data.PixelRepresentation else 0
    np.testing.assert_allclose(
        reading.pixels, (data.pixel_array.astype(float) - lowest) / (2**data.BitsStored - 1), atol=1e-6
    )


@pytest.mark.parametrize(
    ("frames", "expected"), [(Frames("all"), [0, 1, 2]), (Frames("middle"), [1]), (Frames("every", 2), [1])]
)
def test_frames_of_a_multi_frame_file(tmp_path, frames, expected):
    data, _ = sample(tmp_path)
    frame = data.pixel_array
    _, path = sample(
        tmp_path, NumberOfFrames=3, PixelData=(frame.tobytes() + (frame + 1).tobytes() + (frame + 2).tobytes())
    )
    readings = list(read_dicom(path, frames))
    assert [reading.frame for reading in readings] == expected
    for reading in readings:
        np.testing.assert_array_equal(reading.pixels, frame - 1024.0 + reading.frame)


def test_the_process_keeps_its_warnings_between_frames(tmp_path):
    data, _ = sample(tmp_path)
    _, path = sample(tmp_path, NumberOfFrames=2, PixelData=data.PixelData * 2)
    readings = read_dicom(path, Frames("all"))
    next(readings)
    with pytest.warns(UserWarning, match="seen"):
        warnings.warn("seen", stacklevel=1)


def test_colour_becomes_grey():
    (reading,) = read_dicom(get_testdata_file("SC_rgb_small_odd.dcm", download=False), Frames())
    assert reading.pixels.ndim == 2
    assert reading.pixels.max() <= 1


def test_a_compression_without_a_decoder_names_the_package(tmp_path):
    data = dcmread(get_testdata_file("CT_small.dcm", download=False))
    from pydicom.encaps import encapsulate

    data.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    data["PixelData"].is_undefined_length = True
    data.file_meta.TransferSyntaxUID = JPEGLSLossless
    data.save_as(tmp_path / "a.dcm")
    with pytest.raises(Unreadable) as caught:
        list(read_dicom(tmp_path / "a.dcm", Frames()))
    assert "JPEG-LS" in caught.value.reason
    assert "pip install pylibjpeg" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data.__delattr__("PixelData"), "without pixels"),
        (lambda data: data.__setattr__("PixelData", b"\0" * 10), "broken DICOM"),
        (lambda data: data.__delattr__("Rows"), "broken DICOM"),
        (lambda data: data.__setattr__("Rows", 60000) or data.__setattr__("Columns", 60000), "more than the"),
    ],
)
def test_damaged_files_are_unreadable(tmp_path, change, reason):
    data = dcmread(get_testdata_file("CT_small.dcm", download=False))
    change(data)
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.save_as(tmp_path / "a.dcm")
    with pytest.raises(Unreadable, match=reason):
        list(read_dicom(tmp_path / "a.dcm", Frames()))


def test_what_is_no_dicom_is_unreadable(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"hello")
    with pytest.raises(Unreadable, match="not a DICOM file"):
        list(read_dicom(tmp_path / "a.dcm", Frames()))
    with pytest.raises(Unreadable, match="not there"):
        list(read_dicom(tmp_path / "b.dcm", Frames()))
