"""What changes a component's code digest and what does not; which modules are worth preloading."""

from __future__ import annotations

import ast
import shutil
import textwrap
import time
from pathlib import Path

import pytest

from assay.authoring import read_function
from assay.authoring.trace import trace

BASE = '''
    """Module text."""
    import os
    import numpy as np
    from beside import far_helper
    from assay import component, step

    LIMIT = 3
    TABLE = {"a": 1}
    TABLE["b"] = 2
    UNUSED = 4

    def helper(x):
        """Helper text."""
        return deeper(x) + LIMIT

    def deeper(x):
        return far_helper(x) if x else TABLE

    class Kept:
        """Class text."""
        size = 1

    def unrelated():
        return UNUSED

    @component("a/b", version="1.0.0")
    def main(*, x: int = 1) -> int:
        """Main text."""
        # a comment
        kept = Kept()
        return helper(x) + np.sum(kept.size)

    @component("a/c")
    def other() -> None:
        """Other."""

    if __name__ == "__main__":
        main()
'''
BESIDE = "import further\ndef far_helper(x):\n    return further.FAR\ndef far_unused():\n    return 1\n"
FURTHER = '"""Text."""\nFAR = 5  # comment\n'


@pytest.fixture
def digest(tmp_path):
    number = 0

    def make(source: str = BASE, beside: str = BESIDE, further: str = FURTHER, function: str = "main") -> str:
        nonlocal number
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "steps.py").write_text(textwrap.dedent(source))
        (folder / "beside.py").write_text(beside)
        (folder / "further.py").write_text(further)
        return read_function(folder / "steps.py", function).implementation.code

    return make


SAME = {
    "nothing": ("", ""),
    "a comment": ("# a comment", "# another comment, longer"),
    "a docstring": ('"""Main text."""', '"""Main text, changed."""'),
    "a helper's docstring": ('"""Helper text."""', '"""Changed."""'),
    "the module's docstring": ('"""Module text."""', '"""Changed."""'),
    "a class's docstring": ('"""Class text."""', '"""Changed."""'),
    "layout": ("    kept = Kept()", "    kept = (\n            Kept()\n        )"),
    "an unrelated function": ("return UNUSED", "return UNUSED + 1"),
    "an unused constant": ("UNUSED = 4", "UNUSED = 5"),
    "another component": ('"""Other."""', '"""Other."""\n        print(1)'),
    "an unused import": ("import os", "import sys"),
    "the declaration": ('version="1.0.0"', 'version="1.0.1", cpu=2'),
    "what runs as a script": ("        main()", "        main(x=2)"),
}


@pytest.mark.parametrize("what", SAME)
def test_what_does_not_change_the_digest(digest, what):
    old, new = SAME[what]
    assert old in textwrap.dedent(BASE) or old in BASE
    assert digest(BASE.replace(old, new)) == digest()


CHANGED = {
    "the function": ("helper(x) +", "helper(x) -"),
    "a helper": ("deeper(x) + LIMIT", "deeper(x) - LIMIT"),
    "a helper of a helper": ("if x else TABLE", "if not x else TABLE"),
    "a constant": ("LIMIT = 3", "LIMIT = 4"),
    "what is put into a constant": ('TABLE["b"] = 2', 'TABLE["b"] = 3'),
    "a class": ("size = 1", "size = 2"),
    "the type of a constant": ("LIMIT = 3", "LIMIT = 3.0"),
    "where a name comes from": ("import numpy as np", "import cupy as np"),
    "a default": ("x: int = 1", "x: int = 2"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_changes_the_digest(digest, what):
    old, new = CHANGED[what]
    assert old in BASE
    assert digest(BASE.replace(old, new)) != digest()


def test_modules_beside_count_whole_and_transitively(digest):
    assert digest(beside=BESIDE.replace("return 1", "return 2")) != digest()
    assert digest(further=FURTHER.replace("5", "6")) != digest()
    assert digest(further=FURTHER.replace("comment", "remark").replace("Text", "Other")) == digest()
    assert digest(beside=BESIDE + "import missing_one\n") != digest()


def test_a_function_that_needs_nothing_beside_does_not_care(digest):
    assert digest(beside="x = 1", function="other") == digest(function="other")


def test_the_place_of_the_project_does_not_count(digest):
    assert digest() == digest()


def test_a_broken_module_beside_counts_by_its_bytes(digest):
    assert digest(further="def (") != digest(further="def ((")


@pytest.mark.parametrize("call", ["globals()['unrelated']()", "eval('unrelated()')", "exec('unrelated()')"])
def test_dynamic_code_counts_the_whole_module(digest, call):
    source = BASE.replace("kept = Kept()", f"kept = Kept(); {call}")
    assert digest(source.replace("return UNUSED", "return UNUSED + 1")) != digest(source)


def test_a_star_import_counts_the_whole_module_and_the_other(digest):
    source = BASE.replace("from beside import far_helper", "from beside import *")
    assert digest(source.replace("return UNUSED", "return UNUSED + 1")) != digest(source)
    assert digest(source, further=FURTHER.replace("5", "6")) != digest(source)


def test_imports_inside_functions_count(digest):
    source = BASE.replace("from beside import far_helper\n", "\n").replace(
        "return far_helper(x)", "import beside; return beside.far_helper(x)"
    )
    assert digest(source, further=FURTHER.replace("5", "6")) != digest(source)


def test_modules_that_import_each_other_end(digest):
    assert digest(further="import beside, steps\nFAR = 1\n") != digest()


def test_a_package_beside_the_file_is_part_of_the_project(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text("")
    (tmp_path / "inner" / "one.py").write_text("from . import two\nfrom inner.three import X\nimport outer\n")
    for name in ("inner/two.py", "inner/three.py", "outer.py"):
        (tmp_path / name).write_text("import pandas\nX = 1\n")
    file = tmp_path / "steps.py"
    file.write_text(
        "from inner.one import X\nfrom assay import component\n@component\ndef f() -> int:\n    'F.'\n    return X\n"
    )
    seen = {read_function(file, "f").implementation.code}
    for name in ("inner/two.py", "inner/three.py", "outer.py"):
        (tmp_path / name).write_text("import pandas\nX = 23\n")
        seen.add(read_function(file, "f").implementation.code)
    assert len(seen) == 4
    assert read_function(file, "f").implementation.preload == ("pandas",)


def test_a_package_reaches_its_own_modules_but_not_the_interface(tmp_path):
    package = tmp_path / "pack"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "inner" / "__init__.py").write_text("from .deep import DEEP\n")
    (package / "inner" / "deep.py").write_text("import scipy\nDEEP = 1\n")
    file = package / "steps.py"
    file.write_text(
        "from .inner import DEEP\nfrom assay import component\n@component('a/b')\ndef f() -> int:\n    'F.'\n    import pandas.core\n    return DEEP\n"
    )
    spec = read_function(file, "f", module="pack.steps")
    assert spec.implementation.module == "pack.steps"
    assert spec.implementation.preload == ("pandas", "scipy")
    (package / "inner" / "deep.py").write_text("import scipy\nDEEP = 22\n")
    assert read_function(file, "f", module="pack.steps").implementation.code != spec.implementation.code


def test_assays_own_interface_is_no_part_of_a_built_in_component(tmp_path, monkeypatch):
    import assay

    root = tmp_path / "assay"
    shutil.copytree(Path(assay.__file__).parent / "runtime", root / "runtime")
    (root / "__init__.py").write_text("")
    (root / "errors.py").write_text("class ComponentError(Exception): ...\n")
    (root / "data").mkdir()
    (root / "data" / "science.py").write_text("X = 1\n")
    file = root / "library" / "one.py"
    file.parent.mkdir()
    file.write_text(
        "from assay import component, step\nfrom assay.errors import ComponentError\nfrom assay.data.science import X\n@component('a/b')\ndef f() -> int:\n    'F.'\n    step.progress(1)\n    raise ComponentError(X)\n"
    )
    before = read_function(file, "f", module="assay.library.one").implementation
    assert before.preload == ()
    (root / "runtime" / "step.py").write_text("step = 1\n")
    (root / "errors.py").write_text("class ComponentError(ValueError): ...\n")
    assert read_function(file, "f", module="assay.library.one").implementation.code == before.code
    (root / "data" / "science.py").write_text("X = 23\n")
    assert read_function(file, "f", module="assay.library.one").implementation.code != before.code


def test_preload_takes_third_parties_and_no_siblings(tmp_path):
    (tmp_path / "beside.py").write_text("import pandas\n")
    source = """
        from __future__ import annotations
        import json, sqlite3
        from typing import TYPE_CHECKING
        import scipy.stats
        import beside
        from assay import component
        if TYPE_CHECKING:
            import torch
        try:
            import orjson
        except ImportError:
            orjson = None

        def helper():
            import monai

        @component
        def f() -> None:
            '''F.'''
            from PIL import Image
            beside.x

        @component(preload=("numpy",))
        def g() -> None:
            '''G.'''
    """
    file = tmp_path / "steps.py"
    file.write_text(textwrap.dedent(source))
    assert read_function(file, "f").implementation.preload == ("PIL", "orjson", "pandas", "scipy")
    assert read_function(file, "g").implementation.preload == ("numpy",)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("f(a, b)", "f((a, b))"),
        ("a - b - c", "a - (b - c)"),
        ("x = 1", "x = True"),
        ("x = '1'", "x = 1"),
        ("x = b'1'", "x = '1'"),
        ("[a]", "a,"),
        ("{a: b, **c}", "{a: b, c: c}"),
        ("if a:\n  b\n  c", "if a:\n  b\nc"),
        ("if a: b\nelse: c", "if a: c\nelse: b"),
        ("def f(a, *, b): ...", "def f(a, b): ..."),
        ("def f(a, b=1): ...", "def f(a=1, b=1): ..."),
        ("global a", "global b"),
        ("from . import a", "from .. import a"),
        ("x = f'{a}'", "x = f'{a!r}'"),
    ],
)
def test_different_trees_have_different_texts(one, two):
    assert trace(ast.parse(one)).text != trace(ast.parse(two)).text


def test_deep_trees_are_walked():
    text = "x = " + " + ".join(["a"] * 2000)
    assert trace(ast.parse(text)).names == {"x", "a"}


def test_a_file_as_long_as_a_built_in_component_is_read_in_milliseconds(tmp_path):
    file = tmp_path / "steps.py"
    body = "".join(
        f"def helper_{n}(x):\n    y = [x + {n} for x in range(10)]\n    return max(y, key=lambda v: v * 2)\n\n"
        for n in range(50)
    )
    file.write_text(
        "from assay import component\n" + body + "@component\ndef f() -> int:\n    'F.'\n    return helper_3(1)\n"
    )
    read_function(file, "f")
    times = []
    for number in range(5):
        file.write_text(file.read_text() + f"# {number}\n")
        start = time.process_time()
        read_function(file, "f")
        times.append(time.process_time() - start)
    assert min(times) < 0.030  # 10 ms on a quiet machine, and room for a busy one
