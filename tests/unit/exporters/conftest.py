"""The components that are built here."""

from exporter_workshop import echo, spec

__all__ = ["echo", "spec"]
