import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from assay.data.images import ImagesMeta, ImagesWriter
from assay.errors import ComponentError, NotFound
from assay.explore import neighbours as module
from assay.explore.neighbours import Wanted, cosine_distances, neighbours

SIZE = 8


def halves(left, right):
    """A picture whose features are (left, right)."""
    picture = np.full((SIZE, SIZE), right, dtype=np.uint8)
    picture[:, : SIZE // 2] = left
    return picture


def images(folder, pictures):
    with ImagesWriter(folder, ImagesMeta(labels=("other", "covid"))) as writer:
        for picture, patient in pictures:
            writer.add(picture, patient=patient, label="covid", split="train")
    return folder


def model(folder, *, head=True, channels=1, scale=1.0):
    """The features are the means of the left and the right half; ``head`` says whether a linear layer reads them."""
    folder.mkdir()
    steps = {"intensity": "grey", "window": None, "size": SIZE, "mean": [0] * channels, "std": [1] * channels}
    said = {"format": 1, "labels": ["other", "covid"], "positive": "covid", "preprocessing": steps}
    (folder / "model.json").write_text(json.dumps(said))
    pooled = [
        helper.make_node("AveragePool", ["image"], ["pooled"], kernel_shape=[SIZE, SIZE // 2], strides=[1, SIZE // 2])
    ]
    pooled += [
        helper.make_node("Mul", ["pooled", "scale"], ["scaled"]),
        helper.make_node("Flatten", ["scaled"], ["seen"]),
    ]
    last = (
        helper.make_node("MatMul", ["seen", "weights"], ["logits"])
        if head
        else helper.make_node("Identity", ["seen"], ["logits"])
    )
    constants = [
        numpy_helper.from_array(np.eye(2, dtype=np.float32), "weights"),
        numpy_helper.from_array(np.float32(scale), "scale"),
    ]
    ends = [
        helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, SIZE, SIZE]),
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 2]),
    ]
    graph = helper.make_graph([*pooled, last], "halves", ends[:1], ends[1:], constants)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), folder / "model.onnx"
    )
    return folder


@pytest.fixture
def wanted(tmp_path):
    training = images(
        tmp_path / "training",
        [
            (halves(0, 200), "a"),
            (halves(100, 100), "b"),
            (halves(100, 0), "c"),
            (halves(0, 0), "d"),
            (halves(60, 20), "q"),
        ],
    )
    asked = images(tmp_path / "asked", [(halves(200, 0), "q")])
    return Wanted(model(tmp_path / "model"), asked, "images/000000.png", training, tmp_path / "cache")


def test_neighbours_stand_in_the_order_of_their_angles(wanted):
    found = neighbours(wanted, "q", 5, 60.0)
    assert (found.done, found.among, found.total, found.kind, found.why) == (5, 5, 5, "features", "")
    by_hand = {"c": 0.0, "q": 1 - 3 / np.sqrt(10), "b": 1 - 1 / np.sqrt(2), "a": 1.0, "d": 1.0}
    assert [one.patient for one in found.nearest] == list(by_hand)
    assert [one.distance for one in found.nearest] == pytest.approx(list(by_hand.values()), abs=1e-6)
    assert found.median == pytest.approx(1 - 1 / np.sqrt(2), abs=1e-6)
    assert {one.split for one in found.nearest} == {"train"}
    assert [one.patient for one in neighbours(wanted, "q", 2, 60.0).nearest] == ["c", "q"]


def test_a_training_image_of_the_same_patient_or_of_the_same_bytes_is_a_leak(wanted, tmp_path):
    found = neighbours(wanted, "q", 5, 60.0)
    assert [one.patient for one in found.nearest if one.same_patient] == ["q"]
    assert found.of_patient == 1
    assert not any(one.same_file for one in found.nearest)
    assert neighbours(wanted, "", 5, 60.0).of_patient == 0

    again = images(tmp_path / "again", [(halves(200, 0), "renamed")])
    copied = Wanted(wanted.model, wanted.images, wanted.name, again, tmp_path / "other")
    (one,) = neighbours(copied, "q", 5, 60.0).nearest
    assert (one.same_file, one.same_patient, one.distance) == (True, False, pytest.approx(0, abs=1e-6))


def test_every_question_goes_on_where_the_last_one_stopped_and_what_is_kept_is_not_computed_again(wanted, monkeypatch):
    monkeypatch.setattr(module, "PART", 2)
    whole = neighbours(
        Wanted(wanted.model, wanted.images, wanted.name, wanted.training, wanted.cache / "b"), "q", 5, 60.0
    )
    told = [neighbours(wanted, "q", 5, 0.0) for _ in range(3)]
    assert [(one.done, len(one.nearest)) for one in told] == [(2, 0), (4, 0), (5, 5)]
    assert told[-1] == whole
    for file in (wanted.training / "images").iterdir():
        if file.name not in {one.file.removeprefix("images/") for one in whole.nearest[:1]}:
            file.write_bytes(b"no image any more")
    assert neighbours(wanted, "q", 1, 0.0).nearest == whole.nearest[:1]


@pytest.mark.parametrize("damage", [b"", b"no array", b"\x93NUMPY\x01\x00v\x00"])
def test_a_damaged_part_is_computed_again(wanted, damage):
    whole = neighbours(wanted, "q", 5, 60.0)
    (part,) = wanted.cache.iterdir()
    part.write_bytes(damage)
    assert neighbours(wanted, "q", 5, 60.0) == whole
    assert part.stat().st_size > len(damage)


@pytest.mark.parametrize(("facts", "why"), [({"head": False}, "linear layer"), ({"channels": 3}, "colours")])
def test_a_model_without_features_to_read_is_compared_by_pixels_and_it_is_said(wanted, tmp_path, facts, why):
    told = Wanted(model(tmp_path / "other", **facts), wanted.images, wanted.name, wanted.training, tmp_path / "pixels")
    found = neighbours(told, "q", 5, 60.0)
    assert found.kind == "pixels"
    assert why in found.why
    near = {
        one.patient: one.distance for one in found.nearest
    }  # without their means, halves point one way or the other
    assert near == pytest.approx({"c": 0, "q": 0, "b": 1, "d": 1, "a": 2}, abs=1e-6)


def test_of_very_many_training_images_some_are_drawn_by_lot_and_it_is_said(wanted, monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    found = neighbours(wanted, "q", 5, 60.0)
    assert (found.among, found.total, len(found.nearest)) == (3, 5, 3)
    assert neighbours(wanted, "q", 5, 60.0) == found


def test_an_image_that_is_not_there_and_features_that_are_no_numbers_are_said(wanted, tmp_path):
    with pytest.raises(NotFound, match="no file"):
        neighbours(Wanted(wanted.model, wanted.images, "images/9.png", wanted.training, wanted.cache), "q", 5, 60.0)
    broken = model(tmp_path / "broken", scale=float("nan"))
    with pytest.raises(ComponentError, match="no number"):
        neighbours(Wanted(broken, wanted.images, wanted.name, wanted.training, tmp_path / "nan"), "q", 5, 60.0)


def test_there_are_no_neighbours_among_no_images(wanted, tmp_path):
    nobody = images(tmp_path / "nobody", [])
    found = neighbours(Wanted(wanted.model, wanted.images, wanted.name, nobody, tmp_path / "none"), "q", 5, 60.0)
    assert (found.done, found.among, found.nearest) == (0, 0, ())


def test_a_vector_without_direction_has_nothing_in_common_with_any():
    assert cosine_distances(np.zeros(3), np.eye(3)).tolist() == [1.0, 1.0, 1.0]
    assert cosine_distances(np.array([1.0, 0, 0]), -np.eye(3))[0] == pytest.approx(2.0)
