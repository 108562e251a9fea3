"""Artifact types and when one fits another."""

from __future__ import annotations

import pytest

from assay.model.artifacts import FACTS, ArtifactType, PortType, misfit

A = ArtifactType


def test_every_type_has_facts_and_parents_agree_on_the_shape() -> None:
    assert set(FACTS) == set(ArtifactType)
    for kind, facts in FACTS.items():
        assert facts.help.endswith("."), kind
        if facts.parent is not None:
            assert FACTS[facts.parent].folder == facts.folder, kind


FITS = {
    (A.DATASET, A.FILE),
    (A.PREDICTIONS, A.DATASET),
    (A.PREDICTIONS, A.FILE),
    (A.METRICS, A.FILE),
    (A.EVIDENCE, A.FILE),
    (A.FIGURE, A.FILE),
    (A.REPORT, A.FILE),
    (A.VERDICT, A.FILE),
    (A.IMAGES, A.FOLDER),
    (A.MODEL, A.FOLDER),
    (A.BUNDLE, A.FOLDER),
    *((kind, kind) for kind in A if kind is not A.VALUE),
}


@pytest.mark.parametrize("target", A)
@pytest.mark.parametrize("source", A)
def test_the_whole_table(source: ArtifactType, target: ArtifactType) -> None:
    reason = misfit(PortType(source), PortType(target))
    assert (reason is None) == ((source, target) in FITS), reason


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (PortType(A.IMAGES), PortType(A.IMAGES, many=True), None),
        (PortType(A.IMAGES, many=True), PortType(A.FOLDER, many=True), None),
        (
            PortType(A.IMAGES, many=True),
            PortType(A.IMAGES),
            "list[Images] is a list, Images takes one; map over it with 'foreach:'",
        ),
        (PortType(A.MODEL), PortType(A.IMAGES), "Model is not an Images"),
        (PortType(A.DATASET), PortType(A.PREDICTIONS), "Dataset is not a Predictions"),
        (PortType(A.VALUE), PortType(A.FILE), "a Value feeds a parameter (under 'with:'), not a port"),
    ],
)
def test_lists_and_reasons(source: PortType, target: PortType, reason: str | None) -> None:
    assert misfit(source, target) == reason
