"""Scripts: what counts in their digest, and that any default reaches the code unchanged."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.authoring import is_script, read_whole_file
from assay.model.command import Role
from assay.model.component import MISSING
from assay.runtime.variables import Values
from assay.runtime.words import text_of


def read(file: Path, source: str):
    file.write_text(source, encoding="utf-8")
    (spec,) = read_whole_file(file, f"./{file.name}").specs
    return spec


def test_comments_do_not_count_in_a_python_script_and_code_does(tmp_path):
    file = tmp_path / "s.py"
    first = read(file, "x = 1\n").implementation.code
    assert read(file, '"""Told."""\nx = 1  # one\n').implementation.code == first
    assert read(file, "x = 2\n").implementation.code != first


def test_the_text_of_a_shell_script_counts(tmp_path):
    file = tmp_path / "s.sh"
    first = read(file, "echo 1\n").implementation.code
    assert read(file, "echo 2\n").implementation.code != first


def test_what_is_a_script_and_what_a_module(tmp_path):
    script, module = tmp_path / "script.py", tmp_path / "module.py"
    script.write_text("import os\nn = os.environ['n']\n")
    module.write_text("import os\ndef home():\n    return os.environ['HOME']\n")
    assert (is_script(script), is_script(module)) == (True, False)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30)
LITERALS = st.one_of(
    TEXT, st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)
NESTED = st.recursive(
    LITERALS | st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
)


def environment_of(spec, folder: Path) -> Values:
    """What a step's process would set for the defaults of ``spec``."""
    params = {name: param.default for name, param in spec.params.items() if param.default is not MISSING}
    order = {"implementation": spec.implementation.order(), "params": params, "inputs": {}, "outputs": {}}
    return Values(folder, json.loads(json.dumps(order)))


def run(source: str, values: Values) -> dict[str, object]:
    """Run the source where the environment is what ``values`` say."""

    variables = {name: text for name, text in values.environment.items() if text is not None}
    system = SimpleNamespace(environ=variables, getenv=variables.get)

    scope: dict[str, object] = {}
    exec(compile(source.replace("import os\n", ""), "s", "exec"), {"os": system, "json": json, "ast": ast}, scope)
    return scope


def quoted(value: object) -> str:
    """A literal as people write them: repr, or with escapes."""
    return ascii(value)


QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(value=LITERALS, other=LITERALS)
def test_defaults_survive_from_source_to_code(tmp_path, value, other):
    cast = {bool: "bool({})", int: "int({})", float: "float({})", str: "{}"}[type(value)]
    read_it = cast.format(f"os.environ.get('x', {value!r})")
    source = f"import os\nx = {read_it}\ny = os.environ.get('y', {quoted(other)})\n"
    spec = read(tmp_path / "s.py", source)
    scope = run(source, environment_of(spec, tmp_path))
    assert (type(scope["x"]), scope["x"]) == (type(value), value)
    assert (type(scope["y"]), scope["y"]) == (type(other), other)


@QUIET
@given(value=NESTED)
def test_lists_and_maps_survive_as_json_and_as_python(tmp_path, value):
    if not isinstance(value, (list, dict)):
        value = [value]
    source = (
        f"import os\nx = json.loads(os.environ.get('x', {json.dumps(value)!r}))\n"
        f"y = ast.literal_eval(os.environ.get('y', {str(value)!r}))\n"
    )
    spec = read(tmp_path / "s.py", source.replace("import os\n", "import os, json, ast\n"))
    scope = run(source, environment_of(spec, tmp_path))
    assert scope["x"] == value
    assert scope["y"] == value


@QUIET
@given(value=st.booleans(), form=st.sampled_from(range(9)))
def test_a_boolean_that_says_false_is_false(tmp_path, value, form):
    source = (
        "import os\n"
        + [
            "x = bool(os.environ.get('x', 'False'))",
            "x = os.environ.get('x', 'False') == 'True'",
            "x = os.environ.get('x', 'true').lower() == 'true'",
            "x = os.environ.get('x', 'no') in ('yes', '1')",
            "x = os.environ.get('x', 'False') != 'False'",
            "x = bool(int(os.environ.get('x', '0')))",
            "x = bool(os.environ.get('x', True))",
            "x = bool(os.environ['x'])",
            "x = os.getenv('x', '0').strip() not in ('0', 'false')",
        ][form]
    )
    spec = read(tmp_path / "s.py", source)
    (variable,) = spec.implementation.variables
    assert spec.params["x"].type == "bool"
    values = Values(tmp_path, {"implementation": {"variables": []}})
    values.environment["x"] = text_of(value, variable.order())
    assert run(source, values)["x"] is value


SHELL_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\0{}'"), max_size=20)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=SHELL_TEXT | st.sampled_from(["1.10", "007", "true", "1e3", "-0", "2.5"]))
def test_texts_survive_into_bash(tmp_path, value):
    escaped = "".join(f"\\{sign}" if sign in '\\"$`' else sign for sign in value)
    file = tmp_path / "s.sh"
    spec = read(file, f'x="${{x:-{escaped}}}"\nprintf %s "$x"\n')
    (variable,) = (one for one in spec.implementation.variables if one.role is Role.PARAM)
    text = text_of(spec.params["x"].default, variable.order())
    done = subprocess.run(
        ["bash", str(file)],
        env={"x": text or "", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == value


@pytest.mark.parametrize("value", ["it's", '"', "$HOME", "ä\n", ""])
def test_what_a_step_gives_reaches_bash(tmp_path, value):
    file = tmp_path / "s.sh"
    spec = read(file, 'printf %s "${x-none}"\n')
    text = text_of(value, spec.implementation.variables[0].order())
    done = subprocess.run(
        ["bash", str(file)], env={"x": text, "PATH": os.environ["PATH"]}, capture_output=True, check=True
    )
    assert done.stdout.decode() == value


def test_a_shell_script_that_is_not_utf_8_is_a_fault_at_its_line(tmp_path):
    file = tmp_path / "latin.sh"
    file.write_bytes("# One\n# Größe\n".encode("latin-1"))
    (fault,) = read_whole_file(file, "./latin.sh").faults
    assert (fault.code, fault.location.line, fault.hint) == ("syntax", 2, "save it as UTF-8")
