"""Run the showcase pipeline on a folder of real images and print AUROC with its interval.

The pipeline is examples/01_covid_ct/covid_ct.pipeline.yaml, its first step replaced by input/image-folder and parameters of the
later steps set from the command line; everything else is the file's. Images and results stay in the working folder.

    python benchmarks/real_data/measure.py IMAGES TABLE.csv --labels other covid --split-column split \
        --network efficientnet-lite0 --image-size 224 --epochs 30 --seeds 0 1 2
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

PIPELINE = Path(__file__).parents[2] / "examples" / "01_covid_ct" / "covid_ct.pipeline.yaml"


def main() -> int:
    """Measure every seed and print a line each."""
    arguments = parse()
    arguments.work.mkdir(parents=True, exist_ok=True)
    for seed in arguments.seeds:
        file = arguments.work / f"seed{seed}.pipeline.yaml"
        file.write_text(yaml.safe_dump(pipeline(arguments, seed), sort_keys=False), encoding="utf-8")
        begun = time.monotonic()
        run = assay(arguments.work, "run", file.name)
        seconds = time.monotonic() - begun
        if run.returncode:
            print(run.stdout + run.stderr)
            return run.returncode
        metrics = arguments.work / f"seed{seed}.metrics.json"
        metrics.unlink(missing_ok=True)
        assay(arguments.work, "artifacts", "get", "last", "evaluate.metrics", metrics.name)
        print(line(seed, json.loads(metrics.read_text(encoding="utf-8")), seconds), flush=True)
    return 0


def parse() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--labels", nargs=2, default=["other", "covid"], metavar=("NEGATIVE", "POSITIVE"))
    parser.add_argument("--split-column", default="", help="official split; default: drawn by patient")
    parser.add_argument("--network", default="small-resnet")
    parser.add_argument("--fine-tune", action="store_true")
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--augmentation", default="light")
    parser.add_argument("--patience", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--work", type=Path, default=Path(".assay-real-data"))
    return parser.parse_args()


def pipeline(arguments: argparse.Namespace, seed: int) -> dict[str, Any]:
    """Return the showcase with its first step replaced."""
    document: dict[str, Any] = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))
    steps = document["steps"]
    document["params"]["seed"]["default"] = seed
    document["params"]["epochs"]["default"] = arguments.epochs
    del document["params"]["patients"]
    steps["scans"] = {
        "use": "input/image-folder",
        "with": {
            "folder": str(arguments.folder.resolve()),
            "table": str(arguments.table.resolve()),
            "labels": arguments.labels,
        },
    }
    steps["split"]["with"] = {"by": "label", "seed": "$params.seed", "use_split": arguments.split_column}
    steps["train"]["with"] |= {
        "network": arguments.network,
        "fine_tune": arguments.fine_tune,
        "image_size": arguments.image_size,
        "learning_rate": arguments.learning_rate,
        "augmentation": arguments.augmentation,
        "patience": arguments.patience,
    }
    return document


def line(seed: int, metrics: dict[str, Any], seconds: float) -> str:
    """Return one line of results."""
    data = metrics["data"]
    shown = []
    for title, figures in (("image", metrics["figures"]), ("patient", metrics["patient"]["figures"])):
        for name in ("auroc", "sensitivity", "specificity"):
            figure = figures[name]
            shown.append(f"{title} {name} {figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]")
    people = f"{data['images']} images of {data['patients']} test patients"
    return f"seed {seed}: {'; '.join(shown)}; {people}; {seconds:.0f} s"


def assay(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    command = [str(Path(sys.executable).with_name("assay")), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
