"""Names that the platforms allow."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.exporters.naming import (
    check_reference,
    dns_label,
    image_reference,
    kfp_name,
    legal_names,
    python_name,
    shared_name,
    short_name,
)

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("filter/drop-empty", "drop-empty"),
        ("./steps.py:clean", "clean"),
        ("./explore.ipynb", "explore"),
        ("/data/a b/measure.sh", "measure"),
        ("steps.py", "steps"),
    ],
)
def test_the_short_name(name, short):
    assert short_name(name) == short


def test_a_built_component_does_not_name_a_path_of_this_machine():
    assert shared_name("/data/nurse/explore.ipynb") == "explore"
    assert shared_name("filter/drop-empty") == "filter/drop-empty"


@given(st.text(max_size=100))
def test_every_name_becomes_a_label_a_reference_an_identifier(name):
    assert LABEL.fullmatch(dns_label(name))
    assert check_reference(image_reference(name, name), "--image") == []
    assert python_name(name).isidentifier()
    assert re.fullmatch(r"[a-z0-9_]+", kfp_name(name))


def test_long_names_stay_apart():
    assert dns_label("a" * 70) != dns_label("a" * 71)
    assert len(dns_label("a" * 70)) == 63


@pytest.mark.parametrize(
    "reference",
    [
        "python:3.11-slim",
        "localhost:5000/a/b__c.d-e:1.0",
        "registry.example/upper/x",
        "python@sha256:" + "0" * 64,
        "registry.example/team/x:1@sha256:" + "a" * 64,
    ],
)
def test_legal_references(reference):
    assert check_reference(reference, "--image") == []


@pytest.mark.parametrize(
    "reference",
    ["Drop Empty", "UPPER:1", "a//b", "a:", "a:b:c", "-a", "a_", "a@sha256:12", "a b", "a\n", "ü", "$(id)", "x" * 300],
)
def test_illegal_references_are_named_with_a_legal_one(reference):
    (fault,) = check_reference(reference, "--image")
    assert fault.code == "illegal-name"
    assert "is no legal image name" in fault.message
    assert fault.hint.startswith("small letters")


def test_names_that_become_one_are_refused_with_both():
    faults = []
    made = legal_names(
        [("input port", "a-b"), ("parameter", "a_b"), ("parameter", "out")], kfp_name, "Kubeflow", faults, ["out"]
    )
    assert made == {"a-b": "a_b", "a_b": "a_b", "out": "out"}
    assert [(fault.code, fault.message) for fault in faults] == [
        ("name-collision", "input port 'a-b' and parameter 'a_b' are both 'a_b' in Kubeflow"),
        ("name-collision", "parameter 'out' would be 'out' in Kubeflow, which has another meaning there"),
    ]
