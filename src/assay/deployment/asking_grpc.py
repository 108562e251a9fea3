"""Asking a deployed bundle over gRPC, where the cluster leads to nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from assay.errors import MissingDependency, bounded

_PORTS = {"http": 80, "https": 443}


def predicted(url: str, model: str, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
    """Return the answer to a question, as the protocol writes it in JSON.

    Args:
        url: Address of the service; with https the cluster's certificate has to be one that this computer trusts.
        model: Its name.
        question: Body of an inference request, version 2, with one FP32 tensor.
        timeout: Seconds.

    Raises:
        ConnectionError: It does not answer, or refuses.
        MissingDependency: The extra ``grpc`` is not installed.
    """
    try:
        import grpc
        from tritonclient.grpc import service_pb2 as messages
        from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub
    except ImportError:
        raise MissingDependency(
            "asking over gRPC needs tritonclient", culprit="tritonclient", hint="type: pip install 'assay-ml[grpc]'"
        ) from None
    (tensor,) = question["inputs"]
    request = messages.ModelInferRequest(model_name=model, id=str(question.get("id", "")))
    given = request.inputs.add(name=tensor["name"], datatype=tensor["datatype"], shape=tensor["shape"])
    given.contents.fp32_contents.extend(tensor["data"])
    with _channel(grpc, url) as channel:
        try:
            answer = GRPCInferenceServiceStub(channel).ModelInfer(request, timeout=timeout)
        except grpc.RpcError as error:
            raise ConnectionError(f"{url} answers {error.code().name}: {bounded(error.details() or '', 300)}") from None
    return {
        "parameters": {name: one.string_param for name, one in answer.parameters.items()},
        "outputs": [{"name": one.name, "data": list(one.contents.fp32_contents)} for one in answer.outputs],
    }


def _channel(grpc: Any, url: str) -> Any:
    parts = urlsplit(url)
    target = f"{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"
    if parts.scheme == "https":
        return grpc.secure_channel(target, grpc.ssl_channel_credentials())
    return grpc.insecure_channel(target)
