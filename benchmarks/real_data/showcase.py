"""Take real CT slices and chest films through the showcase, from folder to refused verdict, and print what the evidence says.

DATA holds ct/, ct.csv, xray/ and xray.csv. The pipeline is examples/01_covid_ct/covid_ct.pipeline.yaml with another first step, a
network that knows ImageNet, the policy clinical-strict and a small budget for explanations; attacks, privacy and the
planted gap are left out for their cost. Images, pipelines and reports stay in the working folder.

    python benchmarks/real_data/showcase.py DATA
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import yaml
from measure import PIPELINE, assay

SETS = {"ct": "split", "xray": ""}
LEFT_OUT = ("attacks", "privacy", "plant", "control", "plant-age", "control-age")


def main() -> int:
    """Run each set and print its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=os.environ.get("ASSAY_REAL_DATA"))
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path(".assay-real-data"))
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("name the folder of the images, or set ASSAY_REAL_DATA")
    for name in arguments.sets:
        folder = arguments.work / name
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "showcase.pipeline.yaml"
        document = pipeline(arguments.data.resolve(), name, arguments.seed)
        file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        before = spent()
        run = assay(folder, "run", file.name)
        if run.returncode:
            print(run.stdout + run.stderr)
            return int(run.returncode)
        print(f"{name}, seed {arguments.seed}: {spent() - before:.0f} CPU seconds")
        tell(folder, document["steps"]["judge"]["in"]["evidence"])
    return 0


def pipeline(data: Path, name: str, seed: int) -> dict[str, Any]:
    """Return the showcase for one set of images."""
    document: dict[str, Any] = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))
    document["name"] = f"real-{name}"
    del document["params"]["patients"], document["layout"]
    document["params"]["seed"]["default"] = seed
    document["params"]["epochs"]["default"] = 20
    steps = document["steps"]
    for step in LEFT_OUT:
        del steps[step]
    source = {"folder": str(data), "table": str(data / f"{name}.csv"), "labels": ["other", "covid"]}
    steps["scans"] = {"use": "input/image-folder", "with": source}
    steps["split"]["with"] = {"by": "label", "seed": "$params.seed", "use_split": SETS[name]}
    steps["train"]["with"] |= {"network": "efficientnet-lite0", "image_size": 224, "learning_rate": 1e-3}
    steps["explain"] = {
        "use": "explain/occlusion",
        "in": {"model": "train.model", "images": "split.test"},
        "with": EXPLAIN | {"seed": "$params.seed"},
    }
    steps["shifts"]["with"] |= {"severities": [1]}
    for step in ("judge", "report", "publish"):
        steps[step]["in"]["evidence"] = [
            each for each in steps[step]["in"]["evidence"] if each.split(".")[0] not in LEFT_OUT
        ]
    steps["judge"]["with"] = {"policy": "clinical-strict"}
    steps["report"]["with"] = {
        "about": {
            "name": f"COVID-19 on a public set ({name})",
            "summary": "A frozen ImageNet backbone with a fitted last layer, measured to show what the evidence says of it.",
            "intended_use": "Demonstration only. Not for any patient.",
        }
    }
    return document


TOLD = (
    "discrimination.auroc",
    "discrimination.sensitivity",
    "discrimination.specificity",
    "calibration.ece",
    "leakage.patients",
    "leakage.images",
    "leakage.near_duplicates",
    "shortcut.cue_auroc",
    "shortcut.auroc_drop",
    "fairness.tpr",
    "fairness.fpr",
    "fairness.tnr",
    "fairness.base_rate",
    "fairness.tpr_difference",
    "fairness.fpr_difference",
    "robustness.shift_auroc_drop",
    "explanation.gain_over_control",
)
EXPLAIN = {"window": 45, "pictures": 4, "shown": 1, "few": 2}


def spent() -> float:
    """Return the CPU seconds of all finished children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tell(folder: Path, evidence: list[str]) -> None:
    """Print the verdict rule by rule, every figure in TOLD with its interval, and why figures are missing."""
    print(assay(folder, "logs", "last", "judge").stdout)
    for output, file in (("report.report", "report.html"), *((port, f"{port}.json") for port in evidence)):
        (folder / file).unlink(missing_ok=True)
        got = assay(folder, "artifacts", "get", "last", output, file)
        if got.returncode:
            raise SystemExit(got.stdout + got.stderr)
    for port in evidence:
        found = json.loads((folder / f"{port}.json").read_text(encoding="utf-8"))
        for each in found["statements"]:
            if each["id"] in TOLD:
                print(row(each))
        for missing in found["not_measured"]:
            print(f"| not measured: {missing['id']} | {words(missing['on'])} | {missing['why']} | | |")


def row(statement: dict[str, Any]) -> str:
    """Return a row of a table: figure, about whom, value with interval, patients and rows, state."""
    about, of = words(statement["on"]), statement["estimate"]
    if statement["against"]:
        about += f" against {words(statement['against'])}"
    shown = f"{of['value']:.3f}"
    if of["low"] is not None:
        shown += f" [{of['low']:.3f}, {of['high']:.3f}]"
    return f"| {statement['id']} | {about} | {shown} | {of['n']} / {of['rows']} | {statement['state'] or ''} |"


def words(group: dict[str, str]) -> str:
    """Return a group of people or a condition in words."""
    return ", ".join(f"{name} {value}" for name, value in group.items())


if __name__ == "__main__":
    sys.exit(main())
