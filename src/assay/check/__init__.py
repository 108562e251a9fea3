"""Coded rules over a pipeline file and the catalog; the editor, the command line and the planner use the same ones."""

from assay.check.check import Resolve, check, check_params
from assay.check.checked import Checked
from assay.check.expand import expanded, members
from assay.check.nested import Read
from assay.check.rules import RULES, CodedRule

__all__ = ["RULES", "Checked", "CodedRule", "Read", "Resolve", "check", "check_params", "expanded", "members"]
