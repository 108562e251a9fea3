import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from assay.data.pictures import read_picture
from assay.data.reading import Frames, Intensity, Unreadable, age_in_years, sex_of


def read(path, offset=None):
    (reading,) = read_picture(path, offset)
    return reading


def saved(tmp_path, image, name="a.png", **options):
    image.save(tmp_path / name, **options)
    return tmp_path / name


@pytest.mark.parametrize(
    ("mode", "colour", "grey"),
    [
        ("L", 90, 90),
        ("1", 1, 255),
        ("RGB", (255, 0, 0), 76),
        ("RGBA", (255, 255, 255, 0), 0),
        ("RGBA", (200, 200, 200, 255), 200),
        ("LA", (200, 128), 100),
        ("I;16", 40000, 40000),
    ],
)
def test_every_kind_of_png_becomes_grey(tmp_path, mode, colour, grey):
    pixels = read(saved(tmp_path, Image.new(mode, (2, 2), colour))).pixels
    assert pixels[0, 0] == pytest.approx(grey, abs=1)


def test_a_palette_becomes_grey_and_its_transparency_black(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 10, 10, 250, 250, 250])
    image.putdata([0, 1])
    assert read(saved(tmp_path, image)).pixels.tolist() == [[10, 250]]
    assert read(saved(tmp_path, image, "t.png", transparency=1)).pixels.tolist() == [[10, 0]]


def test_a_picture_is_turned_as_exif_says(tmp_path):
    image = Image.fromarray(np.array([[0, 0, 255, 255]] * 2, dtype=np.uint8).repeat(8, 0).repeat(8, 1))
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = read(saved(tmp_path, image, "a.jpg", exif=exif, quality=95)).pixels
    assert pixels.shape == (32, 16)
    assert pixels[:12].mean() < 10
    assert pixels[-12:].mean() > 245


def test_hounsfield_pictures_need_16_bits(tmp_path):
    deep = saved(tmp_path, Image.fromarray(np.array([[1064]], dtype=np.uint16)))
    reading = read(deep, offset=-1024)
    assert (reading.pixels.tolist(), reading.intensity) == ([[40.0]], Intensity.HOUNSFIELD)
    with pytest.raises(Unreadable, match="8 bits"):
        read(saved(tmp_path, Image.new("L", (1, 1)), "b.png"), offset=-1024)


def bomb(path, edge):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", edge, edge, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("edge", [8_001, 12_000, 50_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path, edge):
    bomb(tmp_path / "a.png", edge)
    with pytest.raises(Unreadable, match="64000000"):
        read(tmp_path / "a.png")


def test_a_cut_off_picture_is_unreadable(tmp_path):
    whole = saved(tmp_path, Image.effect_noise((64, 64), 50)).read_bytes()
    (tmp_path / "b.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="broken picture"):
        read(tmp_path / "b.png")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("063Y", 63),
        ("63", 63),
        (" 63.5 ", 63.5),
        ("018M", 1.5),
        ("052W", 1.0),
        ("365D", 1.0),
        ("", None),
        ("old", None),
        ("-4", None),
        ("999", None),
        ("63 years", 63),
    ],
)
def test_ages_are_read_in_years(text, years):
    assert age_in_years(text) == pytest.approx(years, abs=0.01) if years is not None else age_in_years(text) is None


@pytest.mark.parametrize(
    ("text", "sex"),
    [("F", "F"), ("female", "F"), ("Male ", "M"), ("m", "M"), ("O", "other"), ("", "unknown"), ("2", "unknown")],
)
def test_sexes_are_made_alike(text, sex):
    assert sex_of(text) == sex


@pytest.mark.parametrize(
    ("frames", "count", "chosen"),
    [
        (Frames("middle"), 9, [4]),
        (Frames("middle"), 1, [0]),
        (Frames("all"), 3, [0, 1, 2]),
        (Frames("every", 4), 10, [2, 6]),
        (Frames("every", 40), 3, [1]),
        (Frames("all"), 0, []),
    ],
)
def test_frames_are_chosen(frames, count, chosen):
    assert list(frames.chosen(count)) == chosen
