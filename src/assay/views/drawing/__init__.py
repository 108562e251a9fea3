"""A pipeline as a picture: one SVG file that is the same, byte for byte, wherever it is drawn."""

from assay.views.drawing.pipeline import draw_outline
from assay.views.drawing.sketch import Box, Frame, Line, Mark, Sketch, Slip
from assay.views.drawing.svg import draw

__all__ = ["Box", "Frame", "Line", "Mark", "Sketch", "Slip", "draw", "draw_outline"]
