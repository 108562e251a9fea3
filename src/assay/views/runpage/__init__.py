"""A run as one HTML file: for whoever has neither Assay nor this machine."""

from assay.views.runpage.page import run_page

__all__ = ["run_page"]
