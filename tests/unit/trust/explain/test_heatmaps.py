"""The Heatmaps folder: what is written is read, equal maps are equal bytes, and damage is named."""

import json

import numpy as np
import pytest
from PIL import Image

from assay.errors import ComponentError
from assay.trust.explain.heatmaps import Entry, read_heatmaps, write_heatmaps
from assay.trust.explain.picturing import Strip, gallery, overlay


@pytest.fixture
def folder(tmp_path, planted):
    made = tmp_path / "maps"
    made.mkdir()
    entries = [Entry(f"images/{row}.png", "p", "covid", "true positive", 0.9, False) for row in range(6)]
    write_heatmaps(made, entries, planted.masks * 1.5, planted.pictures, planted.masks, {"method": "occlusion"})
    return made


def test_what_is_written_is_read(folder, planted) -> None:
    maps = read_heatmaps(folder)
    assert maps.facts == {"format": 1, "method": "occlusion"}
    np.testing.assert_array_equal(maps.heat, (planted.masks * 1.5).astype(np.float32))
    assert maps.rows[3]["outcome"] == "true positive"
    with Image.open(folder / maps.rows[3]["overlay"]) as picture:
        assert picture.size == (32, 32)


def test_equal_maps_are_equal_bytes(folder, tmp_path, planted) -> None:
    again = tmp_path / "again"
    again.mkdir()
    entries = [Entry(f"images/{row}.png", "p", "covid", "true positive", 0.9, False) for row in range(6)]
    write_heatmaps(again, entries, planted.masks * 1.5, planted.pictures, planted.masks, {"method": "occlusion"})
    for path in sorted(folder.rglob("*.*")):
        assert (again / path.relative_to(folder)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "heat.npz").write_bytes(b"junk"), "no heatmaps can be read"),
        (lambda folder: (folder / "heatmaps.json").unlink(), "no heatmaps can be read"),
        (lambda folder: (folder / "heatmaps.json").write_text(json.dumps({"format": 9})), "not of format 1"),
        (lambda folder: (folder / "index.csv").write_text("file\r\na\r\n"), "1 rows in index.csv, 6 maps"),
    ],
)
def test_damage_is_named(folder, damage, message: str) -> None:
    damage(folder)
    with pytest.raises(ComponentError, match=message):
        read_heatmaps(folder)


def test_an_overlay_is_red_for_blue_against_and_ringed() -> None:
    heat = np.zeros((9, 9))
    heat[2, 2], heat[6, 6] = 1.0, -1.0
    mask = np.zeros((9, 9), dtype=bool)
    mask[3:6, 3:6] = True
    shown = overlay(np.full((9, 9), 0.5, np.float32), heat, mask).astype(int)
    assert shown[2, 2, 0] > shown[2, 2, 2] + 50
    assert shown[6, 6, 2] > shown[6, 6, 0] + 50
    assert shown[3, 3].tolist() == [255, 221, 51]
    assert shown[4, 4].tolist() == shown[0, 0].tolist() == [127, 127, 127]


def test_a_failing_method_has_a_red_bar_and_an_empty_row_says_none(tmp_path) -> None:
    tile = np.zeros((16, 16, 3), dtype=np.uint8)
    sizes = []
    for name, fault in (("plain", ""), ("marked", "randomisation spearman: 0.8 is not at most 0.5")):
        whole, small = gallery("A title", [Strip("hits: 1 of 9", [tile]), Strip("misses: 0 of 0", [])], fault=fault)
        path = tmp_path / f"{name}.png"
        path.write_bytes(whole)
        with Image.open(path) as picture:
            sizes.append(picture.height)
            colours = {colour for _, colour in picture.getcolors(1 << 20)}
        assert ((122, 31, 31) in colours) is bool(fault)
        assert small.startswith(b"\xff\xd8")
    assert sizes[1] > sizes[0]
