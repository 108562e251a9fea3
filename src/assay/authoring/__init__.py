"""From a component's source to its ``ComponentSpec``, by syntax tree only: nothing of the source is ever run."""

from assay.authoring.function import Reading, read_file, read_function, read_functions

__all__ = ["Reading", "read_file", "read_function", "read_functions"]
