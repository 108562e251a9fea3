"""Finding, listing and searching components."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.catalog import Catalog
from assay.errors import InvalidDocument, NotFound
from assay.plugins import Plugin

BASE = Path()


def names(specs) -> list[str]:
    return [f"{spec.name}@{spec.version}" for spec in specs]


def test_a_built_in_component_is_found_by_its_path_alone(library, add, monkeypatch):
    add(library / "transform" / "split_by_patient.py", "transform/split-by-patient")
    add(library / "transform" / "broken.py", text="def (")
    monkeypatch.setattr("assay.catalog.places.find_plugins", lambda _: pytest.fail("read the metadata"))
    monkeypatch.setattr("assay.catalog.places.Place.files", lambda _: pytest.fail("read other files"))
    spec = Catalog([library.parent]).resolve("transform/split-by-patient", BASE)
    assert spec.implementation.module == "assay.library.transform.split_by_patient"
    assert Catalog().resolve("transform/split-by-patient@1", BASE) == spec


def test_the_real_library_is_there():
    from assay.catalog.places import built_in

    assert built_in().package == "assay.library"
    assert (built_in().folder / "__init__.py").is_file()


def test_every_built_in_component_is_without_faults():
    faults = [str(fault) for fault in Catalog().faults()]
    assert faults == []


def test_a_folder_is_searched_by_decorator(library, installed, add, tmp_path):
    add(tmp_path / "mine" / "anything.py", "filter/quiet", function="whatever")
    add(tmp_path / "mine" / ".venv" / "x.py", "filter/hidden")
    add(tmp_path / "mine" / "__pycache__" / "x.py", "filter/hidden")
    catalog = Catalog([tmp_path / "mine", tmp_path / "gone"])
    spec = catalog.resolve("filter/quiet", BASE)
    assert (spec.implementation.module, spec.implementation.function) == ("", "whatever")
    assert names(catalog.list()) == ["filter/quiet@1.0.0"]


def test_an_installed_package_is_found_without_running_it(library, installed, add, tmp_path, monkeypatch):
    add(tmp_path / "site" / "hospital" / "__init__.py", text="raise SystemExit('imported')")
    add(tmp_path / "site" / "hospital" / "parts" / "__init__.py", text="raise SystemExit('imported')")
    add(tmp_path / "site" / "hospital" / "parts" / "filter" / "quiet_down.py", "filter/quiet-down")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    installed += [Plugin("own", "assay.library", "assay-ml"), Plugin("parts", "hospital.parts", "hospital")]
    catalog = Catalog()
    spec = catalog.resolve("filter/quiet-down", BASE)
    assert spec.implementation.module == "hospital.parts.filter.quiet_down"
    assert names(catalog.list()) == ["filter/quiet-down@1.0.0"]
    assert "hospital" not in sys.modules


@pytest.mark.parametrize("target", ["nowhere_at_all", "json.decoder", "json.nothing"])
def test_a_broken_package_is_a_fault_that_names_it(library, installed, add, tmp_path, target):
    add(tmp_path / "mine" / "x.py", "filter/quiet")
    installed.append(Plugin("bad", target, "bad-package"))
    catalog = Catalog([tmp_path / "mine"])
    assert names(catalog.list()) == ["filter/quiet@1.0.0"]
    (fault,) = catalog.faults()
    assert fault.code == "plugin"
    assert fault.message == f"package 'bad-package' offers components in '{target}', which is no importable package"
    assert fault.hint == "reinstall or remove it: pip uninstall bad-package"


def test_versions(library, installed, add, tmp_path):
    for number, version in enumerate(["1.9.0", "1.10.0", "2.0.0rc1", "2.0.0"]):
        add(tmp_path / "mine" / f"f{number}.py", "filter/quiet", version=version)
    add(tmp_path / "other" / "f.py", "filter/quiet", version="3.0")
    catalog = Catalog([tmp_path / "mine", tmp_path / "other"])
    assert catalog.versions("filter/quiet") == ("3.0", "2.0.0", "2.0.0rc1", "1.10.0", "1.9.0")
    resolved = {
        use: catalog.resolve(f"filter/quiet{use}", BASE).version for use in ("", "@1", "@1.9", "@2.0.0rc1", "@3.0")
    }
    assert resolved == {"": "2.0.0", "@1": "1.10.0", "@1.9": "1.9.0", "@2.0.0rc1": "2.0.0rc1", "@3.0": "3.0"}
    with pytest.raises(
        NotFound, match=r"component 'filter/quiet' has no version '4' \(it has 3.0, 2.0.0, 2.0.0rc1, 1.10.0, 1.9.0\)"
    ):
        catalog.resolve("filter/quiet@4", BASE)
    with pytest.raises(NotFound):
        catalog.versions("filter/nothing")


def test_a_built_in_of_another_version_lets_a_folder_answer(library, installed, add, tmp_path):
    add(library / "filter" / "quiet.py", "filter/quiet", version="1.0.0")
    add(tmp_path / "mine" / "quiet.py", "filter/quiet", version="2.0.0")
    catalog = Catalog([tmp_path / "mine"])
    assert catalog.resolve("filter/quiet", BASE).version == "1.0.0"
    assert catalog.resolve("filter/quiet@2", BASE).version == "2.0.0"


def test_a_file_reference(add, tmp_path):
    add(tmp_path / "steps.py", text="from assay import component\n@component\ndef clean() -> None:\n    'C.'\n")
    catalog = Catalog()
    spec = catalog.resolve("./steps.py:clean", tmp_path)
    assert (spec.name, spec.category) == ("./steps.py:clean", "")
    assert spec.implementation.file == str(tmp_path / "steps.py")
    assert catalog.resolve("./steps.py", tmp_path).implementation.function == "clean"
    assert catalog.resolve("../steps.py:clean", tmp_path / "inner").implementation.code == spec.implementation.code


NOT_FOUND = {
    "filter/quite": "[not-found] no component is called 'filter/quite' (did you mean 'filter/quiet'?)",
    "transform/quiet": "[not-found] no component is called 'transform/quiet' (did you mean 'filter/quiet'?)",
    "publish/zzz": "[not-found] no component is called 'publish/zzz' ('assay components' lists what there is)",
    "quiet": "[not-found] 'quiet' names no component (write category/name, category/name@version, ./file.py:function or ./notebook.ipynb)",
    "": "[not-found] '' names no component (write category/name, category/name@version, ./file.py:function or ./notebook.ipynb)",
    "a/b/c": "[not-found] 'a/b/c' names no component (write category/name, category/name@version, ./file.py:function or ./notebook.ipynb)",
    "a/../b": "[not-found] 'a/../b' names no component (write category/name, category/name@version, ./file.py:function or ./notebook.ipynb)",
    "./step.py:clean": "[not-found] there is no file ./step.py (did you mean 'steps.py'?)",
    "./gone/steps.py:clean": "[not-found] there is no file ./gone/steps.py (looked in {base}/gone)",
    "./steps.txt:clean": "[not-found] ./steps.txt is no Python file, notebook, script or description (name a .py file with a @component function, a notebook (.ipynb) or a script (.py, .sh, .R), or describe it (.yaml, .cwl))",
    "./steps.py:claen": "[not-found] {base}/steps.py has no component function 'claen' (did you mean 'clean'?)",
}


@pytest.mark.parametrize("use", NOT_FOUND)
def test_what_is_not_found_is_told_with_the_nearest(library, installed, add, tmp_path, use):
    add(tmp_path / "mine" / "x.py", "filter/quiet")
    add(tmp_path / "steps.py", text="from assay import component\n@component\ndef clean() -> None:\n    'C.'\n")
    add(tmp_path / "steps.txt", text="x")
    with pytest.raises(NotFound) as caught:
        Catalog([tmp_path / "mine"]).resolve(use, tmp_path)
    assert str(caught.value) == "error " + NOT_FOUND[use].replace("{base}", str(tmp_path))


def test_a_broken_component_says_why_and_hides_no_other(library, installed, add, tmp_path):
    add(
        library / "filter" / "loud.py",
        text="from assay import component\n@component('filter/loud')\ndef f(x) -> None:\n    'F.'\n",
    )
    add(
        library / "filter" / "odd.py",
        text="from assay import component\n@component(name())\ndef odd() -> None:\n    'F.'\n",
    )
    add(library / "filter" / "no_python.py", text="def (")
    add(library / "filter" / "quiet.py", "filter/quiet")
    catalog = Catalog()
    assert names(catalog.list()) == ["filter/quiet@1.0.0"]
    assert [fault.code for fault in catalog.faults()] == ["unannotated", "syntax", "not-literal"]
    for use, code in {"filter/loud": "unannotated", "filter/odd": "not-literal", "filter/no-python": "syntax"}.items():
        with pytest.raises(InvalidDocument) as caught:
            catalog.resolve(use, BASE)
        assert [fault.code for fault in caught.value.faults] == [code]


def test_the_same_component_twice_is_a_fault(library, installed, add, tmp_path):
    one = add(tmp_path / "mine" / "a.py", "filter/quiet")
    two = add(tmp_path / "mine" / "b.py", "filter/quiet")
    catalog = Catalog([tmp_path / "mine"])
    assert [spec.implementation.file for spec in catalog.list()] == [str(one)]
    (fault,) = catalog.faults()
    assert fault.message == f"component filter/quiet@1.0.0 in {two} is also in {one}"


def test_a_built_in_component_in_the_wrong_file_is_a_fault(library, installed, add):
    add(library / "filter" / "wrong.py", "filter/quiet-down")
    (fault,) = Catalog().faults()
    assert (fault.code, fault.hint) == ("misplaced-component", "move it to library/filter/quiet_down.py")


def test_components_without_a_name_are_not_listed(library, installed, add, tmp_path):
    add(tmp_path / "mine" / "x.py", text="from assay import component\n@component\ndef clean() -> None:\n    'C.'\n")
    assert Catalog([tmp_path / "mine"]).list() == ()


@pytest.fixture
def shelf(library, installed, add, tmp_path) -> Catalog:
    add(tmp_path / "mine" / "a.py", "transform/split", title="Split images by patient", extra=", tags=('data',)")
    add(tmp_path / "mine" / "b.py", "transform/split-table", title="Split a table")
    add(tmp_path / "mine" / "c.py", "train/forest", title="Fit a forest", extra=", tags=('split',)")
    add(tmp_path / "mine" / "d.py", "train/net", title="Fit a net")
    return Catalog([tmp_path / "mine"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("split", ["transform/split", "transform/split-table", "train/forest"]),
        ("SPLIT table", ["transform/split-table"]),
        ("fit", ["train/forest", "train/net"]),
        ("data", ["transform/split"]),
        ("transform/split", ["transform/split", "transform/split-table"]),
        ("forset", ["train/forest"]),
        ("images", ["transform/split", "train/forest", "train/net", "transform/split-table"]),
        ("xyzzy", []),
        ("", ["train/forest", "train/net", "transform/split", "transform/split-table"]),
    ],
)
def test_search(shelf, text, found):
    assert [spec.name for spec in shelf.search(text)] == found


def test_the_catalog_loads_nothing_heavy():
    code = "import sys, assay.catalog; print([m for m in ('numpy', 'rich', 'asyncio', 'importlib.metadata', 'yaml') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


NOTEBOOK = (
    '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": "# Look at it"}, {"cell_type": "code", "metadata": {}, '
    '"outputs": [], "execution_count": null, "source": "print(1)"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}'
)


def test_notebooks_and_scripts_of_a_folder_are_components_named_by_folder_and_file(library, installed, add, tmp_path):
    mine = tmp_path / "mine"
    add(mine / "explore" / "Look_At.ipynb", text=NOTEBOOK)
    add(mine / "top.ipynb", text=NOTEBOOK)
    add(mine / "filter" / "loud.sh", text="# Loud.\necho LOUD\n")
    add(mine / "filter" / "odd.py", text='"""Odd."""\nimport os\nn = int(os.environ["n"])\n')
    add(mine / "filter" / "module.py", text="def nothing():\n    return 1\n")
    add(mine / "filter" / ".ipynb_checkpoints" / "x.ipynb", text=NOTEBOOK)
    catalog = Catalog([mine])
    assert [spec.name for spec in catalog.list()] == ["explore/look-at", "filter/loud", "filter/odd", "notebook/top"]
    assert catalog.faults() == ()
    assert catalog.resolve("explore/look-at", tmp_path).implementation.kind == "notebook"
    assert catalog.resolve("filter/odd", tmp_path).params["n"].type == "int"
    with pytest.raises(NotFound, match="did you mean 'filter/loud'"):
        catalog.resolve("filter/lout", tmp_path)


def test_what_is_no_component_is_listed_with_the_reason(library, installed, add, tmp_path):
    mine = tmp_path / "mine"
    add(mine / "filter" / "cut.ipynb", text=NOTEBOOK[:50])
    add(mine / "filter" / "ünlike.ipynb", text=NOTEBOOK)
    add(
        mine / "filter" / "in r.ipynb",
        text=NOTEBOOK.replace('"metadata": {}, "nb', '"metadata": {"kernelspec": {"language": "R"}}, "nb'),
    )
    catalog = Catalog([mine])
    assert catalog.list() == ()
    assert sorted(fault.code for fault in catalog.faults()) == ["illegal-name", "kernel", "not-a-notebook"]
    with pytest.raises(InvalidDocument, match="not a notebook"):
        catalog.resolve("filter/cut", tmp_path)


def test_a_notebook_or_script_beside_the_pipeline_is_used_by_its_file(library, installed, add, tmp_path):
    add(tmp_path / "look.ipynb", text=NOTEBOOK)
    add(tmp_path / "loud.sh", text="# Loud.\necho LOUD\n")
    add(tmp_path / "plain.py", text='"""Plain."""\nprint(1)\n')
    catalog = Catalog()
    kinds = {
        use: catalog.resolve(use, tmp_path).implementation.kind for use in ("./look.ipynb", "./loud.sh", "./plain.py")
    }
    assert kinds == {"./look.ipynb": "notebook", "./loud.sh": "script", "./plain.py": "script"}
    with pytest.raises(NotFound, match="has no functions to choose from"):
        catalog.resolve("./look.ipynb:cell", tmp_path)
    with pytest.raises(NotFound, match=r"did you mean 'look\.ipynb'"):
        catalog.resolve("./lock.ipynb", tmp_path)


def test_300_files_are_listed_in_two_seconds(library, installed, add, tmp_path):
    for number in range(100):
        add(tmp_path / "mine" / "a" / f"n{number}.ipynb", text=NOTEBOOK)
        add(tmp_path / "mine" / "b" / f"s{number}.sh", text="# Loud.\necho ${x:-1}\n")
        add(tmp_path / "mine" / "c" / f"p{number}.py", text='"""P."""\nimport os\nn = int(os.environ["n"])\n')
    began = time.process_time()
    assert len(Catalog([tmp_path / "mine"]).list()) == 300
    assert time.process_time() - began < 2.0
