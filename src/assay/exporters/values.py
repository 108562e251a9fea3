"""Whether a platform can carry a parameter's value, and the value as JSON in which no platform finds anything to expand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from assay.errors import Fault, bounded
from assay.exporters.exporter import Request
from assay.model.artifacts import Json
from assay.model.component import ParamSpec

_SIGNS = re.compile(r"[${}]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
LARGEST_DOUBLE = 2**53
"""Whole numbers beyond it change on their way through a platform that keeps numbers as doubles."""


def json_text(value: Json) -> str:
    r"""Return ``value`` as JSON of ASCII signs; ``$``, ``{`` and ``}`` inside its texts are escaped as ``\u0024`` and the like.

    So no ``$(NAME)`` of Kubernetes and no ``{{name}}`` of Argo can stand in it, whatever the value is.
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False)
    return _STRING.sub(lambda found: _SIGNS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", found[0]), text)


def carried(request: Request, faults: list[Fault]) -> dict[str, Json]:
    """Return the value of every parameter that has one, secrets left out; what no document can carry is a fault."""
    values: dict[str, Json] = {}
    for param in request.open_params:
        if not request.has_value(param):
            continue
        value = request.value(param)
        if any(_surrogate(text) for text in texts_of(value)):
            message = f"the value of {param.name!r} is no Unicode text: it holds half of a surrogate pair"
            faults.append(Fault("bad-value", message, str(param.name), hint="-p gives another"))
            continue
        values[param.name] = value
    return values


def text_of(value: Json) -> str:
    """Return a value as a word of a command line: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def require_values(request: Request, faults: list[Fault], params: Iterable[ParamSpec] | None = None) -> None:
    """Add a fault for every parameter without a value: a finished document has no later moment to give one."""
    for param in request.open_params if params is None else params:
        if not request.has_value(param):
            message = f"parameter {param.name!r} has no default, and the document must say its value"
            faults.append(Fault("missing-parameter", message, str(param.name), hint=f"-p {param.name}=…"))


def check_kubeflow(param: ParamSpec, value: Json, faults: list[Fault]) -> None:
    """Add a fault for what Kubeflow Pipelines cannot carry: it keeps numbers as doubles, and its SDK takes no null in a list or map."""
    parts = list(_parts(value))
    changed = [one for one in parts if isinstance(one, int) and not isinstance(one, bool) and abs(one) > LARGEST_DOUBLE]
    if changed:
        number = bounded(str(changed[0]), 60)
        message = f"Kubeflow Pipelines keeps numbers as doubles: {number} for {param.name!r} would change"
        faults.append(Fault("bad-value", message, str(param.name), hint="give it as a text"))
    elif value is not None and None in parts:
        message = f"{param.name!r} holds a null inside, which Kubeflow Pipelines takes from nobody"
        faults.append(Fault("bad-value", message, str(param.name), hint="leave it out of the list or map"))


def texts_of(value: Json) -> Iterator[str]:
    """Yield every text in a value, keys too."""
    for part in _parts(value):
        if isinstance(part, str):
            yield part


def _parts(value: Json) -> Iterator[Json]:
    waiting: list[Json] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend(part)
            waiting.extend(part.values())
        else:
            yield part


def _surrogate(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
