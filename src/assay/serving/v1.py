"""The older protocol of KServe and TensorFlow Serving: ``instances`` in, ``predictions`` out."""

from __future__ import annotations

import json
import uuid
from typing import Any

import numpy as np

from assay.serving.decoding import from_base64, from_pictures, from_tensor, shaped
from assay.serving.faults import RequestFault
from assay.serving.model import ServedModel, answer_json
from assay.serving.v2 import Asked


def read_request(body: bytes, model: ServedModel) -> Asked:
    """Return what a request asks: each instance is size x size numbers, or ``{"b64": …}``; raises ``RequestFault``."""
    try:
        found = json.loads(body)
        instances = found["instances"]
    except (ValueError, RecursionError) as error:
        raise RequestFault(f"this is no JSON: {error}") from None
    except (KeyError, TypeError):
        raise RequestFault("a request is a JSON object with 'instances'", culprit="instances") from None
    if not isinstance(instances, list) or not instances:
        raise RequestFault("'instances' is a list of at least one", culprit="instances")
    if all(isinstance(one, dict) for one in instances):
        contents = [from_base64(_inner(one)) for one in instances]
        pixels, warnings = from_pictures(contents, model.facts)
        return Asked(uuid.uuid4().hex, pixels, warnings)
    size = model.facts.preprocessing.size
    values = shaped(instances, [len(instances), size, size], np.dtype("<f4"))
    return Asked(uuid.uuid4().hex, from_tensor(values, model.facts))


def answer(model: ServedModel, asked: Asked, answers: Any) -> bytes:
    """Return the body of an answer."""
    warnings = [*model.cautions, *asked.warnings]
    return json.dumps({"predictions": [answer_json(one) for one in answers], "warnings": warnings}).encode()


def _inner(instance: dict[str, Any]) -> object:
    inner = instance.get("image_bytes", instance)
    return inner.get("b64") if isinstance(inner, dict) else inner
