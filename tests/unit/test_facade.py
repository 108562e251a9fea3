"""``assay`` itself: lazy, complete, and typed."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import assay


@pytest.mark.parametrize("name", assay.__all__)
def test_every_public_name_is_there(name):
    assert getattr(assay, name) is getattr(assay, name)
    assert name in dir(assay)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'assay' has no attribute 'nonsense'"):
        importlib.import_module("assay").nonsense  # noqa: B018
    with pytest.raises(ImportError):
        exec("from assay import nonsense")


@pytest.mark.slow
def test_mypy_understands_the_lazy_names_and_the_decorator(tmp_path):
    (tmp_path / "typed.py").write_text(
        "from assay import Images, Param, component, step\n"
        "@component('transform/twice', version='1.0.0')\n"
        "def twice(x: int) -> int:\n"
        "    return 2 * x\n"
        "@component\n"
        "def bare(images: Images) -> Images:\n"
        "    return step.output('images', Images)\n"
        "reveal_type(twice)\n"
        "reveal_type(bare)\n"
        "reveal_type(Images('x') / 'y')\n"
        "Param(mim=3)\n"
        "component('a/b', memory=3)\n"
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--cache-dir",
        str(tmp_path / "c"),
        "typed.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = [line.partition(": ")[2] for line in done.stdout.splitlines() if " defined in " not in line]
    assert lines[0] == 'note: Revealed type is "def (x: int) -> int"'
    assert (
        lines[1]
        == 'note: Revealed type is "def (images: assay.runtime.artifacts.Images) -> assay.runtime.artifacts.Images"'
    )
    assert lines[2] == 'note: Revealed type is "pathlib.Path"'
    assert lines[3].startswith('error: Unexpected keyword argument "mim" for "Param"')
    assert lines[4].startswith("error: No overload variant")
