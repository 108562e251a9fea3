"""Requests as CloudEvents to a sink on loopback: what is sent, what is not, and that no answer waits for the sink."""

from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from starlette.testclient import TestClient

from assay.errors import AssayError
from assay.serving.app import make_app
from assay.serving.desk import Desk
from assay.serving.events import COMPLETED, REQUEST, RESPONSE, Events, Finished, Payload

SIZE = 16
INFER = "/v2/models/covid-ct/infer"
VALUES = np.full((1, 1, SIZE, SIZE), 0.2)
BODY = json.dumps(
    {
        "inputs": [{"name": "image", "shape": [1, 1, SIZE, SIZE], "datatype": "FP32", "data": VALUES.ravel().tolist()}],
        "parameters": {"sex": "F", "age": 71},
    }
)
DONE = Finished("http", "infer", "200", 0.01, "r-1", 1)


class Sink:
    """Takes events, or lets them wait, or refuses them."""

    def __init__(self):
        self.taken, self.status, self.open = [], 202, threading.Event()
        self.open.set()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                sink.open.wait(120)
                sink.taken.append(({name.lower(): value for name, value in self.headers.items()}, self.path, body))
                self.send_response(sink.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/events"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Have a slow machine lose no event."""
    monkeypatch.setattr("assay.serving.events._PATIENCE", 120.0)
    monkeypatch.setattr("assay.serving.events._LAST_WORDS", 120.0)


@pytest.fixture
def sink():
    found = Sink()
    yield found
    found.open.set()
    found.server.shutdown()
    found.server.server_close()


def asked(known, sink, body=BODY, **how):
    events = Events(sink.address, "/models/covid-ct/1.0.0", **how)
    desk = Desk(known, events=events)
    with TestClient(make_app(desk)) as client:
        answer = client.post(INFER, content=body, headers={"x-request-id": "r-5", "content-type": "application/json"})
    events.close()
    return answer, desk.counts.text().decode()


def test_the_facts_of_a_request_are_an_event_without_a_patient(known, sink):
    answer, figures = asked(known, sink)
    assert answer.status_code == 200
    ((headers, path, body),) = sink.taken
    assert path == "/events"
    assert {name: headers[f"ce-{name}"] for name in ("specversion", "type", "source", "subject")} == {
        "specversion": "1.0",
        "type": COMPLETED,
        "source": "/models/covid-ct/1.0.0",
        "subject": "r-5",
    }
    assert headers["content-type"] == "application/json"
    assert set(json.loads(body)) == {"request", "protocol", "ask", "status", "ms", "pictures"}
    assert 'assay_events{outcome="sent"} 1.0' in figures


def test_payloads_are_sent_only_when_asked_for_as_kserve_sends_them(known, sink):
    answer, _ = asked(known, sink, payloads=True)
    assert [headers["ce-type"] for headers, _, _ in sink.taken] == [COMPLETED, REQUEST, RESPONSE]
    assert sink.taken[1][2] == BODY.encode()
    assert sink.taken[2][2] == answer.content
    assert len({headers["ce-id"] for headers, _, _ in sink.taken}) == 3
    assert sink.taken[2][0]["content-type"] == "application/json"


def test_a_refused_request_is_an_event_too(known, sink):
    answer, _ = asked(known, sink, body="{")
    assert answer.status_code == 400
    assert json.loads(sink.taken[0][2])["status"] == "400"


def test_events_of_a_call_over_grpc_carry_its_messages(known, sink):
    import grpc
    from tritonclient.grpc import service_pb2 as messages
    from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub

    from assay.serving.rpc import start

    events = Events(sink.address, "/models/covid-ct/1.0.0", payloads=True)
    server, port = start(Desk(known, events=events), "127.0.0.1:0")
    given = messages.ModelInferRequest.InferInputTensor(name="image", datatype="FP32", shape=[1, 1, SIZE, SIZE])
    request = messages.ModelInferRequest(
        model_name="covid-ct", inputs=[given], raw_input_contents=[VALUES.astype("<f4").tobytes()]
    )
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        answer = GRPCInferenceServiceStub(channel).ModelInfer(request)
    server.stop(grace=1).wait()
    events.close()
    assert messages.ModelInferRequest.FromString(sink.taken[1][2]) == request
    assert messages.ModelInferResponse.FromString(sink.taken[2][2]) == answer
    assert json.loads(sink.taken[0][2])["protocol"] == "grpc"


def test_nobody_waits_for_a_slow_sink_and_what_does_not_fit_is_dropped_and_counted(sink):
    sink.open.clear()
    events = Events(sink.address, "/models/x", most=5)
    events.put(DONE)
    while events._waiting:  # until the first is on its way
        time.sleep(0.01)
    for _ in range(20):
        events.put(DONE)
    assert events.dropped == 15
    sink.open.set()
    events.close()
    assert (events.sent, events.failed, len(sink.taken)) == (6, 0, 6)


def test_payloads_that_wait_are_bounded_in_bytes(sink, monkeypatch):
    monkeypatch.setattr("assay.serving.events.MOST_BYTES", 1000)
    sink.open.clear()
    events = Events(sink.address, "/models/x", payloads=True)
    large = Finished("http", "infer", "200", 0.01, "r", 1, Payload(bytes(600), "a/b"), Payload(bytes(600), "a/b"))
    events.put(large)
    assert events.dropped == 1
    sink.open.set()
    events.close()
    assert [len(body) for _, _, body in sink.taken if len(body) > 200] == [600]


def test_a_sink_that_refuses_or_is_not_there_is_counted_and_ends_nothing(sink):
    sink.status = 500
    events = Events(sink.address, "/models/x")
    events.put(DONE)
    events.close()
    assert (events.sent, events.failed) == (0, 1)
    with socket.socket() as deaf:  # bound, so that nobody else is there, and not listening
        deaf.bind(("127.0.0.1", 0))
        events = Events(f"http://127.0.0.1:{deaf.getsockname()[1]}/", "/models/x")
        events.put(DONE)
        events.put(DONE)
        events.close()
    assert (events.sent, events.failed) == (0, 2)


def test_a_sink_that_went_and_came_again_is_spoken_to(sink):
    events = Events(sink.address, "/models/x")
    events.put(DONE)
    while not events.sent:
        time.sleep(0.01)
    events._connection.sock.close()
    events.put(DONE)
    events.put(DONE)
    events.close()
    assert events.sent >= 2


@pytest.mark.parametrize(
    "address", ["events", "ftp://x/", "http://", "http://u:p@x/", "http://x:y/", "http://x/?token=1", "http://x:99999/"]
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(AssayError, match="events are sent to an http"):
        Events(address, "/models/x")
