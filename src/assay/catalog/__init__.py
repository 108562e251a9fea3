"""Find, list and search components: the built-in library, folders, installed packages, files beside a pipeline."""

from assay.catalog.catalog import Catalog

__all__ = ["Catalog"]
