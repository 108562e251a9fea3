"""Leave out readings without a value.

A plain script: what it reads from the environment are its parameters and ports.
"""

import csv
import os

# Smallest value that is kept
least = float(os.environ.get("least", "0"))
# Whether a missing value stops everything
strict = os.environ.get("strict", "False") == "True"

input_readings = os.environ["input_readings"]  # type: Dataset
output_readings = os.environ["output_readings"]  # type: Dataset

with open(input_readings, newline="") as source:
    rows = list(csv.DictReader(source))
missing = [row["hour"] for row in rows if not row["value"]]
if missing and strict:
    raise SystemExit(f"no value at the hours {', '.join(missing)}")
with open(output_readings, "w", newline="") as target:
    writer = csv.DictWriter(target, ["hour", "value"])
    writer.writeheader()
    writer.writerows(row for row in rows if row["value"] and float(row["value"]) >= least)
print(f"left out: {len(missing)} without a value")
