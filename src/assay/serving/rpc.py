"""The open inference protocol, version 2, over gRPC.

Messages and service are those of the package ``tritonclient``, which publishes the protocol's stubs; KServe's have the same names and
numbers. The protocol knows no explanation over gRPC: ``:explain`` is asked over HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import grpc
import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2 as messages

import assay
from assay.errors import AssayError
from assay.serving import v2
from assay.serving.asking import (
    PICTURE,
    TENSOR,
    Asked,
    Given,
    all_warnings,
    outputs,
    raw_numbers,
    raw_strings,
    understood,
)
from assay.serving.counting import request_number
from assay.serving.desk import Desk
from assay.serving.events import Finished, Payload
from assay.serving.faults import RequestFault
from assay.serving.model import Answer

LARGEST_MESSAGE = 64 << 20
"""Bytes of a request or an answer."""

SERVICE = "inference.GRPCInferenceService"
MEDIA_TYPE = "application/x-protobuf"
REQUEST_ID = "x-request-id"
BROKEN = object()
"""In place of a message; ``None`` would end the call before the method is asked."""
_CALLERS = 8
_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    404: grpc.StatusCode.NOT_FOUND,
    413: grpc.StatusCode.OUT_OF_RANGE,
    415: grpc.StatusCode.FAILED_PRECONDITION,
}
_CONTENTS = {"FP32": "fp32_contents", "FP64": "fp64_contents", "UINT8": "uint_contents"}


class Service:
    """Answers for one model; a method is given ``BROKEN`` for bytes that are no message.

    Args:
        desk: Where requests are answered and counted.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._model = desk, desk.model

    def ServerLive(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802  (the protocol's names)
        """Whether the process answers."""
        return messages.ServerLiveResponse(live=True)

    def ServerReady(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        """Whether models can be asked."""
        return messages.ServerReadyResponse(ready=True)

    def ModelReady(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Whether this model can be asked."""
        try:
            self._named(*_named_in(request))
        except RequestFault as error:
            context.abort(_code(error), _said(error))
        return messages.ModelReadyResponse(ready=True)

    def ServerMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802
        """What answers."""
        return messages.ServerMetadataResponse(name="assay", version=assay.__version__)

    def ModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """What the model takes and gives."""
        try:
            self._named(*_named_in(request))
        except RequestFault as error:
            context.abort(_code(error), _said(error))
        facts = v2.metadata(self._model)
        tensors = {
            side: [messages.ModelMetadataResponse.TensorMetadata(**one) for one in facts[side]]
            for side in ("inputs", "outputs")
        }
        return messages.ModelMetadataResponse(
            name=facts["name"], versions=facts["versions"], platform=facts["platform"], **tensors
        )

    def ModelInfer(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Answer about pictures."""
        began, number = time.perf_counter(), request_number(dict(context.invocation_metadata()).get(REQUEST_ID))
        context.set_trailing_metadata(((REQUEST_ID, number),))
        fault, response, pictures = None, None, 0
        try:
            if request is BROKEN:
                raise _no_message()
            self._named(request.model_name, request.model_version)
            asked = self._asked(request)
            answers = self._desk.answers(asked)
            response, pictures = self._response(request, asked, answers), len(answers)
        except AssayError as error:
            fault = error
        code = grpc.StatusCode.OK if fault is None else _code(fault)
        both: tuple[Payload | None, Payload | None] = (None, None)
        if self._desk.payloads and request is not BROKEN:
            answered = None if response is None else Payload(response.SerializeToString(), MEDIA_TYPE)
            both = Payload(request.SerializeToString(), MEDIA_TYPE), answered
        seconds = time.perf_counter() - began
        self._desk.finished(Finished("grpc", "infer", code.name, seconds, number, pictures, *both))
        if fault is not None:
            context.abort(code, _said(fault))
        return response

    def _named(self, name: str, version: str) -> None:
        self._desk.named(name)
        if version and version != self._model.version:
            raise RequestFault(
                f"there is no version {version!r}",
                status=404,
                culprit=version,
                hint=f"there is {self._model.version!r}",
            )

    def _asked(self, request: Any) -> Asked:
        if len(request.inputs) != 1:
            raise RequestFault(f"one input is wanted, {TENSOR!r} or {PICTURE!r}", culprit="inputs")
        only, raw = request.inputs[0], list(request.raw_input_contents)
        if len(raw) > 1 or (raw and only.HasField("contents")):
            raise RequestFault(
                "the input comes once, in 'contents' or in 'raw_input_contents'", culprit="raw_input_contents"
            )

        def strings() -> Sequence[bytes]:
            return raw_strings(raw[0]) if raw else list(only.contents.bytes_contents)

        def numbers(kind: np.dtype[Any]) -> NDArray[Any]:
            if raw:
                return raw_numbers(raw[0], kind)
            if only.datatype not in _CONTENTS:
                raise RequestFault(f"{only.datatype} comes in 'raw_input_contents' only", culprit="datatype")
            values = np.array(getattr(only.contents, _CONTENTS[only.datatype]))
            if kind == np.uint8 and len(values) and values.max() > np.iinfo(np.uint8).max:
                raise RequestFault("UINT8 holds 0 to 255", culprit="data")
            return values.astype(kind)

        said = {
            name: getattr(one, one.WhichOneof("parameter_choice") or "bool_param")
            for name, one in request.parameters.items()
        }
        wanted = list(dict.fromkeys(one.name for one in request.outputs))
        given = Given(request.id, only.name, only.datatype, list(only.shape), strings, numbers, said, wanted)
        return understood(given, self._model)

    def _response(self, request: Any, asked: Asked, answers: Sequence[Answer]) -> Any:
        """Return the message; tensors come as bytes when the request's did."""
        told: Mapping[str, str] = {
            "bundle_sha256": self._model.bundle.digest,
            "warnings": "\n".join(all_warnings(self._model, asked, answers)),
        }
        response = messages.ModelInferResponse(
            model_name=self._model.name,
            model_version=self._model.version,
            id=asked.id,
            parameters={name: messages.InferParameter(string_param=value) for name, value in told.items()},
        )
        for name, values in outputs(self._model, asked, answers).items():
            labels = isinstance(values, list)
            shape = [len(values)] if isinstance(values, list) else values.shape
            output = response.outputs.add(name=name, datatype="BYTES" if labels else "FP32", shape=shape)
            if request.raw_input_contents:
                response.raw_output_contents.append(_packed(values) if isinstance(values, list) else values.tobytes())
            elif isinstance(values, list):
                output.contents.bytes_contents.extend(one.encode() for one in values)
            else:
                output.contents.fp32_contents.extend(values.ravel().tolist())
        return response


def start(desk: Desk, address: str, *, callers: int = _CALLERS) -> tuple[grpc.Server, int]:
    """Start a server at ``host:port`` and return it with its port.

    Raises:
        AssayError: The port is taken.
    """
    options = [
        ("grpc.max_receive_message_length", LARGEST_MESSAGE),
        ("grpc.max_send_message_length", LARGEST_MESSAGE),
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.server(ThreadPoolExecutor(callers, "assay-grpc"), options=options)
    server.add_generic_rpc_handlers((_handlers(Service(desk)),))
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise AssayError(f"cannot listen at {address}", culprit=address, hint="take another --grpc-port") from error
    server.start()
    return server, port


def _handlers(service: Service) -> grpc.GenericRpcHandler:
    """Return the methods of the service. The stubs' own registration would answer bytes that are no message with INTERNAL, as if we had erred."""
    kinds = {
        service.ServerLive: messages.ServerLiveRequest,
        service.ServerReady: messages.ServerReadyRequest,
        service.ModelReady: messages.ModelReadyRequest,
        service.ServerMetadata: messages.ServerMetadataRequest,
        service.ModelMetadata: messages.ModelMetadataRequest,
        service.ModelInfer: messages.ModelInferRequest,
    }
    methods = {
        method.__name__: grpc.unary_unary_rpc_method_handler(
            method, request_deserializer=partial(_read, kind), response_serializer=_written
        )
        for method, kind in kinds.items()
    }
    return grpc.method_handlers_generic_handler(SERVICE, methods)


def _read(kind: Any, data: bytes) -> Any:
    try:
        return kind.FromString(data)
    except DecodeError:
        return BROKEN


def _written(message: Any) -> bytes:
    written: bytes = message.SerializeToString()
    return written


def _no_message() -> RequestFault:
    return RequestFault("the bytes are no message of the open inference protocol", hint="see its .proto")


def _named_in(request: Any) -> tuple[str, str]:
    if request is BROKEN:
        raise _no_message()
    return request.name, request.version


def _packed(labels: Sequence[str]) -> bytes:
    return b"".join(len(text := label.encode()).to_bytes(4, "little") + text for label in labels)


def _code(error: AssayError) -> grpc.StatusCode:
    return _CODES[error.status] if isinstance(error, RequestFault) else grpc.StatusCode.INVALID_ARGUMENT


def _said(error: AssayError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message
