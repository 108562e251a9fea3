"""Explore: predictions of a run as cases, over HTTP, with the process that knows images."""

import io
import json
import textwrap
import time

import numpy as np
import pytest
from PIL import Image

from assay.data.images import read_rows
from assay.server.explore.examiner import Examiner, ExaminerFailed
from assay.server.explore.sources import content_digest
from assay.store import Store
from assay.training.pixels import LabelledImages
from assay.workspace import Workspace

PIPELINE = """\
assay: 1
name: toy
steps:
  scans: {use: ./steps.py:scans}
  fit: {use: ./steps.py:fit, in: {images: scans.train}}
  tell: {use: ./steps.py:tell, in: {model: fit.model, images: scans.test}}
  heat: {use: ./steps.py:heat, in: {model: fit.model, images: scans.test}}
  other: {use: ./steps.py:other, in: {images: scans.test}}
"""

STEPS = '''
import json
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from assay import Dataset, Figure, Folder, Images, Model, Predictions, component, step
from assay.data.images import ImagesMeta, ImagesWriter, read_rows
from assay.training.pixels import LabelledImages
from assay.trust.explain.heatmaps import Entry, write_heatmaps


class Scans(NamedTuple):
    train: Images
    test: Images


@component("input/scans", version="1.0.0")
def scans() -> Scans:
    """Draw squares."""
    made = []
    for part, people in (("train", 6), ("test", 8)):
        images = step.output(part, Images)
        with ImagesWriter(images.path, ImagesMeta(labels=("other", "covid"), synthetic=True), masks=True) as writer:
            for n in range(people):
                grey = np.full((16, 16), 0.1 * n, dtype=np.float32)
                mask = np.zeros((16, 16), dtype=bool)
                mask[4:8, 4:8] = n % 2
                told = {"patient": f"{part}{n}", "label": "covid" if n % 2 else "other", "age": 50 + 5 * n, "sex": "FM"[n // 4 % 2]}
                writer.add(grey, mask=mask if n % 2 else None, **told)
        made.append(images)
    return Scans(*made)


class Fitted(NamedTuple):
    model: Model
    curve: Figure
    photo: Figure


@component("train/fit", version="1.0.0")
def fit(images: Images) -> Fitted:
    """Fit nothing, and say on what."""
    curve = step.output("curve", Figure, suffix=".svg")
    curve.path.write_text("<svg/>")
    photo = step.output("photo", Figure, suffix=".png")
    photo.path.write_bytes(b"no picture")
    model = step.output("model", Model)
    steps = {"intensity": "grey", "window": None, "size": 16, "mean": [0], "std": [1]}
    said = {"format": 1, "labels": ["other", "covid"], "positive": "covid", "preprocessing": steps}
    said["training"] = {"data": {"train": {"sha256": LabelledImages.read(images.path, what="images").digest()}}}
    (model / "model.json").write_text(json.dumps(said))
    weights = np.zeros((256, 2), dtype=np.float32)
    weights[:, 1] = 0.01
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (("image", ["n", 1, 16, 16]), ("logits", ["n", 2]))]
    nodes = [helper.make_node("Flatten", ["image"], ["flat"]), helper.make_node("MatMul", ["flat", "weights"], ["logits"])]
    graph = helper.make_graph(nodes, "linear", ends[:1], ends[1:], [numpy_helper.from_array(weights, "weights")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), model / "model.onnx")
    return Fitted(model, curve, photo)


@component("transform/tell", version="1.0.0")
def tell(model: Model, images: Images) -> Predictions:
    """Call every second case right."""
    predictions = step.output("predictions", Predictions, suffix=".csv")
    head = "file,patient,label,score,predicted,positive,threshold,synthetic,model_sha256,data_sha256,age,sex,mask"
    lines = [head]
    for n, row in enumerate(read_rows(images)):
        score = 0.9 - 0.1 * n
        called = "covid" if score >= 0.5 else "other"
        words = [row["file"], row["patient"], row["label"], f"{score:.2f}", called, "covid", "0.5", "True"]
        lines.append(",".join([*words, step.digest(model), step.digest(images), row["age"], row["sex"], row["mask"]]))
    predictions.path.write_text("\\n".join(lines) + "\\n")
    return predictions


@component("explain/heat", version="1.0.0")
def heat(model: Model, images: Images) -> Folder:
    """Explain two of them."""
    folder = step.output("heatmaps", Folder)
    rows = read_rows(images)[1:3]
    entries = [Entry(row["file"], row["patient"], row["label"], "true positive", 0.9, False) for row in rows]
    facts = {"method": "occlusion", "title": "occlusion (mean)", "positive": "covid", "state": "fail", "reason": "no better than edges"}
    facts |= {"settings": {"fill": "neighbours", "fills": 1, "window": 4, "stride": 2, "smoothing": 0.0}}
    facts |= {"model": step.digest(model), "images": step.digest(images)}
    heat = np.stack([np.eye(16), 2 * np.eye(16)])
    write_heatmaps(folder.path, entries, heat, np.zeros((2, 16, 16), dtype=np.float32), np.zeros((2, 16, 16), dtype=bool), facts)
    return folder


@component("transform/other", version="1.0.0")
def other(images: Images) -> Predictions:
    """Write what is no table of predictions."""
    predictions = step.output("predictions", Predictions, suffix=".csv")
    predictions.path.write_text("id,score\\n1,0.5\\n")
    return predictions
'''

CASES = "/api/runs/last/outputs/tell/predictions/cases"


@pytest.fixture(scope="module")
def explored(tmp_path_factory):
    root = tmp_path_factory.mktemp("explored")
    (root / "toy.pipeline.yaml").write_text(PIPELINE)
    (root / "steps.py").write_text(textwrap.dedent(STEPS))
    workspace = Workspace(root, Store.open(root / ".assay"))
    workspace.run(workspace.check(workspace.load(root / "toy.pipeline.yaml")), {})
    workspace.store.close()
    return root


@pytest.fixture
def project(explored):
    return explored  # what is only looked at runs once


def picture(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def test_a_run_of_predictions_is_explored_from_the_list_to_the_pixels(client):
    listed = client.get("/api/runs/last/predictions").json()
    assert [(one["step"], one["port"]) for one in listed] == [("tell", "predictions"), ("other", "predictions")]
    table = client.get(CASES).json()
    places = {name: (table[name]["step"], table[name]["port"]) for name in ("images", "model", "training")}
    assert places == {"images": ("scans", "test"), "model": ("fit", "model"), "training": ("scans", "train")}
    assert (table["positive"], table["lowest_threshold"], table["synthetic"]) == ("covid", 0.5, True)

    question = {
        "filters": [{"column": "sex", "values": ["F"]}, {"column": "age", "low": 55}],
        "outcomes": ["true positive"],
    }
    page = client.post(CASES, json=question).json()
    assert [row["number"] for row in page["rows"]] == [1, 3]
    assert (page["total"], page["patients"]) == (2, 2)
    assert (page["group"]["cases"], page["group"]["patients"]) == (3, 3)

    case = client.get(f"{CASES}/1").json()
    assert (case["picture"], case["mask"], case["cells"]["age"]) == (True, True, "55")
    (drawn,) = case["maps"]
    assert (drawn["step"], drawn["port"], drawn["row"], drawn["state"]) == ("heat", "folder", 0, "fail")
    assert drawn["reason"] == "no better than edges"
    assert client.get(f"{CASES}/5").json()["maps"] == []

    assert set(picture(client.get(f"{CASES}/1/picture")).flat) == {25}
    assert picture(client.get(f"{CASES}/1/mask")).shape == (16, 16, 4)
    layer = client.get("/api/runs/last/outputs/heat/folder/heat/1")
    assert layer.headers["x-strongest"] == "2"
    assert picture(layer)[3, 3, 3] == 255


def test_the_nearest_training_images_of_a_case_are_told_and_kept(client, project):
    found = client.get(f"{CASES}/1/nearest?most=3").json()
    assert (found["done"], found["among"], found["total"], found["kind"]) == (6, 6, 6, "features")
    assert [one["distance"] for one in found["nearest"]] == pytest.approx([0, 0, 0], abs=1e-6)
    assert {one["same_patient"] for one in found["nearest"]} == {False}
    assert picture(client.get(f"{CASES}/1/nearest/images/000003.png?edge=64")).shape == (16, 16)
    black = client.get(f"{CASES}/0/nearest?most=6").json()["nearest"]  # the same bytes as the first training image
    assert [one["file"] for one in black if one["same_file"]] == ["images/000000.png"]

    (folder,) = (project / ".assay" / "derived" / "features").iterdir()
    assert len(folder.name) == 2 * 64 + 1
    assert [one.name for one in folder.iterdir()] == ["features-000000.npy"]


def ended(client, address):
    for _ in range(600):
        found = client.get(address).json()
        if found["status"] != "running":
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_a_case_is_explained_on_request_by_the_method_of_the_run(client):
    address = f"{CASES}/5/explanation"
    assert client.get(address).json()["status"] == "none"
    assert client.get(f"{address}/heat").status_code == 404
    assert client.post(address).json()["status"] == "running"
    found = ended(client, address)
    assert (found["status"], found["problem"]) == ("done", "")
    told = found["found"]
    assert (told["method"], told["title"], told["instead"]) == ("occlusion", "occlusion (neighbours, 4 px)", "")
    assert [one["fill"] for one in told["curves"]] == ["neighbours", "blur"]
    assert all(0 <= one["beaten"] <= told["random_maps"] for one in told["curves"])
    layer = client.get(f"{address}/heat")
    assert picture(layer).shape == (16, 16, 4)
    assert layer.headers["x-strongest"] == f"{told['strongest']:.6g}"
    assert client.post(address).json()["status"] == "done"  # known: not computed again
    assert client.get(f"{CASES}/5").json()["maps"] == []  # it is no map of the run


def test_an_explanation_that_cannot_be_begun_is_refused_in_words_and_one_that_is_not_there_is_not_cancelled(client):
    assert client.post(f"{CASES}/99/explanation").status_code == 404
    assert (
        client.post("/api/runs/last/outputs/other/predictions/cases/0/explanation").json()["code"] == "not-explorable"
    )
    assert client.post(f"{CASES}/0/explanation/cancel").json()["status"] == "none"


def test_pages_are_bounded_and_beyond_the_last_there_is_nothing(client):
    page = client.post(CASES, json={"size": 3, "page": 2, "sort": "score"}).json()
    assert [row["number"] for row in page["rows"]] == [1, 0]
    assert client.post(CASES, json={"size": 3, "page": 9}).json()["rows"] == []
    for wrong in ({"size": 201}, {"page": -1}, {"outcomes": ["maybe"]}, {"filters": [{"column": "sex"}] * 21}):
        assert client.post(CASES, json=wrong).status_code == 400


def test_images_are_previewed_with_the_maps_that_lie_over_them(client):
    (maps,) = client.get("/api/runs/last/outputs/scans/test/maps").json()
    assert maps["files"] == {"images/000001.png": 0, "images/000002.png": 1}
    assert client.get("/api/runs/last/outputs/scans/train/maps").json() == []
    assert picture(client.get("/api/runs/last/outputs/scans/test/picture/images/000002.png?edge=16")).shape == (16, 16)


def test_heat_maps_are_previewed_as_rows_with_the_images_and_masks_that_they_lie_over(client):
    shown = client.get("/api/runs/last/outputs/heat/folder/preview").json()
    assert shown["kind"] == "heatmaps"
    assert shown["images"] == {"step": "scans", "port": "test", "item": 0}
    assert (shown["title"], shown["positive"], shown["state"], shown["total"]) == (
        "occlusion (mean)",
        "covid",
        "fail",
        2,
    )
    told = [(one["row"], one["file"], one["mask"], one["overlay"]) for one in shown["rows"]]
    assert told == [
        (0, "images/000001.png", "masks/000001.png", "overlays/0000.png"),
        (1, "images/000002.png", "", "overlays/0001.png"),
    ]
    mask = client.get("/api/runs/last/outputs/scans/test/mask/masks/000001.png")
    assert picture(mask).shape == (16, 16, 4)
    beyond = client.get("/api/runs/last/outputs/heat/folder/preview?page=1").json()
    assert (beyond["rows"], beyond["start"], beyond["total"]) == ([], 200, 2)


def test_a_model_is_previewed_with_what_the_step_that_made_it_drew(client):
    shown = client.get("/api/runs/last/outputs/fit/model/preview").json()
    assert (shown["kind"], shown["body"]["labels"]) == ("model", ["other", "covid"])
    assert shown["curves"] == [{"step": "fit", "port": "curve", "item": 0}]


def test_a_picture_says_in_which_window_it_is_shown(client):
    address = "/api/runs/last/outputs/scans/test/picture/images/000002.png"
    shown = client.get(f"{address}?window=full")
    assert set(picture(shown).flat) == {51}
    assert json.loads(shown.headers["x-shown"]) == {"window": "full", "low": 0, "high": 1, "unit": ""}
    assert json.loads(client.get(address).headers["x-shown"])["window"] == "percentiles"
    assert client.get(f"{address}?window=lung").json()["code"] == "not-found"
    assert client.get(f"{address}?window=bones").status_code == 400


def test_sixteen_bits_in_a_file_or_a_folder_are_rendered(client):
    root = "/api/runs/last/outputs/scans/test"
    deep = client.get(f"{root}/rendered?name=images/000002.png&window=full")
    assert set(picture(deep).flat) == {51}
    assert json.loads(deep.headers["x-shown"])["frames"] == 1
    for wrong in ("../../steps.py", "images/9.png", "", "/etc/passwd", "index.csv"):
        assert client.get(f"{root}/rendered", params={"name": wrong}).json()["code"] == "not-found"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        (f"{CASES}/8", 404, "not-found"),
        (f"{CASES}/-1", 404, "not-found"),
        (f"{CASES}/0/mask", 404, "not-found"),
        (f"{CASES}/0/picture?edge=100000", 400, "request"),
        (f"{CASES}/8/nearest", 404, "not-found"),
        (f"{CASES}/0/nearest?most=49", 400, "request"),
        (f"{CASES}/0/nearest/images/9.png", 404, "not-found"),
        (f"{CASES}/0/nearest/..%2f..%2fsteps.py", 404, "not-found"),
        ("/api/runs/last/outputs/tell/nothing/cases", 404, "not-found"),
        ("/api/runs/nowhere/outputs/tell/predictions/cases", 404, "not-found"),
        ("/api/runs/last/outputs/other/predictions/cases", 422, "not-explorable"),
        ("/api/runs/last/outputs/fit/model/cases", 422, "not-explorable"),
        ("/api/runs/last/outputs/heat/folder/heat/2", 404, "not-found"),
        ("/api/runs/last/outputs/fit/model/heat/0", 422, "component"),
        ("/api/runs/last/outputs/tell/predictions/heat/0", 404, "not-found"),
        ("/api/runs/last/outputs/scans/test/picture/images/9.png", 404, "not-found"),
        ("/api/runs/last/outputs/scans/test/picture/..%2f..%2f..%2f..%2f..%2fsteps.py", 404, "not-found"),
        ("/api/runs/last/outputs/scans/test/picture/%2fetc%2fpasswd", 404, "not-found"),
        ("/api/runs/last/outputs/scans/test/picture/index.csv", 422, "component"),
        ("/api/runs/last/outputs/scans/test/mask/masks/9.png", 404, "not-found"),
        ("/api/runs/last/outputs/scans/test/mask/..%2f..%2f..%2f..%2f..%2fsteps.py", 404, "not-found"),
    ],
)
def test_what_is_not_there_or_leads_out_is_refused_in_words(client, address, status, code):
    answer = client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "Traceback" not in answer.text


def test_a_wrong_column_is_named_with_what_there_is(client):
    answer = client.post(CASES, json={"filters": [{"column": "sexx", "values": ["F"]}]})
    assert answer.status_code == 404
    assert answer.json()["hint"] == "did you mean 'sex'?"


def test_the_digest_that_a_model_states_is_had_without_reading_a_picture(project):
    store = Store.open(project / ".assay")
    workspace = Workspace(project, store)
    state = workspace.state(store.runs.run("last").id)
    images = next(step.outputs["train"] for key, step in state.steps.items() if key.step == "scans")
    assert len(read_rows(store.objects.path(images))) == 6
    stated = LabelledImages.read(store.objects.path(images), what="images").digest()
    assert content_digest(store, images) == stated
    store.close()


def test_a_process_that_ended_is_started_anew_and_one_that_is_too_slow_is_ended(project, tmp_path):
    folder = next((project / ".assay" / "folders").glob("*/*/images.json")).parent
    order = {"do": "picture", "folder": str(folder), "name": "images/000001.png", "edge": 64}
    examiner = Examiner(tmp_path / "log")
    first = examiner.ask(order).content
    examiner._process.kill()
    examiner._process.wait()
    assert examiner.ask(order).content == first
    examiner.close()
    hasty = Examiner(tmp_path / "log", patience=0.0)
    with pytest.raises(ExaminerFailed, match="no answer within 0 s"):
        hasty.ask(order)
    hasty.close()
