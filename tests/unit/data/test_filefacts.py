"""What a file says of itself is kept, who was imaged is not."""

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from pydicom import dcmread
from pydicom.data import get_testdata_file

from assay.data.dicom import read_dicom
from assay.data.filefacts import COLUMNS
from assay.data.pictures import read_picture
from assay.data.reading import Frames


def facts(path):
    (reading,) = read_picture(path)
    return reading.facts


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16"])
def test_type_mode_and_size_of_a_picture(tmp_path, mode):
    Image.new(mode, (7, 5)).save(tmp_path / "a.png")
    found = facts(tmp_path / "a.png")
    assert (found.type, found.mode, found.width, found.height) == ("PNG", mode, 7, 5)
    assert found.bytes == (tmp_path / "a.png").stat().st_size
    assert found.quality is None
    assert set(found.cells()) == set(COLUMNS)


@pytest.mark.parametrize("quality", [35, 50, 75, 90, 98])
def test_the_quality_of_a_jpeg_is_read_from_its_tables(tmp_path, quality):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32), dtype=np.uint8)).save(
        tmp_path / "a.jpg", quality=quality
    )
    assert facts(tmp_path / "a.jpg").quality == pytest.approx(quality, abs=1)


def test_header_fields_are_kept_but_nobody_is_named(tmp_path):
    exif = Image.Exif()
    exif[0x0131], exif[0x013B], exif[0x010F] = "Paint; 3=2", "Dr Anna Example", "Scanco"
    Image.new("L", (4, 4)).save(tmp_path / "a.jpg", exif=exif, dpi=(300, 300))
    assert facts(tmp_path / "a.jpg").cells()["file_header"] == "Make=Scanco; Software=Paint 3 2; dpi=300; jfif=yes"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Anna Example")
    text.add_text("Software", "gimp")
    Image.new("L", (4, 4)).save(tmp_path / "a.png", pnginfo=text)
    assert facts(tmp_path / "a.png").cells()["file_header"] == "Software=gimp"


def test_dicom_headers_lose_names_places_and_dates():
    path = get_testdata_file("CT_small.dcm")
    (reading,) = read_dicom(path, Frames())
    data = dcmread(path)
    text = str(reading.facts.cells())
    assert (reading.facts.type, reading.facts.mode, reading.facts.width) == ("DICOM", "MONOCHROME2", 128)
    assert "Manufacturer=GE MEDICAL SYSTEMS" in text
    for name in ("PatientName", "PatientID", "InstitutionName", "StudyDate", "StudyInstanceUID", "StationName"):
        assert str(data[name].value) not in text, name
