"""From a component's source to its ``ComponentSpec``, by syntax tree only: nothing of the source is ever run."""

from assay.authoring.file import DOCUMENT_SUFFIXES, SUFFIXES, is_described, is_script, read_whole_file
from assay.authoring.function import Declared, declared_components, read_file, read_function, read_functions
from assay.authoring.reach import ComponentFile, component_files
from assay.authoring.reading import Reading

__all__ = [
    "DOCUMENT_SUFFIXES",
    "SUFFIXES",
    "ComponentFile",
    "Declared",
    "Reading",
    "component_files",
    "declared_components",
    "is_described",
    "is_script",
    "read_file",
    "read_function",
    "read_functions",
    "read_whole_file",
]
