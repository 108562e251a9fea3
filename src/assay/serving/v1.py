"""The older protocol of KServe and TensorFlow Serving: ``instances`` in, ``predictions`` out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np

from assay.serving.asking import Asked, all_warnings
from assay.serving.decoding import as_numbers, as_shape, from_base64, from_pictures, from_tensor, other_modality
from assay.serving.faults import RequestFault
from assay.serving.model import Answer, Explanation, ServedModel, answer_json
from assay.serving.patients import read_modality, read_patients
from assay.serving.v2 import explanations_json, read_document

_OF_ONE = ("sex", "age")
"""What an instance may say of its patient; 'parameters' beside the instances says it of all."""


def read_request(body: bytes, model: ServedModel) -> Asked:
    """Return what a request asks: each instance is size x size numbers, or ``{"b64": …}``; raises ``RequestFault``."""
    found = read_document(body)
    instances = found.get("instances")
    said = found.get("parameters", {})
    if not isinstance(said, dict):
        raise RequestFault("'parameters' is an object", culprit="parameters")
    if not isinstance(instances, list) or not instances:
        raise RequestFault("a request is a JSON object with 'instances', a list of at least one", culprit="instances")
    if all(isinstance(one, dict) for one in instances):
        contents = [from_base64(_inner(one)) for one in instances]
        pixels, warnings = from_pictures(contents, model.facts, read_modality(said))
        patients = [
            read_patients({**said, **{key: one[key] for key in _OF_ONE if key in one}}, 1)[0] for one in instances
        ]
        return Asked(uuid.uuid4().hex, pixels, warnings, patients)
    size = model.facts.preprocessing.size
    values = as_shape(as_numbers(instances, np.dtype("<f4")), [len(instances), size, size])
    warnings = other_modality(read_modality(said), model.facts)
    return Asked(uuid.uuid4().hex, from_tensor(values, model.facts), warnings, read_patients(said, len(values)))


def answer(model: ServedModel, asked: Asked, answers: Sequence[Answer]) -> bytes:
    """Return the body of an answer."""
    warnings = all_warnings(model, asked, answers)
    return json.dumps({"predictions": [answer_json(one) for one in answers], "warnings": warnings}).encode()


def explained(model: ServedModel, asked: Asked, answers: Sequence[Answer], found: Sequence[Explanation]) -> bytes:
    """Return the body of an explanation."""
    body = {
        "explanations": explanations_json(model, asked, answers, found),
        "warnings": all_warnings(model, asked, answers),
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _inner(instance: dict[str, Any]) -> object:
    inner = instance.get("image_bytes", instance)
    return inner.get("b64") if isinstance(inner, dict) else inner
