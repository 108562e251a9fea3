"""Requirements, pinned to what is installed here."""

from importlib.metadata import version

import pytest

from assay.exporters.pins import Pin, check_index, pin, requirements_text


def pinned(*requirements):
    faults = []
    return pin(requirements, faults), faults


def test_a_requirement_is_pinned_with_all_that_it_requires():
    pins, faults = pinned("jsonschema>=4")
    assert faults == []
    assert [one.name for one in pins] == sorted(one.name for one in pins)
    found = {one.name: one for one in pins}
    assert found["jsonschema"] == Pin("jsonschema", version("jsonschema"))
    assert found["rpds-py"].version == version("rpds-py")
    assert "jsonschema" in found["referencing"].wanted
    assert "# for jsonschema" in requirements_text(pins)


def test_extras_are_followed_and_the_runtime_is_not_installed():
    assert pinned("assay-ml[data]") == ([], [])
    plain, faults = pinned("jsonschema")
    more, faults = pinned("coverage[toml]", "cachecontrol[filecache]")
    assert faults == [] or {fault.culprit for fault in faults} == {"coverage"}
    assert "filelock" in {one.name for one in more}
    assert "filelock" not in {one.name for one in plain}


@pytest.mark.parametrize(
    ("requirement", "code", "message"),
    [
        ("no-such-package-x>=1", "unpinned", "no-such-package-x is required and not installed here"),
        ("pyyaml<1", "unpinned", "'pyyaml<1' is required, and pyyaml"),
        ("what is this", "bad-requirement", "is no requirement"),
    ],
)
def test_what_cannot_be_pinned_is_a_fault(requirement, code, message):
    pins, (fault,) = pinned(requirement)
    assert pins == []
    assert fault.code == code
    assert message in fault.message
    assert fault.hint


def test_one_exact_version_is_taken_at_its_word():
    assert pinned("no-such-package-x==1.2.3") == ([Pin("no-such-package-x", "1.2.3")], [])


def test_markers_are_judged_here():
    assert pinned("no-such-package-x; python_version < '3'") == ([], [])


def test_hashes_stand_there_when_every_package_has_one():
    one, other = Pin("a", "1", ("sha256:" + "0" * 64,)), Pin("b", "2")
    assert "--hash=sha256:000" in requirements_text([one])
    assert "--hash" not in requirements_text([one, other])


def test_a_version_of_another_index_says_so():
    torch = Pin("torch", "2.13.0+cpu")
    assert "# Not on the public index: torch." in requirements_text([torch])
    text = requirements_text([torch], "https://packages.example.org/simple")
    assert "--extra-index-url https://packages.example.org/simple\ntorch==2.13.0+cpu\n" in text


@pytest.mark.parametrize("index", ["packages", "file:///etc", "https://a b", "https://me:sesame@packages.example.org"])
def test_an_index_that_may_not_stand_in_a_file(index):
    (fault,) = check_index(index)
    assert "sesame" not in str(fault)
