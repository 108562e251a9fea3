"""What stands beside an answer: a picture of another kind, another modality, a patient whom the evidence does not cover."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

SIZE = 16
INFER, EXPLAIN = "/v2/models/covid-ct/infer", "/v2/models/covid-ct/explain"
CHANCE = np.random.default_rng(9)
OWN = CHANCE.uniform(0.1, 0.3, (SIZE, SIZE))
STRANGE = 1 - OWN


def tensor(*pictures, **parameters):
    values = np.stack(pictures)[:, None]
    only = {"name": "image", "shape": list(values.shape), "datatype": "FP32", "data": values.ravel().tolist()}
    return {"inputs": [only], "parameters": parameters}


def told(client, body):
    answer = client.post(INFER, json=body)
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["parameters"]["warnings"] if not one.startswith("Synthetic data")]


def test_a_picture_unlike_those_of_the_training_is_answered_with_a_warning(asking):
    answer = asking.post(INFER, json=tensor(OWN, STRANGE)).json()
    near, far = next(one for one in answer["outputs"] if one["name"] == "out_of_distribution")["data"]
    assert near < 1
    assert far > 5
    (warning,) = told(asking, tensor(OWN, STRANGE))
    assert warning.startswith("picture 2: out of distribution: the picture is unlike those the model was fitted on")
    assert warning.endswith("the bound within which 99% of 40 held-out pictures lie")
    assert told(asking, tensor(OWN)) == []
    old = asking.post("/v1/models/covid-ct:predict", json={"instances": [STRANGE.tolist()]}).json()
    assert old["predictions"][0]["out_of_distribution"] > 5
    assert any(one.startswith("out of distribution") for one in old["warnings"])


def test_without_statistics_of_the_training_nothing_is_said_of_distance(client, asking):
    answer = client.post(INFER, json=tensor(STRANGE)).json()
    assert [one["name"] for one in answer["outputs"]] == ["probabilities", "score", "label"]
    assert client.get("/v2/models/covid-ct").json()["parameters"]["out_of_distribution"] is None
    facts = asking.get("/v2/models/covid-ct").json()
    assert facts["parameters"]["out_of_distribution"]["quantile"] == 0.99
    assert "out_of_distribution" in [one["name"] for one in facts["outputs"]]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, []),
        ({"sex": "F"}, []),
        ({"sex": "unknown"}, []),
        ({"age": 30}, []),
        ({"age": "030Y"}, []),
        ({"sex": "other"}, ["not for this patient group: no evidence about sex other"]),
        (
            {"sex": "M"},
            [
                "not for this patient group: insufficient evidence about sex M: TPR difference of sex M against sex other: 9 "
            ],
        ),
        (
            {"age": 60, "sex": "F"},
            [
                "the evidence speaks against the model for age group 60 and over: TPR difference of age_group 60 and over: -0.3 [-0.4, -0.2] is not between -0.1 and 0.1"
            ],
        ),
        ({"modality": "MR"}, ["this is MR, the model was fitted on CT"]),
        ({"modality": "CT"}, []),
    ],
)
def test_patients_whom_the_evidence_does_not_cover_are_named(asking, said, expected):
    found = told(asking, tensor(OWN, **said))
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True)), found


def test_a_bundle_without_evidence_by_group_says_so(client):
    assert told(client, tensor(OWN, sex="F", age=40)) == [
        "not for this patient group: no evidence by sex",
        "not for this patient group: no evidence by age group",
    ]


def test_every_picture_may_have_its_patient(asking):
    warnings = told(asking, tensor(OWN, OWN, sex=["F", "other"]))
    assert warnings == ["picture 2: not for this patient group: no evidence about sex other"]
    stream = io.BytesIO()
    Image.fromarray((OWN * 255).astype(np.uint8)).save(stream, "png")
    text = base64.b64encode(stream.getvalue()).decode()
    body = {"instances": [{"b64": text, "sex": "other"}, {"b64": text}], "parameters": {"sex": "F", "modality": "CT"}}
    old = asking.post("/v1/models/covid-ct:predict", json=body).json()
    assert [one for one in old["warnings"] if "patient group" in one] == [
        "picture 1: not for this patient group: no evidence about sex other"
    ]
    assert not any("does not say what it is" in one for one in old["warnings"])


def test_an_explanation_brings_what_was_measured_on_such_patients(asking):
    body = asking.post(EXPLAIN, json=tensor(OWN, sex="F", age=71)).json()
    rows = body["explanations"][0]["patients_like_this"]
    assert [(row["figure"], row["group"], row["patients"], row["state"]) for row in rows] == [
        ("AUROC", "everybody", 100, None),
        ("TPR", "sex F", 200, None),
        ("TPR", "age_group 60 and over", 90, None),
        ("TPR difference", "age_group 60 and over", 90, "fail"),
        ("TPR", "sex F, age_group 60 and over", 40, None),
    ]
    assert (rows[1]["value"], rows[1]["low"], rows[1]["high"]) == (0.9, 0.85, 0.95)
    nobody = asking.post(EXPLAIN, json=tensor(OWN)).json()["explanations"][0]["patients_like_this"]
    assert [row["group"] for row in nobody] == ["everybody"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"sex": "female"}, "'sex' is none of the codes that are known"),
        ({"sex": ["F"]}, "1 values of 'sex' for 2 pictures"),
        ({"age": -1}, "'age' is a number of years from 0 to 150"),
        ({"age": "old"}, "'age' is a number of years"),
        ({"age": True}, "'age' is a number of years"),
        ({"age": 10**300}, "'age' is a number of years"),
        ({"modality": 5}, "'modality' is a DICOM code"),
    ],
)
def test_what_cannot_be_said_of_a_patient_is_refused(asking, said, reason):
    answer = asking.post(INFER, content=json.dumps(tensor(OWN, OWN, **said)))
    assert answer.status_code == 400
    assert reason in answer.json()["error"]


def test_parameters_that_are_none_are_refused(asking):
    body = tensor(OWN) | {"parameters": [1]}
    assert asking.post(INFER, json=body).json()["error"] == "'parameters' is an object"
    old = asking.post("/v1/models/covid-ct:predict", json={"instances": [OWN.tolist()], "parameters": 3})
    assert (old.status_code, old.json()["error"]) == (400, "'parameters' is an object")
