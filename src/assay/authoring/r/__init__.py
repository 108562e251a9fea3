"""R scripts as components, by their tokens."""

from assay.authoring.r.script import read_r

__all__ = ["read_r"]
