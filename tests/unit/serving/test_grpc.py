"""The protocol over gRPC, asked by the client of tritonclient: answers as over HTTP, and errors with status and reason."""

from __future__ import annotations

import gc
import random
import resource
import struct

import grpc
import numpy as np
import pytest
from tritonclient import grpc as client_module
from tritonclient.grpc import service_pb2 as messages
from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub
from tritonclient.utils import InferenceServerException

from assay.errors import AssayError
from assay.serving.desk import Desk
from assay.serving.rpc import start

SIZE = 16
CHANCE = np.random.default_rng(4)
OWN = CHANCE.uniform(0.1, 0.3, (2, 1, SIZE, SIZE)).astype(np.float32)


@pytest.fixture(scope="module")
def desk(known):
    return Desk(known)


@pytest.fixture(scope="module")
def port(desk):
    server, port = start(desk, "127.0.0.1:0")
    yield port
    server.stop(grace=1).wait()


@pytest.fixture(scope="module")
def client(port):
    with client_module.InferenceServerClient(f"127.0.0.1:{port}") as client:
        yield client


@pytest.fixture(scope="module")
def stub(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield GRPCInferenceServiceStub(channel)


def tensor(values, kind="FP32"):
    given = client_module.InferInput("image", list(values.shape), kind)
    given.set_data_from_numpy(values)
    return given


def request(**changed):
    contents = messages.InferTensorContents(fp32_contents=OWN[:1].ravel().tolist())
    given = messages.ModelInferRequest.InferInputTensor(
        name="image", datatype="FP32", shape=[1, 1, SIZE, SIZE], contents=contents
    )
    return messages.ModelInferRequest(**({"model_name": "covid-ct", "inputs": [given]} | changed))


def test_bytes_and_typed_contents_give_the_answer_that_http_gives(client, stub, asking, known):
    only = {"name": "image", "shape": list(OWN.shape), "datatype": "FP32", "data": OWN.ravel().tolist()}
    expected = {
        one["name"]: one["data"]
        for one in asking.post("/v2/models/covid-ct/infer", json={"inputs": [only]}).json()["outputs"]
    }
    raw = client.infer("covid-ct", [tensor(OWN)], request_id="mine", model_version=known.version)
    assert raw.get_response().id == "mine"
    for name in ("score", "out_of_distribution"):
        assert raw.as_numpy(name) == pytest.approx(expected[name], rel=1e-5)
    assert raw.as_numpy("probabilities").ravel() == pytest.approx(expected["probabilities"], rel=1e-5)
    assert [label.decode() for label in raw.as_numpy("label")] == expected["label"]
    typed = stub.ModelInfer(request())
    assert typed.outputs[1].contents.fp32_contents[0] == pytest.approx(expected["score"][0], rel=1e-5)
    assert not typed.raw_output_contents
    assert typed.parameters["bundle_sha256"].string_param == known.bundle.digest
    assert "Synthetic data" in typed.parameters["warnings"].string_param


def test_pictures_and_bytes_of_grey_are_understood(client):
    import io

    from PIL import Image

    grey = (OWN[0, 0] * 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(grey).save(stream, "png")
    given = client_module.InferInput("picture", [1], "BYTES")
    given.set_data_from_numpy(np.array([stream.getvalue()], dtype=np.object_))
    as_picture = client.infer("covid-ct", [given]).as_numpy("score")
    as_bytes = client.infer("covid-ct", [tensor(grey[None, None], "UINT8")]).as_numpy("score")
    assert as_picture == pytest.approx(as_bytes, rel=1e-5)


def test_only_the_outputs_that_are_asked_for_come(client):
    found = client.infer("covid-ct", [tensor(OWN)], outputs=[client_module.InferRequestedOutput("score")])
    assert [one.name for one in found.get_response().outputs] == ["score"]


def test_what_is_said_of_the_patient_is_heard(client, desk):
    found = client.infer("covid-ct", [tensor(OWN[:1])], parameters={"sex": "M", "age": 61, "modality": "MR"})
    warnings = found.get_response().parameters["warnings"].string_param.splitlines()
    assert "this is MR, the model was fitted on CT" in warnings
    assert any("insufficient evidence about sex M" in one for one in warnings)
    text = desk.counts.text().decode()
    assert 'assay_group_pictures_total{by="sex",group="M",label="other"} 1.0' in text


def test_health_and_what_the_model_takes(client, known):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("covid-ct")
    assert client.get_server_metadata().name == "assay"
    facts = client.get_model_metadata("covid-ct")
    assert (facts.name, list(facts.versions), facts.platform) == ("covid-ct", [known.version], "onnx_onnxruntime")
    assert [(one.name, one.datatype, list(one.shape)) for one in facts.inputs] == [
        ("image", "FP32", [-1, 1, SIZE, SIZE]),
        ("picture", "BYTES", [-1]),
    ]


def test_the_number_of_a_request_comes_back_and_is_counted(stub, desk, caplog):
    with caplog.at_level("INFO", logger="assay.serving"):
        _, call = stub.ModelInfer.with_call(request(), metadata=(("x-request-id", "r-9"),))
    assert dict(call.trailing_metadata())["x-request-id"] == "r-9"
    assert '"request": "r-9", "protocol": "grpc", "ask": "infer", "status": "OK"' in caplog.text
    assert 'assay_requests_total{ask="infer",protocol="grpc",status="OK"}' in desk.counts.text().decode()


ONE = request().inputs[0]
TWICE = messages.ModelInferRequest.InferInputTensor()
TWICE.CopyFrom(ONE)
RAW = messages.ModelInferRequest.InferInputTensor(name="image", datatype="FP32", shape=[1, 1, SIZE, SIZE])
WORD = messages.ModelInferRequest.InferInputTensor(name="image", datatype="FP16", shape=[1, 1, SIZE, SIZE])
LOUD = messages.ModelInferRequest.InferInputTensor(
    name="image",
    datatype="UINT8",
    shape=[1, 1, SIZE, SIZE],
    contents=messages.InferTensorContents(uint_contents=[256] * SIZE * SIZE),
)
OUTPUT = messages.ModelInferRequest.InferRequestedOutputTensor(name="mood")


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"model_name": "other"}, "NOT_FOUND", "there is no model 'other' (there is 'covid-ct')"),
        ({"model_version": "9"}, "NOT_FOUND", "there is no version '9'"),
        ({"inputs": []}, "INVALID_ARGUMENT", "one input is wanted"),
        ({"inputs": [ONE, TWICE]}, "INVALID_ARGUMENT", "one input is wanted"),
        ({"raw_input_contents": [b"1234"]}, "INVALID_ARGUMENT", "the input comes once"),
        ({"inputs": [RAW], "raw_input_contents": [b"123"]}, "INVALID_ARGUMENT", "no whole numbers of 4 bytes"),
        ({"inputs": [RAW], "raw_input_contents": [b"1234"]}, "INVALID_ARGUMENT", "1 numbers do not fill"),
        ({"inputs": [RAW]}, "INVALID_ARGUMENT", "0 numbers do not fill"),
        ({"inputs": [WORD]}, "INVALID_ARGUMENT", "FP16 comes in 'raw_input_contents' only"),
        ({"inputs": [LOUD]}, "INVALID_ARGUMENT", "UINT8 holds 0 to 255"),
        ({"outputs": [OUTPUT]}, "INVALID_ARGUMENT", "there is no output 'mood'"),
        (
            {"parameters": {"sex": messages.InferParameter(string_param="x")}},
            "INVALID_ARGUMENT",
            "'sex' is none of the codes",
        ),
        ({"parameters": {"age": messages.InferParameter(int64_param=-1)}}, "INVALID_ARGUMENT", "'age' is a number"),
    ],
)
def test_a_request_that_is_none_is_told_why(stub, changed, code, said):
    with pytest.raises(grpc.RpcError) as caught:
        stub.ModelInfer(request(**changed))
    assert caught.value.code().name == code
    assert said in caught.value.details()


def test_too_many_pictures_and_unknown_models_have_codes_of_their_own(client):
    with pytest.raises(InferenceServerException, match="257 pictures, at most 256"):
        client.infer("covid-ct", [tensor(np.zeros((257, 1, SIZE, SIZE), dtype=np.float32))])
    for ask in (client.is_model_ready, client.get_model_metadata):
        with pytest.raises(InferenceServerException, match="there is no model 'x'") as caught:
            ask("x")
        assert caught.value.status() == "StatusCode.NOT_FOUND"


@pytest.mark.parametrize("method", ["ModelInfer", "ModelReady", "ModelMetadata"])
def test_bytes_that_are_no_message_are_refused_as_the_callers_fault(port, method):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary(f"/inference.GRPCInferenceService/{method}")(b"\xff\xff\xff")
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "no message of the open inference protocol" in caught.value.details()


def test_a_port_that_is_taken_is_named(desk, port):
    with pytest.raises(AssayError, match=f"cannot listen at 127.0.0.1:{port}"):
        start(desk, f"127.0.0.1:{port}")


def test_a_thousand_mangled_requests_are_refused_with_a_reason_and_leave_nothing_behind(port):
    chance = random.Random(5)
    raw = OWN[:1].astype("<f4").tobytes()
    wholes = [
        request().SerializeToString(),
        request(inputs=[RAW], raw_input_contents=[raw]).SerializeToString(),
        request(
            inputs=[messages.ModelInferRequest.InferInputTensor(name="picture", datatype="BYTES", shape=[1])],
            raw_input_contents=[struct.pack("<I", 4) + b"\x89PNG"],
        ).SerializeToString(),
    ]
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        send = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        found = [_mangled(send, wholes, chance) for _ in range(200)]
        before = _resident()
        found += [_mangled(send, wholes, chance) for _ in range(1000)]
        grown = _resident() - before
    codes = [code for code, _ in found]
    assert set(codes) <= {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "OUT_OF_RANGE"}, set(codes)
    assert all(reason for code, reason in found if code != "OK")
    assert codes.count("INVALID_ARGUMENT") > 900
    assert grown < 16 << 20, f"{grown >> 20} MiB more after a thousand requests"


def _mangled(send, wholes, chance):
    body = bytearray(chance.choice(wholes))
    for _ in range(chance.randint(1, 6)):
        body[chance.randrange(min(len(body), 120))] = chance.randrange(256)
    if chance.random() < 0.2:
        body = body[: chance.randrange(len(body))]
    call = send.future(bytes(body), timeout=120)
    fault = call.exception()
    return (call.code().name, call.details()) if fault is not None else ("OK", "")


def _resident():
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
