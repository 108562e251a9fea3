"""robustness/adversarial and robustness/art on a network that was fitted for the purpose, and on models they cannot open."""

import sys

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Images
from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.errors import MissingDependency
from assay.library.robustness.adversarial import adversarial
from assay.library.robustness.art import art
from assay.library.train.image_classifier import image_classifier
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence

FAST = {"most_images": 24, "samples": 40, "queries": 30, "draws": 100}
LABELS = ("healthy", "covid")


def toys(path, patients, faint=150):
    """A square is the disease; in women it stands out by ``faint``."""
    random = np.random.default_rng(patients.start)
    meta = ImagesMeta(Intensity.HOUNSFIELD, "CT", synthetic=True, labels=LABELS, positive="covid")
    with ImagesWriter(path, meta) as writer:
        for patient in patients:
            values = random.normal(-800, 60, (32, 32))
            top, left = random.integers(4, 18, 2)
            sex = "FM"[patient // 2 % 2]
            values[top : top + 9, left : left + 9] += (faint if sex == "F" else 150) * (patient % 2)
            writer.add(values, patient=f"p{patient}", label=LABELS[patient % 2], age=50, sex=sex)
    return Images(path)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toys")
    parts = [toys(folder / name, patients) for name, patients in (("a", range(120)), ("b", range(200, 240)))]
    model = image_classifier(*parts, epochs=5, image_size=32, batch_size=16, augmentation="none").model
    return model, toys(folder / "c", range(300, 360))


def accuracies(evidence, **on):
    return {
        statement.on["budget"]: statement.estimate.value
        for statement in read_evidence(evidence).statements
        if statement.id == "robustness.accuracy"
        and {**on, "budget": "", "norm": ""}.keys() == {**statement.on, **on}.keys()
        and on.items() <= statement.on.items()
    }


def test_every_attack_is_measured_and_the_worst_of_them_judged(fitted):
    model, images = fitted
    result = adversarial(model, images, budgets=[1, 8, 32], judged=8, lengths=[0.05, 1.0], **FAST)
    evidence = read_evidence(result.evidence)
    worst = accuracies(result.evidence, attack="worst of all")
    for name in ("FGSM", "PGD", "APGD-CE", "Square"):
        single = accuracies(result.evidence, attack=name, norm="Linf")
        assert list(single) == ["1/255", "8/255", "32/255"]
        assert all(worst[budget] <= value for budget, value in single.items())
        assert list(single.values()) == sorted(single.values(), reverse=True)
    assert list(accuracies(result.evidence, attack="PGD", norm="L2")) == ["0.05", "1"]
    judged = [s.on["budget"] for s in evidence.statements if s.id == "robustness.accuracy" and s.state is not None]
    assert judged == ["8/255"]
    assert {s.on["sex"] for s in evidence.statements if "sex" in s.on} == {"F", "M"}
    (masking,) = (s for s in evidence.statements if s.id == "robustness.gradient_masking")
    assert masking.state is State.PASS
    certified = {
        s.on["budget"]: s.estimate.value for s in evidence.statements if s.id == "robustness.certified_accuracy"
    }
    assert certified["0"] >= certified["0.05"] >= certified["1"] == 0
    assert "no radius above" in evidence.caveats[-1]
    assert evidence.not_measured == []
    assert [table.name for table in evidence.tables] == ["distortion", "gradient"]


def test_robust_accuracy_by_group_adds_up_and_shows_who_falls_first(fitted, tmp_path):
    """Women's disease is fainter here: unattacked both sexes are told alike, a small change turns the women first."""
    model, _ = fitted
    images = toys(tmp_path / "faint", range(500, 580), faint=110)
    budgets = [0.5, 1, 2, 4, 8, 16]
    fast = FAST | {"queries": 0, "sigma": 0, "most_images": 80}
    evidence = adversarial(model, images, budgets=budgets, lengths=[0.1], by=["sex"], **fast).evidence
    worst = {
        sex: {s.on["budget"]: s.estimate for s in read_evidence(evidence).statements
              if s.id == "robustness.accuracy" and s.on.get("attack") == "worst of all" and s.on.get("sex") == sex}
        for sex in (None, "F", "M")
    }  # fmt: skip
    assert list(worst["F"]) == list(worst["M"]) == list(worst[None])
    for budget, everybody in worst[None].items():
        women, men = worst["F"][budget], worst["M"][budget]
        assert women.n + men.n == everybody.n == 80
        assert women.rows * women.value + men.rows * men.value == pytest.approx(everybody.rows * everybody.value)
        assert women.low <= women.value <= women.high
        assert women.value <= men.value + 0.05
    assert max(worst["M"][budget].value - worst["F"][budget].value for budget in worst["F"]) >= 0.15


def test_the_same_seed_measures_the_same(fitted):
    model, images = fitted
    first, second = (adversarial(model, images, budgets=[4], lengths=[0.1], **FAST).evidence for _ in range(2))
    assert read_evidence(first).statements == read_evidence(second).statements


def test_a_model_that_cannot_be_rebuilt_is_attacked_as_a_black_box(fitted, linear_model):
    _, images = fitted
    model = linear_model(np.full((32, 32), 0.1), -40, labels=("healthy", "pneumonia", "covid"))
    evidence = adversarial(model, images, budgets=[16], **FAST).evidence
    told = read_evidence(evidence)
    assert {reason.on.get("attack") for reason in told.not_measured} == {"FGSM", "PGD", "APGD-CE", "PGD L2", None}
    assert all("names no network" in reason.why for reason in told.not_measured)
    clean = next(s.estimate.value for s in told.statements if s.on == {"attack": "none"})
    assert accuracies(evidence, attack="Square")["16/255"] < clean
    assert any(s.id == "robustness.certified_accuracy" for s in told.statements)
    with pytest.raises(ComponentError, match="names no network"):
        art(model, images, attacks=["FGSM"])


def test_no_negatives_one_patient_and_nothing_asked(fitted, tmp_path):
    model, _ = fitted
    images = toys(tmp_path / "one", range(401, 407))
    table = pd.read_csv(images / "index.csv", dtype=str)
    table[table["label"] == "covid"].assign(patient="p").to_csv(images / "index.csv", index=False)
    result = adversarial(model, images, budgets=[1], queries=0, sigma=0, most_images=10, draws=100)
    evidence = read_evidence(result.evidence)
    assert evidence.statements[0].estimate.low is None
    assert {reason.why for reason in evidence.not_measured} == {"queries is 0", "sigma is 0"}
    judged = [s for s in evidence.statements if s.on.get("attack") == "worst of all" and s.state is not None]
    assert [s.state for s in judged] == [State.INSUFFICIENT]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")
def test_the_toolbox_attacks_two_classes_and_agrees_with_ours(fitted):
    model, images = fitted
    names = ["PGD", "DeepFool", "AutoAttack", "HopSkipJump"]
    evidence = art(
        model, images, attacks=names, budgets=[8], lengths=[0.001, 0.5], steps=10, **{**FAST, "most_images": 10}
    )
    told = read_evidence(evidence)
    ours = adversarial(model, images, budgets=[8], steps=10, **{**FAST, "most_images": 10}).evidence
    assert accuracies(evidence, attack="ART PGD") == accuracies(ours, attack="PGD", norm="Linf")
    assert accuracies(evidence, attack="ART AutoAttack")["8/255"] <= accuracies(evidence, attack="ART PGD")["8/255"]
    assert accuracies(evidence, attack="ART DeepFool")["0.5"] < accuracies(evidence, attack="ART DeepFool")["0.001"]
    blind = {reason.on["attack"]: reason.why for reason in told.not_measured}
    assert "at this budget it says nothing" in blind["HopSkipJump"]
    certified = {s.on["budget"]: s.estimate.value for s in told.statements if s.id == "robustness.certified_accuracy"}
    assert certified["0"] >= certified["0.001"] >= certified["0.5"] == 0
    (figure,) = told.figures
    points = {point["label"]: point["value"] for point in figure.specification["data"]["values"]}
    stated = {s.subject: s.estimate.value for s in told.statements if s.id == "robustness.accuracy"}
    assert points == stated
    assert told.method.library == "adversarial-robustness-toolbox"
    assert told.method.version[0].isdigit()


def test_what_the_toolbox_needs_and_does_not_declare_is_named(fitted, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    with pytest.raises(MissingDependency, match="needs statsmodels") as error:
        art(*fitted, attacks=["FGSM"])
    assert "assay-ml[robustness]" in error.value.hint
    with pytest.raises(ComponentError, match="no attack 'DeepFol'") as wrong:
        art(*fitted, attacks=["DeepFol"])
    assert wrong.value.hint == "did you mean 'DeepFool'?"
    with pytest.raises(ComponentError, match="no attack and no certificate"):
        art(*fitted, attacks=[], sigma=0)
