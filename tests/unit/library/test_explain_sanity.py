"""The sanity check flags integrated gradients when it should: a trained network, its real maps, and those of the same network shuffled.

The pictures invite the fault. Everywhere outside the lesion a sick body equals the healthy ones it is held against up to noise, so the
difference of picture and baseline has the lesion in it, and a map that is multiplied by that difference points at the lesion whatever
the network has learnt. Localisation and faithfulness can't see it; a network that has forgotten everything can.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from assay import Images, Model
from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.library.explain.choose import choose
from assay.library.explain.integrated_gradients import integrated_gradients
from assay.library.explain.lime import lime
from assay.training.augmentation import Level
from assay.training.classifier import Recipe, save, train_classifier
from assay.training.loop import Monitor, Settings
from assay.training.networks import NetworkName
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence
from assay.trust.explain.heatmaps import read_heatmaps
from assay.trust.performance.ranking import auroc

SIZE = 32
MANY = {"pictures": 16, "shown": 0, "few": 16}


def bodies(folder: Path, patients: range) -> Images:
    """Bodies in air with a bright spine, and in every second one a lesion: brighter than the body, darker than the spine."""
    random = np.random.default_rng(patients.start)
    down, across = np.mgrid[:SIZE, :SIZE]
    meta = ImagesMeta(Intensity.HOUNSFIELD, "CT", synthetic=True, labels=("healthy", "covid"), positive="covid")
    with ImagesWriter(folder, meta, masks=True) as writer:
        for patient in patients:
            high, wide = random.uniform(9, 14, 2)
            body = ((down - 15.5) / high) ** 2 + ((across - 15.5) / wide) ** 2 < 1
            values, mask = np.where(body, random.normal(-500, 60, (SIZE, SIZE)), -1000.0), np.zeros_like(body)
            values[24:29, 13:19] = 300.0
            if patient % 2:
                top, left = random.integers(8, 16), random.integers(8, 18)
                mask[top : top + 6, left : left + 6] = True
                values[mask] += 400.0
            label = ("healthy", "covid")[patient % 2]
            writer.add(values, patient=f"p{patient}", label=label, mask=mask if mask.any() else None)
    return Images(folder)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> SimpleNamespace:
    root = tmp_path_factory.mktemp("sanity")
    train, validation, test = (
        bodies(root / name, patients)
        for name, patients in (("train", range(80)), ("validation", range(100, 130)), ("test", range(200, 240)))
    )
    settings = Settings(8, 3e-3, 1e-2, 0, Monitor.AUROC)
    recipe = Recipe(NetworkName.SMALL_RESNET, False, settings, 16, SIZE, None, True, Level.LIGHT, False, None, 0, 1)
    classifier = train_classifier(train.path, validation.path, recipe, auroc)
    (root / "model").mkdir()
    save(classifier, root / "model", threshold=0.5, rule="youden")
    return SimpleNamespace(model=Model(root / "model"), train=train, validation=validation, test=test)


def test_integrated_gradients_point_at_the_lesion_and_fail_for_they_do_so_without_the_network(fitted) -> None:
    out = integrated_gradients(fitted.model, fitted.test, fitted.train, baseline="neighbours", **MANY)
    own = [each for each in read_evidence(out.evidence.path).statements if "method" in each.on]
    (pointing,) = [each.estimate for each in own if each.id == "explanation.pointing"]
    assert pointing.value > 0.9
    failing = [each for each in own if each.state is State.FAIL]
    assert {each.id for each in failing} == {"explanation.randomisation_spearman"}
    assert failing[0].estimate.low is not None
    assert failing[0].estimate.low > 0.5
    facts = read_heatmaps(out.heatmaps.path).facts
    assert facts["state"] == "fail"
    assert facts["reason"].startswith("randomisation")


def test_a_sound_method_on_the_same_network_and_pictures_passes_everything(fitted) -> None:
    out = lime(fitted.model, fitted.test, fitted.train, samples=300, **MANY)
    own = [each for each in read_evidence(out.evidence.path).statements if "method" in each.on]
    (forgot,) = [each for each in own if each.id == "explanation.randomisation_spearman" and each.state is not None]
    assert forgot.state is State.PASS
    assert forgot.estimate.high is not None
    assert forgot.estimate.high < 0.4
    assert read_heatmaps(out.heatmaps.path).facts["state"] == "pass"


def test_the_choice_passes_over_what_the_check_flags(fitted, capsys) -> None:
    out = choose(
        fitted.model,
        fitted.validation,
        fitted.test,
        fitted.train,
        methods=["integrated-gradients", "lime"],
        compare=False,
        samples=300,
        **(MANY | {"few": 4}),
    )
    assert out.method == "lime"
    said = "passed over, for its maps stay when the network forgets"
    assert any(said in line and "integrated-gradients" in line for line in capsys.readouterr().out.splitlines())
