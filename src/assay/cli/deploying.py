"""What the deploy command works with: a verified bundle, what was chosen, and both as words."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli.bundling import now, tell
from assay.cli.terminal import document, note, raw, say
from assay.errors import AssayError, did_you_mean

if TYPE_CHECKING:
    import enum
    from typing import TypeVar

    from assay.bundle.source import Source
    from assay.deployment.candidate import Candidate
    from assay.deployment.settings import Settings

    Chosen = TypeVar("Chosen", bound=enum.StrEnum)


@dataclass(frozen=True, slots=True)
class Choices:
    """What was typed; the names are those of ``Settings``."""

    storage: str | None
    image: str
    name: str
    namespace: str
    form: str
    runtime: str
    mode: str
    grpc: bool
    explainer: bool
    canary: int | None
    least: int
    most: int
    cpu: str
    memory: str
    gpu: int
    account: str
    registry_secret: str


def write_documents(
    where: str, choices: Choices, *, key: Path | None, shelf: Path | None, out: Path | None, json: bool
) -> None:
    """Verify a bundle and write its documents to ``out``, or to stdout."""
    from assay.deployment.documents import documents, text

    with candidate_of(where, key, shelf) as (candidate, source):
        made = documents(candidate, settings_of(choices, candidate, source))
    content = text(candidate, made)
    if out is not None:
        out.write_bytes(content)
    if json:
        document({"file": str(out) if out else None, "artifact": candidate.artifact, "documents": list(made)})
    elif out is not None:
        tell(candidate.found)
        say(str(out))
    else:
        warn(candidate)
        raw(content)


def warn(candidate: Candidate) -> None:
    """Say to stderr what must stand beside a deployment; an override in red."""
    from assay.trust.gate.words import override_line

    override = candidate.found.admission.override
    if override is not None:
        note(f"! {override_line(override)}", "bold red")


@contextlib.contextmanager
def candidate_of(where: str, key: Path | None, shelf: Path | None) -> Iterator[tuple[Candidate, Source]]:
    """Yield a bundle that may be deployed, and where it lies; raises what verifying it raises."""
    from assay.bundle.opening import find, opened
    from assay.deployment.candidate import admitted, trusted_keys
    from assay.signing import Keyring, keyring_folder

    ring = Keyring(keyring_folder(os.environ))
    with opened(find(where, shelf, os.environ)) as source:
        yield admitted(source, trusted_keys(key, ring), now(), development=ring.development_ids()), source


def settings_of(choices: Choices, candidate: Candidate, source: Source) -> Settings:
    """Return what was chosen; raises ``AssayError`` when a place or a word cannot be."""
    from assay.deployment.settings import Form, Mode, Settings, service_name
    from assay.deployment.storage import Storage

    return Settings(
        name=choices.name or service_name(candidate.manifest.name),
        storage=Storage.parse(choices.storage or _address(source)),
        namespace=choices.namespace,
        form=word(choices.form, Form, "--format"),
        image=choices.image,
        mode=word(choices.mode, Mode, "--mode"),
        grpc=choices.grpc,
        explainer=choices.explainer,
        canary=choices.canary,
        least=choices.least,
        most=choices.most,
        cpu=choices.cpu,
        memory=choices.memory,
        gpu=choices.gpu,
        account=choices.account,
        registry_secret=choices.registry_secret,
        runtime=choices.runtime,
    )


def _address(source: Source) -> str:
    """Return where a bundle of a registry is, by digest."""
    from assay.bundle.address import Address
    from assay.bundle.registry import RegistrySource

    if isinstance(source, RegistrySource):
        return Address.parse(source.name).at("", source.digest)
    raise AssayError(
        "the cluster has to find the bundle somewhere",
        culprit=source.name,
        hint="'assay bundle push' it and give the address, or say --storage s3://… or pvc://…",
    )


def word(value: str, kind: type[Chosen], option: str) -> Chosen:
    """Return what a word means to an option; raises ``AssayError`` with the words that it knows."""
    try:
        return kind(value)
    except ValueError:
        known = [str(one) for one in kind]
        hint = did_you_mean(value, known) or f"there are {' and '.join(known)}"
        raise AssayError(f"{option} knows no {value!r}", culprit=value, hint=hint) from None
