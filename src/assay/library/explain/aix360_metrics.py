"""explain/aix360-metrics."""

from __future__ import annotations

from typing import Annotated

from assay import Evidence, Folder, Images, Model, Param, component
from assay.library.evidencing import beyond_controls, library_version, pictured, shown, subject, told, written
from assay.trust.evidence.evidence import Evidence as Result
from assay.trust.evidence.evidence import Method, Role
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.spent import Stopwatch


@component(
    "explain/aix360-metrics",
    version="1.0.0",
    tags=("trust", "explanation", "images", "aix360"),
    licence="Apache-2.0",
    requires=(
        "aix360==0.3.0",
        "cvxpy>=1.6",
        "ecos>=2.0.14",
        "lime==0.2.0.1",
        "numpy>=2.1,<2.4",
        "onnx>=1.19",
        "onnxruntime>=1.22",
        "pandas>=2.2",
        "pillow>=11",
        "scikit-learn>=1.5",
        "scipy>=1.15",
        "xport==2.0.2",
    ),
)
def aix360_metrics(
    model: Model,
    images: Images,
    heatmaps: Folder,
    reference: Images | None = None,
    *,
    cell: Annotated[int | None, Param(min=2, max=1024, unit="pixels")] = None,
    pictures: Annotated[int, Param(min=1, max=10_000, unit="images")] = 24,
    least_gain: Annotated[float, Param(min=0.0, max=2.0)] = 0.01,
    seed: Annotated[int, Param(min=0)] = 0,
) -> Evidence:
    """Measure given heat maps by the faithfulness and monotonicity metrics of AI Explainability 360, beside controls.

    Faithfulness is the correlation of a part's heat with the score lost when that part alone is hidden; a map is monotone when the
    score never falls while parts are put in, the least important first. Both are taken of random heat, of the picture itself and of
    its edges too: a map that is no better than these explains nothing. Runs in an environment of its own.

    Args:
        model: The model that the maps are of.
        images: The images that the maps are of.
        heatmaps: From any component of explain/.
        reference: Images whose negatives show what a part looks like when it is healthy, such as the training part.
        cell: Edge of a part; default an eighth of the image's.
        pictures: Maps of true positives that are measured, at most.
        least_gain: What the faithfulness has to be better by than each control's.
        seed: Of the random control and of the lot of reference images.

    Returns:
        evidence: Both metrics of the maps and of the controls, with intervals that count patients.
    """
    parameters, watch = told(locals()), Stopwatch()
    from assay.library.explain.metrics_of_aix360 import Given, judged  # only in its environment is the library there

    given = Given.read(model, images, heatmaps, reference, most=pictures, cell=cell, seed=seed)
    found = judged(given, least_gain, seed)
    watch.model_calls = given.asked.ask.count
    synthetic = given.examined.meta.synthetic
    gains = beyond_controls(found.method.name, found.statements, synthetic=synthetic)
    if gains is not None:
        shown(gains, "beyond its controls")
    return written(
        Result(
            title=f"Faithfulness and monotonicity of {found.method.name}",
            method=Method(
                "explain/aix360-metrics@1.0.0",
                "faithfulness and monotonicity metrics",
                "aix360",
                library_version("aix360"),
                "Alvarez Melis and Jaakkola 2018; Luss et al. 2019",
            ),
            subjects=[
                subject(Role.MODEL, model),
                subject(Role.DATA, images),
                subject(Role.OTHER_DATA, heatmaps, "heat maps"),
            ],
            statements=found.statements,
            samples=given.samples,
            parameters=parameters,
            labels=given.asked.facts.labels,
            positive=given.asked.facts.positive,
            seed=seed,
            synthetic=synthetic,
            not_measured=found.not_measured,
            tables=found.tables,
            figures=[] if gains is None else [pictured("gains", gains, Block.EXPLANATION)],
            caveats=found.caveats,
            cost=watch.cost(),
        )
    )
