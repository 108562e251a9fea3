"""The fields of the documents that we write for KServe. Tests hold them against the published InferenceService CRD."""

from __future__ import annotations

import re

from assay.errors import Fault
from assay.exporters.fields import NAME, PATH, QUANTITY, VARIABLE, Many, Map, Named, check_fields
from assay.model.artifacts import Json

_SERVICE = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_META = Map({"name": NAME, "namespace": NAME, "labels": Named(str), "annotations": Named(str)}, ("name",))
_POD_SECURITY = Map({"runAsNonRoot": bool, "seccompProfile": Map({"type": "RuntimeDefault"}, ("type",))})
_SECURITY = Map(
    {
        "runAsNonRoot": bool,
        "allowPrivilegeEscalation": bool,
        "readOnlyRootFilesystem": bool,
        "capabilities": Map({"drop": Many(str)}),
    }
)
_PROBE = Map(
    {
        "httpGet": Map({"path": PATH, "port": int}, ("path", "port")),
        "tcpSocket": Map({"port": int}, ("port",)),
        "periodSeconds": int,
        "failureThreshold": int,
        "initialDelaySeconds": int,
    },
)
_RESOURCES = Map({"requests": Named(QUANTITY), "limits": Named(QUANTITY)})
_CONTAINER = Map(
    {
        "name": "kserve-container",
        "image": str,
        "command": Many(str),
        "args": Many(str),
        "env": Many(Map({"name": VARIABLE, "value": str}, ("name", "value"))),
        "ports": Many(Map({"name": NAME, "containerPort": int, "protocol": "TCP"}, ("containerPort",))),
        "resources": _RESOURCES,
        "securityContext": _SECURITY,
        "readinessProbe": _PROBE,
        "livenessProbe": _PROBE,
        "volumeMounts": Many(Map({"name": NAME, "mountPath": PATH, "readOnly": bool}, ("name", "mountPath"))),
    },
    ("name", "image"),
)
_VOLUME = Map(
    {
        "name": NAME,
        "emptyDir": Map({}),
        "configMap": Map({"name": NAME}, ("name",)),
        "secret": Map(
            {"secretName": NAME, "items": Many(Map({"key": str, "path": str}, ("key", "path")))}, ("secretName",)
        ),
    },
    ("name",),
)
_MODEL = Map(
    {
        "modelFormat": Map({"name": str}, ("name",)),
        "protocolVersion": "v2",
        "runtime": NAME,
        "storageUri": str,
        "resources": _RESOURCES,
    },
    ("modelFormat", "storageUri"),
)
_POD = {
    "minReplicas": int,
    "maxReplicas": int,
    "serviceAccountName": NAME,
    "automountServiceAccountToken": bool,
    "securityContext": _POD_SECURITY,
    "imagePullSecrets": Many(Map({"name": NAME}, ("name",))),
    "containers": Many(_CONTAINER),
    "volumes": Many(_VOLUME),
}
INFERENCE_SERVICE = Map(
    {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": Map({**_META.fields, "name": _SERVICE}, ("name",)),
        "spec": Map(
            {
                "predictor": Map({**_POD, "canaryTrafficPercent": int, "model": _MODEL}),
                "explainer": Map(_POD, ("containers",)),
            },
            ("predictor",),
        ),
    },
    ("apiVersion", "kind", "metadata", "spec"),
)
"""The fields of an InferenceService that we write."""

CONFIG_MAP = Map(
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _META, "immutable": bool, "data": Named(str)},
    ("apiVersion", "kind", "metadata", "data"),
)
"""The fields of the ConfigMap with public keys."""

_KINDS = {"InferenceService": INFERENCE_SERVICE, "ConfigMap": CONFIG_MAP}


def wrong_fields(document: dict[str, Json]) -> list[Fault]:
    """Return a fault for every field of a document that is unknown, missing or of another kind."""
    kind = str(document.get("kind"))
    wanted = _KINDS.get(kind)
    if wanted is None:
        return [Fault("bad-field", f"we write no {kind!r}", kind)]
    return check_fields(document, wanted, kind)
