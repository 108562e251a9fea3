"""A synthetic chest CT: patients, anatomy, lesions with masks, scanners, and bias on request. No patient was imaged."""

from assay.data.phantom.cohort import COLUMNS, LABELS, Cohort, Picture, Plan, Tie, pictures, plan_cohort
from assay.data.phantom.marker import Marker

__all__ = ["COLUMNS", "LABELS", "Cohort", "Marker", "Picture", "Plan", "Tie", "pictures", "plan_cohort"]
