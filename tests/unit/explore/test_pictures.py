import io
import json

import numpy as np
import pytest
from PIL import Image

from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.errors import ComponentError, NotFound
from assay.explore.pictures import heat_picture, layered, mask_picture, picture
from assay.trust.explain.heatmaps import Entry, write_heatmaps


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    values = np.full((8, 12), -600.0)  # the middle of the lung window
    values[:, 6:] = 150.0  # its upper end
    mask = np.zeros((8, 12), dtype=bool)
    mask[2:6, 3:8] = True
    with ImagesWriter(folder, ImagesMeta(Intensity.HOUNSFIELD, "CT"), masks=True) as writer:
        writer.add(values, patient="p1", label="covid", mask=mask)
    return folder


def decoded(content):
    return np.asarray(Image.open(io.BytesIO(content)))


def model(folder, intensity="hounsfield", window=(-600, 100)):
    folder.mkdir()
    steps = {"intensity": intensity, "window": window, "size": 8, "mean": [0], "std": [1]}
    said = {"format": 1, "labels": ["other", "covid"], "positive": "covid", "preprocessing": steps}
    (folder / "model.json").write_text(json.dumps(said))
    return str(folder)


def test_hounsfield_units_are_seen_through_the_lung_window_in_their_own_proportions(images):
    shown = decoded(picture(images, "images/000000.png", None, 1024))
    assert shown.shape == (8, 12)
    assert shown.dtype == np.uint8
    assert set(shown[:, :6].flat) == {127}
    assert set(shown[:, 6:].flat) == {255}


def test_the_window_is_that_of_the_model_where_it_was_fitted_on_the_same_units(images, tmp_path):
    narrow = decoded(picture(images, "images/000000.png", model(tmp_path / "a", window=(-500, 200)), 1024))
    assert set(narrow[:, :6].flat) == {0}
    other = decoded(picture(images, "images/000000.png", model(tmp_path / "b", "grey", None), 1024))
    assert set(other[:, :6].flat) == {127}


def test_a_large_picture_is_made_smaller_and_a_small_one_stays(images):
    assert decoded(picture(images, "images/000000.png", None, 6)).shape == (4, 6)


@pytest.mark.parametrize("name", ["images/1.png", "../x.png", "/etc/passwd", "images", "", "a\0b", "images\\x"])
def test_a_file_that_is_not_there_or_leads_out_is_not_found(images, name):
    (images.parent / "x.png").write_bytes((images / "images/000000.png").read_bytes())
    with pytest.raises(NotFound):
        picture(images, name, None, 64)


def test_a_link_in_the_folder_is_not_followed(images):
    (images / "images/link.png").symlink_to(images / "images/000000.png")
    with pytest.raises(NotFound):
        picture(images, "images/link.png", None, 64)


def test_a_file_that_is_no_image_is_refused_by_name(images):
    (images / "images/bad.png").write_bytes(b"<svg onload=alert(1)>")
    with pytest.raises(ComponentError, match="cannot be read"):
        picture(images, "images/bad.png", None, 64)


def test_a_mask_is_a_layer_opaque_along_its_edge_faint_inside_nothing_outside(images):
    layer = decoded(mask_picture(images, "masks/000000.png"))
    assert layer.shape == (8, 12, 4)
    assert layer[2, 3, 3] == 255
    assert 0 < layer[3, 5, 3] < 128
    assert layer[0, 0, 3] == 0


def test_heat_is_red_for_the_label_blue_against_and_opaque_where_it_is_strongest():
    strongest, content = layered(np.array([[2.0, -1.0], [0.0, 1.0]]))
    layer = decoded(content)
    assert strongest == 2.0
    assert list(layer[..., 3].flat) == [255, 127, 0, 127]
    assert layer[0, 0, 0] > layer[0, 0, 2]
    assert layer[0, 1, 2] > layer[0, 1, 0]


def test_heat_that_is_the_same_everywhere_and_zero_is_invisible():
    strongest, content = layered(np.zeros((2, 2)))
    assert strongest == 0.0
    assert not decoded(content)[..., 3].any()


def test_a_map_is_had_by_its_row(tmp_path):
    heat = np.stack([np.eye(4), 3 * np.eye(4)])
    entries = [Entry(f"{n}.png", "p", "covid", "true positive", 0.9, False) for n in range(2)]
    pictures, masks = np.zeros((2, 4, 4), dtype=np.float32), np.zeros((2, 4, 4), dtype=bool)
    folder = tmp_path / "heatmaps"
    folder.mkdir()
    write_heatmaps(folder, entries, heat, pictures, masks, {})
    assert heat_picture(folder, 1)[0] == 3.0
    with pytest.raises(NotFound, match="2 maps"):
        heat_picture(folder, 2)
    with pytest.raises(NotFound):
        heat_picture(folder, -1)
