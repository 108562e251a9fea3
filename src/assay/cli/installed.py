"""Which Assay this is."""

from __future__ import annotations


def assay_version() -> str:
    """Return the version of the installed distribution, such as ``0.1.0``."""
    from importlib.metadata import version  # 20 ms: only when asked

    return version("assay-ml")
