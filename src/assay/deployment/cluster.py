"""A cluster of a site: a few requests to its Kubernetes API, as a context of a kubeconfig lets them be made.

The package ``kubernetes`` reads the kubeconfig and knows every way to log in that it names; the requests are plain ones, because its typed
calls differ from version to version.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from assay.errors import AssayError, ExitCode, MissingDependency, NotFound, bounded, did_you_mean
from assay.model.artifacts import Json

if TYPE_CHECKING:
    import requests

_COLLECTIONS = {
    "ConfigMap": "/api/v1/namespaces/{namespace}/configmaps",
    "InferenceService": "/apis/serving.kserve.io/v1beta1/namespaces/{namespace}/inferenceservices",
}
MANAGER = "assay"
"""Who owns the fields that we apply."""

_TIMEOUT = 30.0
"""Seconds for one answer of the API server."""


class ClusterFault(AssayError):  # noqa: N818  (like its kin in errors.py)
    """A cluster cannot be reached, or refuses; ``status`` is that of HTTP, 0 without an answer."""

    code: ClassVar[str] = "cluster"
    exit_code: ClassVar[ExitCode] = ExitCode.RUN_FAILED

    def __init__(self, message: str, *, culprit: str = "", hint: str = "", status: int = 0) -> None:
        super().__init__(message, culprit=culprit, hint=hint)
        self.status = status


def contexts(kubeconfig: Path | None) -> tuple[list[str], str]:
    """Return the names of all contexts of a kubeconfig, and which is the current one.

    Args:
        kubeconfig: The file; default: those of ``KUBECONFIG``, or ``~/.kube/config``.

    Raises:
        NotFound: There is no kubeconfig, or it has no contexts.
        MissingDependency: The extra ``kubernetes`` is not installed.
    """
    config = _library()
    try:
        found, current = config.list_kube_config_contexts(config_file=_file(kubeconfig))
    except config.ConfigException as error:
        raise _no_config(kubeconfig, str(error)) from None
    return [str(one["name"]) for one in found], str(current["name"]) if current else ""


def _file(kubeconfig: Path | None) -> str | None:
    # The library looks at KUBECONFIG once, when it is imported.
    return str(kubeconfig) if kubeconfig is not None else os.environ.get("KUBECONFIG")


def _no_config(kubeconfig: Path | None, why: str) -> NotFound:
    hint = "--kubeconfig names the file, KUBECONFIG does for every command"
    return NotFound(
        f"there is no kubeconfig that can be used: {bounded(why, 300)}",
        culprit=str(kubeconfig or "kubeconfig"),
        hint=hint,
    )


def _library() -> Any:
    if find_spec("kubernetes") is None:
        raise MissingDependency(
            "clusters need the package 'kubernetes'",
            culprit="kubernetes",
            hint="type: pip install 'assay-ml[kubernetes]'",
        )
    import kubernetes.config  # 2 s: only when a cluster is spoken to

    return kubernetes.config


class Cluster:
    """One cluster, as one context of a kubeconfig reaches it.

    Args:
        context: Its name; it names the site.
        kubeconfig: The file; default: those of ``KUBECONFIG``, or ``~/.kube/config``.
        namespace: Where to work; default: the context's own, or ``default``.

    Raises:
        NotFound: There is no kubeconfig, or no such context in it.
        MissingDependency: The extra ``kubernetes`` is not installed.
    """

    def __init__(self, context: str, kubeconfig: Path | None = None, namespace: str = "") -> None:
        config = _library()
        import kubernetes.client
        import requests

        known, _ = contexts(kubeconfig)
        if context not in known:
            hint = did_you_mean(context, known) or f"there are {', '.join(known)}"
            raise NotFound(f"the kubeconfig has no context {context!r}", culprit=context, hint=hint)
        self.site = context
        self._settings = kubernetes.client.Configuration()
        try:
            config.load_kube_config(
                _file(kubeconfig), context, client_configuration=self._settings, persist_config=False
            )
        except (config.ConfigException, OSError, ValueError) as error:
            raise ClusterFault(
                f"the context {context!r} cannot be used: {bounded(str(error), 300)}", culprit=context
            ) from None
        own = next(one for one in config.list_kube_config_contexts(_file(kubeconfig))[0] if one["name"] == context)
        self.namespace = namespace or str(own["context"].get("namespace") or "default")
        self._session = requests.Session()
        self._session.trust_env = False  # a .netrc would take the place of the kubeconfig's token
        self._session.verify = (self._settings.ssl_ca_cert or True) if self._settings.verify_ssl else False
        if self._settings.cert_file:
            self._session.cert = (self._settings.cert_file, self._settings.key_file)
        if self._settings.proxy:
            self._session.proxies = {"https": self._settings.proxy, "http": self._settings.proxy}

    def find(self, kind: str, name: str) -> dict[str, Any] | None:
        """Return an object as it is now; ``None`` when there is none."""
        try:
            return self._json("GET", f"{self._collection(kind)}/{name}")
        except ClusterFault as fault:
            if fault.status == 404 and name in fault.message:
                return None
            raise

    def listed(self, kind: str, selector: str) -> list[dict[str, Any]]:
        """Return the objects of a kind that have the labels of ``selector``."""
        found = self._json("GET", self._collection(kind), params={"labelSelector": selector})
        return list(found.get("items", []))

    def pods(self, selector: str) -> list[dict[str, Any]]:
        """Return the pods that have the labels of ``selector``; none when this user may not see them."""
        try:
            path = f"/api/v1/namespaces/{self.namespace}/pods"
            return list(self._json("GET", path, params={"labelSelector": selector}).get("items", []))
        except ClusterFault as fault:
            if fault.status in {401, 403}:
                return []
            raise

    def apply(self, document: dict[str, Json], *, trial: bool = False, force: bool = False) -> dict[str, Any]:
        """Apply a document on the server's side; return the object as it is then.

        Args:
            document: Every field that is to be ours.
            trial: Have the server check it, with its webhooks and admission policies, and change nothing.
            force: Take fields that another manager owns.
        """
        name = _name(document)
        params = {
            "fieldManager": MANAGER,
            "fieldValidation": "Strict",
            **({"dryRun": "All"} if trial else {}),
            "force": str(force).lower(),
        }
        return self._json(
            "PATCH",
            f"{self._collection(str(document['kind']))}/{name}",
            params=params,
            json=document,
            headers={"Content-Type": "application/apply-patch+yaml"},  # JSON is YAML
        )

    def delete(self, kind: str, name: str) -> None:
        """Delete an object; one that is gone already is fine."""
        try:
            self._json("DELETE", f"{self._collection(kind)}/{name}")
        except ClusterFault as fault:
            if fault.status != 404:
                raise

    def ask(self, service: str, path: str, body: Json = None) -> tuple[int, str]:
        """Ask a service inside the cluster through the API server; return HTTP status and body.

        Args:
            service: Its name; port 80 is asked.
            path: Such as ``/v2/models/covid-ct``.
            body: What to post; ``None`` gets.
        """
        whole = f"/api/v1/namespaces/{self.namespace}/services/http:{service}:80/proxy{path}"
        answer = self._request("GET" if body is None else "POST", whole, json=body)
        return answer.status_code, answer.text

    def _collection(self, kind: str) -> str:
        return _COLLECTIONS[kind].format(namespace=self.namespace)

    def _json(self, method: str, path: str, **how: Any) -> dict[str, Any]:
        answer = self._request(method, path, **how)
        try:
            found = answer.json()
        except ValueError:
            found = {}
        if answer.ok and isinstance(found, dict):
            return found
        raise self._refusal(answer, found if isinstance(found, dict) else {})

    def _refusal(self, answer: requests.Response, said: dict[str, Any]) -> ClusterFault:
        message = bounded(str(said.get("message") or answer.text or answer.reason), 600)
        status = answer.status_code
        match status:
            case 401:
                return ClusterFault(
                    f"{self.site} does not know you", culprit=self.site, status=status, hint="log in again"
                )
            case 403:
                hint = "ask who runs this cluster for the right, or mend what its policy names"
            case 404 if "could not find the requested resource" in message:
                hint = "is KServe installed there?"
            case 409:
                hint = "another program owns these fields: deploy through it, with the documents of --out"
            case _:
                hint = ""
        return ClusterFault(f"{self.site} refuses: {message}", culprit=self.site, hint=hint, status=status)

    def _request(self, method: str, path: str, **how: Any) -> requests.Response:
        import requests

        headers = {"Accept": "application/json", **how.pop("headers", {}), **self._login()}
        try:
            return self._session.request(
                method, f"{self._settings.host}{path}", headers=headers, timeout=_TIMEOUT, **how
            )
        except requests.exceptions.SSLError as error:
            hint = "the kubeconfig's certificate-authority has to be that of this cluster"
            raise ClusterFault(
                f"{self.site} cannot be trusted: {bounded(str(error), 300)}", culprit=self.site, hint=hint
            ) from None
        except requests.exceptions.RequestException as error:
            raise ClusterFault(
                f"{self.site} cannot be reached: {bounded(str(error), 300)}", culprit=self.site
            ) from None

    def _login(self) -> dict[str, str]:
        """Return the headers that log in; asked each time, because a token may have been made anew."""
        found = self._settings.auth_settings().values()
        return {str(one["key"]): str(one["value"]) for one in found if one.get("in") == "header" and one.get("value")}


def _name(document: dict[str, Json]) -> str:
    metadata = document["metadata"]
    return str(metadata["name"]) if isinstance(metadata, dict) else ""
