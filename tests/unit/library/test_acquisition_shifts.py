"""robustness/acquisition-shifts on a model whose weakness is known."""

import sys

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Images
from assay.library.robustness.acquisition_shifts import acquisition_shifts
from assay.trust.charts.svg import embedded
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence

MEAN = np.full((32, 32), 0.1)
"""Sums up the picture: the bright square raises the sum, and so does any other brightness."""


@pytest.fixture
def images(toy_images):
    return Images(toy_images("toys", range(60), slices=1))


def figures(result, kind, **on):
    return {
        (each.on["shift"], each.on["severity"]): each
        for each in read_evidence(result.evidence).statements
        if each.id == f"robustness.shift_{kind}"
        and {**on, "shift": each.on["shift"], "severity": each.on["severity"]} == each.on
    }


def test_a_model_that_counts_brightness_fails_at_its_threshold_and_not_in_rank(images, linear_model):
    bias = -0.1 * 32 * 32 * 0.3875
    labels = ("healthy", "covid")
    result = acquisition_shifts(
        linear_model(MEAN, bias, labels=labels),
        images,
        shifts=["brighter", "softer kernel"],
        severities=[1, 4],
        draws=200,
    )
    auroc, specificity, sensitivity = (figures(result, kind) for kind in ("auroc", "specificity", "sensitivity"))
    assert auroc["none", "0"].estimate.value > 0.95
    assert specificity["none", "0"].estimate.value > 0.8
    assert auroc["brighter", "4"].estimate.value > 0.95
    assert specificity["brighter", "4"].estimate.value == 0.0
    assert sensitivity["brighter", "4"].estimate.value == 1.0
    assert sensitivity["brighter", "4"].estimate.n == 30
    drops = figures(result, "auroc_drop")
    assert ("none", "0") not in drops
    assert drops["softer kernel", "1"].state in {State.PASS, State.INSUFFICIENT}
    assert drops["softer kernel", "4"].state is None
    evidence = read_evidence(result.evidence)
    assert evidence.samples == {"rows": 60, "patients": 60, "sex=F": 30, "sex=M": 30}
    assert evidence.cost.model_calls == 60 * 5
    assert [figure.title for figure in evidence.figures] == [
        "AUROC under shift: window and level (synthetic data)",
        "AUROC under shift: kernel, dose and slice (synthetic data)",
    ]
    assert len(embedded(result.curves.path.read_text(encoding="utf-8"))["layer"]) > 0


def test_groups_are_measured_at_the_judged_severity(images, linear_model):
    model = linear_model(MEAN, -40, labels=("healthy", "covid"))
    result = acquisition_shifts(
        model, images, shifts=["JPEG"], severities=[1, 3], judged=3, by=["age_group"], draws=100
    )
    groups = {
        (each.on["severity"], each.on.get("age_group"))
        for each in read_evidence(result.evidence).statements
        if each.id == "robustness.shift_auroc"
    }
    assert groups == {("0", None), ("0", "40-59"), ("0", "60-74"), ("0", "75 and over"), ("1", None)} | {
        ("3", None),
        ("3", "40-59"),
        ("3", "60-74"),
        ("3", "75 and over"),
    }


def test_adjacent_slices_are_used_where_the_index_names_them(images, linear_model):
    table = pd.read_csv(images / "index.csv", dtype=str)
    model = linear_model(MEAN, -40, labels=("healthy", "covid"))
    assert "60 images 60 have no adjacent" in _caveat(
        acquisition_shifts(model, images, shifts=["thicker slices"], draws=100)
    )
    table["patient"] = ["abc"[int(name[7:13]) // 20] for name in table["file"]]
    table["label"] = "healthy"
    table["source"], table["frame"] = table["patient"] + ".nii", [str(number % 20) for number in range(60)]
    table.to_csv(images / "index.csv", index=False)
    result = acquisition_shifts(model, images, shifts=["thicker slices"], severities=[1], draws=100)
    assert "60 images 6 have no adjacent" in _caveat(result)
    reasons = {reason.id: reason.why for reason in read_evidence(result.evidence).not_measured}
    assert reasons["robustness.shift_auroc"].startswith("needs positive and negative rows")
    assert reasons["robustness.shift_sensitivity"] == "no positive row"


def _caveat(result):
    return read_evidence(result.evidence).caveats[-1]


def test_one_patient_has_figures_without_intervals(toy_images, linear_model):
    images = Images(toy_images("one", range(2), slices=3))
    table = pd.read_csv(images / "index.csv", dtype=str).assign(patient="p")
    table.to_csv(images / "index.csv", index=False)
    model = linear_model(MEAN, -40, labels=("healthy", "covid"))
    result = acquisition_shifts(model, images, shifts=["rotation"], severities=[1], by=[], draws=100)
    assert figures(result, "auroc")["rotation", "1"].estimate.low is None
    assert figures(result, "auroc_drop")["rotation", "1"].state is State.INSUFFICIENT


def test_a_model_with_three_classes_is_asked_about_its_positive_one(images, linear_model):
    model = linear_model(MEAN, -40, labels=("healthy", "pneumonia", "covid"))
    result = acquisition_shifts(model, images, shifts=["JPEG"], severities=[1], draws=100)
    assert figures(result, "auroc")["JPEG", "1"].estimate.value > 0.9
    assert read_evidence(result.evidence).labels == ["healthy", "pneumonia", "covid"]


def test_unknown_shifts_and_severities_are_refused(images, linear_model):
    model = linear_model(MEAN)
    with pytest.raises(ComponentError, match="no shift 'rotations'") as error:
        acquisition_shifts(model, images, shifts=["rotations"])
    assert error.value.hint == "did you mean 'rotation'?"
    with pytest.raises(ComponentError, match="severity is 1, 2, 3, 4 or 5"):
        acquisition_shifts(model, images, severities=[0, 6])


@pytest.mark.slow
def test_no_torch_and_no_scipy_stats_are_imported():
    import subprocess

    code = (
        "import sys, assay.library.robustness.acquisition_shifts, assay.library.evaluate.shortcut_audit\n"
        "print(sorted({'torch', 'scipy.stats', 'matplotlib', 'monai', 'sklearn', 'pandas'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300)
    assert answer.stdout == "[]\n"
