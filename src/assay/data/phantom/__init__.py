"""A synthetic chest CT: patients, anatomy, lesions with masks, scanners, and bias on request. No patient was imaged."""

from assay.data.phantom.cohort import COLUMNS, LABELS, SITE_COLUMN, Cohort, Picture, Plan, Tie, pictures, plan_cohort
from assay.data.phantom.marker import Marker
from assay.data.phantom.person import Park

__all__ = [
    "COLUMNS",
    "LABELS",
    "SITE_COLUMN",
    "Cohort",
    "Marker",
    "Park",
    "Picture",
    "Plan",
    "Tie",
    "pictures",
    "plan_cohort",
]
