"""Rules of the house that no linter knows: sizes, names, the import contract's coverage, and documentation that is true."""

import ast
import re
import statistics
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "assay"

LONGEST_FILE = 500
LONGEST_MEDIAN_FILE = 150
LONGEST_P90_FUNCTION = 35
REFUSED_NAMES = {"common", "core", "helper", "helpers", "misc", "util", "utils"}
CORE_FLOORS = (
    "model",
    "plugins",
    "signing",
    "store",
    "runtime",
    "authoring",
    "catalog",
    "check",
    "engine",
    "exporters",
    "workspace",
    "cli",
    "errors",
    "ids",
)
HEAVY = {
    "PIL",
    "cryptography",
    "monai",
    "nibabel",
    "numpy",
    "onnx",
    "onnxruntime",
    "pandas",
    "pydicom",
    "scipy",
    "torch",
}
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work/|opt/(?:wheels|pypi)|root/|home/(?!user\b)\w+/|tmp/\w)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def tracked(*patterns):
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted(path for path in map(ROOT.joinpath, listing.stdout.splitlines()) if path.is_file())


def name_of(path):
    return str(path.relative_to(ROOT))


PYTHON = tracked("*.py")
OWN = [path for path in PYTHON if path.is_relative_to(SOURCE)]
MARKDOWN = tracked("*.md")


def lines(path):
    return path.read_text(encoding="utf-8").count("\n")


def module_level_imports(tree):
    """Yield the first words of what is imported when the module is, type-checking blocks left out."""
    stack = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            stack.extend(node.orelse)
        elif isinstance(node, ast.ClassDef | ast.If | ast.Try | ast.With):
            stack.extend(child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt))
            stack.extend(chain.from_iterable(handler.body for handler in getattr(node, "handlers", ())))


def test_no_file_is_longer_than_a_reader_can_hold():
    assert {name_of(path): lines(path) for path in PYTHON if lines(path) > LONGEST_FILE} == {}


def test_the_median_file_is_short():
    assert statistics.median(lines(path) for path in OWN if lines(path)) <= LONGEST_MEDIAN_FILE


def test_nine_functions_in_ten_fit_on_a_screen():
    sizes = [
        (node.end_lineno or 0) - node.lineno + 1
        for path in OWN
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert statistics.quantiles(sizes, n=10)[-1] <= LONGEST_P90_FUNCTION


def test_every_module_earned_its_name():
    assert [
        name_of(path) for path in PYTHON if REFUSED_NAMES & set(path.with_suffix("").parts[len(ROOT.parts) :])
    ] == []


def test_every_floor_stands_in_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(contract for contract in contracts if contract["type"] == "layers")
    named = set(re.findall(r"[a-z_]+", " ".join(floors["layers"])))
    there = {path.stem for path in SOURCE.glob("*.py")} | {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert floors["exhaustive"] is True
    assert there - {"__init__", "__main__"} <= named


@pytest.mark.parametrize("floor", CORE_FLOORS)
def test_the_core_imports_nothing_heavy_before_it_is_needed(floor):
    found = {
        name_of(path): heavy
        for path in OWN
        if path.relative_to(SOURCE).with_suffix("").parts[0] == floor
        and (heavy := HEAVY & set(module_level_imports(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found == {}


def test_no_test_is_skipped_or_expected_to_fail():
    marks = re.compile(r"pytest\.(skip|xfail|importorskip)\b|mark\.(skip|skipif|xfail)\b")
    tests = [path for path in PYTHON if path.is_relative_to(ROOT / "tests") and path != Path(__file__)]
    assert [name_of(path) for path in tests if marks.search(path.read_text(encoding="utf-8"))] == []


def test_no_tracked_file_names_a_path_of_a_machine():
    texts = [path for path in tracked() if path.suffix not in {".png", ".ico", ".onnx"} and path != Path(__file__)]
    found = {
        name_of(path): match.group()
        for path in texts
        if (match := MACHINE_PATHS.search(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("page", MARKDOWN, ids=name_of)
def test_links_of_the_documentation_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [first or second for first, second in LINK.findall(text)]
    local = [target.partition("#")[0] for target in targets if not re.match(r"https?://|mailto:|#", target)]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", MARKDOWN, ids=name_of)
def test_make_targets_that_the_documentation_names_exist(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - targets == set()


def test_every_make_target_has_its_sentence():
    makefile = (ROOT / "Makefile").read_text()
    sentences = dict(re.findall(r"^([a-z]+):.*?## (.+)$", makefile, re.MULTILINE))
    assert set(sentences) == set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())
    assert all(sentence.endswith(".") and sentence.count(". ") == 0 for sentence in sentences.values())
