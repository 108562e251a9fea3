"""The open inference protocol, version 2 (KServe): tensors as JSON or, by its binary extension, as bytes after the JSON."""

from __future__ import annotations

import json
import math
import struct
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.serving.cohorts import told
from assay.serving.decoding import Pixels, as_shape, from_base64, from_pictures, from_tensor, other_modality, shaped
from assay.serving.faults import RequestFault
from assay.serving.model import Answer, Explanation, ServedModel, answer_json
from assay.serving.patients import Patient, read_modality, read_patients
from assay.trust.robustness.typical import METHOD

HEADER = "inference-header-content-length"
"""How many bytes of the body are JSON; the tensors' bytes follow."""

_KINDS: dict[str, np.dtype[Any]] = {
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    "FP16": np.dtype("<f2"),
    "UINT8": np.dtype("u1"),
}
_TENSOR, _PICTURE = "image", "picture"
_MOST_ELEMENTS = 1 << 28


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was understood.

    Attributes:
        id: The caller's, or a new one: an answer always has one.
        pixels: Ready for the model.
        warnings: What is unusual about the input.
        patients: Whom each picture is of, as far as the caller says.
        binary: Names of outputs that the caller wants as bytes.
    """

    id: str
    pixels: Pixels
    warnings: Sequence[str]
    patients: Sequence[Patient]
    binary: frozenset[str] = field(default_factory=frozenset)


def read_request(body: bytes, header: str | None, model: ServedModel) -> Asked:
    """Return what a request asks; raises ``RequestFault``."""
    text, rest = _split(body, header)
    asked = _document(text)
    request = asked.get("id")
    inputs = asked.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise RequestFault(f"one input is wanted, {_TENSOR!r} or {_PICTURE!r}", culprit="inputs")
    only: dict[str, Any] = inputs[0]
    shape = _shape(only.get("shape"))
    name, kind = only.get("name"), str(only.get("datatype"))
    said = _parameters(asked)
    raw = _raw(only, rest)
    known = f"inputs are {_TENSOR!r} ({', '.join(_KINDS)}) and {_PICTURE!r} (BYTES)"
    if name == _PICTURE and kind == "BYTES":
        contents = _strings(raw) if raw is not None else [from_base64(one) for one in _listed(only.get("data"))]
        if len(contents) != math.prod(shape):
            raise RequestFault(f"{len(contents)} pictures, the shape says {math.prod(shape)}", culprit="shape")
        pixels, warnings = from_pictures(contents, model.facts, read_modality(said))
    elif name == _TENSOR and kind in _KINDS:
        pixels = from_tensor(_tensor(only, raw, shape, _KINDS[kind]), model.facts)
        warnings = other_modality(read_modality(said), model.facts)
    else:
        raise RequestFault(f"there is no input {name!r} of type {kind!r}", culprit=str(name), hint=known)
    patients = read_patients(said, len(pixels))
    return Asked(str(request) if request else uuid.uuid4().hex, pixels, warnings, patients, _binary(asked))


def answer(model: ServedModel, asked: Asked, answers: Sequence[Answer]) -> tuple[bytes, int | None]:
    """Return the body of an answer, and how many bytes of it are JSON when tensors follow."""
    labels = list(model.facts.labels)
    shares = np.array([[one.probabilities[label] for label in labels] for one in answers], dtype="<f4")
    scores = np.array([one.score for one in answers], dtype="<f4")
    outputs: list[dict[str, Any]] = []
    tail = b""
    tensors = {"probabilities": shares, "score": scores}
    if model.typical is not None:
        tensors["out_of_distribution"] = np.array([one.unlike for one in answers], dtype="<f4")
    for name, values in tensors.items():
        facts: dict[str, Any] = {"name": name, "shape": list(values.shape), "datatype": "FP32"}
        if name in asked.binary:
            facts["parameters"] = {"binary_data_size": values.nbytes}
            tail += values.tobytes()
        else:
            facts["data"] = values.ravel().tolist()
        outputs.append(facts)
    outputs.append(
        {"name": "label", "shape": [len(answers)], "datatype": "BYTES", "data": [one.label for one in answers]}
    )
    head = json.dumps(_body(model, asked, answers) | {"outputs": outputs}, ensure_ascii=False).encode()
    return head + tail, len(head) if tail else None


def explained(model: ServedModel, asked: Asked, answers: Sequence[Answer], found: Sequence[Explanation]) -> bytes:
    """Return the body of an explanation."""
    body = _body(model, asked, answers) | {"explanations": explanations_json(model, asked, answers, found)}
    return json.dumps(body, ensure_ascii=False).encode()


def explanations_json(
    model: ServedModel, asked: Asked, answers: Sequence[Answer], found: Sequence[Explanation]
) -> list[dict[str, Any]]:
    """Return predictions with their explanations as JSON."""
    import base64

    return [
        {
            **answer_json(answer),
            "explained": model.facts.positive,
            "method": {"name": "occlusion", "unit": "log-odds", "asked": one.asked},
            "faithfulness": {"deletion": one.deletion, "insertion": one.insertion},
            "heatmap": {"shape": list(one.heat.shape), "data": np.round(one.heat, 4).ravel().tolist()},
            "png": base64.b64encode(one.picture).decode(),
            "evidence": model.evidence,
            "patients_like_this": [told(statement) for statement in model.cohorts.about(patient)],
        }
        for answer, patient, one in zip(answers, asked.patients, found, strict=True)
    ]


def metadata(model: ServedModel) -> dict[str, Any]:
    """Return what the protocol says of a model, and in ``parameters`` what its bundle says."""
    size, verdict = model.facts.preprocessing.size, model.bundle.admission.verdict
    typical = model.typical
    unlike = [] if typical is None else [{"name": "out_of_distribution", "datatype": "FP32", "shape": [-1]}]
    return {
        "name": model.name,
        "versions": [model.version],
        "platform": "onnx_onnxruntime",
        "inputs": [
            {"name": _TENSOR, "datatype": "FP32", "shape": [-1, 1, size, size]},
            {"name": _PICTURE, "datatype": "BYTES", "shape": [-1]},
        ],
        "outputs": [
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, len(model.facts.labels)]},
            {"name": "score", "datatype": "FP32", "shape": [-1]},
            *unlike,
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
        ],
        "parameters": {
            "labels": list(model.facts.labels),
            "positive": model.facts.positive,
            "threshold": model.facts.threshold,
            "bundle_sha256": model.bundle.digest,
            "verdict": str(verdict.state),
            "verdict_expires": verdict.expires.isoformat(),
            "cautions": model.cautions,
            "modality": model.facts.modality,
            "evidence_by": {"sex": model.cohorts.sexes, "age_group": model.cohorts.ages},
            "out_of_distribution": typical
            and {"method": METHOD, "bound": 1.0, "quantile": typical.quantile, "held_out": typical.held_out},
        },
    }


def all_warnings(model: ServedModel, asked: Asked, answers: Sequence[Answer]) -> list[str]:
    """Return everything that must stand beside these answers: of the bundle, of the pictures, of the patients."""
    return [*model.cautions, *asked.warnings, *model.remarks(answers, asked.patients)]


def _body(model: ServedModel, asked: Asked, answers: Sequence[Answer]) -> dict[str, Any]:
    return {
        "model_name": model.name,
        "model_version": model.version,
        "id": asked.id,
        "parameters": {"bundle_sha256": model.bundle.digest, "warnings": all_warnings(model, asked, answers)},
    }


def _split(body: bytes, header: str | None) -> tuple[bytes, bytes]:
    if header is None:
        return body, b""
    if not header.isdecimal() or int(header) > len(body):
        raise RequestFault(f"the header {HEADER} says {header!r}, the body has {len(body)} bytes", culprit=HEADER)
    return body[: int(header)], body[int(header) :]


def _document(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestFault(f"this is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise RequestFault("a request is a JSON object")
    return found


def _shape(given: object) -> list[int]:
    whole = isinstance(given, list) and all(type(one) is int and one >= 0 for one in given)
    if not whole or not isinstance(given, list) or not 0 < len(given) <= 4 or math.prod(given) > _MOST_ELEMENTS:
        raise RequestFault("'shape' is a list of one to four whole numbers", culprit="shape")
    return given


def _parameters(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    given = asked.get("parameters")
    if given is not None and not isinstance(given, dict):
        raise RequestFault("'parameters' is an object", culprit="parameters")
    return given or {}


def _listed(data: object) -> list[Any]:
    if not isinstance(data, list):
        raise RequestFault("'data' is a list", culprit="data")
    return data


def _raw(only: Mapping[str, Any], rest: bytes) -> bytes | None:
    parameters = only.get("parameters")
    size = parameters.get("binary_data_size") if isinstance(parameters, dict) else None
    if size is None:
        return None
    if type(size) is not int or size != len(rest):
        raise RequestFault(f"binary_data_size is {size}, {len(rest)} bytes came", culprit="binary_data_size")
    return rest


def _tensor(only: Mapping[str, Any], raw: bytes | None, shape: Sequence[int], kind: np.dtype[Any]) -> NDArray[Any]:
    if raw is None:
        return shaped(only.get("data"), shape, kind)
    if len(raw) % kind.itemsize:
        raise RequestFault(
            f"{len(raw)} bytes are no whole numbers of {kind.itemsize} bytes", culprit="binary_data_size"
        )
    return as_shape(np.frombuffer(raw, dtype=kind), shape)


def _strings(raw: bytes) -> list[bytes]:
    """Return the elements of a BYTES tensor: four bytes of length, little-endian, before each."""
    found, place = [], 0
    while place < len(raw):
        if place + 4 > len(raw):
            raise RequestFault("a BYTES tensor ends within a length", culprit="binary_data_size")
        (length,) = struct.unpack_from("<I", raw, place)
        if place + 4 + length > len(raw):
            raise RequestFault("a BYTES tensor is shorter than it says", culprit="binary_data_size")
        found.append(raw[place + 4 : place + 4 + length])
        place += 4 + length
    return found


def _binary(asked: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of outputs that are wanted as bytes."""
    every = _parameters(asked).get("binary_data_output") is True
    named = set()
    outputs = asked.get("outputs") or []
    if not isinstance(outputs, list) or not all(isinstance(one, dict) for one in outputs):
        raise RequestFault("'outputs' is a list of objects", culprit="outputs")
    for one in outputs:
        parameters = one.get("parameters")
        wanted = parameters.get("binary_data") if isinstance(parameters, dict) else None
        if wanted is True or (wanted is None and every):
            named.add(str(one.get("name")))
    return frozenset(named | ({"probabilities", "score", "out_of_distribution"} if every and not outputs else set()))
