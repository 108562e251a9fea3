"""What only a simulation can do: pool the sites' images, and hold the models that come of it beside each other."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from assay import ComponentError, Dataset, Figure, Images, Model, component, step
from assay.data.images import read_index_text, read_meta, write_meta
from assay.data.subset import link_or_copy
from assay.training.cases import Asker, Cases
from assay.trust.charts.chart import IntervalChart, IntervalRow
from assay.trust.charts.svg import draw
from assay.trust.charts.vega import specification
from assay.trust.performance.bootstrap import Scored
from assay.trust.performance.paired import auroc_drop
from assay.trust.performance.summary import performance

COLUMNS = (
    "model",
    "test_site",
    "patients",
    "images",
    "auroc",
    "low",
    "high",
    "below_federated",
    "below_low",
    "below_high",
)
FEDERATED = "federated"


class Compared(NamedTuple):
    """What a comparison yields."""

    table: Dataset
    figure: Figure


@component("transform/pool", version="1.0.0", requires=("numpy", "pandas"))
def pool(images: list[Images]) -> Images:
    """Put the images of several sites into one folder, which real hospitals could not.

    Args:
        images: One folder a site; patients' ids and file names must differ.
    """
    import pandas as pd

    whole = step.output("images", Images)
    metas = [read_meta(site) for site in images]
    if any(
        (meta.labels, meta.intensity, meta.offset) != (metas[0].labels, metas[0].intensity, metas[0].offset)
        for meta in metas
    ):
        raise ComponentError("the sites' images are not of one kind", culprit="images")
    rows = pd.concat([read_index_text(site).assign(_at=str(site.path)) for site in images], ignore_index=True)
    twice = rows["file"][rows["file"].duplicated()]
    if len(twice):
        raise ComponentError("two sites have a file of the same name", culprit=str(twice.iloc[0]))
    rows = rows.fillna("")
    for row in rows.to_dict("records"):
        for name in filter(None, (row["file"], row.get("mask", ""))):
            link_or_copy(Path(row["_at"]) / name, whole.path / name)
    rows.drop(columns="_at").to_csv(whole.path / "index.csv", index=False, lineterminator="\r\n", encoding="utf-8")
    write_meta(whole, metas[0])
    print(f"{len(rows)} images of {rows['patient'].nunique()} patients of {len(images)} sites")
    return whole


@component("evaluate/compare-sites", version="1.0.0", requires=("numpy", "pandas", "onnxruntime", "pillow", "scipy"))
def compare(
    models: list[Model], tests: list[Images], *, names: list[str], sites: list[str], draws: int = 1000, seed: int = 0
) -> Compared:
    """Hold several models against the test patients of several sites, in one table.

    Args:
        models: Whose answers are measured; one of them is called federated.
        tests: Test images, one folder a site.
        names: What the models are called.
        sites: What the sites are called.
        draws: Bootstrap samples of patients behind the intervals.
        seed: Of the bootstrap.

    Returns:
        table: AUROC of each model at each site with its 95 % interval over patients, and how much it lies below the federated model's on the
            same patients (negative: above), with the interval of the difference, paired by patient.
        figure: The AUROC with their intervals (SVG, Vega-Lite inside).
    """
    lines, drawn = [], []
    for site, folder in zip(sites, tests, strict=True):
        scores: dict[str, np.ndarray] = {}
        for name, model in zip(names, models, strict=True):
            asker = Asker(model.path)
            cases = asker.cases(folder.path, what=f"test images of {site}")
            scores[name] = asker.scores(asker.pixels(cases))
        for name in names:
            line = _line(cases, name, site, scores, draws, seed)
            lines.append(line)
            drawn.append(IntervalRow(f"{site}: {name}", line["auroc"], line["low"], line["high"], series=name))
            print(f"tested at {site}: {name:<14} AUROC {line['auroc']:.3f} ({line['low']:.3f} to {line['high']:.3f})")
        step.progress(len(lines), len(sites) * len(names), "models at sites")
    table = step.output("table", Dataset, suffix=".csv")
    with table.path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(
            {name: round(cell, 4) if isinstance(cell, float) else cell for name, cell in line.items()} for line in lines
        )
    chart = IntervalChart("AUROC by test site (synthetic data)", "AUROC", drawn, reference=0.5, x_range=(0.0, 1.0))
    step.preview("models at sites", specification(chart), media_type="application/vnd.vegalite.v5+json")
    figure = step.output("figure", Figure, suffix=".svg")
    figure.path.write_text(draw(chart), encoding="utf-8")
    return Compared(table, figure)


def _line(
    cases: Cases, name: str, site: str, scores: dict[str, np.ndarray], draws: int, seed: int
) -> dict[str, object]:
    called = np.zeros(len(cases), dtype=bool)
    measured = performance(Scored(cases.truth, scores[name], called, cases.patient), draws=draws, seed=seed)
    if "auroc" not in measured.figures or measured.figures["auroc"].interval is None:
        raise ComponentError(
            f"the AUROC at {site} cannot be measured", culprit=site, hint="more test patients are needed"
        )
    found = measured.figures["auroc"]
    lost, apart = auroc_drop(cases.truth, scores[FEDERATED], scores[name], cases.patient, draws=draws, seed=seed)
    between = {"below_federated": lost, "below_low": apart.low, "below_high": apart.high} if apart else {}
    return {
        "model": name,
        "test_site": site,
        "patients": cases.patients,
        "images": len(cases),
        "auroc": found.value,
        "low": found.interval.low,
        "high": found.interval.high,
        **({} if name == FEDERATED else between),
    }
