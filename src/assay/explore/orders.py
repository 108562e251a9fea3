"""One order a line on stdin, one answer on stdout: a line of JSON that says how many bytes of content follow it.

Before the answer to what takes long stand lines that say how far it is: ``{"done": 3, "total": 10}``.

The process ends when stdin does, or after it was idle for some minutes: an explored run costs memory only while somebody looks.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from assay.errors import AssayError, MissingDependency
from assay.explore.explaining import Tell, Wished, explain
from assay.explore.neighbours import Wanted, neighbours
from assay.explore.pictures import heat_picture, mask_picture, picture, windowed
from assay.explore.rendering import rendered
from assay.explore.windows import Window

IDLE = 180.0
"""Seconds without an order after which the process ends."""

Answer = tuple[dict[str, Any], bytes]
"""What is said, and the bytes of a picture; none for an answer in words."""


def serve() -> None:
    """Answer what comes on stdin."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not stand between the answers
    orders = sys.stdin.buffer
    while select.select([orders], [], [], IDLE)[0]:
        line = orders.readline()
        if not line:
            return
        _answer(answers, line)


def answer(order: Mapping[str, Any], tell: Tell) -> Answer:
    """Carry one order out; ``do`` names it, and ``tell`` hears how far it is.

    Raises:
        AssayError: What was asked for is not there, or a library is missing.
    """
    if order["do"] == "explain":
        return _explain(order, tell)
    return _ORDERS[order["do"]](order)


def _answer(stream: BinaryIO, line: bytes) -> None:
    def tell(done: int, total: int) -> None:
        stream.write(json.dumps({"done": done, "total": total}).encode() + b"\n")
        stream.flush()

    content = b""
    try:
        body, content = answer(json.loads(line), tell)
        head: dict[str, Any] = {"body": body}
    except ModuleNotFoundError as error:
        missing = MissingDependency(
            f"this needs the package {error.name}", culprit=str(error.name), hint="pip install 'assay-ml[data,explain]'"
        )
        head = {"problem": _problem(missing)}
    except AssayError as error:
        head = {"problem": _problem(error)}
    stream.write(json.dumps({**head, "bytes": len(content)}).encode() + b"\n" + content)
    stream.flush()


def _problem(error: AssayError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "culprit": error.culprit, "hint": error.hint}


def _picture(order: Mapping[str, Any]) -> Answer:
    return {}, picture(Path(order["folder"]), order["name"], order.get("model"), order["edge"])


def _windowed(order: Mapping[str, Any]) -> Answer:
    return windowed(Path(order["folder"]), order["name"], Window(order["window"]), order["edge"])


def _render(order: Mapping[str, Any]) -> Answer:
    return rendered(Path(order["file"]), order["kind"], order["frame"], Window(order["window"]), order["edge"])


def _mask(order: Mapping[str, Any]) -> Answer:
    return {}, mask_picture(Path(order["folder"]), order["name"])


def _heat(order: Mapping[str, Any]) -> Answer:
    strongest, content = heat_picture(Path(order["folder"]), order["row"])
    return {"strongest": strongest}, content


def _nearest(order: Mapping[str, Any]) -> Answer:
    wanted = Wanted(
        Path(order["model"]), Path(order["images"]), order["name"], Path(order["training"]), Path(order["cache"])
    )
    return asdict(neighbours(wanted, order["patient"], order["most"], order["seconds"])), b""


def _explain(order: Mapping[str, Any], tell: Tell) -> Answer:
    training = Path(order["training"]) if order["training"] else None
    wished = Wished(
        Path(order["model"]), Path(order["images"]), order["name"], training, order["method"], order["settings"]
    )
    told, layer = explain(wished, tell)
    return asdict(told), layer


_ORDERS: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
    "picture": _picture,
    "windowed": _windowed,
    "render": _render,
    "mask": _mask,
    "heat": _heat,
    "nearest": _nearest,
}
