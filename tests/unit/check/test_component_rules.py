"""Each rule of a good component: what it says, where, and what it leaves alone."""

from pathlib import Path

import pytest

from assay.check.components import RULES, check_source
from assay.check.components.check import SourceCheck
from assay.check.components.packages import declared, package_of
from assay.check.components.subject import Subject
from assay.errors import Severity
from assay.ids import ComponentName, ParamName
from assay.model.component import ComponentSpec, FunctionImplementation, ParamSpec, ParamType

GOOD = '''from assay import Dataset, component, step


@component("filter/some", version="1.0.0", licence="Apache-2.0")
def some(table: Dataset, *, limit: float = 0.5) -> Dataset:
    """Keep some rows.

    Args:
        table: A table.
        limit: Of what.

    Returns:
        dataset: Fewer rows.
    """
    out = step.output("dataset", Dataset)
    out.path.write_text(table.path.read_text()[: int(limit)])
    return out
'''

CASES = {
    "no-version": ('version="1.0.0", ', ""),
    "no-licence": (', licence="Apache-2.0"', ""),
    "undeclared-import": ("    out = step", "    import pandas\n\n    print(pandas)\n    out = step"),
    "heavy-import": ("from assay import", "import torch\nfrom assay import"),
    "unused-parameter": ("[: int(limit)]", ""),
    "no-memory": ("    out = step", "    import torch\n\n    print(torch)\n    out = step"),
    "cached-effect": ("-> Dataset:", "-> None:"),
}

SAID = {
    "no-version": "5:1 component 'filter/some' has no version | write @component(…, version=\"0.1.0\")",
    "no-licence": "5:1 component 'filter/some' has no licence | write @component(…, licence=…) with an SPDX name such as 'Apache-2.0'",
    "undeclared-import": "15:5 'pandas' is imported, but not in requires | write requires=(…, 'pandas')",
    "heavy-import": "1:1 'torch' is imported at the top of the file, but not in requires"
    " | write requires=(…, 'torch'); better, import it inside the function",
    "unused-parameter": "5:29 'limit' is never read | use it, or remove it",
    "no-memory": "5:1 component 'filter/some' uses torch, but does not say how much memory it needs"
    " | write @component(…, memory='4Gi')",
    "cached-effect": "5:1 component 'filter/some' has no output, and would be reused in place of being run again"
    " | write @component(…, cache=False)",
}


@pytest.fixture
def judge(tmp_path):
    def check(source: str) -> SourceCheck:
        file = tmp_path / "some.py"
        file.write_text(source, encoding="utf-8")
        return check_source(file)

    return check


def changed(code):
    before, after = CASES[code]
    assert before in GOOD
    return GOOD.replace(before, after, 1)


def said(fault):
    return f"{fault.location.line}:{fault.location.column} {fault.message} | {fault.hint}"


def repaired(source, checked):
    for fix in sorted((fault.fix for fault in checked.faults if fault.fix), key=lambda fix: -fix.start):
        source = source[: fix.start] + fix.text + source[fix.end :]
    return source


def test_a_good_component_has_no_fault(judge):
    checked = judge(GOOD)
    assert checked.faults == ()
    assert [spec.name for spec in checked.specs] == ["filter/some"]


def test_every_rule_is_a_warning_with_help():
    assert all(rule.help.endswith(".") and rule.severity is Severity.WARNING for rule in RULES.values())
    assert all(code == rule.code for code, rule in RULES.items())


@pytest.mark.parametrize("code", SAID)
def test_what_a_rule_says(judge, code):
    found = {fault.code: fault for fault in judge(changed(code)).faults}
    assert said(found[code]) == SAID[code]


def test_an_output_without_help(judge):
    (fault,) = judge(GOOD.replace("\n    Returns:\n        dataset: Fewer rows.\n", "")).faults
    assert (fault.code, fault.message) == ("no-help", "output 'dataset' is not explained")


def test_a_source_without_docstring_is_told_once(judge):
    source = GOOD[: GOOD.index('    """')] + GOOD[GOOD.rindex('"""') + 4 :]
    assert [fault.code for fault in judge(source).faults] == ["no-docstring"]


def test_a_specification_that_is_no_function_is_judged_without_its_syntax():
    spec = ComponentSpec(
        ComponentName("filter/some"),
        FunctionImplementation("some", "some.ipynb", "", preload=("torch.nn",)),
        params={ParamName("limit"): ParamSpec(ParamName("limit"), ParamType.FLOAT)},
    )
    found = {code for code, rule in RULES.items() if list(rule.apply(Subject(spec)))}
    assert found == {
        "no-title",
        "no-help",
        "no-version",
        "no-licence",
        "undeclared-import",
        "no-memory",
        "cached-effect",
    }
    assert Subject(spec).place(None).file == "some.ipynb"


@pytest.mark.parametrize("code", ["no-version", "undeclared-import", "heavy-import", "cached-effect"])
def test_a_repair_leaves_nothing_to_repair(judge, code):
    source = changed(code)
    again = judge(repaired(source, judge(source)))
    assert code not in {fault.code for fault in again.faults}
    assert again.ok


@pytest.mark.parametrize(
    ("decorator", "mended"),
    [
        ('@component("filter/some")', '@component("filter/some", version="0.1.0")'),
        ('@component(\n    "filter/some",\n)', '@component(\n    "filter/some",\n    version="0.1.0",\n)'),
        (
            '@component(\n    "filter/some",\n    tags=("ü", "日本"),\n)',
            '@component(\n    "filter/some",\n    tags=("ü", "日本"),\n    version="0.1.0",\n)',
        ),
    ],
)
def test_a_keyword_is_added_where_it_belongs(judge, decorator, mended):
    source = GOOD.replace('@component("filter/some", version="1.0.0", licence="Apache-2.0")', decorator)
    text = repaired(source, judge(source))
    assert mended in text


@pytest.mark.parametrize(
    ("requires", "mended"),
    [
        ("", ', requires=("pandas",)'),
        (", requires=()", ', requires=("pandas",)'),
        (', requires=("numpy",)', ', requires=("numpy", "pandas",)'),
        (', requires=["numpy>=2", "scipy"]', ', requires=["numpy>=2", "scipy", "pandas"]'),
    ],
)
def test_a_package_is_added_to_requires(judge, requires, mended):
    source = changed("undeclared-import").replace(', licence="Apache-2.0"', f', licence="Apache-2.0"{requires}')
    assert f'licence="Apache-2.0"{mended})' in repaired(source, judge(source))


def test_requires_that_is_a_constant_has_no_repair(judge):
    source = changed("undeclared-import").replace('"filter/some",', '"filter/some", requires=NEEDS,')
    source = source.replace("\n\n@component(", '\nNEEDS = ("numpy",)\n\n\n@component(')
    (fault,) = judge(source).faults
    assert (fault.code, fault.fix) == ("undeclared-import", None)


@pytest.mark.parametrize("requires", ["pandas", "Pandas>=2", "pandas[excel]==2.2"])
def test_a_declared_package_is_no_fault(judge, requires):
    source = changed("undeclared-import").replace('version="1.0.0"', f'version="1.0.0", requires=("{requires}",)')
    assert judge(source).faults == ()


def test_modules_and_their_packages():
    assert (package_of("PIL"), package_of("sklearn"), package_of("nowhere_to_be_found")) == (
        "pillow",
        "scikit-learn",
        "nowhere_to_be_found",
    )
    assert declared(["Scikit_Learn>=1", " numpy "]) == {"scikit_learn", "scikit-learn", "numpy"}


def test_step_params_may_read_any_parameter(judge):
    assert (
        judge(changed("unused-parameter").replace("    out = step", "    print(step.params)\n    out = step")).faults
        == ()
    )


def test_broken_python_and_a_file_without_components(judge):
    (fault,) = judge("def f(:\n").faults
    assert (fault.code, fault.severity) == ("syntax", Severity.ERROR)
    (fault,) = judge("x = 1\n").faults
    assert fault.code == "no-component"


def test_errors_of_reading_and_warnings_of_rules_stand_together(judge):
    second = GOOD[GOOD.index("@component") :].replace("filter/some", "filter/other").replace("def some(", "def other(")
    checked = judge(changed("no-version") + "\n\n" + second.replace("limit: float", "limit: flaot"))
    assert [fault.code for fault in checked.faults] == ["no-version", "unknown-type"]
    assert not checked.ok


def test_the_built_in_library_declares_what_it_imports():
    library = Path(__file__).parents[3] / "src" / "assay" / "library"
    found = []
    for file in sorted(library.glob("*/*.py")):
        if file.name != "__init__.py":
            module = f"assay.library.{file.parent.name}.{file.stem}"
            faults = [fault for fault in check_source(file, module=module).faults if fault.code != "no-component"]
            found += [f"{file.name}: {fault.code}" for fault in faults]
    # What torch holds depends on images, model and sites there: a step says it.
    torch = ("adversarial", "art", "federated_image_classifier", "image_classifier")
    assert found == [f"{name}.py: no-memory" for name in torch]


def test_every_rule_stands_in_the_guide():
    guide = (Path(__file__).parents[3] / "docs" / "components.md").read_text(encoding="utf-8")
    rows = [f"| `{code}` | {rule.help.replace('``', '`')} |" for code, rule in RULES.items()]
    assert "\n".join(rows) in guide


OTHERS = {
    "s.py": (
        "import os\nimport torch\nn = os.environ['n']\n",
        {
            "no-help": "write a comment above it, or help=",
            "undeclared-import": "write '# @dependency torch'",
            "no-memory": "write 'resources: {memory: 4Gi}' in the step",
            "cached-effect": "write 'cache: false' in the step",
        },
    ),
    "s.R": ("# Fit\n\nn <- Sys.getenv('n')\n", {"no-help": "write a comment above it, or help="}),
    "fit.component.yaml": (
        "component: 1\ntitle: Fit\nimage: tools/fit:latest\nargs: [a]\nparams: {n: 3}\n",
        {
            "no-help": "add 'help:' (KFP: 'description:', CWL: 'doc:')",
            "unused-parameter": "put its placeholder into args or env, or remove it",
            "cached-effect": "write 'cache: false' in the file, or in the step",
            "moving-image": "name a tag or a digest: name:1.2 or name@sha256:…",
        },
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_scripts_and_descriptions_are_judged_with_hints_of_their_own(tmp_path, name):
    source, expected = OTHERS[name]
    (tmp_path / name).write_text(source)
    hints = {fault.code: fault.hint for fault in check_source(tmp_path / name).faults}
    assert expected.items() <= hints.items()


@pytest.mark.parametrize("image", ["tools/fit:1.2", "host:5000/fit@sha256:" + "0" * 64])
def test_an_image_that_stays_is_no_finding(tmp_path, image):
    (tmp_path / "x.component.yaml").write_text(f"component: 1\ntitle: X\nimage: {image}\ncache: false\n")
    assert check_source(tmp_path / "x.component.yaml").faults == ()
