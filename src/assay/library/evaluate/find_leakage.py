"""evaluate/find-leakage."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import numpy as np

from assay import ComponentError, Evidence, Images, component, step
from assay.data.images import Intensity, load_values, read_index, read_meta, resize
from assay.library.evidencing import own_method, pictured, shared_between_parts, shown, subject, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch
from assay.trust.leakage.fingerprints import EDGE, exact_digest, fingerprints
from assay.trust.leakage.parts import Part, contradicting, leakage_statements, pair_table, shared
from assay.trust.shortcuts.regions import unit_scaled


@component(
    "evaluate/find-leakage",
    version="1.0.0",
    tags=("trust", "leakage", "duplicates", "split"),
    licence="Apache-2.0",
    requires=("numpy", "pandas", "pillow"),
    preload=("numpy", "pandas", "PIL.Image"),
)
def find_leakage(
    train: Images,
    test: Images,
    validation: Images | None = None,
    *,
    when_found: Literal["stop", "tell"] = "stop",
) -> Evidence:
    """Find out whether one part of a data set knows the other: same patients, same images, nearly the same images.

    Images are compared over all pairs of two parts: by the digest of their pixels, and by a perceptual hash of 64 bits whose
    candidates must also agree in detail, so that pictures saved again, resized or brightened are found, and two different
    chests are not called alike. On a data set pieced together from publications one figure may stand there twice, under two
    patients and even under two labels.

    Args:
        train: Images to fit on.
        test: Images to measure the final model.
        validation: Images to choose among models.
        when_found: stop fails the step, so that nothing downstream is measured on leaking parts; tell writes evidence that fails.

    Returns:
        evidence: Shared patients, equal and nearly equal images of every two parts, with the pairs.
    """
    parameters = told(locals())
    watch = Stopwatch()
    given = {"train": train, "validation": validation, "test": test}
    parts = {name: _part(name, images) for name, images in given.items() if images is not None}
    compared = [(first, second, shared(first, second)) for first, second in combinations(parts.values(), 2)]
    found = [result.words() for _, _, result in compared if not result.clean]
    if found and when_found == "stop":
        worst = next(result for _, _, result in compared if not result.clean)
        raise ComponentError(
            f"the parts leak: {'; '.join(found)}",
            culprit=", ".join(worst.patients[:5]) or f"{worst.first} and {worst.second}",
            hint="when_found: tell lists every pair in the evidence; leave one image of each pair out, and split by patient",
        )
    caveats = [
        f"{count} alike pairs of {first.name} and {second.name} carry different labels: at least one of the two is wrong."
        for first, second, result in compared
        if (count := contradicting(first, second, result))
    ]
    statements = [statement for _, _, result in compared for statement in leakage_statements(result)]
    synthetic = read_meta(test).synthetic
    chart = shared_between_parts("patients, or pairs of images", statements, synthetic=synthetic)
    shown(chart)
    roles = {"train": Role.TRAINING_DATA, "validation": Role.OTHER_DATA, "test": Role.DATA}
    return written(
        Result(
            title="Leakage between the parts of the data",
            method=own_method(
                "evaluate/find-leakage@1.0.0",
                "sha256 of pixels; 64-bit cosine hash, confirmed by detail",
                "Zauner 2010",
            ),
            subjects=[subject(roles[name], images, name) for name, images in given.items() if images is not None],
            statements=statements,
            samples={f"{name} rows": len(part.files) for name, part in parts.items()}
            | {f"{name} patients": len(set(part.patients)) for name, part in parts.items()},
            parameters=parameters,
            tables=[pair_table(first, second, result) for first, second, result in compared if not result.clean],
            figures=[pictured("shared", chart, Block.DATA)],
            caveats=caveats,
            synthetic=synthetic,
            cost=watch.cost(),
        )
    )


def _part(name: str, images: Images) -> Part:
    index, meta = read_index(images), read_meta(images)
    if not len(index):
        raise ComponentError(f"the {name} part has no images", culprit=name)
    exact: list[str] = []
    small = np.empty((len(index), EDGE, EDGE), dtype=np.float32)
    for row, file in enumerate(index["file"]):
        values = load_values(images / file, meta)
        exact.append(exact_digest(values))
        small[row] = resize(unit_scaled(values, hounsfield=meta.intensity is Intensity.HOUNSFIELD), EDGE)
        step.progress(row + 1, len(index), f"looking at {name} images")
    files = index["source"] if "source" in index else index["file"]
    prints = fingerprints(tuple(exact), small)
    return Part(name, index["patient"].tolist(), index["label"].tolist(), [str(file) for file in files], prints)
