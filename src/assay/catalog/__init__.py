"""Find, list and search components: the built-in library, folders, installed packages, files beside a pipeline."""

from assay.catalog.catalog import Catalog, Surveyed
from assay.catalog.settings import add_folder, catalog_folders, open_catalog, project_folder, remove_folder

__all__ = [
    "Catalog",
    "Surveyed",
    "add_folder",
    "catalog_folders",
    "open_catalog",
    "project_folder",
    "remove_folder",
]
