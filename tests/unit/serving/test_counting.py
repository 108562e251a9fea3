"""What is counted and logged: by group, in a bounded number of series, and nothing of any one patient."""

from __future__ import annotations

import json

import numpy as np
import pytest
from starlette.testclient import TestClient

from assay.serving.app import make_app
from assay.serving.counting import request_number
from assay.serving.desk import Desk

SIZE = 16
INFER = "/v2/models/covid-ct/infer"
DIM = np.full((SIZE, SIZE), 0.2)
BRIGHT = DIM + 0.6 * np.pad(np.ones((5, 5)), ((2, 9), (9, 2)))


@pytest.fixture
def counted(known):
    with TestClient(make_app(Desk(known))) as client:
        yield client


def ask(client, *pictures, **parameters):
    values = np.stack(pictures)[:, None]
    only = {"name": "image", "shape": list(values.shape), "datatype": "FP32", "data": values.ravel().tolist()}
    answer = client.post(INFER, json={"inputs": [only], "parameters": parameters})
    assert answer.status_code == 200, answer.text


def figures(client):
    lines = [line for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines) if "_created" not in name}


def test_answers_are_counted_by_group_when_the_caller_says_whom_they_are_about(counted):
    ask(counted, BRIGHT, DIM, sex=["F", "M"], age=[70, 30])
    ask(counted, BRIGHT, sex="F")
    ask(counted, DIM)
    found = figures(counted)
    assert found['assay_group_pictures_total{by="sex",group="F",label="covid"}'] == 2
    assert found['assay_group_pictures_total{by="sex",group="M",label="other"}'] == 1
    assert found['assay_group_pictures_total{by="age_group",group="60 and over",label="covid"}'] == 1
    assert found['assay_group_pictures_total{by="age_group",group="unknown",label="covid"}'] == 1
    assert sum(value for name, value in found.items() if name.startswith("assay_group_pictures")) == 6
    assert found["assay_score_count"] == found["assay_out_of_distribution_count"] == 4
    assert 1.5 < found['assay_group_score_total{by="sex",group="F"}'] < 2


def test_pictures_that_are_unlike_those_of_the_training_are_counted_by_group(counted):
    ask(counted, 1 - DIM, sex="M")
    found = figures(counted)
    assert found['assay_group_unlike_pictures_total{by="sex",group="M"}'] == 1
    assert found['assay_out_of_distribution_bucket{le="1.0"}'] == 0


def test_no_caller_makes_new_series(counted):
    ask(counted, *[DIM] * 6, sex=["F", "M", "other", "unknown", "", None], age=[0, 59.9, 60, 150, "061Y", None])
    before = set(figures(counted))
    chance = np.random.default_rng(1)
    for _ in range(30):
        ask(counted, DIM, sex=str(chance.choice(["F", "M", "other", "unknown"])), age=float(chance.uniform(0, 150)))
    counted.post(INFER, json={"inputs": [], "parameters": {"sex": "x" * 50}})
    new = set(figures(counted)) - before
    assert {name.partition("{")[0] for name in new} <= {"assay_requests_total"}
    assert not [name for name in new if "xx" in name]


def test_what_the_evidence_measured_stands_beside_the_counters(known, monkeypatch):
    monkeypatch.setattr(known.cohorts, "selection_rates", lambda: {("sex", "F"): 0.4})
    with TestClient(make_app(Desk(known))) as client:
        assert figures(client)['assay_evidence_selection_rate{by="sex",group="F"}'] == 0.4


def test_the_log_holds_no_more_than_it_says(counted, caplog):
    with caplog.at_level("INFO", logger="assay.serving"):
        ask(counted, DIM, DIM, sex="F", age=61)
        counted.post(INFER, content=b"{")
    first, second = (json.loads(record.message) for record in caplog.records)
    assert set(first) == {"time", "request", "protocol", "ask", "status", "ms", "pictures"}
    assert (first["status"], first["pictures"], second["status"], second["pictures"]) == ("200", 2, "400", 0)


@pytest.mark.parametrize("given", [None, "", "Erika Mustermann", "a\nb", "x" * 129, "ü"])
def test_a_number_that_is_none_is_replaced(given):
    assert len(request_number(given)) == 32
    assert request_number("r-7:a/b.c") == "r-7:a/b.c"
