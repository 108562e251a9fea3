"""A ready-made admission policy for Kyverno (kyverno.io/v1 ClusterPolicy): only bundles that a hospital signed, with a verdict that holds."""

from __future__ import annotations

import re

from assay.errors import AssayError, InvalidDocument
from assay.exporters.fields import NAME, Many, Map, Named, check_fields
from assay.exporters.yamltext import yaml_text
from assay.model.artifacts import Json

Document = dict[str, Json]

_SERVICE = "serving.kserve.io/v1beta1/InferenceService"
_REFERENCE = re.compile(r"[a-zA-Z0-9.:-]+(?:/[a-z0-9._*-]+)+")
_SAID = 'request.object.metadata.annotations."assay.{}"'


def admission_policy(public: str, registry: str, *, overridden: bool = False) -> Document:
    """Return the policy.

    Args:
        public: The P-256 key that signs bundles in the registry, as PEM text.
        registry: Which bundles may be deployed, such as ``registry.example/radiology/*``.
        overridden: Whether a bundle may be deployed that somebody published against its verdict.

    Raises:
        AssayError: The key is none, or the registry is no pattern for references.
    """
    if "BEGIN PUBLIC KEY" not in public:
        hint = "'assay keys cosign NAME' prints it"
        raise AssayError("this is no public key in PEM form", culprit="key", hint=hint)
    if not _REFERENCE.fullmatch(registry):
        hint = "such as registry.example/radiology/*, without oci://"
        raise AssayError(f"{registry!r} names no bundles of a registry", culprit=registry, hint=hint)
    made: Document = {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {
            "name": "assay-bundles",
            "annotations": {
                "policies.kyverno.io/title": "Signed Assay bundles only",
                "policies.kyverno.io/subject": "InferenceService",
            },
        },
        "spec": {
            "validationFailureAction": "Enforce",
            "background": False,
            "webhookTimeoutSeconds": 30,
            "rules": [_signed(public, registry), _one_bundle(), _verdict(overridden=overridden)],
        },
    }
    if faults := check_fields(made, _POLICY, "ClusterPolicy"):
        raise InvalidDocument(faults, what="the policy")
    return made


def policy_text(policy: Document) -> bytes:
    """Return the policy as YAML for ``kubectl apply``."""
    return yaml_text(
        policy, "Only bundles signed with this key, and with a verdict that holds: kubectl apply --filename"
    )


def _rule(name: str, **what: Json) -> Document:
    match: Json = {"any": [{"resources": {"kinds": [_SERVICE], "operations": ["CREATE", "UPDATE"]}}]}
    return {"name": name, "match": match, **what}


def _signed(public: str, registry: str) -> Document:
    """The bundle that the service names has to carry cosign's signature by this key."""
    keys: Json = {"publicKeys": public, "rekor": {"ignoreTlog": True}, "ctlog": {"ignoreSCT": True}}
    images: Json = {
        "imageReferences": [registry],
        "type": "Cosign",
        "mutateDigest": False,
        "verifyDigest": True,
        "required": True,
        "attestors": [{"count": 1, "entries": [{"keys": keys}]}],
    }
    where: Json = {"InferenceService": [{"name": "bundle", "path": "/metadata/annotations/assay.reference"}]}
    return _rule("bundle-is-signed", imageExtractors=where, verifyImages=[images])


def _one_bundle() -> Document:
    """What is pulled has to be what was verified: the annotation alone proves nothing."""
    pulled = "request.object.spec.predictor.containers[0].args[1]"
    wanted = f"oci://{{{{ {_SAID.format('reference')} || '' }}}}"
    return _denied(
        "what-is-pulled-is-what-was-verified",
        "The container must pull the bundle that assay.reference names, from a registry and by digest.",
        [{"key": f"{{{{ {pulled} || '' }}}}", "operator": "NotEquals", "value": wanted}],
    )


def _verdict(*, overridden: bool) -> Document:
    said = {one: f"{{{{ {_SAID.format(one)} || '' }}}}" for one in ("verdict", "overridden")}
    expired = f"{{{{ time_before({_SAID.format('expires')} || '1970-01-01T00:00:00Z', time_now_utc()) }}}}"
    if overridden:
        return _denied(
            "verdict-is-there",
            "The bundle has no verdict.",
            [{"key": said["verdict"], "operator": "Equals", "value": ""}],
        )
    return _denied(
        "verdict-holds",
        "The verdict must be a pass that has not expired, and nobody may have published against it.",
        [
            {"key": said["verdict"], "operator": "NotEquals", "value": "pass"},
            {"key": said["overridden"], "operator": "NotEquals", "value": ""},
            {"key": expired, "operator": "Equals", "value": True},
        ],
    )


def _denied(name: str, message: str, conditions: list[Json]) -> Document:
    return _rule(name, validate={"message": message, "deny": {"conditions": {"any": conditions}}})


_CONDITION = Map({"key": str, "operator": re.compile("Equals|NotEquals"), "value": object}, ("key", "operator"))
_KEYS = Map(
    {"publicKeys": str, "rekor": Map({"ignoreTlog": bool}), "ctlog": Map({"ignoreSCT": bool})},
    ("publicKeys",),
)
_IMAGES = Map(
    {
        "imageReferences": Many(str),
        "type": "Cosign",
        "mutateDigest": bool,
        "verifyDigest": bool,
        "required": bool,
        "attestors": Many(Map({"count": int, "entries": Many(Map({"keys": _KEYS}, ("keys",)))}, ("entries",))),
    },
    ("imageReferences", "attestors"),
)
_RULE = Map(
    {
        "name": NAME,
        "match": Map({"any": Many(Map({"resources": Map({"kinds": Many(str), "operations": Many(str)})}))}, ("any",)),
        "imageExtractors": Named(Many(Map({"name": str, "path": str}, ("path",)))),
        "verifyImages": Many(_IMAGES),
        "validate": Map(
            {"message": str, "deny": Map({"conditions": Map({"any": Many(_CONDITION)})}, ("conditions",))}, ("deny",)
        ),
    },
    ("name", "match"),
)
_POLICY = Map(
    {
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": Map({"name": NAME, "annotations": Named(str)}, ("name",)),
        "spec": Map(
            {
                "validationFailureAction": "Enforce",
                "background": bool,
                "webhookTimeoutSeconds": int,
                "rules": Many(_RULE),
            },
            ("rules",),
        ),
    },
    ("apiVersion", "kind", "metadata", "spec"),
)
"""The fields of a ClusterPolicy that we write."""
