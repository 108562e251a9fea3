"""The fields that our documents for a cluster use, and a check of a document against them.

Not the whole schema of Kubernetes: what we write and no more, so that a misspelt field or a number where a text belongs is found
without a cluster. Tests hold these tables against the real schemas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.errors import Fault, bounded

NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
"""A DNS-1123 label."""

QUANTITY = re.compile(r"\d+(?:\.\d+)?(?:m|k|Ki|Mi|Gi|M|G)?")
LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
PATH = re.compile(r"/[^\0]*")
VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


@dataclass(frozen=True, slots=True)
class Map:
    """An object with these fields; those of ``required`` must be there."""

    fields: Mapping[str, Any]
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one kind of thing."""

    item: Any


@dataclass(frozen=True, slots=True)
class Named:
    """An object with free keys and one kind of value."""

    value: Any


Kind = Map | Many | Named | type | re.Pattern[str] | str
"""A class, a pattern that a whole text fits, or the one text allowed."""

_SECURITY = Map(
    {
        "runAsNonRoot": bool,
        "runAsUser": int,
        "runAsGroup": int,
        "fsGroup": int,
        "seccompProfile": Map({"type": "RuntimeDefault"}, ("type",)),
        "allowPrivilegeEscalation": bool,
        "readOnlyRootFilesystem": bool,
        "capabilities": Map({"drop": Many(str)}),
    }
)
_SECRET_KEY = Map({"name": re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?"), "key": str}, ("name", "key"))
_VARIABLE = Map({"name": VARIABLE, "value": str, "valueFrom": Map({"secretKeyRef": _SECRET_KEY})}, ("name",))
_MOUNT = Map({"name": NAME, "mountPath": PATH, "readOnly": bool, "subPath": str}, ("name", "mountPath"))
CONTAINER = Map(
    {
        "name": NAME,
        "image": str,
        "command": Many(str),
        "args": Many(str),
        "workingDir": PATH,
        "env": Many(_VARIABLE),
        "resources": Map({"requests": Named(QUANTITY), "limits": Named(QUANTITY)}),
        "securityContext": _SECURITY,
        "volumeMounts": Many(_MOUNT),
    },
    ("image",),
)
VOLUME = Map(
    {
        "name": NAME,
        "emptyDir": Map({}),
        "persistentVolumeClaim": Map({"claimName": NAME, "readOnly": bool}, ("claimName",)),
    },
    ("name",),
)
META = Map({"name": NAME, "labels": Named(LABEL_VALUE), "annotations": Named(str)})
POD_SECURITY = _SECURITY


def check_fields(found: object, kind: Kind, place: str) -> list[Fault]:
    """Return a fault for every field that is unknown, missing or of another kind; ``place`` is where the document begins."""
    faults: list[Fault] = []
    waiting: list[tuple[object, Any, str]] = [(found, kind, place)]
    while waiting:
        value, wanted, where = waiting.pop()
        match wanted:
            case Map(fields, required):
                waiting.extend(_inside(value, fields, required, where, faults))
            case Many(item) if isinstance(value, list):
                waiting.extend((one, item, f"{where}[{number}]") for number, one in enumerate(value))
            case Named(item) if isinstance(value, dict):
                waiting.extend((one, item, f"{where}.{key}") for key, one in value.items())
            case _ if not _fits(value, wanted):
                told = wanted.pattern if isinstance(wanted, re.Pattern) else getattr(wanted, "__name__", wanted)
                message = f"{where} is {bounded(repr(value), 80)}, not {told}"
                faults.append(Fault("bad-field", message, where))
    return faults


def _inside(
    value: object, fields: Mapping[str, Any], required: tuple[str, ...], where: str, faults: list[Fault]
) -> list[tuple[object, Any, str]]:
    if not isinstance(value, dict):
        faults.append(Fault("bad-field", f"{where} is {bounded(repr(value), 80)}, not an object", where))
        return []
    faults += [
        Fault("bad-field", f"{where} has no field {key!r} that we write", str(key))
        for key in value
        if key not in fields
    ]
    faults += [Fault("bad-field", f"{where}.{key} is missing", key) for key in required if key not in value]
    return [(value[key], fields[key], f"{where}.{key}") for key in fields if key in value]


def _fits(value: object, wanted: object) -> bool:
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and wanted.fullmatch(value) is not None
    if isinstance(wanted, type):
        return isinstance(value, wanted) and (wanted in (bool, object) or not isinstance(value, bool))
    return value == wanted
