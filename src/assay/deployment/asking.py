"""Asking a deployed bundle: which one answers, one prediction and one explanation, compared with what it answers here."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.deployment.cluster import Cluster, ClusterFault
from assay.deployment.expectation import Expectation
from assay.errors import bounded
from assay.model.artifacts import Json

_TIMEOUT = 120.0
"""Seconds for one answer at an address of its own: one explanation asks the model hundreds of times."""


class Reach(enum.StrEnum):
    """The way to a service: through the API server, with the rights of the kubeconfig, or at its own address."""

    PROXY = "proxy"
    URL = "url"


class Unanswered(Exception):  # noqa: N818  (says what happened)
    """The service does not answer as it should.

    Attributes:
        final: Whether waiting would not mend it: this very bundle answers, and wrongly.
    """

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one service of one cluster.

    Attributes:
        cluster: Where it is.
        name: Of the InferenceService.
        reach: The way to it.
        canary: Whether only its newest version is meant.
        explainer: Whether explanations have pods of their own.
        grpc: Whether the predictor answers over gRPC only.
    """

    cluster: Cluster
    name: str
    reach: Reach
    canary: bool = False
    explainer: bool = False
    grpc: bool = False

    def check(self, service: Mapping[str, Any], wanted: Expectation) -> None:
        """Compare one prediction and one explanation with those of the bundle here.

        Args:
            service: The InferenceService as the API server has it.
            wanted: What has to come back.

        Raises:
            Unanswered: It cannot be reached, another version answers, or it answers otherwise.
        """
        model = wanted.model or self.name
        answer = self._predicted(service, model, wanted)
        final = bool(wanted.digest)  # a runtime that cannot say which version it is may still be the old one
        try:
            got = next(one["data"] for one in answer["outputs"] if one["name"] == wanted.output)
            wrong = wanted.wrong_values([float(value) for value in got])
        except (KeyError, TypeError, ValueError, StopIteration):
            wrong = f"there is no output {wanted.output!r} in its answer"
        if wrong:
            raise Unanswered(wrong, final=final)
        if wanted.heat and (self.explainer or not self.grpc):
            self._check_explanation(service, model, wanted)

    def _predicted(self, service: Mapping[str, Any], model: str, wanted: Expectation) -> dict[str, Any]:
        """Return the answer to the example, of the wanted bundle where the service can say which one it is."""
        if self.grpc:
            answer = self._predicted_over_grpc(service, model, wanted.question)
            _refuse_another(answer["parameters"], wanted)
            return answer
        path = f"/v2/models/{model}"
        if wanted.digest:
            _refuse_another(self._ask(service, "predictor", path).get("parameters") or {}, wanted)
        return self._ask(service, "predictor", f"{path}/infer", wanted.question)

    def _predicted_over_grpc(self, service: Mapping[str, Any], model: str, question: dict[str, Any]) -> dict[str, Any]:
        from assay.deployment.asking_grpc import predicted  # gRPC and its messages: only for who deploys it

        try:
            return predicted(address(service, canary=self.canary), model, question, _TIMEOUT)
        except ConnectionError as error:
            raise Unanswered(str(error)) from None

    def _check_explanation(self, service: Mapping[str, Any], model: str, wanted: Expectation) -> None:
        if self.explainer:
            answer = self._ask(service, "explainer", f"/v1/models/{wanted.model}:explain", wanted.old)
        else:
            answer = self._ask(service, "predictor", f"/v2/models/{model}/explain", wanted.question)
        try:
            (explained,) = answer["explanations"]
            wrong = wanted.wrong_heat([float(value) for value in explained["heatmap"]["data"]])
        except (KeyError, TypeError, ValueError):
            wrong = "there is no heatmap in its explanation"
        if wrong:
            raise Unanswered(wrong, final=True)

    def text(self, service: Mapping[str, Any], path: str) -> str:
        """Return what the predictor answers to a GET; raises ``Unanswered``."""
        return self._text(service, "predictor", path, None)

    def _ask(self, service: Mapping[str, Any], role: str, path: str, body: Json = None) -> dict[str, Any]:
        try:
            found = json.loads(self._text(service, role, path, body))
        except ValueError:
            raise Unanswered(f"{path} answers no JSON") from None
        if not isinstance(found, dict):
            raise Unanswered(f"{path} answers no JSON object")
        return found

    def _text(self, service: Mapping[str, Any], role: str, path: str, body: Json) -> str:
        if self.reach is Reach.PROXY:
            try:
                status, text = self.cluster.ask(f"{self.name}-{role}", path, body)
            except ClusterFault as fault:
                raise Unanswered(fault.message) from None
        else:
            status, text = _at(f"{address(service, canary=self.canary)}{path}", body)
        if status != 200:
            raise Unanswered(f"{path} answers {status}: {bounded(text, 300)}")
        return text


def _refuse_another(said: Mapping[str, Any], wanted: Expectation) -> None:
    if said.get("bundle_sha256") != wanted.digest:
        raise Unanswered(f"another version answers: bundle {str(said.get('bundle_sha256'))[:12]}")


def address(service: Mapping[str, Any], *, canary: bool) -> str:
    """Return the address of a service; of a canary, that of the new version alone, which the tag routing of KServe gives.

    Raises:
        Unanswered: It has none.
    """
    status = service.get("status") or {}
    if canary:
        traffic = status.get("components", {}).get("predictor", {}).get("traffic", ())
        tagged = [one["url"] for one in traffic if one.get("latestRevision") and one.get("url")]
        if not tagged:
            raise Unanswered("the new version has no address of its own yet")
        return str(tagged[0]).rstrip("/")
    if not status.get("url"):
        raise Unanswered("the service has no address yet")
    return str(status["url"]).rstrip("/")


def _at(url: str, body: Json) -> tuple[int, str]:
    import requests  # comes with the package 'kubernetes'

    try:
        answer = requests.request("GET" if body is None else "POST", url, json=body, timeout=_TIMEOUT)
    except requests.exceptions.RequestException as error:
        raise Unanswered(f"{url} cannot be reached: {bounded(str(error), 300)}") from None
    return answer.status_code, answer.text
