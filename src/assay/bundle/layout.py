"""Where everything lies in a bundle, and which names may stand in one.

```
bundle.json        what is in it: name, version, model, and size and sha256 of every other file
signature.json     a DSSE envelope: an in-toto statement about bundle.json and the model
model/             the model folder as it was judged
verdict.json       the gate's signed verdict, and override.json where somebody published against it
evidence/          every evidence file that the verdict rests on
reports/           for people
example/           a synthetic input as a picture (or rows) and as a request, and the answer that the model has to give
provenance.json    how the model came to be: a signed SLSA v1 statement
sbom.cdx.json      what it was made with and is served by: CycloneDX
licences/          the terms of use
openssf/           the model signed as OpenSSF Model Signing does, and the public key for it
```
"""

from __future__ import annotations

import enum
import unicodedata

MANIFEST, SIGNATURE = "bundle.json", "signature.json"

LONGEST_NAME = 240
"""Characters in a path; more does not unpack everywhere."""

MOST_FILES = 10_000
MOST_BYTES = 64 << 30
LARGEST_DOCUMENT = 16 << 20
"""Bytes of a JSON document that is read into memory."""


class Part(enum.StrEnum):
    """A file, or a folder with everything below it."""

    MODEL = "model"
    VERDICT = "verdict.json"
    OVERRIDE = "override.json"
    EVIDENCE = "evidence"
    REPORTS = "reports"
    EXAMPLE = "example"
    PROVENANCE = "provenance.json"
    SBOM = "sbom.cdx.json"
    LICENCES = "licences"
    OPENSSF = "openssf"

    def holds(self, name: str) -> bool:
        """Whether the file ``name`` is this part, or in it."""
        return name == self or name.startswith(f"{self}/")


def unsafe(name: str) -> str:
    """Return in words why a file of a bundle must not be called ``name``; empty when it may."""
    parts = name.split("/")
    if name.startswith("/") or ":" in parts[0]:
        return "it is no relative path"
    if ".." in parts:
        return "it leads out of the bundle"
    if "" in parts or "." in parts:
        return "it has an empty part"
    if len(name) > LONGEST_NAME:
        return f"it is longer than {LONGEST_NAME} characters"
    if "\\" in name or any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in name):
        return "it holds a backslash or an invisible character"
    if unicodedata.normalize("NFC", name) != name:
        return "it is not in Unicode's composed form"
    return ""


def foreign(name: str) -> bool:
    """Whether ``name`` is no file that a bundle has a place for."""
    return name not in {MANIFEST, SIGNATURE} and not any(part.holds(name) for part in Part)
