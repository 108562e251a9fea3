"""explain/*: toy lesions are pointed at, failing methods are marked, and every bad input is named."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from assay import ComponentError, Images, Model
from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.library.explain import explaining
from assay.library.explain.choose import choose
from assay.library.explain.grad_cam import grad_cam
from assay.library.explain.gradient_shap import gradient_shap
from assay.library.explain.integrated_gradients import integrated_gradients
from assay.library.explain.kernel_shap import kernel_shap
from assay.library.explain.lime import lime
from assay.library.explain.occlusion import occlusion
from assay.library.explain.prototypes import prototypes
from assay.library.explain.smooth_grad import smooth_grad
from assay.training.augmentation import Level
from assay.training.classifier import Recipe, save, train_classifier
from assay.training.embedding import Embedder
from assay.training.loop import Monitor, Settings
from assay.training.networks import NetworkName
from assay.training.rebuild import rebuild
from assay.trust.evidence.text import read_evidence
from assay.trust.explain.controls import Control, control_heat
from assay.trust.explain.heatmaps import read_heatmaps
from assay.trust.performance.ranking import auroc

FEW = {"pictures": 6, "shown": 1, "few": 2}


def lesions(folder: Path, patients: range) -> Images:
    """A bright blob is the disease, and its mask is known."""
    random = np.random.default_rng(patients.start)
    meta = ImagesMeta(Intensity.HOUNSFIELD, "CT", synthetic=True, labels=("healthy", "covid"), positive="covid")
    with ImagesWriter(folder, meta, masks=True) as writer:
        for patient in patients:
            values, mask = random.normal(-800, 60, (32, 32)), np.zeros((32, 32), dtype=bool)
            top, left = random.integers(3, 18, 2)
            mask[top : top + 9, left : left + 9] = patient % 2 == 1
            values[mask] += 400.0
            label = ("healthy", "covid")[patient % 2]
            writer.add(values, patient=f"p{patient}", label=label, mask=mask if mask.any() else None)
    return Images(folder)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    root = tmp_path_factory.mktemp("explain")
    train, validation, test = (
        lesions(root / name, patients)
        for name, patients in (("train", range(80)), ("validation", range(100, 130)), ("test", range(200, 240)))
    )
    recipe = Recipe(
        NetworkName.SMALL_RESNET,
        False,
        Settings(6, 3e-3, 1e-2, 0, Monitor.AUROC),
        16,
        32,
        None,
        True,
        Level.LIGHT,
        False,
        None,
        0,
        1,
    )
    classifier = train_classifier(train.path, validation.path, recipe, auroc)
    (root / "model").mkdir()
    save(classifier, root / "model", threshold=0.5, rule="youden")
    return SimpleNamespace(model=Model(root / "model"), train=train, validation=validation, test=test)


@pytest.mark.parametrize(
    ("method", "told"),
    [
        (occlusion, {}),
        (lime, {"samples": 200}),
        (kernel_shap, {"samples": 200}),
        (integrated_gradients, {}),
        (gradient_shap, {}),
        (smooth_grad, {}),
        (grad_cam, {"layer": "0.3"}),
    ],
)
def test_every_method_writes_maps_and_evidence_beside_its_controls(toy, method, told) -> None:
    out = method(toy.model, toy.test, toy.train, **told, **FEW)
    evidence = read_evidence(out.evidence.path)
    names = {one.id.partition(".")[2] for one in evidence.statements}
    assert names == {
        "pointing", "iou", "pixel_auroc", "energy", "deletion", "insertion", "infidelity", "max_sensitivity", "repeatability",
        "randomisation_spearman", "randomisation_ssim", "gain_over_control",
    }  # fmt: skip
    assert {one.on["control"] for one in evidence.statements if "control" in one.on} == {"random", "intensity", "edges"}
    assert evidence.synthetic is True
    assert evidence.cost.model_calls > 0
    assert [row[0] for row in evidence.tables[0].rows][1:] == ["random", "intensity", "edges"]
    assert {figure.name for figure in evidence.figures} == {"gallery", "gains"}
    maps = read_heatmaps(out.heatmaps.path)
    assert maps.facts["method"] == method.__name__.replace("_", "-")
    assert maps.heat.shape[1:] == (32, 32)
    assert len({row["patient"] for row in maps.rows}) == len(maps.rows)
    with Image.open(out.gallery.path) as picture:
        assert picture.width > 600


def test_the_blob_is_pointed_at_and_the_same_seed_gives_the_same_maps(toy) -> None:
    first, again, other = (occlusion(toy.model, toy.test, toy.train, **FEW, seed=seed) for seed in (0, 0, 1))
    pointing = next(
        one
        for one in read_evidence(first.evidence.path).statements
        if one.id == "explanation.pointing" and "method" in one.on
    )
    assert pointing.estimate.value > 0.9
    contents = [(out.heatmaps.path / "heat.npz").read_bytes() for out in (first, again, other)]
    assert contents[0] == contents[1] != contents[2]


def test_a_method_that_fails_is_marked_everywhere(toy, capsys) -> None:
    out = smooth_grad(
        toy.model, toy.test, toy.train, **(FEW | {"few": 6}), samples=8, noise=1.0, smoothing=0.0, least_pointing=1.0
    )
    maps, evidence = read_heatmaps(out.heatmaps.path), read_evidence(out.evidence.path)
    assert any(one.state == "fail" for one in evidence.statements)
    assert maps.facts["state"] == "fail"
    assert "pointing" in maps.facts["reason"]
    assert evidence.caveats[0].startswith("This method fails its controls: ")
    printed = capsys.readouterr().out
    assert "FAILS ITS CONTROLS: smooth-grad (noise 1" in printed
    assert "preview gallery: FAILS ITS CONTROLS" in printed
    with Image.open(out.gallery.path) as picture:
        assert (122, 31, 31) in {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}


def test_the_method_is_chosen_on_validation_and_measured_on_test(toy, capsys) -> None:
    methods = ["occlusion", "integrated-gradients", "grad-cam"]
    out = choose(toy.model, toy.validation, toy.test, toy.train, methods=methods, tried=8, **FEW)
    evidence = read_evidence(out.evidence.path)
    tables = {table.name: table for table in evidence.tables}
    assert out.method in methods
    assert len(tables["candidates"].rows) > 10
    assert {row[0].partition(" ")[0] for row in tables["methods"].rows} == set(methods)
    assert {row[1] for row in tables["method_states"].rows} <= {"pass", "fail", "insufficient evidence"}
    assert "chosen by pointing, then IoU on 8 validation images" in capsys.readouterr().out
    assert read_heatmaps(out.heatmaps.path).facts["method"] == out.method


def test_without_masks_the_choice_follows_the_score(toy, tmp_path, capsys) -> None:
    validation, test = (unmasked(part, tmp_path / name) for part, name in ((toy.validation, "v"), (toy.test, "t")))
    out = choose(
        toy.model,
        validation,
        test,
        toy.train,
        methods=["occlusion", "lime"],
        samples=100,
        compare=False,
        tried=4,
        **FEW,
    )
    assert "chosen by insertion minus deletion" in capsys.readouterr().out
    missing = {one.id for one in read_evidence(out.evidence.path).not_measured}
    assert "explanation.pointing" in missing


def unmasked(images: Images, folder: Path) -> Images:
    import shutil

    shutil.copytree(images.path, folder)
    with (folder / "index.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    place = rows[0].index("mask")
    with (folder / "index.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([[cell for number, cell in enumerate(row) if number != place] for row in rows])
    return Images(folder)


def test_no_image_called_positive_says_so_and_still_shows_the_others(toy, tmp_path, capsys) -> None:
    import shutil

    shutil.copytree(toy.model.path, tmp_path / "strict")
    facts = json.loads((tmp_path / "strict" / "model.json").read_text())
    facts["threshold"]["value"] = 1.1
    (tmp_path / "strict" / "model.json").write_text(json.dumps(facts))
    out = occlusion(Model(tmp_path / "strict"), toy.test, toy.train, **FEW)
    evidence = read_evidence(out.evidence.path)
    assert not evidence.statements
    assert "none of the 20 images labelled covid is called so" in evidence.not_measured[0].why
    assert {row["outcome"] for row in read_heatmaps(out.heatmaps.path).rows} == {"false negative", "true negative"}
    chosen = choose(
        Model(tmp_path / "strict"), toy.validation, toy.test, methods=["lime", "kernel-shap"], samples=50, **FEW
    )
    assert chosen.method == "lime"
    assert "not chosen: no validation image is rightly called positive" in capsys.readouterr().out


def test_masks_of_another_size_are_counted_and_named(toy, tmp_path) -> None:
    import shutil

    shutil.copytree(toy.test.path, tmp_path / "odd")
    for path in sorted((tmp_path / "odd" / "masks").iterdir()):
        Image.new("L", (20, 32), 255).save(path)
    with pytest.raises(
        ComponentError, match=r"masks are of another size than their images: masks/\S+ is 20 x 32, its image 32 x 32"
    ):
        occlusion(toy.model, Images(tmp_path / "odd"), toy.train, **FEW)


def test_a_network_that_cannot_be_rebuilt_names_the_methods_that_need_none(toy, tmp_path) -> None:
    import shutil

    shutil.copytree(toy.model.path, tmp_path / "bare")
    (tmp_path / "bare" / "weights.safetensors").unlink()
    with pytest.raises(ComponentError, match=r"no weights\.safetensors") as caught:
        integrated_gradients(Model(tmp_path / "bare"), toy.test, toy.train, **FEW)
    assert "explain/occlusion, explain/lime and explain/kernel-shap" in caught.value.hint
    assert occlusion(Model(tmp_path / "bare"), toy.test, toy.train, **FEW).evidence.path.exists()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda toy: occlusion(toy.model, toy.test, fill="neighbours"), "needs reference images"),
        (lambda toy: choose(toy.model, toy.test, toy.test), "patients are in both validation and test images"),
        (lambda toy: choose(toy.model, toy.validation, toy.test, methods=["occlusoin"]), "no method 'occlusoin'"),
        (lambda toy: choose(toy.model, toy.validation, toy.test, methods=[]), "no method to choose from"),
        (lambda toy: grad_cam(toy.model, toy.test, toy.train), "the layer is chosen on validation images"),
        (lambda toy: grad_cam(toy.model, toy.test, toy.train, layer="0.33"), "no layer '0.33'"),
    ],
)
def test_what_was_told_wrongly_is_named(toy, call, message: str) -> None:
    with pytest.raises(ComponentError, match=message):
        call(toy)


def test_images_that_do_not_fit_the_model_are_refused(toy, tmp_path) -> None:
    with ImagesWriter(tmp_path / "none", toy_meta()) as writer:
        pass
    with pytest.raises(ComponentError, match="the images are empty"):
        occlusion(toy.model, Images(tmp_path / "none"))
    with ImagesWriter(tmp_path / "other", toy_meta()) as writer:
        writer.add(np.zeros((32, 32)), patient="p", label="covdi")
    with pytest.raises(ComponentError, match="does not know the label 'covdi'") as caught:
        occlusion(toy.model, Images(tmp_path / "other"))
    assert caught.value.hint == "did you mean 'covid'?"
    with ImagesWriter(tmp_path / "ill", toy_meta()) as writer:
        writer.add(np.zeros((32, 32)), patient="p", label="covid")
    with pytest.raises(ComponentError, match="every reference image is labelled covid"):
        occlusion(toy.model, toy.test, Images(tmp_path / "ill"))


def toy_meta() -> ImagesMeta:
    return ImagesMeta(Intensity.HOUNSFIELD, "CT", synthetic=True, labels=("healthy", "covid"), positive="covid")


def test_black_box_methods_import_neither_torch_nor_pandas(toy) -> None:
    code = (
        "import sys; sys.modules['torch'] = sys.modules['pandas'] = sys.modules['captum'] = None\n"
        "from assay import Images, Model\n"
        "from assay.library.explain.occlusion import occlusion\n"
        "from assay.library.explain.lime import lime\nfrom assay.library.explain.kernel_shap import kernel_shap\n"
        f"told = dict(pictures=2, shown=0, few=1)\nmodel, test, train = Model({str(toy.model.path)!r}), Images({str(toy.test.path)!r}), "
        f"Images({str(toy.train.path)!r})\n"
        "occlusion(model, test, train, **told); lime(model, test, train, samples=50, **told)\n"
        "kernel_shap(model, test, train, samples=50, **told)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_prototypes_of_each_label_come_from_what_the_last_layer_reads(toy) -> None:
    out = prototypes(toy.model, toy.train, count=3)
    with out.prototypes.path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["label"] for row in rows} == {"healthy", "covid"}
    for label in ("healthy", "covid"):
        weights = [float(row["weight"]) for row in rows if row["label"] == label]
        assert len(weights) <= 3
        assert sum(weights) == pytest.approx(1.0, abs=1e-4)
        assert weights == sorted(weights, reverse=True)
    pictures = np.random.default_rng(0).random((3, 1, 32, 32), dtype=np.float32)
    mine = Embedder(toy.model.path).features(pictures)
    network = rebuild(toy.model.path)
    np.testing.assert_allclose(mine, network.features(network.normalise(torch.from_numpy(pictures))).numpy(), atol=1e-3)


def people(folder: Path, patients: range, *, sexes: bool = True) -> Images:
    """As ``lesions``, two images each, every third person of unknown sex."""
    random = np.random.default_rng(patients.start)
    meta = ImagesMeta(Intensity.HOUNSFIELD, "CT", synthetic=True, labels=("healthy", "covid"), positive="covid")
    with ImagesWriter(folder, meta) as writer:
        for patient in patients:
            about = {"sex": ("F", "M", "")[patient % 3]} if sexes else {}
            for _ in range(2):
                values = random.normal(-800, 60, (32, 32))
                values[8:17, 8:17] += 400.0 * (patient % 2)
                writer.add(values, patient=f"p{patient}", label=("healthy", "covid")[patient % 2], **about)
    return Images(folder)


def test_prototypes_are_measured_on_other_patients_beside_a_lot(toy, tmp_path) -> None:
    chosen_from, others = people(tmp_path / "from", range(60)), people(tmp_path / "others", range(300, 330))
    out = prototypes(toy.model, chosen_from, others, count=3, seed=4)
    found = read_evidence(out.evidence.path)
    assert [(str(one.role), one.name) for one in found.subjects] == [
        ("model", ""),
        ("training-data", "chosen from"),
        ("data", "measured on"),
    ]
    assert len({one.digest for one in found.subjects}) == 3
    assert found.method.component == "explain/prototypes@1.1.0"
    assert (found.seed, found.synthetic, found.parameters["count"]) == (4, True, 3)
    assert found.samples == {"prototypes": 6, "looked_at": 120, "measured_images": 60, "measured_patients": 30}
    assert found.cost.model_calls == 180
    told = {tuple(one.on.items()): one.estimate for one in found.statements if one.id.endswith("prototype_accuracy")}
    assert set(told) == {
        (("method", "prototypes"),),
        (("control", "random"),),
        *(
            (("method", "prototypes"), about)
            for about in (("label", "healthy"), ("label", "covid"), ("sex", "F"), ("sex", "M"))
        ),
    }
    whole = told[("method", "prototypes"),]
    assert whole.n == 30
    assert whole.value > 0.8
    assert 0 < whole.low < whole.value
    judged = [one for one in found.statements if one.id == "explanation.prototype_gain"]
    assert len(judged) == 3
    assert all(one.state and one.reason and dict(one.against) == {"control": "random"} for one in judged)
    (standing,) = found.tables
    by = {(row[0], row[1]): row[2:] for row in standing.rows}
    assert list(by["covid", "everybody"]) == [60, 30, 3, by["covid", "everybody"][3], 30, 15]
    for label in ("healthy", "covid"):
        assert by[label, "sex F"][0] == by[label, "sex M"][0] == 20
        assert by[label, "sex F"][2] + by[label, "sex M"][2] <= by[label, "everybody"][2] == 3
    assert {one.name for one in found.figures} == {"prototypes", "accuracy", "gains"}


def test_prototypes_without_other_images_are_measured_on_patients_that_have_none(toy, tmp_path) -> None:
    out = prototypes(toy.model, people(tmp_path / "from", range(40), sexes=False), count=2)
    found = read_evidence(out.evidence.path)
    with out.prototypes.path.open(encoding="utf-8", newline="") as stream:
        standing = {row["patient"] for row in csv.DictReader(stream)}
    assert found.samples["measured_patients"] == 40 - len(standing)
    assert found.samples["measured_images"] == 2 * found.samples["measured_patients"]
    assert [str(one.role) for one in found.subjects] == ["model", "data"]
    assert [row[1] for row in found.tables[0].rows] == ["everybody", "everybody"]


def test_prototypes_measured_on_their_own_patients_are_refused(toy, tmp_path) -> None:
    images = people(tmp_path / "from", range(20))
    with pytest.raises(ComponentError, match="patients of prototypes are among the other images too") as error:
        prototypes(toy.model, images, images, count=2)
    assert error.value.culprit.startswith("p")
    assert "split by patient" in error.value.hint


def test_controls_are_measured_once_however_many_methods_are_compared(toy, monkeypatch) -> None:
    asked = []

    def counted(pictures, control, random):
        asked.append(control)
        return control_heat(pictures, control, random)

    monkeypatch.setattr(explaining, "control_heat", counted)
    told = {"methods": ["occlusion", "smooth-grad"], "tried": 4}
    out = choose(toy.model, toy.validation, toy.test, toy.train, **told, **FEW)
    tables = {one.name: one for one in read_evidence(out.evidence.path).tables}
    assert len(tables["methods"].rows) == 2
    assert asked == list(Control)
