"""Fitting end to end on toy images, and everything it refuses."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from assay.data.images import Intensity, read_index_text
from assay.data.weighing import SAMPLE_WEIGHT
from assay.errors import ComponentError
from assay.training.augmentation import Level
from assay.training.classifier import Hooks, Recipe, save, train_classifier
from assay.training.loop import Monitor, Settings
from assay.training.networks import NetworkName
from assay.trust.performance.ranking import auroc

RECIPE = Recipe(
    network=NetworkName.SMALL_RESNET,
    fine_tune=False,
    settings=Settings(epochs=4, learning_rate=3e-3, weight_decay=1e-2, patience=0, monitor=Monitor.AUROC),
    batch=16,
    size=32,
    window=None,
    balanced=True,
    level=Level.LIGHT,
    flip=False,
    positive=None,
    seed=0,
    threads=1,
)


@pytest.fixture
def parts(toy_images) -> tuple[Path, Path]:
    return toy_images("train", range(40)), toy_images("validation", range(100, 116))


def test_a_plain_difference_is_learnt(parts: tuple[Path, Path]) -> None:
    classifier = train_classifier(*parts, RECIPE, auroc)
    assert classifier.fitted.best.validation_auroc > 0.95
    assert classifier.labels == ("healthy", "covid")
    assert classifier.positive == "covid"
    assert auroc(classifier.validation_truth, classifier.validation_score) > 0.95


def test_the_same_seed_gives_the_same_bytes(parts: tuple[Path, Path], tmp_path: Path) -> None:
    contents = []
    for name in ("first", "second"):
        torch.rand(3)
        folder = tmp_path / name
        folder.mkdir()
        save(train_classifier(*parts, RECIPE, auroc), folder, threshold=0.5, rule="youden")
        contents.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert set(contents[0]) == {"model.json", "model.onnx", "weights.safetensors"}
    assert contents[0] == contents[1]


def test_another_seed_gives_another_model(parts: tuple[Path, Path]) -> None:
    scores = [train_classifier(*parts, replace(RECIPE, seed=seed), auroc).validation_score for seed in (0, 1)]
    assert not np.allclose(*scores)


def test_the_state_of_torch_is_left_as_it_was(parts: tuple[Path, Path]) -> None:
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    before = torch.get_num_threads()
    train_classifier(*parts, replace(RECIPE, settings=replace(RECIPE.settings, epochs=1)), auroc)
    assert torch.equal(torch.rand(2), expected)
    assert torch.get_num_threads() == before
    assert not torch.are_deterministic_algorithms_enabled()


def weigh(folder: Path, weight, label=lambda row: row["label"]) -> Path:
    index = read_index_text(folder)
    index["label"], index[SAMPLE_WEIGHT] = index.apply(label, axis=1), index.apply(weight, axis=1).astype(str)
    index.to_csv(folder / "index.csv", index=False)
    return folder


def test_images_that_weigh_nothing_teach_nothing(parts: tuple[Path, Path]) -> None:
    """Every second patient carries the wrong label."""

    def wrong(row) -> bool:
        return int(row["patient"][1:]) % 4 > 1

    def turned(row) -> str:
        return {"covid": "healthy", "healthy": "covid"}[row["label"]] if wrong(row) else row["label"]

    weigh(parts[0], lambda _: 1.0, turned)
    confused = train_classifier(*parts, RECIPE, auroc)
    weigh(parts[0], lambda row: 0.0 if wrong(row) else 1.0)
    taught = train_classifier(*parts, RECIPE, auroc)
    assert confused.fitted.best.validation_auroc < 0.8
    assert taught.fitted.best.validation_auroc > 0.95
    assert taught.fitted.epochs[-1].train_loss < confused.fitted.epochs[-1].train_loss


def test_equal_weights_change_nothing(parts: tuple[Path, Path]) -> None:
    short = replace(RECIPE, settings=replace(RECIPE.settings, epochs=1))
    plain = train_classifier(*parts, short, auroc).validation_score
    weigh(parts[0], lambda _: 0.5)
    np.testing.assert_array_equal(train_classifier(*parts, short, auroc).validation_score, plain)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (lambda row: "" if row["patient"] == "p1" else "1", "2 training images have a sample_weight that is no number"),
        (lambda row: "-1" if row["patient"] == "p1" else "1", "sample_weight that is no number from 0"),
        (lambda row: "heavy" if row["patient"] == "p1" else "1", "sample_weight that is no number from 0"),
        (lambda row: str(int(row["label"] == "covid")), "all training images of the label 'healthy' weigh nothing"),
    ],
)
def test_weights_that_are_none_are_refused(parts: tuple[Path, Path], weight, message: str) -> None:
    weigh(parts[0], weight)
    with pytest.raises(ComponentError, match=message):
        train_classifier(*parts, RECIPE, auroc)


def test_a_small_memory_bound_changes_nothing(parts: tuple[Path, Path]) -> None:
    short = replace(RECIPE, settings=replace(RECIPE.settings, epochs=1))
    lean, roomy = (train_classifier(*parts, replace(short, memory=memory), auroc) for memory in (5000, 1 << 30))
    np.testing.assert_array_equal(lean.validation_score, roomy.validation_score)


def test_facts_tell_what_was_done(parts: tuple[Path, Path], tmp_path: Path) -> None:
    agreed = save(train_classifier(*parts, RECIPE, auroc), tmp_path, threshold=0.4, rule="youden")
    facts = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert facts["preprocessing"]["window"] == [-600.0, 1500.0]
    assert facts["preprocessing"]["size"] == 32
    assert facts["threshold"] == {"value": 0.4, "rule": "youden", "chosen_on": "validation"}
    assert facts["synthetic"] is True
    assert facts["training"]["data"]["train"]["patients"] == 40
    assert facts["training"]["data"]["train"]["labels"] == {"covid": 40, "healthy": 40}
    assert facts["onnx"]["largest_difference"] == agreed.difference < 1e-3
    assert agreed.images == 32


def test_a_changed_pixel_changes_the_data_digest(parts: tuple[Path, Path], toy_images) -> None:
    from assay.training.pixels import LabelledImages

    before = LabelledImages.read(parts[1], what="validation").digest()
    assert LabelledImages.read(parts[1], what="validation").digest() == before
    picture = parts[1] / "images" / "000003.png"
    picture.write_bytes((parts[1] / "images" / "000004.png").read_bytes())
    assert LabelledImages.read(parts[1], what="validation").digest() != before


def test_progress_goes_by_batch_and_reaches_its_end(parts: tuple[Path, Path]) -> None:
    seen: list[tuple[str, int, int]] = []
    train_classifier(*parts, RECIPE, auroc, Hooks(stage=lambda *told: seen.append(told)))
    batches = [(done, total) for stage, done, total in seen if stage.startswith("epoch")]
    assert batches == [(number + 1, 20) for number in range(20)]


def test_shared_patients_are_named_and_refused(toy_images) -> None:
    train, validation = toy_images("train", range(20)), toy_images("validation", range(18, 30))
    with pytest.raises(ComponentError, match=r"2 patients are in both training and validation: p18, p19") as error:
        train_classifier(train, validation, RECIPE, auroc)
    assert "split" in error.value.hint


@pytest.mark.parametrize(
    ("patients", "message"),
    [(range(0), "the training set has no images"), (range(0, 20, 2), "the training set has one class only: 'healthy'")],
)
def test_sets_that_cannot_teach_are_refused(toy_images, patients: range, message: str) -> None:
    with pytest.raises(ComponentError, match=message):
        train_classifier(toy_images("train", patients), toy_images("validation", range(100, 101)), RECIPE, auroc)


def test_images_of_another_kind_are_refused(toy_images) -> None:
    train = toy_images("train", range(20))
    with pytest.raises(ComponentError, match="training images have intensity 'hounsfield', validation images 'grey'"):
        train_classifier(train, toy_images("grey", range(100, 110), intensity=Intensity.GREY), RECIPE, auroc)
    with pytest.raises(ComponentError, match="modality 'CT', validation images 'DX'"):
        train_classifier(train, toy_images("film", range(100, 110), modality="DX"), RECIPE, auroc)


def test_a_loss_that_explodes_is_a_clear_error(parts: tuple[Path, Path]) -> None:
    wild = replace(RECIPE, settings=replace(RECIPE.settings, learning_rate=1e30))
    with pytest.raises(ComponentError, match=r"loss is (nan|inf)") as error:
        train_classifier(*parts, wild, auroc)
    assert error.value.culprit == "learning_rate"


@pytest.mark.parametrize("wanted", ["covid", "healthy"])
def test_the_positive_label_can_be_chosen(parts: tuple[Path, Path], wanted: str) -> None:
    short = replace(RECIPE, positive=wanted, settings=replace(RECIPE.settings, epochs=1))
    assert train_classifier(*parts, short, auroc).positive == wanted


def test_an_unknown_positive_label_gets_a_suggestion(parts: tuple[Path, Path]) -> None:
    with pytest.raises(ComponentError, match="'covit' is no label") as error:
        train_classifier(*parts, replace(RECIPE, positive="covit"), auroc)
    assert error.value.hint == "did you mean 'covid'?"


def test_frozen_features_are_computed_once(toy_images, parts: tuple[Path, Path]) -> None:
    """With a pretrained network only the head learns: the backbone's weights leave as they came."""
    from assay.training.efficientnet import EfficientNetLite0

    classifier = train_classifier(*parts, replace(RECIPE, network=NetworkName.EFFICIENTNET_LITE0), auroc)
    original = EfficientNetLite0(32)
    original.load_imagenet()
    for name, value in classifier.network.features.state_dict().items():
        assert torch.equal(value, original.state_dict()[name]), name
    assert classifier.normalise.mean == 127 / 255
    assert classifier.fitted.best.validation_auroc > 0.6
