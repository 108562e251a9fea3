"""The ``assay`` command."""

from assay.cli.entry import main

__all__ = ["main"]
