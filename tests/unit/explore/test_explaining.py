import io

import numpy as np
import pytest
from model_workshop import write_linear_model
from PIL import Image

from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.errors import ComponentError, NotFound
from assay.explore.explaining import RANDOM_MAPS, Wished, chosen, explain
from assay.trust.explain.backgrounds import Backgrounds, Fill
from assay.trust.explain.recipes import Lime, Occlusion

SIZE = 24
SPOT = np.s_[4:10, 12:18]
BLURRED = Backgrounds(np.empty((0, SIZE, SIZE), dtype=np.float32))


def images(folder, bright):
    """Pictures of a dark chest; where ``bright``, the spot is dense."""
    with ImagesWriter(folder, ImagesMeta(Intensity.HOUNSFIELD, "CT", labels=("other", "covid"))) as writer:
        for number, dense in enumerate(bright):
            values = np.full((SIZE, SIZE), -1200.0)
            values[::3, ::2] += 40 * number
            if dense:
                values[SPOT] = 0.0
            writer.add(values, patient=f"p{number}", label="covid" if dense else "other")
    return folder


@pytest.fixture
def wished(tmp_path):
    weights = np.zeros((SIZE, SIZE))
    weights[SPOT] = 0.3
    model = write_linear_model(tmp_path / "model", weights, bias=-4.0)
    training = images(tmp_path / "training", [False, False, True, False])
    return Wished(model, images(tmp_path / "images", [True]), "images/000000.png", training, "", {})


def told(done, total):
    assert 0 < done <= total


@pytest.mark.parametrize(
    ("method", "settings", "title"),
    [
        ("", {}, "occlusion (neighbours, 2 px, smoothed 2 px)"),
        ("occlusion", {"fill": "neighbours", "fills": 2, "window": 4, "stride": 2, "smoothing": 0.0}, "occlusion (neighbours, 4 px)"),
        ("lime", {"fill": "blur", "fills": 1, "cell": 3, "samples": 500, "smoothing": 1.0}, "lime (blur, 3 px, smoothed 1 px)"),
        ("kernel-shap", {"fill": "neighbours", "fills": 1, "cell": 6, "samples": 300}, "kernel-shap (neighbours, 6 px)"),
    ],
)  # fmt: skip
def test_the_heat_lies_where_the_model_looks_and_beats_maps_that_know_nothing(wished, method, settings, title):
    asked = Wished(wished.model, wished.images, wished.name, wished.training, method, settings)
    found, layer = explain(asked, told)
    assert (found.title, found.instead, found.constant) == (title, "", False)
    pixels = np.asarray(Image.open(io.BytesIO(layer)))
    inside = np.zeros((SIZE, SIZE), dtype=bool)
    inside[SPOT] = True
    assert pixels[inside, 3].mean() > 5 * pixels[~inside, 3].mean()
    assert [one.fill for one in found.curves] == ["neighbours", "blur"]
    first = found.curves[0]
    assert first.beaten == found.random_maps == RANDOM_MAPS
    assert first.deletion < first.random_deletion
    assert first.insertion > first.random_insertion
    assert found.score > 0.9


def test_how_far_it_is_only_grows_and_ends_near_what_was_expected(wished):
    heard = []
    found, _ = explain(wished, lambda done, total: heard.append((done, total)))
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})
    assert len({total for _, total in heard}) == 1
    assert heard[-1][0] >= 0.95 * heard[-1][1]
    assert found.asked == pytest.approx(heard[-1][1], rel=0.05)


def test_the_same_image_is_explained_alike_twice(wished):
    asked = Wished(wished.model, wished.images, wished.name, wished.training, "lime", {"samples": 100, "cell": 4})
    assert explain(asked, told) == explain(asked, told)


def test_without_training_images_a_covered_part_is_blurred(wished):
    found, _ = explain(Wished(wished.model, wished.images, wished.name, None, "", {}), told)
    assert found.title.startswith("occlusion (blur,")
    assert [one.fill for one in found.curves] == ["blur", "mean"]


def test_a_model_that_looks_nowhere_gives_a_map_that_is_said_to_be_constant(wished, tmp_path):
    blind = write_linear_model(tmp_path / "blind", np.zeros((SIZE, SIZE)))
    found, _ = explain(Wished(blind, wished.images, wished.name, None, "", {}), told)
    assert found.constant
    assert [one.beaten for one in found.curves] == [0, 0]


@pytest.mark.parametrize(
    ("method", "settings", "why"),
    [
        ("grad-cam", {"layer": "x"}, "needs more than answers"),
        ("invented", {}, "needs more than answers"),
        ("occlusion", {"window": 0}, "window is 0"),
        ("occlusion", {"window": 6, "stride": 7}, "stride is larger"),
        ("occlusion", {"window": "wide"}, "window is wide"),
        ("occlusion", {"window": 5.5}, "whole number"),
        ("occlusion", {"window": True}, "window is True"),
        ("lime", {"samples": 10**9}, "samples is 1000000000"),
        ("lime", {"fill": "gold"}, "gold"),
        ("lime", {"colour": 1}, "there is no colour"),
        ("lime", {"smoothing": float("nan")}, "smoothing is nan"),
    ],
)
def test_what_cannot_be_done_here_gives_way_to_occlusion_and_it_is_said_why(method, settings, why):
    recipe, instead = chosen(method, settings, SIZE, BLURRED)
    assert recipe == Occlusion(Fill.BLUR, 1, 2, 1, 2.0)
    assert why in instead


def test_a_fill_that_cannot_be_had_gives_way_and_the_method_stays():
    assert chosen("lime", {"fill": "neighbours", "cell": 4}, SIZE, BLURRED) == (Lime(Fill.BLUR, cell=4), "")


def test_what_is_not_there_or_answers_no_numbers_is_said(wished, tmp_path):
    with pytest.raises(NotFound):
        explain(Wished(wished.model, wished.images, "images/7.png", None, "", {}), told)
    broken = write_linear_model(tmp_path / "broken", np.full((SIZE, SIZE), np.nan))
    with pytest.raises(ComponentError, match="no number"):
        explain(Wished(broken, wished.images, wished.name, None, "", {}), told)
    colours = write_linear_model(tmp_path / "colours", np.zeros((3, SIZE, SIZE)))
    with pytest.raises(ComponentError, match="colours"):
        explain(Wished(colours, wished.images, wished.name, None, "", {}), told)
