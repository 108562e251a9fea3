"""What this environment lacks, and the digests of environments."""

from __future__ import annotations

import dataclasses
import importlib.metadata

import pytest

from assay.engine import environment
from assay.engine.environment import (
    environment_digest,
    lacks,
    missing_packages,
    own_digest,
    own_requirements,
    package_folders,
)
from assay.model.component import ComponentSpec, FunctionImplementation, NotebookImplementation

VERSIONS = {"numpy": "2.4.1", "Torch": "2.13.0+cpu", "rc": "3.0rc1", "tool": "1.0"}
OF_TOOL = ['numpy>=2; extra == "fast"', 'nowhere>=1; extra == "slow"', "always"]


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    monkeypatch.setattr(environment, "installed_version", VERSIONS.get)
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: OF_TOOL)
    for cached in (environment.lacks, environment._digest):
        cached.cache_clear()
    yield
    for cached in (environment.lacks, environment._digest):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("requirement", "is_lacking"),
    [
        ("numpy", False),
        ("numpy>=2", False),
        ("numpy >= 2, <3", False),
        ("numpy>=3", True),
        ("numpy==2.4.*", False),
        ("nowhere", True),
        ("nowhere>=1", True),
        ("nowhere; python_version < '3'", False),
        ("numpy>=3; python_version >= '3'", True),
        ("rc>=3.0rc1", False),
        ("tool[fast]", False),
        ("tool[slow]", True),
        ("tool[fast,slow]", True),
        ("numpy @ https://example.org/numpy.zip", False),
        ("git+https://example.org/x.git", True),
        ("./wheels/x.whl", True),
    ],
)
def test_lacks(requirement, is_lacking):
    assert lacks(requirement) is is_lacking


def function(*requirements, module="", file="/p/steps.py"):
    return ComponentSpec("a/b", FunctionImplementation("f", file, "0", module=module), requirements=requirements)


def test_all_requirements_go_into_an_environment_of_its_own_or_none():
    assert own_requirements(function("numpy", "tool")) == ()
    assert own_requirements(function("numpy", "nowhere")) == ("numpy", "nowhere")
    assert missing_packages([function("numpy", "nowhere")]) == {"nowhere": ["a/b"]}


def test_a_notebook_needs_what_runs_notebooks():
    spec = dataclasses.replace(function("numpy"), implementation=NotebookImplementation("/p/n.ipynb", "0"))
    assert own_requirements(spec) == ("numpy", "ipython>=9.0")
    named = dataclasses.replace(spec, requirements=("ipython==9.1",))
    assert own_requirements(named) == ("ipython==9.1",)


def test_the_order_of_requirements_does_not_count_and_their_text_does():
    assert own_digest(("a", "b>=1")) == own_digest(("b>=1", "a")) == own_digest(("b>=1", "a", "a"))
    assert own_digest(("a", "b>=1")) != own_digest(("a", "b>=2"))


def test_an_installed_version_counts_only_here(monkeypatch):
    here, own = function("numpy"), function("nowhere")
    before = environment_digest(here), environment_digest(own)
    monkeypatch.setitem(VERSIONS, "numpy", "2.4.2")
    environment._digest.cache_clear()
    assert environment_digest(here) != before[0]
    assert environment_digest(own) == before[1] == own_digest(("nowhere",))


@pytest.mark.parametrize(
    ("module", "file", "folders"),
    [
        ("", "/p/steps.py", ()),
        ("assay.library.input.table", "/x/assay/library/input/table.py", ()),
        ("lab", "/x/lab.py", ("/x/lab.py",)),
        ("lab.steps.clean", "/x/lab/steps/clean.py", ("/x/lab",)),
        ("lab.steps", "/x/lab/steps/__init__.py", ("/x/lab",)),
    ],
)
def test_the_package_that_a_component_is_in(module, file, folders):
    assert package_folders(function(module=module, file=file)) == folders
