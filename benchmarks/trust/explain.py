"""Measure explanations on the showcase's phantom models: where they point, whether they stand, what they cost.

    python benchmarks/trust/explain.py [--seeds 0 1 2] [--patients 400] [--epochs 12] [--pictures 60] [--people 0] [--alone] [--lime] [--keep FOLDER]

For each seed the showcase's first steps are run (phantom, split, training); explain/choose then picks a method on validation patients
and measures it, and the best candidate of each other method, on test patients; with --people on as many people who are in no part.
Pointing of the method chosen is pooled over the seeds, patients as the unit; below 0.9 is an error. Last comes the share of LIME's time
that is its own, and what the ONNX-only components import; --alone leaves out both, and the other methods;
--lime measures these two alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "workshops"))

from model_workshop import ONNX_ONLY

from assay import Images, Model
from assay.data.images import load_pixels, read_index_text, read_meta, read_rows
from assay.data.subset import write_subset
from assay.library.explain.asked_model import AskedModel
from assay.library.explain.choose import choose
from assay.library.input.ct_phantom import ct_phantom
from assay.training.examined import Examined
from assay.training.predictor import ModelFacts
from assay.trust.explain.asking import Asked
from assay.trust.explain.averages import share
from assay.trust.explain.heatmaps import read_heatmaps
from assay.trust.explain.lime import lime
from assay.trust.explain.localisation import localisation
from assay.trust.explain.superpixels import grid

PIPELINE = Path(__file__).parents[2] / "examples" / "01_covid_ct" / "covid_ct.pipeline.yaml"
LEAST_POINTING = 0.9
MOST_OF_LIME = 0.1
MOST_OF_IMPORTS = 0.3
"""CPU seconds, ONNX Runtime included."""
PARTS = ("split.train", "split.validation", "split.test", "train.model")


def made(folder: Path, seed: int, patients: int, epochs: int) -> Path:
    """Return a folder with the parts of a showcase run, made when it is not there."""
    own = folder / f"seed-{seed}"
    if all((own / part).exists() for part in PARTS):
        return own
    own.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).with_name("assay"))]
    store = ["--store", str(folder / "store")]
    told = ["-p", f"seed={seed}", "-p", f"patients={patients}", "-p", f"epochs={epochs}"]
    subprocess.run([*command, "run", str(PIPELINE), "--to", "train", *told, *store], check=True, capture_output=True)
    for part in PARTS:
        subprocess.run(
            [*command, "artifacts", "get", "last", part, str(own / part), *store], check=True, capture_output=True
        )
    return own


def newcomers(own: Path, patients: int, people: int, seed: int) -> Images:
    """Return images of as many people as the phantom would have next: in no part, and made like them."""
    place = own / f"newcomers-{people}"
    if not place.exists():
        everybody = ct_phantom(patients=patients + people, seed=seed).path
        known = {row["patient"] for part in PARTS[:3] for row in read_rows(own / part)}
        rows = read_index_text(everybody)
        write_subset(everybody, rows[~rows["patient"].isin(known)], place)
    return Images(place)


def table(columns: list[str], rows: list[list[object]]) -> None:
    """Print a Markdown table."""
    print("|", " | ".join(columns), "|")
    print("|", " | ".join("---" for _ in columns), "|")
    for row in rows:
        print(
            "|",
            " | ".join(
                "-" if cell is None else f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row
            ),
            "|",
        )


def chosen(own: Path, images: Images, pictures: int, *, alone: bool) -> np.ndarray:
    """Choose, measure and print; return the mean pointing of the method chosen, one figure a patient."""
    began = time.process_time()
    model, validation, train = Model(own / "train.model"), Images(own / "split.validation"), Images(own / "split.train")
    out = choose(model, validation, images, train, pictures=pictures, compare=not alone)
    spent = time.process_time() - began
    evidence = json.loads(out.evidence.path.read_text(encoding="utf-8"))
    tables = {one["name"]: one for one in evidence["tables"]}
    pointing = next(
        one for one in evidence["statements"] if one["id"] == "explanation.pointing" and "method" in one["on"]
    )
    estimate = pointing["estimate"]
    print(f"\nchosen: {pointing['on']['method']}; {spent:.0f} CPU s in all")
    print(
        f"pointing {estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}], n {estimate['n']} patients\n"
    )
    if alone:
        return pointing_by_patient(out.heatmaps.path, images, model)
    states = {row[0]: row[1] for row in tables["method_states"]["rows"]}
    kept = [
        "pointing",
        "iou",
        "pixel_auroc",
        "deletion, neighbours",
        "insertion, neighbours",
        "infidelity",
        "max sensitivity",
    ]
    kept += ["repeatability", "likeness when random", "CPU s a map"]
    columns = tables["methods"]["columns"]
    rows = tables["methods"]["rows"] + tables["maps"]["rows"][1:]
    picked = [[row[0], *(row[columns.index(name)] for name in kept), states.get(row[0], "control")] for row in rows]
    table(["map", *kept, "state"], picked)
    return pointing_by_patient(out.heatmaps.path, images, model)


def pointing_by_patient(heatmaps: Path, images: Images, model: Model) -> np.ndarray:
    """Return how often the true positives of each patient are pointed at, from the maps that were written, shape (patients,)."""
    maps = read_heatmaps(heatmaps)
    examined = Examined.read(images.path, ModelFacts.read(model.path / "model.json"), what="images")
    row_of = {row["file"]: number for number, row in enumerate(examined.rows)}
    found: dict[str, list[float]] = {}
    for heat, entry in zip(maps.heat, maps.rows, strict=True):
        mask = examined.masks([row_of[entry["file"]]])[0]
        if entry["outcome"] == "true positive" and mask.any():
            found.setdefault(entry["patient"], []).append(localisation(heat.astype(np.float64), mask).pointing)
    return np.array([np.mean(values) for values in found.values()])


def pooled(by_seed: list[np.ndarray]) -> bool:
    """Print the pointing of all seeds together, patients as the unit, and return whether it is as promised."""
    values = np.concatenate(by_seed)
    estimate = share(values, np.arange(len(values)))
    assert estimate is not None
    print(f"\npooled over {len(by_seed)} seeds: pointing {estimate}, n {estimate.n} patients", flush=True)
    return estimate.value >= LEAST_POINTING


def lime_overhead(own: Path) -> bool:
    """Print how much of LIME's time is not the model's; return whether it is as little as promised."""
    asked = AskedModel(own / "train.model", 1)
    size = asked.facts.preprocessing.size
    images, meta = own / "split.test", read_meta(own / "split.test")
    first = [load_pixels(images / row["file"], meta, None, size) for row in read_rows(images)[:4]]
    inside = 0.0

    def timed(pictures: np.ndarray) -> np.ndarray:
        nonlocal inside
        start = time.process_time()
        answers = asked.ask.model(pictures)
        inside += time.process_time() - start
        return answers

    shares = []
    for _ in range(5):
        inside, start = 0.0, time.process_time()
        lime(
            Asked(timed),
            first[0],
            np.stack(first[1:]),
            grid((size, size), size // 10),
            samples=1000,
            random=np.random.default_rng(0),
        )
        whole = time.process_time() - start
        shares.append((whole - inside) / inside)
    print(
        f"\nLIME, 1000 samples, {size} px: own time over the model's {min(shares):.1%} to {max(shares):.1%}, median {np.median(shares):.1%}"
    )
    return bool(np.median(shares) <= MOST_OF_LIME)


def imports() -> bool:
    """Print what the imports of steps take that ask a model by ONNX Runtime; return whether each is as quick as promised."""
    print()
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}  # as the engine starts a step
    quick = True
    for name in ("numpy", *(f"assay.library.{component}" for component in ONNX_ONLY)):
        code = f"import time; t = time.process_time(); import {name}, onnxruntime; print(time.process_time() - t)"
        command = [sys.executable, "-c", code]
        spent = [
            float(subprocess.run(command, env=one_thread, check=True, capture_output=True, text=True).stdout)
            for _ in range(5)
        ]
        quick &= min(spent) <= MOST_OF_IMPORTS
        print(f"import of {name} with ONNX Runtime: {min(spent):.2f} CPU s")
    return quick


def main() -> int:
    """Run everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--patients", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--people", type=int, default=0, help="new people to measure on; 0: the test part")
    parser.add_argument("--alone", action="store_true", help="only the method chosen")
    parser.add_argument("--keep", type=Path)
    parser.add_argument(
        "--lime", action="store_true", help="only the share of LIME's time that is its own, and imports"
    )
    told = parser.parse_args()
    kept = True
    with tempfile.TemporaryDirectory() as scratch:
        folder, by_seed = told.keep or Path(scratch), []
        for seed in [] if told.lime else told.seeds:
            print(f"\n## seed {seed}, synthetic")
            own = made(folder, seed, told.patients, told.epochs)
            images = newcomers(own, told.patients, told.people, seed) if told.people else Images(own / "split.test")
            by_seed.append(chosen(own, images, told.pictures, alone=told.alone))
            kept = pooled(by_seed)
        if told.seeds and not told.alone:
            kept &= lime_overhead(made(folder, told.seeds[0], told.patients, told.epochs))
    if not told.alone:
        kept &= imports()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
