"""``assay component`` without the engine: new, check, what run is asked, and the contract."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assay.authoring import read_function, read_whole_file
from assay.catalog import Catalog
from assay.cli.component.asked import parse_asked
from assay.cli.component.contract import _CHECKS, differences, hold_to_contract
from assay.cli.component.request import Request, parse_request
from assay.cli.component.scaffold import component_text, write_component
from assay.cli.component.testing import find_tests
from assay.engine import r
from assay.errors import InvalidDocument
from assay.model.artifacts import ArtifactType

ROOT = Path(__file__).parents[3]

SHAPES = {
    "nothing named": ([], [], []),
    "folder to folder": (["images:Images"], ["images:Images"], ["seed:int=0"]),
    "two outputs": (["table:Dataset"], ["kept:Dataset", "share:float"], ["limit:float=0.5", "word:str"]),
    "a value": ([], ["value:int"], []),
    "a renamed output": (["scores:Predictions"], ["table:Dataset"], []),
    "no output": (["model:Model"], [], ["where:path=."]),
    "lists": (["reports:list[Report]"], ["figures:list[Figure]"], ["names:list[str]=a,b", "more:list[int]=1"]),
    "every kind": ([], ["e:Evidence", "b:Bundle", "f:File", "s:str", "t:bool"], ["flag:bool=true", "p:Path"]),
}

SOURCE = '''"""One."""

from typing import Annotated

from assay import Dataset, Images, Param, component, step


@component("filter/some")
def some(
    table: Dataset,
    more: list[Images],
    *,
    limit: Annotated[float, Param(min=0.0, max=9.0, unit="mm")] = 0.5,
    word: str,
    token: Annotated[str, Param(secret=True)],
) -> Dataset:
    """Keep some | rows.

    Args:
        table: A table.
        more: Pictures.
        limit: Of what.
        word: Which <one>.
        token: Of the door.

    Returns:
        dataset: Fewer rows.
    """
    print(table, more, limit, word, token)
    return step.output("dataset", Dataset)
'''


@pytest.fixture
def some(assay):
    Path("some.py").write_text(SOURCE)
    return assay


# new


@pytest.mark.parametrize("shape", SHAPES)
def test_a_scaffold_is_a_component_without_a_fault(assay, shape):
    inputs, outputs, params = SHAPES[shape]
    options = [("--input", word) for word in inputs] + [("--output", word) for word in outputs]
    options += [("--param", word) for word in params]
    result = assay("component", "new", "filter/drop-some", *(word for option in options for word in option))
    assert (result.status, result.err) == (0, "")
    checked = assay("component", "check", "--strict", "components")
    assert (checked.status, checked.out, checked.err) == (0, "✔ components/filter/drop_some.py: 1 component\n", "")
    spec = read_function(Path("components/filter/drop_some.py"), None)
    assert [f"{port.name}:{port.type}" for port in spec.inputs.values()] == (
        inputs or ["table:Dataset"] * (not outputs)
    )
    named = [str(port.name) for port in spec.outputs.values()]
    assert named == [word.partition(":")[0] for word in outputs] if outputs or inputs or params else ["dataset"]


def test_scaffolds_pass_the_formatter_the_linter_and_the_type_checker(tmp_path):
    for number, (inputs, outputs, params) in enumerate(SHAPES.values()):
        write_component(parse_asked(f"filter/some-{number}", inputs, outputs, params), tmp_path, "MIT")
    files = [str(file) for file in sorted(tmp_path.glob("*.py"))]
    for tool in (["ruff", "check", "--isolated"], ["ruff", "format", "--isolated", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", *tool, *files], check=False, capture_output=True, text=True, cwd=tmp_path.parent
        )
        assert done.returncode == 0, done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), *files],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"MYPYPATH": str(ROOT / "src"), "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_text_of_a_scaffold():
    assert component_text(parse_asked("filter/drop-some", [], [], []), "MIT") == (
        '"""Drop some: what this file is for, in one sentence."""\n'
        "\n"
        "import shutil\n"
        "\n"
        "from assay import Dataset, component, step\n"
        "\n"
        "\n"
        "# What a step needs to know stands in the signature and the docstring:\n"
        "#   * before the `*`: input ports, each of an artifact class (Dataset, Images, …),\n"
        "#   * after the `*`: parameters; Annotated[float, Param(min=0.0, unit=…)] limits one,\n"
        "#   * the return type: the output ports; the docstring: the help of all of them.\n"
        "#   * requires= below: what it imports from outside the standard library.\n"
        "@component(\n"
        '    "filter/drop-some",\n'
        '    version="0.1.0",\n'
        '    licence="MIT",\n'
        ")\n"
        "def drop_some(\n"
        "    table: Dataset,\n"
        "    *,\n"
        "    limit: float = 0.5,\n"
        ") -> Dataset:\n"
        '    """Drop some.\n'
        "\n"
        "    Say here what it does, in a sentence or two.\n"
        "\n"
        "    Args:\n"
        "        table: A table: CSV with a header row, or Parquet.\n"
        "        limit: What limit means, and its unit.\n"
        "\n"
        "    Returns:\n"
        "        dataset: A table: CSV with a header row, or Parquet.\n"
        '    """\n'
        '    print(f"limit: {limit!r}")  # print() is the log\n'
        '    dataset = step.output("dataset", Dataset, suffix=".csv")\n'
        "    shutil.copyfile(table.path, dataset.path)\n"
        "    return dataset\n"
    )


def test_there_is_content_for_every_type_of_artifact(tmp_path):
    for kind in ArtifactType:
        if kind is not ArtifactType.VALUE:
            asked = parse_asked(f"filter/{kind.lower()}-x", [f"x:{kind}"], [f"y:{kind}"], [])
            assert str(kind) in component_text(asked, "MIT")


def test_new_says_what_it_wrote_and_what_to_type(assay):
    assert assay("component", "new", "filter/some", "--dir", "steps").out == (
        "  new   steps/some.py\n  new   steps/test_some.py\n"
        "\nNext:\n  assay component check steps/some.py\n  assay component test steps/some.py\n"
        "  assay component run steps/some.py --input table=PATH\n"
    )
    assert json.loads(assay("component", "new", "filter/other", "--json").out) == {
        "name": "filter/other",
        "files": ["components/filter/other.py", "components/filter/test_other.py"],
    }


def test_a_path_with_a_space_can_be_typed_again(assay):
    assert (
        "assay component test 'my steps/some.py'" in assay("component", "new", "filter/some", "--dir", "my steps").out
    )
    result = assay("component", "run", "my steps")
    assert result.err == "error [not-found] my steps is a folder\n  hint: name a file in it: FILE or FILE:FUNCTION\n"


@pytest.mark.parametrize("name", ["some.py", "test_some.py"])
def test_new_overwrites_nothing_and_then_writes_nothing(assay, name):
    Path("steps").mkdir()
    Path("steps", name).symlink_to("nowhere")
    result = assay("component", "new", "filter/some", "--dir", "steps")
    assert result.status == 2
    assert result.err.startswith(f"error [would-overwrite] steps/{name} is there already\n")
    assert [path.name for path in Path("steps").iterdir()] == [name]


def test_new_tells_all_that_is_wrong_at_once(assay):
    result = assay(
        *("component", "new", "Filter/x", "--input", "x:Img", "--input", "a", "--output", "class:int"),
        *("--param", "q:int=z", "--param", "x:int", "--param", "m:map"),
    )
    assert result.status == 2
    assert result.err == (
        "error [illegal-name] 'Filter/x' is not the name of a component\n"
        "  hint: write category/name in small letters, digits and single dashes, such as filter/drop-empty\n"
        "error [unknown-type] --input x:Img: there is no type 'Img'\n"
        "  hint: did you mean 'Images'?\n"
        "error [usage] --input a is not name:Type\n"
        "  hint: such as --input table:Dataset\n"
        "error [illegal-name] --output class:int: 'class' cannot be a name here\n"
        "  hint: use letters a-z\n"
        "error [parameter-value] --param q:int=z: parameter 'q' takes a whole number, not \"z\"\n"
        "error [usage] --param x:int: 'x' is named twice\n"
        "error [unknown-type] --param m:map: there is no type 'map'\n"
        "  hint: there are int, float, str, bool, list, path, Path\n"
    )
    assert list(Path().iterdir()) == []


def test_an_unknown_kind(assay):
    assert "there is function" in assay("component", "new", "filter/x", "--kind", "rscript").err


# check


def test_check_shows_the_place(some):
    result = some("component", "check", "some.py")
    assert (result.status, result.out) == (
        0,
        "✔ some.py: 1 component, 2 warnings; 'assay component check --fix' repairs 1\n",
    )
    assert result.err == (
        "warning [no-version] component 'filter/some' has no version\n"
        f"  --> {Path.cwd()}/some.py:9:1\n"
        "   |\n"
        " 9 | def some(\n"
        "   | ^\n"
        '  hint: write @component(…, version="0.1.0")\n'
        "warning [no-licence] component 'filter/some' has no licence\n"
        f"  --> {Path.cwd()}/some.py:9:1\n"
        "   |\n"
        " 9 | def some(\n"
        "   | ^\n"
        "  hint: write @component(…, licence=…) with an SPDX name such as 'Apache-2.0'\n"
    )
    assert some("component", "check", "--strict", "some.py").status == 2


def test_check_writes_repairs_and_nothing_else(some):
    Path("some.py").write_bytes(b"\xef\xbb\xbf# \xc3\xbc\r\n" + SOURCE.replace("\n", "\r\n").encode())
    result = some("component", "check", "--fix", "some.py")
    assert result.out == "some.py: 1 repair written\n✔ some.py: 1 component, 1 warning\n"
    mended = SOURCE.replace('@component("filter/some")', '@component("filter/some", version="0.1.0")')
    assert Path("some.py").read_bytes() == b"\xef\xbb\xbf# \xc3\xbc\r\n" + mended.replace("\n", "\r\n").encode()


def test_check_json(some):
    Path("bad.py").write_text("def f(:\n")
    result = some("component", "check", "some.py", "bad.py", "--json")
    good, bad = json.loads(result.out)
    assert (result.status, result.err) == (2, "")
    assert {name: good[name] for name in ("file", "ok", "fixed", "components")} == {
        "file": "some.py",
        "ok": True,
        "fixed": 0,
        "components": ["filter/some"],
    }
    assert [fault["fixable"] for fault in good["faults"]] == [True, False]
    assert (bad["ok"], bad["faults"][0]["code"]) == (False, "syntax")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("sone.py", "there is no file sone.py\n  hint: did you mean 'some.py'?"),
        ("input/ct-fantom", "did you mean 'input/ct-phantom'?"),
        ("notes.txt", "notes.txt is no Python file, notebook, script or description"),
        ("empty", "empty holds no component"),
        ("word", "'word' names no component"),
    ],
)
def test_what_cannot_be_checked(some, word, said):
    Path("notes.txt").write_text("")
    Path("empty").mkdir()
    result = some("component", "check", word)
    assert result.status == 2
    assert said in result.err


def test_a_component_of_the_catalog_can_be_checked(assay):
    result = assay("component", "check", "input/ct-phantom", "--json")
    assert json.loads(result.out)[0]["components"] == ["input/ct-phantom"]


# run: what it is asked


def test_everything_wrong_with_a_request_is_told_at_once(some):
    Path("t.csv").write_text("a\n")
    Path("folder").mkdir()
    result = some(
        *("component", "run", "some.py", "-i", "tabel=t.csv", "-i", "more=t.csv", "-i", "table=t.cvs", "-i", "x"),
        *("-p", "limit=10", "-p", "token=abc", "-p", "wrod=x", "--secret", "limit=x"),
    )
    assert result.status == 2
    assert [line for line in result.err.replace(str(Path.cwd()), "HERE").splitlines() if not line.startswith(" ")] == [
        "error [usage] --input x is not PORT=PATH",
        "error [unknown-input] filter/some has no input port 'tabel'",
        "error [source] --input more: t.csv is a file",
        "error [source] --input table: t.cvs does not exist",
        "error [parameter-value] -p limit: parameter 'limit' is at most 9 mm, not 10.0",
        "error [secret-in-command] -p token: a secret is given by its name",
        "error [unknown-parameter] filter/some has no parameter 'wrod'",
        "error [unknown-secret] filter/some has no secret parameter 'limit'",
        "error [missing-parameter] parameter 'word' needs a value",
    ]
    assert not Path(".assay").exists()


def test_what_is_missing_is_named_with_the_words_to_type(some):
    with pytest.raises(InvalidDocument) as error:
        parse_request(read_function(Path("some.py"), None), Request([], [], []))
    assert [fault.hint for fault in error.value.faults] == [
        "--input table=PATH",
        "--input more=PATH",
        "-p word=…",
        "--secret token=NAME",
    ]


def test_a_secret_that_is_no_name_is_not_repeated(some):
    result = some("component", "run", "some.py", "--secret", "token=open-sesame")
    assert "error [bad-secret-name] --secret token: a secret's name is capital letters, digits and _" in result.err
    assert "open-sesame" not in result.err


def test_outputs_are_not_written_over(some):
    Path("t.csv").write_text("a\n")
    Path("pictures").mkdir()
    Path("out").mkdir()
    Path("out/dataset.csv").write_text("mine")
    given = ("-i", "table=t.csv", "-i", "more=pictures", "-p", "word=x", "--secret", "token=DOOR")
    result = some("component", "run", "some.py", *given, "--out", "out")
    assert result.err.startswith("error [would-overwrite] out/dataset.csv is there already\n")
    assert not Path(".assay").exists()


# test: the contract


def test_the_contract_of_the_built_in_library():
    without_import = _CHECKS[:2]
    for spec in Catalog().list():
        assert [verdict for verdict in (check(spec) for check in without_import) if not verdict.ok] == []


def test_a_component_that_is_not_what_its_source_says(assay):
    source = SOURCE.replace('@component("filter/some")', '@shorten\n@component("filter/some")')
    shorten = "\n\ndef shorten(function):\n    return lambda table, /, word=7, *, extra=1: None\n\n\n@shorten"
    Path("some.py").write_text(source.replace("\n\n@shorten", shorten))
    *_, verdict = hold_to_contract(read_function(Path("some.py"), None))
    assert verdict.problems == (
        "parameter 'table' of the imported function cannot be passed by name",
        "the imported function has no parameter 'more': something changes it after it is defined",
        "the imported function has no parameter 'limit': something changes it after it is defined",
        "the imported function has no parameter 'token': something changes it after it is defined",
        "the imported function has a parameter 'extra' that is not in its source",
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise RuntimeError('no such luck')", "no such luck"),
        ("import nowhere_to_be_found", "nowhere_to_be_found"),
        ("raise SystemExit(3)", "ended the process"),
        ("import os; os._exit(4)", "status 4"),
        ("print('noise')", ""),
    ],
)
def test_an_import_that_goes_wrong(assay, line, said):
    Path("some.py").write_text(SOURCE.replace('"""One."""', f'"""One."""\n\n{line}'))
    *_, verdict = hold_to_contract(read_function(Path("some.py"), None))
    assert verdict.ok is (said == "")
    assert said in " ".join(verdict.problems)


def test_a_missing_package_is_one_sentence(assay):
    Path("some.py").write_text(SOURCE.replace('"filter/some"', '"filter/some", requires=("nowhere-2b-found>=1",)'))
    *_, verdict = hold_to_contract(read_function(Path("some.py"), None))
    assert (verdict.problems, verdict.hint) == (
        ("not installed: nowhere-2b-found>=1",),
        "type: pip install 'nowhere-2b-found>=1'",
    )


def test_an_r_package_that_is_not_found_is_one_sentence(assay, monkeypatch):
    monkeypatch.setattr(r, "installed", lambda: r.Installation("R 4.2", ["/nowhere"]))
    Path("count.R").write_text("# Count\nlibrary(nowhere)\n")
    (spec,) = read_whole_file(Path("count.R"), "script/count").specs
    *_, verdict = hold_to_contract(spec)
    assert (verdict.problems, verdict.hint) == (
        ("R does not find nowhere",),
        """type: Rscript -e 'install.packages(c("nowhere"))'""",
    )


def test_another_default_is_a_difference(assay):
    Path("some.py").write_text(SOURCE)
    spec = read_function(Path("some.py"), None)
    names = ("table", "more", "limit", "word", "token")
    facts = [{"name": name, "by_name": True} for name in names]
    assert list(differences(spec, facts)) == ["the default of 'limit' is not there, the source says 0.5"]
    facts[2]["default"] = 0.5
    assert list(differences(spec, facts)) == []


def test_where_tests_are_looked_for(assay):
    Path("src/tests").mkdir(parents=True)
    Path("tests").mkdir()
    assert find_tests(Path("src/some.py")) is None
    for place in ("tests/test_some.py", "src/tests/test_some.py", "src/test_some.py"):
        Path(place).write_text("")
        assert find_tests(Path("src/some.py")).absolute() == Path(place).absolute()
