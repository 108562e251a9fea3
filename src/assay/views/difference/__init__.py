"""What two versions of a pipeline file differ in, as data, as a picture and as a page; where steps stand is no difference."""

from assay.views.difference.changes import AnnotationDifference, Change, Difference, StepDifference, WireDifference
from assay.views.difference.compare import compare
from assay.views.difference.drawing import draw_difference
from assay.views.difference.page import difference_page

__all__ = [
    "AnnotationDifference",
    "Change",
    "Difference",
    "StepDifference",
    "WireDifference",
    "compare",
    "difference_page",
    "draw_difference",
]
