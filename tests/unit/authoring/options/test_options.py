"""Options reach the code as it wrote them: any value, through a command line that no shell ever reads."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.authoring import is_script, read_whole_file
from assay.model.component import MISSING
from assay.runtime.failures import StepFailure
from assay.runtime.variables import Values

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20).filter(
    lambda text: text != "--"
)
INT = st.integers(-(10**9), 10**9)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)

ARGPARSE = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("first")
p.add_argument("rest", nargs="*", type=int)
p.add_argument("-t", "--text", default="x")
p.add_argument("-s", default="x")
p.add_argument("-single", type=float, default=0.0)
p.add_argument("--numbers", nargs="+", type=float, default=[1.0])
p.add_argument("--tag", action="append")
p.add_argument("--on", action="store_true")
p.add_argument("--no-off", dest="off", action="store_false")
p.add_argument("--either", action=argparse.BooleanOptionalAction, default=True)
p.add_argument("-v", action="count", default=0)
p.add_argument("--trap", type=bool, default=True)
p.add_argument("--said", type=lambda x: x == "yes", default=True)
"""

CLICK = """
import click
@click.command()
@click.argument("first")
@click.argument("rest", nargs=-1, type=int)
@click.option("-t", "--text", default="x")
@click.option("--pair", type=(int, str), default=(1, "a"))
@click.option("--tag", multiple=True)
@click.option("--on/--off", default=False)
@click.option("--flag", is_flag=True)
@click.option("-v", count=True)
@click.option("--said", type=bool, default=True)
def main(**got):
    pass
"""

TYPER = """
from typing import Optional
import typer
app = typer.Typer()
@app.command()
def main(first: str, text: str = "x", number: float = 1.0, on: bool = False, tag: list[str] = [],
         deep: bool = typer.Option(True, "--deep/--shallow"), who: Optional[str] = None):
    got.update(locals())
"""


def words(file: Path, source: str, given_values: dict[str, object]) -> list[str]:
    """The command line that a step's process makes for ``given_values``, the others as they stand in the source."""
    file.write_text(source)
    (spec,) = read_whole_file(file, "./s.py").specs
    assert given_values.keys() <= spec.params.keys()
    defaults = {name: param.default for name, param in spec.params.items() if param.default is not MISSING}
    order = {"implementation": spec.implementation.order(), "params": {**defaults, **given_values}}
    return Values(file.parent, json.loads(json.dumps({**order, "inputs": {}, "outputs": {}}))).arguments


@QUIET
@given(st.data())
def test_any_value_reaches_argparse(tmp_path, data):
    given_values = {
        "first": data.draw(TEXT),
        "rest": data.draw(st.lists(INT, max_size=3)),
        "text": data.draw(TEXT),
        "s": data.draw(TEXT),
        "single": data.draw(FLOAT),
        "numbers": data.draw(st.lists(st.decimals(-9999, 9999, places=2).map(float), min_size=1, max_size=3)),
        "tag": data.draw(st.lists(TEXT, min_size=1, max_size=3)),
        **{name: data.draw(st.booleans()) for name in ("on", "off", "either", "trap", "said")},
        "v": data.draw(st.integers(0, 3)),
    }
    source = ARGPARSE.replace('"yes"', '"True"')
    scope: dict[str, argparse.ArgumentParser] = {}
    exec(source, scope)
    got = vars(scope["p"].parse_args(words(tmp_path / "s.py", source, given_values)))
    assert got == given_values


@QUIET
@given(st.data())
def test_any_value_reaches_click(tmp_path, data):
    given_values = {
        "first": data.draw(TEXT),
        "rest": data.draw(st.lists(INT, max_size=3)),
        "text": data.draw(TEXT),
        "pair": [str(data.draw(INT)), data.draw(TEXT)],
        "tag": data.draw(st.lists(TEXT, max_size=3)),
        **{name: data.draw(st.booleans()) for name in ("on", "flag", "said")},
        "v": data.draw(st.integers(0, 3)),
    }
    scope: dict[str, object] = {}
    exec(CLICK, scope)
    context = scope["main"].make_context("s", words(tmp_path / "s.py", CLICK, given_values))
    got = {name: list(value) if isinstance(value, tuple) else value for name, value in context.params.items()}
    got["pair"] = [str(part) for part in got["pair"]]
    assert got == given_values


@QUIET
@given(st.data())
def test_any_value_reaches_typer(tmp_path, data):
    given_values = {
        "first": data.draw(TEXT),
        "text": data.draw(TEXT),
        "number": data.draw(FLOAT),
        "tag": data.draw(st.lists(TEXT, max_size=3)),
        "who": data.draw(st.none() | TEXT),
        **{name: data.draw(st.booleans()) for name in ("on", "deep")},
    }
    got: dict[str, object] = {}
    scope: dict[str, object] = {"got": got}
    exec(TYPER, scope)
    scope["app"](words(tmp_path / "s.py", TYPER, given_values), standalone_mode=False)
    assert got == given_values


@pytest.mark.parametrize("source", [ARGPARSE, CLICK, TYPER])
def test_what_is_not_said_is_left_to_the_code(tmp_path, source):
    assert words(tmp_path / "s.py", source, {"first": "--help"}) == ["--", "--help"]


@pytest.mark.parametrize("value", ["=", "=a", "-a", "", "---", "a=b"])
def test_the_value_of_a_short_option_stays_whole(tmp_path, value):
    scope: dict[str, argparse.ArgumentParser] = {}
    exec(ARGPARSE, scope)
    assert scope["p"].parse_args(words(tmp_path / "s.py", ARGPARSE, {"first": "", "s": value})).s == value
    source = 'import click\n@click.command()\n@click.option("-s", default="x")\ndef main(s):\n    pass\n'
    made: dict[str, object] = {}
    exec(source, made)
    assert made["main"].make_context("s", words(tmp_path / "s.py", source, {"s": value})).params == {"s": value}


def test_a_value_that_argparse_would_take_for_an_option_is_refused(tmp_path):
    source = 'import argparse\np = argparse.ArgumentParser()\np.add_argument("--names", nargs="+")\n'
    assert words(tmp_path / "s.py", source, {"names": ["-1", "-0.5", "a"]}) == ["--names", "-1", "-0.5", "a"]
    with pytest.raises(StepFailure, match="'-x' would be read as an option"):
        words(tmp_path / "s.py", source, {"names": ["-x"]})


def test_the_one_text_that_no_option_takes_is_refused(tmp_path):
    with pytest.raises(StepFailure, match="cannot be given the value '--'"):
        words(tmp_path / "s.py", ARGPARSE, {"first": "a", "text": "--"})


def test_a_positional_argument_cannot_be_left_out_before_another(tmp_path):
    source = 'import argparse\np = argparse.ArgumentParser()\np.add_argument("a", nargs="?")\np.add_argument("b", nargs="?")\n'
    assert words(tmp_path / "s.py", source, {"a": "1", "b": None}) == ["--", "1"]
    with pytest.raises(StepFailure, match="'b' is given, but not 'a'"):
        words(tmp_path / "s.py", source, {"a": None, "b": "1"})


def test_a_file_of_options_is_a_script_and_one_without_is_a_module(tmp_path):
    file = tmp_path / "s.py"
    file.write_text(ARGPARSE)
    assert is_script(file)
    file.write_text("import argparse\nargparse.ArgumentParser()\n")
    assert not is_script(file)
