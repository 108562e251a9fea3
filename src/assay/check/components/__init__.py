"""What makes the source of a component a good one: coded rules over its specification and its syntax, nothing is run."""

from assay.check.components.check import SourceCheck, check_source
from assay.check.components.rules import RULES

__all__ = ["RULES", "SourceCheck", "check_source"]
