"""Which files a component is made of."""

from pathlib import Path

import pytest

from assay.authoring import component_files
from assay.catalog import Catalog
from assay.errors import NotFound


def places(use, folder=None):
    return [file.place for file in component_files(Catalog().resolve(use, folder or Path.cwd()))]


def test_modules_beside_a_script_and_a_notebook_count_with_their_packages(tmp_path):
    (tmp_path / "near" / "inner").mkdir(parents=True)
    for package in ("near", "near/inner"):
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "near" / "__init__.py").write_text("import settings\n")
    (tmp_path / "settings.py").write_text("A = 1\n")
    (tmp_path / "near" / "inner" / "deep.py").write_text("A = 1\n")
    (tmp_path / "stranger.py").write_text("")
    code = "import os\ndef f():\n    from near.inner.deep import A\nf()\nn = int(os.environ.get('n', '1'))\n"
    (tmp_path / "clean.py").write_text(f'"""Clean."""\n{code}')
    found = ["near/__init__.py", "near/inner/__init__.py", "near/inner/deep.py", "settings.py"]
    assert places("./clean.py", tmp_path) == ["clean.py", *found]


def test_a_shell_script_is_itself(tmp_path):
    (tmp_path / "measure.sh").write_text("# Measure.\n: ${rows:-3}\n")
    assert places("./measure.sh", tmp_path) == ["measure.sh"]


def test_a_component_of_a_package_comes_from_its_top():
    found = places("transform/split-by-patient")
    assert found[0] == "assay/library/transform/split_by_patient.py"
    assert {"assay/__init__.py", "assay/library/__init__.py", "assay/data/splitting.py"} <= set(found)
    assert not [place for place in found if place.startswith(("assay/engine", "assay/cli"))]


def test_a_source_that_is_gone(tmp_path):
    (tmp_path / "clean.py").write_text('"""Clean."""\nimport os\nn = int(os.environ.get("n", "1"))\n')
    spec = Catalog().resolve("./clean.py", tmp_path)
    (tmp_path / "clean.py").unlink()
    with pytest.raises(NotFound):
        component_files(spec)
