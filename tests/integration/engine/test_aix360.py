"""AI Explainability 360 as components: in the one environment that its pins demand, on a model that can be seen through."""

from __future__ import annotations

import csv
import importlib.metadata
from pathlib import Path

import numpy as np
import pytest
from model_workshop import write_linear_model

from assay.catalog.catalog import Catalog
from assay.data.images import ImagesMeta, ImagesWriter, Intensity
from assay.engine.environment import lacks
from assay.engine.executors.environment import environments, folder_in
from assay.model.events import StepKey
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence
from assay.trust.explain.heatmaps import read_heatmaps

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

NAMES = ("explain/aix360-lime", "explain/aix360-metrics", "explain/aix360-protodash", "explain/aix360-brcg")
SIZE = 32
GIVE = '''
"""What was made before the run, as artifacts."""
import shutil
from assay import Images, Model, Predictions, component, step

@component
def images(*, folder: str) -> Images:
    """Give images."""
    out = step.output("images", Images)
    shutil.copytree(folder, out.path, dirs_exist_ok=True)
    return out

@component
def model(*, folder: str) -> Model:
    """Give a model."""
    out = step.output("model", Model)
    shutil.copytree(folder, out.path, dirs_exist_ok=True)
    return out

@component
def predictions(*, file: str) -> Predictions:
    """Give predictions."""
    out = step.output("predictions", Predictions, suffix=".csv")
    shutil.copy(file, out.path)
    return out
'''
STEPS = """
model: {{use: ./give.py:model, with: {{folder: {root}/model}}}}
train: {{use: ./give.py:images, with: {{folder: {root}/train}}}}
test: {{use: ./give.py:images, with: {{folder: {root}/test}}}}
answers: {{use: ./give.py:predictions, with: {{file: {root}/answers.csv}}}}
lime:
  use: explain/aix360-lime
  in: {{model: model.model, images: test.images, reference: train.images}}
  with: {{samples: 300, cell: 4, pictures: 12, shown: 1, few: 2}}
itself:
  use: explain/aix360-lime
  in: {{model: model.model, images: test.images, reference: train.images}}
  with: {{samples: 100, cell: 4, hidden: mean, pictures: 12, shown: 0, few: 1}}
quickshift:
  use: explain/aix360-lime
  in: {{model: model.model, images: test.images, reference: train.images}}
  with: {{samples: 100, parts: quickshift, hidden: mean, pictures: 4, shown: 0, few: 1}}
metrics:
  use: explain/aix360-metrics
  in: {{model: model.model, images: test.images, heatmaps: lime.heatmaps, reference: train.images}}
  with: {{cell: 4, pictures: 12}}
protodash:
  use: explain/aix360-protodash
  in: {{model: model.model, images: train.images, others: test.images}}
  with: {{count: 3}}
brcg:
  use: explain/aix360-brcg
  in: {{predictions: answers.predictions}}
  with: {{columns: [sex, age], shuffles: 3}}
"""


def lesions(folder, patients):
    """A bright blob in the upper left is the disease; the model looks there alone."""
    random = np.random.default_rng(patients.start)
    meta = ImagesMeta(Intensity.HOUNSFIELD, "CT", synthetic=True, labels=("other", "covid"), positive="covid")
    with ImagesWriter(folder, meta, masks=True) as writer:
        for patient in patients:
            values, mask = random.normal(-800, 20, (SIZE, SIZE)), np.zeros((SIZE, SIZE), dtype=bool)
            mask[4:12, 4:12] = patient % 2 == 1
            values[mask] += 500.0
            label = ("other", "covid")[patient % 2]
            writer.add(values, patient=f"p{patient}", label=label, mask=mask if mask.any() else None)


def answers(file, *, rows=1200):
    """Half of the errors are those of women of 60 and over."""
    random = np.random.default_rng(3)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "patient", "label", "score", "positive", "threshold", "sex", "age", "synthetic"])
        for row in range(rows):
            sex, age, ill = random.choice(["F", "M"]), int(random.integers(20, 90)), random.random() < 0.5
            wrong = random.random() < (0.4 if sex == "F" and age >= 60 else 0.05)
            score = 0.9 if ill != wrong else 0.1
            label = "covid" if ill else "other"
            writer.writerow([f"{row}.png", f"p{row}", label, score, "covid", 0.5, sex, age, "true"])


@pytest.fixture(scope="module")
def project(tmp_path_factory, project_in):
    return project_in(tmp_path_factory.mktemp("aix360"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory, project):
    root = tmp_path_factory.mktemp("made")
    weights = np.zeros((SIZE, SIZE))
    weights[4:12, 4:12] = 0.4
    write_linear_model(root / "model", weights, -13.5, threshold={"value": 0.5})
    lesions(root / "train", range(40))
    lesions(root / "test", range(100, 140))
    answers(root / "answers.csv")
    (project.folder / "give.py").write_text(GIVE)
    found = project.run(STEPS.format(root=root))
    failures = {str(key): step.failure for key, step in found.state.steps.items() if step.failure}
    assert found.outcome == "succeeded", failures
    found.root = root
    return found


def path(ran, step, port):
    return ran.workspace.store.objects.path(ran.state.steps[StepKey(step)].outputs[port])


def evidence(ran, step):
    return read_evidence(path(ran, step, "evidence"))


def charted(found, name):
    """Return the labels of a figure's numbers."""
    figure = next(each for each in found.figures if each.name == name)
    assert "<svg" in figure.svg
    return {row["label"] for row in figure.specification["data"]["values"]}


def gains(found, **on):
    return [
        one
        for one in found.statements
        if one.id == "explanation.gain_over_control" and on.items() <= {**one.on, **one.against}.items()
    ]


def test_all_four_run_in_one_environment_that_this_one_is_not(ran) -> None:
    (one,) = environments(folder_in(ran.workspace.store.root))
    specs = [Catalog().resolve(name, Path()) for name in NAMES]
    assert {tuple(sorted(spec.requirements)) for spec in specs} == {tuple(sorted(one.requirements))}
    assert any(lacks(requirement) for requirement in one.requirements)
    assert "aix360==0.3.0" in one.versions
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("aix360")


def test_its_lime_is_measured_beside_controls_and_points_at_the_lesion(ran) -> None:
    found = evidence(ran, "lime")
    assert (found.method.library, found.method.version) == ("aix360", "0.3.0")
    pointing = next(one for one in found.statements if one.id == "explanation.pointing" and "method" in one.on)
    assert pointing.estimate.value > 0.9
    assert {one.state for one in gains(found, control="random", figure="pointing")} == {State.PASS}
    assert {one.on["control"] for one in found.statements if "control" in one.on} == {"random", "intensity", "edges"}
    maps = read_heatmaps(path(ran, "lime", "heatmaps"))
    assert maps.facts["method"] == "aix360-lime"
    hot = maps.heat[0][4:12, 4:12].mean()
    assert hot > 10 * np.abs(maps.heat[0][16:, 16:]).mean()


def test_a_part_that_is_hidden_by_its_own_mean_is_marked_as_failing(ran) -> None:
    found = evidence(ran, "itself")
    assert any(one.state is State.FAIL for one in gains(found, control="intensity"))
    assert found.caveats[0].startswith("This method fails its controls: ")


def test_the_parts_that_it_would_choose_itself_are_told(ran) -> None:
    found = evidence(ran, "quickshift")
    assert found.method.name == "aix360-lime (mean, quickshift)"
    assert found.parameters["recipe"]["parts"] == "quickshift"


def test_its_metrics_tell_a_map_from_controls(ran) -> None:
    found = evidence(ran, "metrics")
    assert {one.id for one in found.statements} == {
        "explanation.faithfulness", "explanation.monotonicity", "explanation.gain_over_control",
    }  # fmt: skip
    faithful = [one for one in found.statements if one.id == "explanation.faithfulness" and "method" in one.on]
    assert faithful
    assert all(one.estimate.value > 0.9 for one in faithful)
    assert {one.state for one in gains(found, control="random")} == {State.PASS}
    assert all(one.estimate.low < one.estimate.high for one in found.statements if one.state is not None)
    assert found.samples["parts"] == 64
    assert len(charted(found, "gains")) == len(gains(found, control="random")) * 3


def test_its_prototypes_tell_the_label_as_often_as_a_lot(ran) -> None:
    found = evidence(ran, "protodash")
    with path(ran, "protodash", "prototypes").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["label"] for row in rows} == {"other", "covid"}
    assert sum(float(row["weight"]) for row in rows if row["label"] == "covid") == pytest.approx(1, abs=1e-5)
    accuracy = next(
        one for one in found.statements if one.id == "explanation.prototype_accuracy" and "method" in one.on
    )
    assert accuracy.estimate.value > 0.9
    # Two classes that are far apart: as many images by lot tell the label too, so nothing is gained and nothing passes.
    gained = next(one for one in found.statements if one.id == "explanation.prototype_gain" and "label" not in one.on)
    assert gained.estimate.value == pytest.approx(0, abs=0.01)
    assert gained.state is State.INSUFFICIENT
    assert {"method prototypes", "control random"} < charted(found, "accuracy")
    assert len(charted(found, "gains")) == 3


def test_its_rule_finds_the_planted_errors_on_other_patients(ran) -> None:
    found = evidence(ran, "brcg")
    gaps = [one for one in found.statements if one.id == "failures.error_rate_difference"]
    learnt = next(one for one in gaps if "rule" in one.on)
    assert "sex" in learnt.on["rule"]
    assert "age" in learnt.on["rule"]
    assert learnt.state is State.FAIL
    assert learnt.estimate.low > 0.15
    controls = [one.estimate.value for one in gaps if "control" in one.on]
    assert len(controls) == 3
    assert max(map(abs, controls)) < learnt.estimate.low
    assert charted(found, "rules") == {one.subject for one in gaps}
    with path(ran, "brcg", "rules").open(encoding="utf-8", newline="") as stream:
        assert {"clause", "rows", "errors"} == set(next(csv.DictReader(stream)))


def test_maps_of_another_model_are_refused_by_name(ran, project, tmp_path) -> None:
    write_linear_model(tmp_path / "model", np.ones((SIZE, SIZE)), threshold={"value": 0.5})
    steps = STEPS.format(root=ran.root).replace(f"{ran.root}/model", f"{tmp_path}/model")
    steps = f"first: {{use: ./give.py:model, with: {{folder: {ran.root}/model}}}}\n" + steps
    steps = steps.replace(
        "lime:\n  use: explain/aix360-lime\n  in: {model: model.model",
        "lime:\n  use: explain/aix360-lime\n  in: {model: first.model",
        1,
    )
    failed = project.run(steps, select={"to": ("metrics",)})
    assert failed.status("lime") == "reused"
    failure = failed.state.steps[StepKey("metrics")].failure
    assert "the heat maps are of another model than that which is connected" in str(failure)
