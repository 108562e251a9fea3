"""Prepare the table.

Rows without a value are left out.
"""
import os
import sys
import numpy as np

# Smallest value
least = float(os.environ.get("least", "5.0"))
input_table = os.environ["input_table"]  # type: Dataset
output_table = os.environ["output_table"]  # type: Dataset
