"""A pipeline as a picture: one SVG file that is the same, byte for byte, wherever it is drawn."""

from assay.views.drawing.pipeline import draw_outline
from assay.views.drawing.sketch import Box, Line, Mark, Sketch
from assay.views.drawing.svg import draw

__all__ = ["Box", "Line", "Mark", "Sketch", "draw", "draw_outline"]
