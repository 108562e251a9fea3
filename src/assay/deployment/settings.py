"""How a bundle is to be deployed: what a person may choose, and every reason why a choice cannot be."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from assay.deployment.candidate import Candidate
from assay.deployment.storage import Storage, StorageKind
from assay.errors import Fault
from assay.exporters.fields import NAME, QUANTITY
from assay.exporters.naming import check_reference

SERVICE = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
"""What KServe allows as the name of an InferenceService."""

_LONGEST_HOST = 63
"""Characters of the DNS label that KServe makes of name, role and namespace."""


class Form(enum.StrEnum):
    """What answers in the cluster."""

    ASSAY = "assay"
    ONNX = "onnx"


class Mode(enum.StrEnum):
    """How KServe runs it: as plain Deployments, or through Knative, which scales to zero and splits traffic."""

    STANDARD = "standard"
    KNATIVE = "knative"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a bundle is to be deployed.

    Attributes:
        name: Of the InferenceService.
        storage: Where the cluster finds the bundle.
        namespace: Of the cluster; empty: the site's own.
        form: ``assay`` runs our container, which verifies the bundle itself and explains; ``onnx`` a runtime of the cluster for plain ONNX.
        image: Our container; ``onnx`` needs none.
        mode: How KServe runs it.
        grpc: With Knative, which leads to one port of a pod: whether the predictor answers over gRPC in place of HTTP. Plain Deployments
            always answer over both.
        explainer: Whether explanations get pods of their own beside the predictor's.
        canary: Percent of requests that a new version gets at first, 1..99; ``None``: all.
        least: Fewest pods; 0: none while nobody asks.
        most: Most pods; 0: the cluster's own limit.
        cpu: Processor cores of a pod, as Kubernetes writes them.
        memory: Of a pod, likewise.
        gpu: Accelerators of a pod.
        account: Service account of the pods: whoever may read the storage.
        registry_secret: Secret of the type ``kubernetes.io/dockerconfigjson`` for the bundle's registry and the image's.
        runtime: Name of the cluster's serving runtime for ``onnx``; empty: the cluster chooses.
    """

    name: str
    storage: Storage
    namespace: str = ""
    form: Form = Form.ASSAY
    image: str = ""
    mode: Mode = Mode.STANDARD
    grpc: bool = False
    explainer: bool = False
    canary: int | None = None
    least: int = 1
    most: int = 0
    cpu: str = "1"
    memory: str = "1Gi"
    gpu: int = 0
    account: str = ""
    registry_secret: str = ""
    runtime: str = ""

    @property
    def only_grpc(self) -> bool:
        """Whether the predictor cannot be asked over HTTP."""
        return self.grpc and self.mode is Mode.KNATIVE


def service_name(title: str) -> str:
    """Return the name of the InferenceService for a bundle's name."""
    plain = re.sub(r"[^a-z0-9]+", "-", title).strip("-")
    return plain if SERVICE.fullmatch(plain) else f"model-{plain}"


def wrong_settings(settings: Settings, candidate: Candidate) -> list[Fault]:
    """Return everything that keeps the settings from working."""
    return [
        *_names(settings),
        *_form(settings, candidate),
        *_scale(settings),
        *_sizes(settings),
        *_storage(settings.storage, candidate),
    ]


def _names(settings: Settings) -> list[Fault]:
    faults = []
    if not SERVICE.fullmatch(settings.name):
        hint = "small letters, digits and dashes; it begins with a letter"
        faults.append(Fault("bad-name", f"{settings.name!r} cannot be the name of a service", settings.name, hint=hint))
    host = f"{settings.name}-{'explainer' if settings.explainer else 'predictor'}-{settings.namespace or 'default'}"
    if len(host) > _LONGEST_HOST:
        message = f"KServe makes the host name {host!r} of it, {len(host)} characters where {_LONGEST_HOST} are allowed"
        faults.append(Fault("bad-name", message, settings.name, hint="--name gives a shorter one"))
    for what, value in (
        ("namespace", settings.namespace),
        ("service account", settings.account),
        ("secret", settings.registry_secret),
        ("serving runtime", settings.runtime),
    ):
        if value and not NAME.fullmatch(value):
            faults.append(Fault("bad-name", f"{value!r} cannot be the name of a {what} in Kubernetes", value))
    return faults


def _form(settings: Settings, candidate: Candidate) -> list[Fault]:
    faults = []
    if settings.form is Form.ASSAY:
        if candidate.kind != "image":
            message = f"our container answers about images, and {candidate.manifest.title} about a {candidate.kind}"
            hint = "--format onnx serves the network as it is; transform/predict-table asks it in a pipeline"
            faults.append(Fault("bad-choice", message, candidate.kind, hint=hint))
        if not settings.image:
            hint = "--image, or ASSAY_IMAGE: the container that runs 'assay serve'"
            faults.append(Fault("no-image", "our container needs an image", "image", hint=hint))
        else:
            faults += check_reference(settings.image, "--image")
        if settings.runtime:
            message = "a serving runtime belongs to plain ONNX, our container is one itself"
            faults.append(Fault("bad-choice", message, settings.runtime, hint="leave it out, or --format onnx"))
        return faults
    for given, what in (
        (settings.explainer, "explains"),
        (settings.image, "has an image of its own"),
        (settings.grpc, "is told which protocol to speak"),
    ):
        if given:
            message = f"a runtime for plain ONNX is the cluster's, and nothing of it {what}"
            faults.append(Fault("bad-choice", message, "onnx", hint="--format assay"))
    if settings.storage.kind is StorageKind.OCI:
        message = "a runtime for plain ONNX reads folders, and takes an oci:// address for a container image"
        faults.append(
            Fault(
                "bad-choice", message, settings.storage.address, hint="--storage s3://… or pvc://…, or --format assay"
            )
        )
    return faults


def _scale(settings: Settings) -> list[Fault]:
    faults = []
    if settings.canary is not None and not 1 <= settings.canary <= 99:
        faults.append(Fault("bad-choice", f"a canary gets 1 to 99 percent, not {settings.canary}", "canary"))
    if settings.least < 0 or settings.most < 0 or 0 < settings.most < settings.least:
        message = f"{settings.least} to {settings.most} pods are no range"
        faults.append(Fault("bad-choice", message, str(settings.most)))
    if settings.mode is Mode.STANDARD:
        for given, what in ((settings.canary is not None, "a canary"), (settings.least == 0, "scaling to zero")):
            if given:
                message = f"{what} needs Knative, which the mode 'standard' does without"
                faults.append(Fault("bad-choice", message, "mode", hint="--mode knative"))
    return faults


def _sizes(settings: Settings) -> list[Fault]:
    faults = [
        Fault("bad-choice", f"{value!r} is no {what} as Kubernetes writes it", value, hint=f"such as {example}")
        for what, value, example in (("cpu", settings.cpu, "500m or 2"), ("memory", settings.memory, "512Mi or 2Gi"))
        if not QUANTITY.fullmatch(value)
    ]
    if settings.gpu < 0:
        faults.append(Fault("bad-choice", f"{settings.gpu} accelerators cannot be", "gpu"))
    return faults


def _storage(storage: Storage, candidate: Candidate) -> list[Fault]:
    if storage.kind is not StorageKind.OCI:
        return []
    digest = storage.address.rpartition("@")[2]
    if digest == candidate.artifact:
        return []
    message = (
        f"{candidate.manifest.title} is {candidate.artifact} in a registry, and {storage.address} is another artifact"
    )
    return [Fault("another-bundle", message, digest, hint="'assay bundle push' prints the address of this bundle")]
