"""Write a folder of 300 component sources of every kind, each of a size that people write: what the benchmark reads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

COUNTS = {
    "notebook": 110,
    "environment": 50,
    "argparse": 40,
    "shell": 30,
    "r": 30,
    "container": 20,
    "kfp": 10,
    "cwl": 10,
}

NOTEBOOK = """import os
import pandas as pd
# Passes over the data, number {n}
epochs = int(os.environ.get("epochs", "{n}"))
# How fast it learns
rate = float(os.environ.get("rate", "0.001"))
shuffle = bool(os.environ.get("shuffle", "False"))
input_table = os.environ["input_table"]  # type: Dataset
output_model = os.environ.get("output_model", "model.json")
"""
WORK = """def prepare_{n}(table, column="value"):
    rows = table[table[column].notna()].copy()
    rows["scaled"] = (rows[column] - rows[column].mean()) / rows[column].std()
    return rows.groupby("group").agg({{"scaled": ["mean", "std"], column: "count"}})
"""
ENVIRONMENT = '"""Prepare table {n}.\n\nAs the others.\n"""\n' + NOTEBOOK
ARGPARSE = '''"""Fit number {n}."""
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("input_table", help="The table")
parser.add_argument("--epochs", type=int, default={n}, help="Passes")
parser.add_argument("--rate", type=float, default=0.001)
parser.add_argument("--layers", type=int, nargs="+", default=[64, 32])
parser.add_argument("--shuffle", action="store_true")
parser.add_argument("--output-model", default="model.json")
args = parser.parse_args()
'''
SHELL = """#!/usr/bin/env bash
# Count lines, number {n}
set -euo pipefail
# How many
rows=${{rows:-{n}}}
head -n "$rows" "$input_table" > "$output_head"
"""
R = """# Fit a line, number {n}
library(dplyr)
# Degree
degree <- as.integer(Sys.getenv("degree", "{n}"))
robust <- as.logical(Sys.getenv("robust", "FALSE"))
input_table <- Sys.getenv("input_table") # type: Dataset
output_fit <- Sys.getenv("output_fit", "fit.json")
rows <- read.csv(input_table) |> filter(!is.na(value)) |> mutate(scaled = (value - mean(value)) / sd(value))
cat(toJSON(coef(lm(value ~ poly(hour, degree), data = rows))), file = output_fit)
"""
CONTAINER = """component: 1
title: Fit number {n}
image: tools/fit:{n}
args: [--table, "{{{{inputs.table}}}}", "--epochs={{{{params.epochs}}}}", --out, "{{{{outputs.model}}}}"]
params: {{epochs: {{type: int, default: {n}, help: Passes}}}}
inputs: {{table: Dataset}}
outputs: {{model: Model}}
"""
KFP = """name: Fit number {n}
inputs:
- {{name: Table, type: CSV}}
- {{name: Epochs, type: Integer, default: '{n}', description: Passes}}
outputs:
- {{name: Model, type: Model}}
implementation:
  container:
    image: tools/fit:{n}
    command: [python3, /fit.py]
    args: [--table, {{inputPath: Table}}, --epochs, {{inputValue: Epochs}}, {{outputPath: Model}}]
"""
CWL = """cwlVersion: v1.2
class: CommandLineTool
label: Sort number {n}
baseCommand: sort
requirements: {{DockerRequirement: {{dockerPull: "debian:{n}"}}}}
inputs:
  table: {{type: File, inputBinding: {{position: 2}}}}
  key: {{type: int, default: {n}, inputBinding: {{prefix: -k}}}}
outputs: {{sorted: {{type: stdout}}}}
stdout: sorted.csv
"""
PLAIN = {
    "environment": (ENVIRONMENT + WORK * 5, "py"),
    "argparse": (ARGPARSE + WORK * 5, "py"),
    "shell": (SHELL, "sh"),
    "r": (R, "R"),
    "container": (CONTAINER, "component.yaml"),
    "kfp": (KFP, "kfp.yaml"),
    "cwl": (CWL, "cwl"),
}


def notebook(n: int) -> str:
    """A notebook of 14 cells, with outputs as they are committed."""
    sources = [f"# Notebook {n}\nWhat it does.", "!pip install pandas>=2 scikit-learn", NOTEBOOK.format(n=n)]
    sources += [WORK.format(n=f"{n}_{part}") for part in range(11)]
    cells = [{"cell_type": "markdown", "metadata": {}, "source": sources[0]}]
    output = {"output_type": "stream", "name": "stdout", "text": ["0.123456 0.654321\n"] * 40}
    cells += [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [output], "execution_count": 1}
        for source in sources[1:]
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def write_library(folder: Path) -> list[Path]:
    """Write the files, in folders of their kind; return them."""
    made: list[Path] = []
    for kind, count in COUNTS.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for n in range(count):
            text, ending = PLAIN.get(kind, ("", "ipynb"))
            made.append(folder / kind / f"one_{n}.{ending}")
            made[-1].write_text(text.format(n=n) if text else notebook(n))
    return made


if __name__ == "__main__":
    print(len(write_library(Path(sys.argv[1]))), "files")
