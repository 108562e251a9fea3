"""The predictor: both protocols, tensors as JSON and bytes, pictures, explanations, and requests that are none."""

from __future__ import annotations

import base64
import io
import json
import math
import random
import struct

import numpy as np
import pytest
from bundle_workshop import Workshop
from model_workshop import write_linear_model
from PIL import Image
from starlette.testclient import TestClient

from assay.bundle.source import FolderSource
from assay.bundle.verifying import examine
from assay.errors import ComponentError
from assay.serving.app import make_app
from assay.serving.desk import Desk
from assay.serving.model import ServedModel
from assay.serving.v2 import HEADER
from assay.trust.explain.asking import BATCH
from assay.trust.explain.faithfulness import STEPS
from assay.trust.explain.occlusion import places

SIZE = 16
INFER, EXPLAIN = "/v2/models/covid-ct/infer", "/v2/models/covid-ct/explain"


def grey(value=0, bright=None):
    pixels = np.full((SIZE, SIZE), value, dtype=np.uint8)
    if bright is not None:
        pixels[bright] = 255
    return pixels


SQUARE = (slice(2, 7), slice(9, 14))
ILL, WELL = grey(bright=SQUARE), grey(bright=(slice(9, 14), slice(2, 7)))


def png(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "png")
    return stream.getvalue()


def tensor(*pictures, kind="FP32"):
    values = np.stack(pictures)[:, None]
    data = values if kind == "UINT8" else values / 255
    return {"inputs": [{"name": "image", "shape": list(values.shape), "datatype": kind, "data": data.ravel().tolist()}]}


def output(answer, name):
    return next(one for one in answer["outputs"] if one["name"] == name)["data"]


def test_a_batch_of_tensors_is_answered_in_order(client):
    answer = client.post(INFER, json=tensor(ILL, WELL, ILL) | {"id": "mine"}).json()
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("mine", "covid-ct", "1.0.0")
    assert output(answer, "label") == ["covid", "other", "covid"]
    ill, well, again = output(answer, "score")
    assert ill == again == pytest.approx(1 / (1 + np.exp(-9.5)), abs=1e-6)
    assert well == pytest.approx(1 / (1 + np.exp(3)), abs=1e-6)
    assert output(answer, "probabilities")[:2] == pytest.approx([1 - ill, ill], abs=1e-6)


def test_an_answer_without_an_id_gets_one(client):
    first, second = (client.post(INFER, json=tensor(ILL)).json()["id"] for _ in range(2))
    assert first
    assert second
    assert first != second


def test_bytes_and_json_and_pictures_give_one_answer(client):
    expected = output(client.post(INFER, json=tensor(ILL)).json(), "score")
    assert output(client.post(INFER, json=tensor(ILL, kind="UINT8")).json(), "score") == expected
    picture = {"name": "picture", "shape": [1], "datatype": "BYTES", "data": [base64.b64encode(png(ILL)).decode()]}
    told = client.post(INFER, json={"inputs": [picture]}).json()
    assert output(told, "score") == expected
    assert (
        "no Hounsfield units: the grey values are taken to be those of the model's own window"
        in told["parameters"]["warnings"]
    )
    raw = (ILL / 255).astype("<f4").tobytes()
    head = {
        "inputs": [
            {
                "name": "image",
                "shape": [1, 1, SIZE, SIZE],
                "datatype": "FP32",
                "parameters": {"binary_data_size": len(raw)},
            }
        ]
    }
    text = json.dumps(head).encode()
    assert output(client.post(INFER, content=text + raw, headers={HEADER: str(len(text))}).json(), "score") == expected
    content = png(ILL)
    raw = struct.pack("<I", len(content)) + content
    head = {
        "inputs": [{"name": "picture", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": len(raw)}}]
    }
    text = json.dumps(head).encode()
    assert output(client.post(INFER, content=text + raw, headers={HEADER: str(len(text))}).json(), "score") == expected


def test_outputs_come_as_bytes_when_asked(client):
    whole = client.post(INFER, json=tensor(ILL, WELL) | {"parameters": {"binary_data_output": True}})
    head = int(whole.headers[HEADER])
    facts = json.loads(whole.content[:head])
    shares, score, label = facts["outputs"]
    assert (shares["parameters"]["binary_data_size"], score["parameters"]["binary_data_size"]) == (16, 8)
    assert label["data"] == ["covid", "other"]
    values = np.frombuffer(whole.content[head:], dtype="<f4")
    expected = client.post(INFER, json=tensor(ILL, WELL)).json()
    assert values.tolist() == pytest.approx([*output(expected, "probabilities"), *output(expected, "score")])


def test_the_older_protocol_says_the_same(client):
    expected = output(client.post(INFER, json=tensor(ILL, WELL)).json(), "score")
    rows = client.post(
        "/v1/models/covid-ct:predict", json={"instances": [(one / 255).tolist() for one in (ILL, WELL)]}
    ).json()
    assert [one["score"] for one in rows["predictions"]] == pytest.approx(expected)
    text = base64.b64encode(png(ILL)).decode()
    for instance in ({"b64": text}, {"image_bytes": {"b64": text}}):
        told = client.post("/v1/models/covid-ct:predict", json={"instances": [instance]}).json()
        assert told["predictions"][0]["label"] == "covid"


def test_dicom_is_prepared_as_the_bundle_says(client, tmp_path):
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    data.Modality, data.PhotometricInterpretation = "CT", "MONOCHROME2"
    data.Rows = data.Columns = SIZE
    data.SamplesPerPixel, data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 1, 16, 16, 15, 0
    data.RescaleSlope, data.RescaleIntercept = 1, -1024
    lungs = np.full((SIZE, SIZE), 174, dtype=np.uint16)  # -850 HU
    lungs[SQUARE] = 1024 + 150  # above the lung window
    data.PixelData = lungs.tobytes()
    data.save_as(tmp_path / "x.dcm", enforce_file_format=True)
    text = base64.b64encode((tmp_path / "x.dcm").read_bytes()).decode()
    told = client.post(
        INFER, json={"inputs": [{"name": "picture", "shape": [1], "datatype": "BYTES", "data": [text]}]}
    ).json()
    assert output(told, "label") == ["covid"]
    assert not [one for one in told["parameters"]["warnings"] if "Hounsfield" in one or "fitted on" in one]


def test_an_explanation_shows_where_the_model_looks_and_how_far_to_believe_it(client):
    told = client.post(EXPLAIN, json=tensor(ILL)).json()
    (one,) = told["explanations"]
    heat = np.array(one["heatmap"]["data"]).reshape(one["heatmap"]["shape"])
    assert heat[SQUARE].mean() > 5 * abs(heat[9:14, 2:7].mean())
    assert np.unravel_index(heat.argmax(), heat.shape)[0] in range(1, 8)
    assert one["faithfulness"]["deletion"] < 0.5 < one["faithfulness"]["insertion"]
    assert one["method"]["name"] == "occlusion"
    assert one["method"]["asked"] > 50
    assert Image.open(io.BytesIO(base64.b64decode(one["png"]))).size == (SIZE, SIZE)
    assert [len(file["sha256"]) for file in one["evidence"]] == [64]
    old = client.post("/v1/models/covid-ct:explain", json={"instances": [(ILL / 255).tolist()]}).json()
    assert old["explanations"][0]["heatmap"] == one["heatmap"]


def test_an_explanation_asks_the_model_no_more_than_it_needs(served, monkeypatch):
    network, calls = served._predictor.log_odds, []
    monkeypatch.setattr(
        served._predictor, "log_odds", lambda pictures: calls.append(len(pictures)) or network(pictures)
    )
    (one,) = served.explain((ILL / 255).astype(np.float32)[None, None])
    windows = len(places(SIZE, 2, 1)) ** 2
    curve = STEPS + 1
    assert one.asked == sum(calls) == 1 + windows + 2 * curve
    assert len(calls) == 1 + math.ceil(windows / BATCH) + 2 * math.ceil(curve / BATCH)


def test_what_the_bundle_says_of_itself_stands_beside_every_answer(client):
    told = client.post(INFER, json=tensor(ILL)).json()["parameters"]
    assert any(one.startswith("Synthetic data: no patient stands behind them") for one in told["warnings"])
    facts = client.get("/v2/models/covid-ct").json()
    assert facts["inputs"][0] == {"name": "image", "datatype": "FP32", "shape": [-1, 1, SIZE, SIZE]}
    assert facts["parameters"]["bundle_sha256"] == told["bundle_sha256"]


def test_health_names_and_figures(client):
    assert client.get("/v2/health/ready").json()["ready"] is True
    assert client.get("/v2/models/covid-ct/ready").json() == {"name": "covid-ct", "ready": True}
    assert client.get("/v1/models/covid-ct").json()["ready"] is True
    assert client.get("/v1/models").json() == {"models": ["covid-ct"]}
    assert client.get("/v2/models/other").status_code == 404
    client.post(INFER, json=tensor(ILL), headers={"x-request-id": "r-1"})
    text = client.get("/metrics").text
    assert 'assay_requests_total{ask="infer",protocol="http",status="200"}' in text
    assert 'assay_pictures_total{label="covid"}' in text


def test_the_request_id_comes_back_and_the_log_holds_nothing_of_the_request(client, caplog):
    with caplog.at_level("INFO", logger="assay.serving"):
        answer = client.post(INFER, json=tensor(ILL), headers={"x-request-id": "r-7"})
    assert answer.headers["x-request-id"] == "r-7"
    facts = json.loads(caplog.records[-1].message)
    assert set(facts) == {"time", "request", "protocol", "ask", "status", "ms", "pictures"}
    assert (facts["request"], facts["pictures"]) == ("r-7", 1)
    with caplog.at_level("INFO", logger="assay.serving"):
        answer = client.post(INFER, json=tensor(ILL), headers={"x-request-id": "Erika Mustermann"})
    assert "Mustermann" not in answer.headers["x-request-id"] + caplog.text


ONE = tensor(ILL)["inputs"][0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "this is no JSON"),
        (b"[" * 100_000, "this is no JSON"),
        (b"[]", "a request is a JSON object"),
        (b"{}", "one input is wanted"),
        ({"inputs": [ONE, ONE]}, "one input is wanted"),
        ({"inputs": [ONE | {"shape": [1, 1, 8, 8]}]}, "256 numbers do not fill 1 x 1 x 8 x 8"),
        (
            {"inputs": [ONE | {"shape": [1, 1, 8, 8], "data": [0.5] * 64}]},
            "the model takes N x 1 x 16 x 16, this is 1 x 1 x 8 x 8",
        ),
        ({"inputs": [ONE | {"shape": [0, 1, 16, 16], "data": []}]}, "the model takes"),
        ({"inputs": [ONE | {"shape": [10**9, 10**9]}]}, "'shape' is a list of one to four whole numbers"),
        ({"inputs": [ONE | {"shape": "x"}]}, "'shape' is a list"),
        ({"inputs": [ONE | {"datatype": "INT64"}]}, "there is no input 'image' of type 'INT64'"),
        ({"inputs": [ONE | {"name": "x"}]}, "there is no input 'x'"),
        ({"inputs": [ONE | {"data": ["a"] * 256}]}, "cannot be read as float32"),
        ({"inputs": [ONE | {"data": [2.0] * 256}]}, "pixels are numbers from 0 to 1"),
        ({"inputs": [ONE | {"data": [1e39] * 256}]}, "some numbers are not finite"),
        ({"inputs": [ONE | {"data": [1e999] * 256}]}, "this is no JSON"),
        ({"inputs": [ONE | {"parameters": {"binary_data_size": 3}}]}, "binary_data_size is 3, 0 bytes came"),
        ({"inputs": [{"name": "picture", "datatype": "BYTES", "shape": [1], "data": ["?"]}]}, "this is no base64"),
        (
            {"inputs": [{"name": "picture", "datatype": "BYTES", "shape": [1], "data": ["AAAA"]}]},
            "the picture cannot be read",
        ),
        (
            {"inputs": [{"name": "picture", "datatype": "BYTES", "shape": [2], "data": []}]},
            "0 pictures, the shape says 2",
        ),
        ({"inputs": [ONE], "outputs": "x"}, "'outputs' is a list of objects"),
    ],
)
def test_a_request_that_is_none_is_told_why(client, body, said):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post(INFER, content=content)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"instances": []}',
        b'{"instances": [1]}',
        b'{"instances": [{"b64": 3}]}',
        b'{"instances": [[1], [2, 3]]}',
    ],
)
def test_the_older_protocol_too(client, body):
    answer = client.post("/v1/models/covid-ct:predict", content=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


def test_a_thousand_mangled_requests_are_refused_and_none_breaks_the_server(client):
    chance = random.Random(11)
    raw = (ILL / 255).astype("<f4").tobytes()
    whole = json.dumps(tensor(ILL)).encode()
    head = json.dumps(
        {
            "inputs": [
                {
                    "name": "image",
                    "shape": [1, 1, 16, 16],
                    "datatype": "FP32",
                    "parameters": {"binary_data_size": len(raw)},
                }
            ]
        }
    ).encode()
    refused = 0
    for number in range(1000):
        binary = number % 2
        body = bytearray(head + raw if binary else whole)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(head) if binary else len(body))
            body[place] = chance.randrange(256)
        if chance.random() < 0.2:
            body = body[: chance.randrange(len(body))]
        headers = {HEADER: chance.choice([str(len(head)), "-1", "x", str(len(head) + 7), "9" * 30])} if binary else {}
        answer = client.post(INFER, content=bytes(body), headers=headers)
        assert answer.status_code in {200, 400, 413}, body
        if answer.status_code != 200:
            refused += 1
            assert answer.json()["error"]
    assert refused > 900


def test_a_body_without_end_is_cut_off(client, monkeypatch):
    monkeypatch.setattr("assay.serving.posted.LARGEST_BODY", 1000)
    answer = client.post(INFER, json=tensor(ILL))
    assert answer.status_code == 413


def test_a_model_that_answers_its_example_otherwise_is_not_served(served, tmp_path):
    import shutil

    folder = tmp_path / "bundle"
    shutil.copytree(served._folder, folder)
    answer = json.loads((folder / "example" / "answer.json").read_text())
    answer["probabilities"].reverse()
    (folder / "example" / "answer.json").write_text(json.dumps(answer))
    with pytest.raises(ComponentError, match="answers its own example with"):
        ServedModel(folder, served.bundle)


def test_the_page_may_speak_to_nobody_else(client):
    page = client.get("/")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "Not for diagnosis" in page.text
    assert "://" not in client.get("/page.js").text


def test_a_model_of_colours_takes_tensors_and_says_so(tmp_path):
    workshop = Workshop(tmp_path)
    weights = np.zeros((3, 8, 8), dtype=np.float32)
    weights[1] = 0.1
    workshop.model = write_linear_model(workshop.root / "colours", weights, bias=-3.0)
    workshop.make()
    model = ServedModel(tmp_path / "bundle", examine(FolderSource(tmp_path / "bundle"), workshop.trusted, workshop.now))
    with TestClient(make_app(Desk(model))) as client:
        assert [one["shape"] for one in client.get("/v2/models/covid-ct").json()["inputs"]] == [[-1, 3, 8, 8]]
        green = np.zeros((1, 3, 8, 8))
        green[:, 1] = 1
        only = {"name": "image", "shape": [1, 3, 8, 8], "datatype": "FP32", "data": green.ravel().tolist()}
        answer = client.post(INFER, json={"inputs": [only]}).json()
        assert output(answer, "score")[0] == pytest.approx(1 / (1 + np.exp(3 - 6.4)), abs=1e-5)
        assert "models of grey pictures" in client.post(EXPLAIN, json={"inputs": [only]}).json()["error"]
        picture = {"name": "picture", "shape": [1], "datatype": "BYTES", "data": [base64.b64encode(png(ILL)).decode()]}
        assert "takes colours" in client.post(INFER, json={"inputs": [picture]}).json()["error"]
