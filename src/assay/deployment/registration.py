"""Registering a bundle that passed in a registry of models: what is said of it everywhere, and how a registry is spoken to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from assay.bundle.layout import Part
from assay.deployment.candidate import Candidate
from assay.deployment.storage import Storage, StorageKind
from assay.errors import AssayError, ExitCode, MissingDependency, bounded
from assay.model.artifacts import Json
from assay.trust.gate.words import override_line, warnings

BUNDLE = "assay.bundle"
"""Property that names the bundle by its digest: a version of a registry that has it is this very bundle."""

_TIMEOUT = 60.0


class RegistrationFault(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A registry of models cannot be reached, refuses, or holds another bundle under this version; ``status`` is that of HTTP."""

    code: ClassVar[str] = "model-registry"
    exit_code: ClassVar[ExitCode] = ExitCode.RUN_FAILED

    def __init__(self, message: str, *, culprit: str = "", hint: str = "", status: int = 0) -> None:
        super().__init__(message, culprit=culprit, hint=hint)
        self.status = status


@dataclass(frozen=True, slots=True)
class Registered:
    """Where a bundle stands in a registry.

    Attributes:
        version: The registry's name or number of the version.
        new: Whether it was registered now; a bundle that is there already is left as it is.
        address: For people: its page or its resource.
        remark: What there is to say beside it.
    """

    version: str
    new: bool
    address: str
    remark: str = ""


def described(candidate: Candidate) -> str:
    """Return what a registry shows people: verdict and every caution, an override first."""
    found, admission = candidate.manifest, candidate.found.admission
    lines = [
        *warnings(admission.verdict, admission.override),
        f"{found.title}: {admission.verdict.state.words} under the policy {admission.verdict.policy.name}, {admission.verdict.reason}.",
        f"The verdict holds until {admission.verdict.expires:%Y-%m-%d}.",
    ]
    return "\n".join(lines)


def properties(candidate: Candidate, storage: Storage) -> dict[str, str]:
    """Return what a registry knows a bundle by: digests, verdict, and where every evidence file is."""
    found, verdict, override = candidate.found, candidate.found.admission.verdict, candidate.found.admission.override
    said = {
        "assay.name": found.manifest.name,
        "assay.version": found.manifest.version,
        BUNDLE: f"sha256:{found.digest}",
        "assay.artifact": candidate.artifact,
        "assay.model": f"sha256:{found.manifest.model}",
        "assay.storage": storage.address,
        "assay.verdict": str(verdict.state),
        "assay.policy": verdict.policy.name,
        "assay.expires": verdict.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "assay.signer": found.key.id,
        "assay.licence": found.manifest.licence or "not stated",
        "assay.synthetic": str(found.manifest.synthetic).lower(),
    }
    if override is not None:
        said["assay.overridden"] = override_line(override)
    return said


def evidence_links(candidate: Candidate, storage: Storage) -> dict[str, str]:
    """Return name to address of every evidence file: a blob of the registry by digest, or a file in the bucket or claim."""
    base = storage.address.partition("@")[0]
    blob = storage.kind is StorageKind.OCI
    return {
        item.path.removeprefix(f"{Part.EVIDENCE}/"): f"{base}@sha256:{item.digest}" if blob else f"{base}/{item.path}"
        for item in candidate.manifest.of(Part.EVIDENCE)
    }


class Api:
    """A registry's HTTP API, with its answers turned into this house's errors.

    Args:
        base: Its address, such as ``https://registry.example``.
        token: Sent as a bearer token; empty: none.
    """

    def __init__(self, base: str, token: str = "") -> None:
        if not base.startswith(("http://", "https://")):
            raise AssayError(f"{base!r} is no address of a server", culprit=base, hint="https://…")
        try:
            import requests
        except ModuleNotFoundError:
            raise MissingDependency(
                "registries of models need the package 'requests'",
                culprit="requests",
                hint="type: pip install requests",
            ) from None
        self.base = base.rstrip("/")
        self._faults = requests.exceptions.RequestException
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **params: str) -> dict[str, Any] | None:
        """Return the JSON object at ``path``; ``None`` when there is none."""
        try:
            return self._json("GET", path, params=params)
        except RegistrationFault as fault:
            if fault.status == 404:
                return None
            raise

    def post(self, path: str, body: Mapping[str, Json]) -> dict[str, Any]:
        """Post a JSON object; return the one that is answered."""
        return self._json("POST", path, json=dict(body))

    def put_file(self, path: str, content: bytes) -> None:
        """Store a file at ``path``."""
        self._json("PUT", path, data=content)

    def _json(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        try:
            answer = self._session.request(method, f"{self.base}{path}", timeout=_TIMEOUT, **how)
        except self._faults as error:
            hint = "check the address, and whether the registry runs"
            raise RegistrationFault(
                f"{self.base} cannot be reached: {bounded(str(error), 300)}", culprit=self.base, hint=hint
            ) from None
        if not answer.ok:
            message = f"{self.base} answers {answer.status_code} {answer.reason} to {path}: {bounded(answer.text, 300)}"
            hint = "check the token" if answer.status_code in {401, 403} else ""
            raise RegistrationFault(message, culprit=path, hint=hint, status=answer.status_code)
        try:
            found = answer.json() if answer.content else {}
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise RegistrationFault(f"{self.base}{path} answers no JSON object", culprit=path)
        return found


def refuse_another(said: str | None, candidate: Candidate, where: str) -> None:
    """Raise ``RegistrationFault`` when a version of the same name is another bundle."""
    if said != f"sha256:{candidate.found.digest}":
        raise RegistrationFault(
            f"{where} has another model {candidate.manifest.title} already: bundle {said or 'unknown'}",
            culprit=candidate.manifest.version,
            hint="give the bundle another version",
        )
