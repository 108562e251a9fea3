"""Questions over plain ASGI: whatever happens to one of them, its caller is told, it is counted, and the next is answered."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.testclient import TestClient

from assay.serving.app import make_app
from assay.serving.desk import Desk

INFER = "/v2/models/covid-ct/infer"
TENSOR = {"inputs": [{"name": "image", "shape": [1, 1, 16, 16], "datatype": "FP32", "data": [0.5] * 256}]}


def counted(client, ask, status):
    line = f'assay_requests_total{{ask="{ask}",protocol="http",status="{status}"}} 1.0'
    return line in client.get("/metrics").text


@pytest.fixture
def desk(served):
    return Desk(served)


@pytest.fixture
def fresh(desk):
    """Asks a server of its own, whose counters stand at nought; a failure of the server is an answer, as over a socket."""
    with TestClient(make_app(desk), raise_server_exceptions=False) as client:
        yield client


def test_another_method_is_told_which_is_taken(fresh):
    answer = fresh.get(INFER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["error"] == "a model is asked by POST"
    assert counted(fresh, "infer", 405)


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("/v2/models/other/infer", "infer"),
        ("/v2/models/other/explain", "explain"),
        ("/v1/models/other:predict", "predict"),
        ("/v1/models/other:explain", "explain"),
    ],
)
def test_another_model_is_not_here_and_the_refusal_is_counted(fresh, path, ask):
    answer = fresh.post(path, json=TENSOR)
    assert (answer.status_code, answer.json()["error"]) == (404, "there is no model 'other'")
    assert answer.json()["hint"] == "there is 'covid-ct'"
    assert counted(fresh, ask, 404)


@pytest.mark.parametrize("path", ["/v2/models/covid-ct/infers", "/v2/models/a/b/infer", "/v1/models/a/b:predict", "/x"])
def test_a_path_that_asks_nothing_is_not_found_and_is_no_series_of_the_counters(fresh, path):
    assert fresh.post(path, json=TENSOR).status_code == 404
    assert "assay_requests_total{" not in fresh.get("/metrics").text


def test_a_failure_of_the_server_is_told_counted_and_logged_without_its_words(fresh, desk, monkeypatch, caplog):
    def broken(_pixels):
        raise ZeroDivisionError("Erika Mustermann, 063Y")

    monkeypatch.setattr(desk.model, "answers", broken)
    with caplog.at_level("INFO", logger="assay.serving"):
        answer = fresh.post(INFER, json=TENSOR, headers={"x-request-id": "r-9"})
    assert (answer.status_code, answer.json()["code"], answer.headers["x-request-id"]) == (500, "internal", "r-9")
    assert counted(fresh, "infer", 500)
    failure, line = (json.loads(one.message) for one in caplog.records if one.name == "assay.serving")
    assert (failure["request"], failure["error"]) == ("r-9", "ZeroDivisionError")
    assert failure["at"][-1].startswith(__file__)
    assert (line["request"], line["status"]) == ("r-9", "500")
    assert "Mustermann" not in answer.text + caplog.text
    monkeypatch.undo()
    assert fresh.post(INFER, json=TENSOR).status_code == 200


def test_of_a_header_that_comes_twice_the_first_counts(fresh):
    answer = fresh.post(INFER, json=TENSOR, headers=[("x-request-id", "r-1"), ("x-request-id", "r-2")])
    assert answer.headers["x-request-id"] == "r-1"


def asked(desk, *messages):
    """Return what the server sends for a request whose body comes in these messages."""
    coming, sent = iter(messages), []

    async def receive():
        return next(coming)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": INFER, "headers": []}
    asyncio.run(make_app(desk)(scope, receive, send))
    return sent


def part(content, more):
    return {"type": "http.request", "body": content, "more_body": more}


def test_a_body_in_parts_is_read_whole(desk):
    content = json.dumps(TENSOR).encode()
    head, body = asked(desk, part(content[:100], True), part(b"", True), part(content[100:], False))
    assert head["status"] == 200
    assert json.loads(body["body"])["model_name"] == "covid-ct"


def test_who_goes_away_is_sent_nothing(desk):
    assert asked(desk, part(b"{", True), {"type": "http.disconnect"}) == []
    assert b"assay_requests_total{" not in desk.counts.text()


def test_numbers_of_requests_differ(fresh):
    numbers = {fresh.get(INFER).headers["x-request-id"] for _ in range(50)}
    assert len(numbers) == 50
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in numbers)
