"""The pipeline file: text to model, model to text, and changes that leave all other text as it is."""

from assay.model.codec.document import Document, EditError, has_errors, load, load_bytes
from assay.model.codec.encode import dump

__all__ = ["Document", "EditError", "dump", "has_errors", "load", "load_bytes"]
