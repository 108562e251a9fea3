"""From a component's source to its ``ComponentSpec``, by syntax tree only: nothing of the source is ever run."""

from assay.authoring.function import Declared, Reading, declared_components, read_file, read_function, read_functions

__all__ = ["Declared", "Reading", "declared_components", "read_file", "read_function", "read_functions"]
