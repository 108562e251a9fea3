"""The text of every fault of a component's source, all at once and each with its place."""

from __future__ import annotations

import pytest

from assay.authoring import read_file, read_function
from assay.errors import InvalidDocument, Severity

HEAD = "from assay import Images, Param, component\nfrom typing import Annotated, Literal, NamedTuple\n"


def faults_of(tmp_path, source: str) -> list[str]:
    file = tmp_path / "s.py"
    file.write_text(HEAD + source)
    shown = [str(fault).removeprefix(str(tmp_path) + "/s.py:") for fault in read_file(file).faults]
    return [text for text in shown if "[no-help]" not in text]


def signature(parameters: str, returns: str = "None") -> str:
    return f"@component\ndef f({parameters}) -> {returns}:\n    'F.'\n"


PARAMETERS = {
    "x": "4:7: error [unannotated] parameter 'x' has no type (write a type, such as ': int' or ': Images')",
    "*xs: int": "4:8: error [variadic] a component has no *xs: its ports and parameters are named one by one (name each parameter)",
    "**xs: int": "4:9: error [variadic] a component has no **xs: its ports and parameters are named one by one (name each parameter)",
    "x: int, /": "4:7: error [positional-only] parameter 'x' is positional only, but a step passes everything by name (remove the '/')",
    "ä: int": "4:7: error [illegal-name] parameter 'ä' has an illegal name (use letters a-z, digits and underscores, at most 63)",
    "x: Image": "4:10: error [unknown-type] parameter 'x' has the type Image, which no port or parameter can have (did you mean 'Images'?)",
    "x: complex": "4:10: error [unknown-type] parameter 'x' has the type complex, which no port or parameter can have (use an artifact class, int, float, str, bool, Path, list or dict)",
    "x: int | str": "4:10: error [unknown-type] parameter 'x': int | str is more than one type (use an artifact class, int, float, str, bool, Path, list or dict)",
    "x: tuple[int, str]": "4:10: error [unknown-type] parameter 'x': a tuple of a fixed length is no port or parameter (use an artifact class, int, float, str, bool, Path, list or dict)",
    "x: dict[int, str]": "4:10: error [unknown-type] parameter 'x': the keys of a map are str (use an artifact class, int, float, str, bool, Path, list or dict)",
    "x: dict[str, Images]": "4:10: error [unknown-type] parameter 'x': a map holds values, not artifacts (use an artifact class, int, float, str, bool, Path, list or dict)",
    "x: list[list[Images]]": "4:10: error [unknown-type] parameter 'x': a list port holds plain artifacts (use an artifact class, int, float, str, bool, Path, list or dict)",
    "x: Literal[1, 'a']": "4:10: error [unknown-type] parameter 'x': the choices of a Literal are all int, all str or all bool (use an artifact class, int, float, str, bool, Path, list or dict)",
    "x: 'int)'": "4:10: error [unknown-type] parameter 'x' has the type 'int)', which no port or parameter can have (use an artifact class, int, float, str, bool, Path, list or dict)",
    "x: list[int] = [1]": "4:22: error [mutable-default] parameter 'x' has a mutable default (annotate Sequence[…] and default to a tuple, or default to None)",
    "x: int = len('a')": "4:16: error [not-literal] parameter 'x' has a default that cannot be read without running code (write a literal, or a module constant that is one)",
    "x: float = 1e999": "4:18: error [not-literal] parameter 'x' has a default that cannot be read without running code (write a literal, or a module constant that is one)",
    "x: int = 1 // 0": "4:16: error [not-literal] parameter 'x' has a default that cannot be read without running code (write a literal, or a module constant that is one)",
    "x: int = None": "4:16: error [bad-default] parameter 'x' is not null, but its default is None (write int | None = None)",
    "x: int = 'a'": "4:16: error [bad-default] the default does not fit: parameter 'x' takes a whole number, not \"a\"",
    "x: Literal['a'] = 'b'": "4:25: error [bad-default] the default does not fit: parameter 'x' is one of a, not \"b\"",
    "x: Annotated[int, Param(min=3)] = 2": "4:41: error [bad-default] the default does not fit: parameter 'x' is at least 3, not 2",
    "x: Annotated[int, Param(min=3, max=1)]": "4:7: error [empty-range] parameter 'x' has min 3 above max 1 (swap them)",
    "x: Annotated[str, Param(min=3)]": "4:7: error [bad-param] parameter 'x' is str, which has no range (remove min and max)",
    "x: Annotated[int, Param(mim=3)]": "4:31: error [bad-param] Param has no 'mim' (did you mean 'min'?)",
    "x: Annotated[int, Param(3)]": "4:31: error [bad-param] Param takes its facts by name (write Param(min=…))",
    "x: Annotated[int, Param(min='3')]": "4:35: error [bad-param] Param(min=…) takes a number",
    "x: Annotated[int, Param(min=f())]": "4:35: error [not-literal] Param(min=…) is not a literal",
    "x: Annotated[int, Param(choices=('a',))]": "4:7: error [bad-param] parameter 'x' has a wrong choice: parameter 'x' takes a whole number, not \"a\"",
    "x: Annotated[int, Param(secret=True)]": "4:7: error [bad-param] parameter 'x' is secret, so its type is str",
    "x: Annotated[str, Param(secret=True)] = 'hush'": "4:47: error [secret-default] parameter 'x' is secret, but its default is written here (remove the default)",
    "x: Annotated[Images, Param(min=1)]": "4:28: error [param-on-port] Param says nothing about a port",
    "x: Annotated[int, Param(column_of='x')]": "4:7: error [bad-param] parameter 'x' is int, but names columns, which are texts (annotate str or Sequence[str])",
    "x: Annotated[str, Param(column_of='table')]": "4:7: error [bad-param] parameter 'x' names a column of 'table', which is no input port and no Path parameter (there are none)",
    "x: Annotated[str, Param(column_of=3)]": "4:41: error [bad-param] Param(column_of=…) takes the name of an input port or of a Path parameter",
    "x: Annotated[str, Param(path='file')]": "4:7: error [bad-param] parameter 'x' is str, but names a file (annotate Path)",
    "x: Annotated[str, Param(path='link')]": "4:36: error [bad-param] Param(path=…) takes 'file' or 'folder'",
    "x: Images = 'a'": "4:19: error [port-default] port 'x' has the default 'a'; a port's only default is None",
    "x: Images = None": "4:7: error [port-default] port 'x' may be left out, but its type says nothing of None (write Images | None = None)",
    "x: Images | None": "4:7: error [port-default] port 'x' may be None, but has no default (write Images | None = None)",
}  # fmt: skip


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_faults_of_parameters(tmp_path, parameters):
    assert faults_of(tmp_path, signature(parameters)) == [PARAMETERS[parameters]]


RETURNS = {
    "class O: a: int\n": ("O", "5:12: error [unknown-type] O is not a NamedTuple of outputs (write class O(NamedTuple))"),
    "class O(NamedTuple): pass\n": ("O", "5:12: error [no-outputs] O has no fields (write '-> None')"),
    "class O(NamedTuple):\n    a: complex\n": ("O", "4:8: error [unknown-type] output 'a' has the type complex, which no port or parameter can have (use an artifact class, int, float, str, bool, Path, list or dict)"),
    "class O(NamedTuple):\n    ä: int\n": ("O", "4:5: error [illegal-name] output 'ä' has an illegal name"),
    "from pathlib import Path\n": ("Path", "5:12: error [unknown-type] the output is a path without a type (use File, Folder or a more special artifact class)"),
    "pass\n": ("tuple[Images, Images]", "5:12: error [unnamed-outputs] a tuple does not name its outputs (declare a class of NamedTuple: its fields name the ports)"),
}  # fmt: skip


@pytest.mark.parametrize("head", RETURNS)
def test_faults_of_outputs(tmp_path, head):
    returns, text = RETURNS[head]
    assert faults_of(tmp_path, head + signature("", returns)) == [text]


DECORATORS = {
    "verison='1'": "3:12: error [unknown-fact] @component has no 'verison' (did you mean 'version'?)",
    "version=1": "3:20: error [bad-fact] @component(version=…) takes a version such as '1.0.0'",
    "version=str(1)": "3:20: error [not-literal] @component(version=…) is not a literal (it is read without running the file: write a literal)",
    "tags='a'": "3:17: error [bad-fact] @component(tags=…) takes a tuple of texts",
    "memory='4 gallons'": "3:19: error [bad-fact] @component(memory=…) takes an amount such as '4Gi'",
    "cpu=0": "3:16: error [bad-fact] @component(cpu=…) takes a number above 0",
    "gpu=-1": "3:16: error [bad-fact] @component(gpu=…) takes a whole number",
    "isolation='docker'": "3:22: error [bad-fact] @component(isolation=…) takes 'fork' or 'spawn'",
    "cache='no'": "3:18: error [bad-fact] @component(cache=…) takes True or False",
    "'Train/X'": "3:12: error [illegal-name] 'Train/X' is not the name of a component (write category/name in small letters, digits and single dashes)",
    "'x'": "3:12: error [illegal-name] 'x' is not the name of a component (write category/name in small letters, digits and single dashes)",
    "'a/b', '1.0'": "3:19: error [bad-fact] @component takes only its name by position",
    "name()": "3:12: error [not-literal] the component's name is not a literal (it is read without running the file: write a literal)",
    "**{}": "3:12: error [unknown-fact] @component has no '**' (it knows version, title, tags, licence, authors, requires, cpu, memory, gpu, isolation, cache, preload)",
}  # fmt: skip


@pytest.mark.parametrize("arguments", DECORATORS)
def test_faults_of_the_decorator(tmp_path, arguments):
    found = faults_of(tmp_path, f"@component({arguments})\ndef f() -> None:\n    'F.'\n")
    assert found == [DECORATORS[arguments]]


WHOLE = {
    "@component\nasync def f() -> None:\n    'F.'\n": "4:1: error [async] function 'f' is async (write a plain def; call asyncio.run inside it)",
    "@component\ndef f() -> None:\n    'F.'\n    yield 1\n": "6:5: error [generator] function 'f' is a generator: calling it runs nothing (return the outputs)",
    "@component\ndef f():\n    'F.'\n": "4:1: error [no-return-type] function 'f' does not say what it returns (write '-> None', an artifact class, or a NamedTuple of outputs)",
    "@component\ndef f() -> None: ...\n": "4:1: warning [no-docstring] function 'f' has no docstring (its first line becomes the title, its Args and Returns the help)",
    "@component\ndef f(*, size: int) -> None:\n    '''F.\n\n    Args:\n        sise: X.\n    '''\n": "4:1: warning [unknown-in-docstring] the docstring explains 'sise', which is no parameter (did you mean 'size'?)",
    "@component('a/b')\ndef f() -> None:\n    'F.'\n@component('a/b')\ndef g() -> None:\n    'G.'\n": "6:2: error [duplicate-component] component 'a/b' is declared twice in this file (give one of them another name)",
}  # fmt: skip


@pytest.mark.parametrize("source", WHOLE)
def test_faults_of_a_whole_function(tmp_path, source):
    assert faults_of(tmp_path, source) == [WHOLE[source]]


def test_what_is_not_a_generator(tmp_path):
    source = "@component\ndef f() -> None:\n    'F.'\n    def g():\n        yield 1\n    list(x for x in g())\n"
    assert faults_of(tmp_path, source) == []


def test_help_that_is_missing_is_a_warning(tmp_path):
    file = tmp_path / "s.py"
    file.write_text(HEAD + signature("x: Images, *, y: Annotated[int, Param(help='Y.')]"))
    (fault,) = read_file(file).faults
    assert (fault.code, fault.culprit, fault.severity) == ("no-help", "x", Severity.WARNING)
    assert read_function(file, "f").name == "f"


def test_all_faults_come_at_once_in_the_order_of_the_file(tmp_path):
    file = tmp_path / "s.py"
    file.write_text(HEAD + "@component(gpu=-1)\ndef f(x, y: int = [], *, z: Foo):\n    pass\n")
    with pytest.raises(InvalidDocument) as caught:
        read_function(file, "f")
    assert [(fault.code, fault.location.line) for fault in caught.value.faults] == [
        ("bad-fact", 3),
        ("no-return-type", 4),
        ("unannotated", 4),
        ("mutable-default", 4),
        ("unknown-type", 4),
    ]
    assert all(fault.severity is Severity.ERROR for fault in caught.value.faults)
