"""Nodes under ``steps:`` and ``finally:`` to steps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from assay.errors import bounded
from assay.ids import NAME, RESERVED_STEP_NAMES, ParamName, PortName, StepName
from assay.model.codec.nodes import ListNode, MapNode, Node, ScalarNode
from assay.model.codec.reading import Reading
from assay.model.codec.templates import read_foreach, read_sources, read_template
from assay.model.component import Isolation
from assay.model.expression import Expression, ExpressionError, parse_expression
from assay.model.pipeline import ResourceRequest, Retry, Source, Step, Template
from assay.model.quantities import parse_duration, parse_memory

STEP_KEYS = (
    "use title in with if foreach after retry timeout resources gpu cache isolation env secrets image".split()  # noqa: SIM905
)
_RETRY_KEYS = ("limit", "delay", "backoff")
_RESOURCE_KEYS = ("cpu", "memory", "gpu")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,126}")
_SECRET = re.compile(r"[A-Z][A-Z0-9_]{0,126}")
_MOST_RETRIES = 1000
_MOST_CPU = 4096
_NO_RETRY = Retry()
_NO_REQUEST = ResourceRequest()


def read_steps(reading: Reading, node: Node | None) -> dict[StepName, Step]:
    """Return the steps of a map, each with a name of its own."""
    steps: dict[StepName, Step] = {}
    written = reading.map(node, "a map of steps: 'name: {use: …}'")
    for text, key, value in written or ():
        with reading.at(text):
            name = StepName(reading.name(key, "step"))
            if text in RESERVED_STEP_NAMES:
                reading.problems.add("reserved-name", f"a step cannot be called {text!r}", at=key.start, culprit=text)
            body = value if isinstance(value, MapNode) else None
            if body is None:
                reading.wrong(value, "a map with 'use:'")
            else:
                steps[name] = _read_step(reading, name, body)
    return steps


def _read_step(reading: Reading, name: StepName, node: MapNode) -> Step:
    entries = node.entries
    use = ""
    if "use" in entries:
        with reading.at("use"):
            use = reading.string(entries["use"][1], "a component such as train/image-classifier") or ""
    else:
        reading.missing(
            node, "use", f"step {bounded(name, 60)!r} does not say which component it uses", "add 'use: category/name'"
        )
    fields: dict[str, Any] = {}
    for text, (_, value) in entries.items():
        reader = _READERS.get(text)
        if reader is not None:
            with reading.at(text):
                field, read = reader
                fields[field] = read(reading, value)
    found = {field: value for field, value in fields.items() if value is not None}
    if "gpu" in entries:
        found["resources"] = _with_gpu(reading, found.get("resources", _NO_REQUEST), entries["gpu"])
    extra = reading.leftovers(node, STEP_KEYS, "a step") if len(entries) > len(fields) + 1 or "gpu" in entries else {}
    return Step(name, use, extra=extra, **found)


def _read_inputs(reading: Reading, node: Node) -> dict[PortName, tuple[Source, ...]] | None:
    inputs: dict[PortName, tuple[Source, ...]] = {}
    for text, key, value in reading.map(node, "a map of ports: 'port: step.port'") or ():
        with reading.at(text):
            inputs[PortName(reading.name(key, "port"))] = read_sources(reading, value)
    return inputs


def _read_params(reading: Reading, node: Node) -> dict[ParamName, Template] | None:
    params: dict[ParamName, Template] = {}
    for text, key, value in reading.map(node, "a map of parameters: 'name: value'") or ():
        with reading.at(text):
            params[ParamName(reading.name(key, "parameter"))] = read_template(reading, value)
    return params


def _read_condition(reading: Reading, node: Node) -> Expression | None:
    text = reading.words(node)
    if text is None:
        return None
    try:
        return parse_expression(text)
    except ExpressionError as error:
        start = reading.span(node, (error.column or 1) - 1, 0)[0]
        message = f"the condition cannot be read: {error.message}"
        reading.problems.add("bad-condition", message, at=start, culprit=error.culprit, hint=error.hint)
        return None


def _read_after(reading: Reading, node: Node) -> tuple[StepName, ...] | None:
    items = node.items if isinstance(node, ListNode) else [node]
    names = []
    for place, item in enumerate(items):
        with reading.at(place):
            name = reading.string(item, "the name of a step")
            if name is None:
                continue
            if NAME.fullmatch(name):
                names.append(StepName(name))
            else:
                reading.problems.add(
                    "bad-name", f"{bounded(name, 60)!r} is not a name of a step", at=item.start, culprit=name
                )
    return tuple(dict.fromkeys(names))


def _read_retry(reading: Reading, node: Node) -> Retry | None:
    if not isinstance(node, MapNode):
        limit = reading.whole(node, 0, _MOST_RETRIES)
        return Retry(limit) if limit is not None else None
    reading.leftovers(node, _RETRY_KEYS, "retry")
    with reading.at("limit"):
        limit = reading.whole(node.get("limit"), 0, _MOST_RETRIES)
    with reading.at("delay"):
        delay = reading.quantity(node.get("delay"), parse_duration)
    with reading.at("backoff"):
        backoff = reading.number(node.get("backoff"), 1, 100)
    return Retry(
        1 if limit is None else limit,
        _NO_RETRY.delay if delay is None else delay,
        _NO_RETRY.backoff if backoff is None else float(backoff),
    )


def _read_timeout(reading: Reading, node: Node) -> float | None:
    seconds = reading.quantity(node, parse_duration)
    if seconds == 0:
        reading.problems.add("out-of-range", "a timeout is longer than nothing", at=node.start, culprit="0")
        return None
    return seconds


def _read_resources(reading: Reading, node: Node) -> ResourceRequest | None:
    body = reading.map(node, "a map of cpu, memory, gpu")
    if body is None:
        return None
    reading.leftovers(body, _RESOURCE_KEYS, "resources")
    with reading.at("cpu"):
        cpu = reading.number(body.get("cpu"), 0.001, _MOST_CPU)
    with reading.at("memory"):
        memory = reading.quantity(body.get("memory"), parse_memory)
    with reading.at("gpu"):
        gpu = reading.whole(body.get("gpu"), 0, _MOST_CPU)
    return ResourceRequest(None if cpu is None else float(cpu), memory, gpu)


def _with_gpu(reading: Reading, request: ResourceRequest, entry: tuple[ScalarNode, Node]) -> ResourceRequest:
    key, value = entry
    with reading.at("gpu"):
        if request.gpu is not None:
            reading.problems.add("given-twice", "'gpu' stands here and under 'resources'", at=key.start, culprit="gpu")
        gpu = reading.whole(value, 0, _MOST_CPU)
    return ResourceRequest(request.cpu, request.memory, gpu if request.gpu is None else request.gpu)


def _read_isolation(reading: Reading, node: Node) -> Isolation | None:
    word = reading.choice(node, [str(kind) for kind in Isolation], "a kind of isolation")
    return Isolation(word) if word is not None else None


def _read_env(reading: Reading, node: Node) -> dict[str, str] | None:
    env: dict[str, str] = {}
    for text, key, value in reading.map(node, "a map of variables: 'NAME: text'") or ():
        with reading.at(text):
            words = reading.words(value)
            if _check_variable(reading, key) and words is not None:
                env[text] = words
    return env


def _read_secrets(reading: Reading, node: Node) -> dict[str, str] | None:
    secrets: dict[str, str] = {}
    if isinstance(node, ListNode):
        for place, item in enumerate(node.items):
            with reading.at(place):
                name = _read_secret(reading, item)
                if name is not None:
                    secrets[name] = name
        return secrets
    for text, key, value in reading.map(node, "a map of variables to names of secrets") or ():
        with reading.at(text):
            name = _read_secret(reading, value)
            if (NAME.fullmatch(text) or _check_variable(reading, key)) and name is not None:
                secrets[text] = name
    return secrets


def _check_variable(reading: Reading, key: ScalarNode) -> bool:
    legal = _VARIABLE.fullmatch(key.text) is not None
    if not legal:
        message = f"{bounded(key.text, 60)!r} is not the name of an environment variable"
        reading.problems.add("bad-variable", message, at=key.start, culprit=key.text)
    return legal


def _read_secret(reading: Reading, node: Node) -> str | None:
    """The value may be a secret written down by mistake: a fault shows its first characters only."""
    if isinstance(node, ScalarNode) and _SECRET.fullmatch(node.text):
        return node.text
    shown = f"{node.text[:2]}…" if isinstance(node, ScalarNode) else ""
    reading.problems.add("bad-secret-name", at=node.start, culprit=shown)
    return None


_READERS: dict[str, tuple[str, Callable[[Reading, Node], Any]]] = {
    "title": ("title", lambda reading, node: reading.words(node)),
    "in": ("inputs", _read_inputs),
    "with": ("params", _read_params),
    "if": ("condition", _read_condition),
    "foreach": ("foreach", read_foreach),
    "after": ("after", _read_after),
    "retry": ("retry", _read_retry),
    "timeout": ("timeout", _read_timeout),
    "resources": ("resources", _read_resources),
    "cache": ("cache", lambda reading, node: reading.boolean(node)),
    "isolation": ("isolation", _read_isolation),
    "env": ("env", _read_env),
    "secrets": ("secrets", _read_secrets),
    "image": ("image", lambda reading, node: reading.string(node)),
}
