"""A head under a constraint: the gap that was planted in the phantom is smaller, and the file says what the mixture says."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Images, Model
from assay.library.explain.occlusion import occlusion
from assay.library.fairness.compare import compare
from assay.library.fairness.exponentiated_gradient_images import exponentiated_gradient_images
from assay.library.fairness.reweighing import reweighing
from assay.library.input.ct_phantom import ct_phantom
from assay.library.train.image_classifier import image_classifier
from assay.library.transform.predict import predict
from assay.library.transform.split_by_patient import split_by_patient
from assay.training.embedding import Embedder
from assay.training.rebuild import NotRebuilt, rebuild
from assay.trust.evidence.text import read_evidence

pytestmark = pytest.mark.filterwarnings("ignore")  # the libraries' imports warn of optional packages that are not there


@pytest.fixture(scope="module")
def made():
    """Of the people to learn from three in four sick women and healthy men are missing, and a letter tells the sex: it is learnt."""
    whole = ct_phantom(
        patients=1000, slices=1, size=64, difficulty=0.1, seed=3, marker="text", marker_tie="sex", marker_rate=0.95, marker_base=0.05
    )  # fmt: skip
    parts = split_by_patient(whole, by="label+sex", validation=0.4, test=0.3)
    train, others = (thinned(part) for part in (parts.train, parts.validation))
    held = split_by_patient(others, by="label+sex", validation=0.2, test=0.0, seed=1)
    plain = image_classifier(train, held.validation, image_size=64, augmentation="none").model
    return SimpleNamespace(plain=plain, train=train, unseen=held.train, held=held.validation, test=parts.test)


def thinned(images: Images) -> Images:
    index = pd.read_csv(images / "index.csv", dtype=str)
    rare = (index["sex"] == "F") == (index["label"] == "covid")
    index[~rare | (np.arange(len(index)) % 4 == 0)].to_csv(images / "index.csv", index=False)
    return images


@pytest.fixture(scope="module")
def fair(made) -> Model:
    return exponentiated_gradient_images(made.plain, made.unseen, made.held)


def gaps(before: Model, after: Model, test: Images) -> dict[str, tuple[float, float]]:
    found = read_evidence(compare(predict(before, test), predict(after, test), draws=200).evidence.path)
    (told,) = found.tables
    rows = [dict(zip(told.columns, row, strict=True)) for row in told.rows]
    kept = [row for row in rows if row["figure"] in {"tpr difference", "fpr difference"}]
    assert {row["group"] for row in kept} == {"sex F against sex M"}
    return {row["figure"]: (abs(row["before"]), abs(row["after"])) for row in kept}


def test_the_planted_gaps_are_less_than_half_and_told_beside_each_other(made, fair) -> None:
    for before, after in gaps(made.plain, fair, made.test).values():
        assert before > 0.3
        assert after < before / 2


def test_it_is_the_constraint_that_mends_them_and_not_the_new_layer(made, fair) -> None:
    free = exponentiated_gradient_images(made.plain, made.unseen, made.held, bound=1.0)
    assert json.loads((free.path / "model.json").read_text(encoding="utf-8"))["training"]["members"] == 1
    before, after = np.sum(list(gaps(free, fair, made.test).values()), axis=0)
    assert before > 0.4
    assert after < before / 2


def test_weights_of_the_training_images_shrink_the_gaps_too(made) -> None:
    """fairness/reweighing and the trainer, on the same people: the network itself learns less of the letter."""
    weighed = reweighing(made.train).images
    model = image_classifier(weighed, made.held, image_size=64, augmentation="none").model
    before, after = np.sum(list(gaps(made.plain, model, made.test).values()), axis=0)
    assert after < 0.8 * before


def test_the_file_is_the_network_with_another_layer(made, fair) -> None:
    plain, mended = (Embedder(model.path) for model in (made.plain, fair))
    pictures = np.random.default_rng(0).random((3, 1, 64, 64), dtype=np.float32)
    np.testing.assert_allclose(mended.features(pictures), plain.features(pictures), atol=1e-5)
    facts = json.loads((fair.path / "model.json").read_text(encoding="utf-8"))
    assert facts["training"]["features"] == 128
    assert facts["training"]["groups"] == ["F", "M"]
    assert facts["threshold"] == {"value": 0.5, "rule": "half", "chosen_on": "validation"}
    assert facts["training"]["network_was"]["network"] == "small-resnet"
    with pytest.raises(NotRebuilt, match="names no network"):
        rebuild(fair.path)
    asked = read_evidence(occlusion(fair, made.test, pictures=4, shown=1, few=2).evidence.path)
    assert asked.samples["measured_images"] == 4


def test_what_no_constraint_can_be_put_on_is_refused(made, tmp_path) -> None:
    index = pd.read_csv(made.unseen / "index.csv", dtype=str)
    ill = index["label"] == "covid"
    for number, (columns, message) in enumerate(
        (
            ({"sample_weight": [str(row) for row in range(len(index))]}, "are weighed already"),
            ({"sex": "F"}, "fewer than two groups of 'sex'"),
            ({"sex": np.where(ill, "M", "F")}, "the group 'F' have one class only"),
        )
    ):
        odd = tmp_path / str(number)
        odd.mkdir()
        (odd / "images.json").write_bytes((made.unseen / "images.json").read_bytes())
        index.assign(**columns).to_csv(odd / "index.csv", index=False)
        with pytest.raises(ComponentError, match=message):
            exponentiated_gradient_images(made.plain, Images(odd), made.held)
    with pytest.raises(ComponentError, match="lack the column sexx"):
        exponentiated_gradient_images(made.plain, made.unseen, made.held, by="sexx")
    with pytest.raises(ComponentError, match="patients are in training and validation"):
        exponentiated_gradient_images(made.plain, made.unseen, made.unseen)
