"""Addresses of artifacts in registries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from assay.errors import AssayError

_ADDRESS = re.compile(
    r"oci://(?P<registry>[A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9a-fA-F:]+\](?::[0-9]+)?)/"
    r"(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64})|:(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
)
_LOOPBACK = re.compile(r"(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an artifact is, or is to be.

    Attributes:
        registry: Host, and port where it is not the usual one.
        repository: Path below it.
        tag: A name that can be moved; empty when there is a digest.
        digest: Of the OCI manifest: names exactly one artifact.
    """

    registry: str
    repository: str
    tag: str
    digest: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address that ``oci://registry/repository:tag`` or ``…@sha256:…`` means; raises ``AssayError``."""
        found = _ADDRESS.fullmatch(text)
        if found is None:
            hint = "oci://registry/repository:tag or oci://registry/repository@sha256:…"
            raise AssayError(f"{text!r} is no address in a registry", culprit=text, hint=hint)
        return cls(found["registry"], found["repository"], found["tag"] or "", found["digest"] or "")

    @property
    def plain(self) -> bool:
        """Whether it is spoken to without TLS: this computer only."""
        return _LOOPBACK.fullmatch(self.registry) is not None

    def at(self, tag: str, digest: str = "") -> str:
        """Return the address of another tag or digest of the repository."""
        return f"oci://{self.registry}/{self.repository}{f'@{digest}' if digest else f':{tag}'}"
