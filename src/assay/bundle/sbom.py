"""What a model was made with and is served by, as CycloneDX 1.6 (cyclonedx.org)."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

from assay.errors import MissingDependency

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

_ROOTS = ("assay-ml", "onnxruntime", "numpy", "pillow", "cryptography")
"""What serving needs; with all that they need."""

_PROPERTY = "assay:used-for"


def bill_of_materials(name: str, version: str, model: str, facts: Mapping[str, Any], now: dt.datetime) -> str:
    """Return the CycloneDX JSON of a model: itself, the packages that serve it, and those that it was trained with.

    Args:
        name: Of the bundle.
        version: Of the bundle.
        model: sha256 of the model folder.
        facts: ``model.json``; ``training.versions`` names what it was trained with.
        now: When, for the document's date.
    """
    try:
        from cyclonedx.model import HashAlgorithm, HashType
        from cyclonedx.model.bom import Bom
        from cyclonedx.model.component import Component, ComponentType
        from cyclonedx.output.json import JsonV1Dot6
    except ImportError:
        raise MissingDependency(
            "the bill of materials needs the package 'cyclonedx-python-lib'",
            culprit="cyclonedx-python-lib",
            hint="type: pip install 'assay-ml[bundle]'",
        ) from None
    bom = Bom(serial_number=uuid.UUID(model[:32]), version=1)
    bom.metadata.timestamp = now.astimezone(dt.UTC).replace(microsecond=0)
    itself = Component(
        name=name,
        version=version,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref="model",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=model)],
    )
    bom.metadata.component = itself
    packages = [_component(one.metadata["Name"], one.version, "serving", one.metadata) for one in _closure()]
    trained = dict(facts.get("training", {}).get("versions", {}))
    packages += [_component(package, str(trained[package]), "training", None) for package in sorted(trained)]
    for component in packages:
        bom.components.add(component)
    bom.register_dependency(itself, packages)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _component(name: str, version: str, used: str, facts: metadata.PackageMetadata | None) -> Component:
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    stated = "" if facts is None else str(facts.json.get("license_expression") or facts.json.get("license") or "")
    licences = [LicenseFactory().make_from_string(stated)] if stated and "\n" not in stated else []
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{used}:{name}@{version}",
        purl=PackageURL("pypi", None, name.lower(), version),
        licenses=licences,
        properties=[Property(name=_PROPERTY, value=used)],
    )


def _closure() -> Iterator[metadata.Distribution]:
    """Yield what is installed of the packages that serving needs, each once, sorted by name."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(_ROOTS)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        needs = found[name].requires or []
        waiting += [
            match[0] for need in needs if "extra ==" not in need and (match := re.match(r"[A-Za-z0-9._-]+", need))
        ]
    yield from (found[name] for name in sorted(found))
