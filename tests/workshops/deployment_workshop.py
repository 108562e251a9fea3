"""Bundles on their way to a cluster; shared by the tests of deployment, its component and its command."""

from __future__ import annotations

import datetime as dt

from bundle_workshop import Workshop

from assay.bundle.source import FolderSource
from assay.deployment.candidate import Candidate, admitted
from assay.deployment.settings import Settings
from assay.deployment.storage import Storage

IMAGE = "registry.example/assay@sha256:" + "b" * 64


def candidate(workshop: Workshop, name: str = "bundle", *, later: dt.timedelta = dt.timedelta(days=1)) -> Candidate:
    """Return a bundle of the workshop as what may be deployed."""
    keys = {"clinic": workshop.key.public}
    return admitted(FolderSource(workshop.root / name), keys, workshop.now + later)


def address(found: Candidate) -> str:
    """Return where it would be in a registry."""
    return f"oci://registry.example/radiology/covid-ct@{found.artifact}"


def settings(found: Candidate, **how) -> Settings:
    """Return settings that can be, but for ``how``."""
    storage = Storage.parse(how.pop("storage", address(found)))
    return Settings(**{"name": "covid-ct", "image": IMAGE, "storage": storage} | how)
