"""Where a cluster finds a bundle: a registry by digest, an object store, or a volume claim."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Self

from assay.bundle.address import Address
from assay.errors import AssayError

_PLACES = re.compile(
    r"(?P<kind>s3|pvc)://(?P<first>[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?)(?P<rest>(?:/[A-Za-z0-9._=+@-]+)*)/?"
)


class StorageKind(enum.StrEnum):
    """What kind of place."""

    OCI = "oci"
    S3 = "s3"
    PVC = "pvc"


@dataclass(frozen=True, slots=True)
class Storage:
    """Where a cluster finds a bundle.

    Attributes:
        address: ``oci://registry/repository@sha256:…``, ``s3://bucket/folder`` or ``pvc://claim/folder``.
    """

    kind: StorageKind
    address: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the place that ``text`` means.

        Raises:
            AssayError: It is none, leads out of its bucket or claim, or is an address in a registry by a tag, which can be moved.
        """
        if text.startswith("oci://"):
            if not Address.parse(text).digest:
                hint = "'assay bundle push' prints the address by digest"
                raise AssayError(
                    "a cluster finds a bundle by its digest: a tag can be moved",
                    culprit=text,
                    hint=f"…@sha256:…; {hint}",
                )
            return cls(StorageKind.OCI, text)
        found = _PLACES.fullmatch(text)
        if found is None or {".", ".."} & set(found["rest"].split("/")):
            hint = "oci://registry/repository@sha256:…, s3://bucket/folder or pvc://claim/folder"
            raise AssayError(f"{text!r} is no place where a cluster finds a bundle", culprit=text, hint=hint)
        return cls(StorageKind(found["kind"]), text.rstrip("/"))
