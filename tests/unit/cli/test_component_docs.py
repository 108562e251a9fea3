"""``assay component docs``: pages that cannot say anything else than the components."""

import json
from pathlib import Path

import pytest

from assay.catalog import Catalog
from assay.catalog.places import BUILT_IN
from assay.check import check
from assay.cli.component.pages import markdown_pages, page_name
from assay.model.codec import load

LIBRARY = Path(__file__).parents[3] / "docs" / "library"

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


def built_in():
    listed = Catalog().list()
    return [spec for spec in listed if spec.implementation.module.startswith(f"{BUILT_IN}.")], listed


def test_the_pages_of_the_library_are_up_to_date():
    specs, _ = built_in()
    pages = markdown_pages([(spec, spec.name) for spec in specs], specs)
    there = {path.name: path.read_text(encoding="utf-8") for path in LIBRARY.glob("*.md")}
    assert there == pages, "write them anew: assay component docs --out docs/library"


@pytest.mark.parametrize("spec", built_in()[0], ids=lambda spec: spec.name)
def test_the_example_of_a_page_has_no_fault(spec, tmp_path):
    page = (LIBRARY / page_name(spec)).read_text(encoding="utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    checked = check(load(text), Catalog().resolve, tmp_path)
    assert checked.faults == ()
    assert spec.name in [step.use for step in checked.pipeline.all_steps()]


CHANGES = {"fairness/fairlearn", "fairness/aif360", "fairness/threshold-by-group", "fairness/exponentiated-gradient",
           "fairness/exponentiated-gradient-images", "fairness/reweighing", "fairness/reweighing-table", "transform/plant-gap"}  # fmt: skip
"""What mends or spoils: part of an example only where that is what the page is about."""


@pytest.mark.parametrize("spec", built_in()[0], ids=lambda spec: spec.name)
def test_the_example_of_a_page_is_what_somebody_would_write(spec):
    page = (LIBRARY / page_name(spec)).read_text(encoding="utf-8")
    steps = load(page.partition("```yaml\n")[2].partition("```")[0]).pipeline.steps
    uses = [step.use for step in steps.values()]
    others = [use for use in uses if use != spec.name]
    assert uses[-1] == spec.name
    # The short way there: no federation, no mitigation and no planted fault that nobody asked for.
    assert "train/federated-image-classifier" not in others
    assert set(others) & CHANGES == ({"fairness/fairlearn"} if spec.name == "fairness/compare" else set())
    # Of tables or of images, never of both.
    assert not ({"input/public-table", "input/table"} & set(others) and "input/ct-phantom" in others)
    # No step asks for one thing twice, and none is there for nobody.
    for step in steps.values():
        sources = [source for given in step.inputs.values() for source in given]
        assert len(set(sources)) == len(sources), step.use
    read = {source.step for step in steps.values() for source in step.references()}
    assert set(steps) - read == {list(steps)[-1]}


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "train-federated-image-classifier",
            [
                "  ct-phantom-2: {use: input/ct-phantom, with: {seed: 1}}",
                (
                    "    in: {train: [split-by-patient.train, split-by-patient-2.train], validation: [split-by-patient.validation, "
                    "split-by-patient-2.validation]}"
                ),
            ],
        ),
        ("fairness-exponentiated-gradient-images", ["    use: train/image-classifier"]),
        (
            "fairness-fairlearn",
            [
                "    in: {model: image-classifier.model, images: split-by-patient.validation}",
                "    in: {validation: predict-validation.predictions, predictions: predict.predictions}",
            ],
        ),
        ("fairness-compare", ["    in: {before: predict.predictions, after: fairlearn.predictions}"]),
        (
            "explain-table",
            ["    in: {model: tabular-classifier.model, rows: split-table.test, background: split-table.train}"],
        ),
        (
            "robustness-out-of-distribution",
            ["    in: {model: image-classifier.model, images: split-by-patient.test, other: image-folder.images}"],
        ),
        ("gate-merge-sites", ["    in: {site: [site-evidence.site, site-evidence-2.site]}"]),
    ],
)
def test_inputs_come_from_where_they_should(name, lines):
    there = (LIBRARY / f"{name}.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in there] == []


def test_a_page_of_a_file(some):
    result = some("component", "docs", "some.py")
    assert result.status == 0
    assert "# ./some.py" not in result.out
    assert "# filter/some\n\nKeep some | rows.\n" in result.out
    assert "| `limit` | float | `0.5` | 0 to 9 | mm | Of what. |\n" in result.out
    assert "| `word` | str | required |  |  | Which &lt;one>. |\n" in result.out
    assert "| `token` | str | required |  |  | Of the door. Secret: given by name. |\n" in result.out
    text = result.out.partition("```yaml\n")[2].partition("```")[0]
    checked = check(load(text), Catalog().resolve, Path.cwd())
    assert checked.faults == ()
    uses = [step.use for step in checked.pipeline.all_steps()]
    assert "./some.py" in uses
    assert "filter/some" not in uses


def test_a_component_is_no_source_of_its_own_example(assay):
    assay("component", "new", "filter/some")
    page = assay("component", "docs", "components/filter/some.py").out
    assert "filter/some.dataset" not in page
    assert "use: filter/some" not in page


def test_a_page_of_a_component_whose_inputs_nobody_makes(assay, monkeypatch):
    Path("some.py").write_text(SOURCE)
    monkeypatch.setattr(Catalog, "list", lambda _: [])
    assert (
        "`use: ./some.py`. No component of the catalog makes what it takes" in assay("component", "docs", "some.py").out
    )


def test_pages_are_written_compared_and_removed(some):
    assert some("component", "docs", "--out", "pages").status == 0
    there = list(Path("pages").glob("*.md"))
    assert len(there) == len(built_in()[1]) + 1
    assert some("component", "docs", "--out", "pages", "--check").out == f"✔ {len(there)} pages up to date\n"
    Path("pages/gone.md").write_text("<!-- Written by 'assay component docs'; changes are lost. -->\n")
    Path("pages/mine.md").write_text("mine")
    Path("pages/transform-predict.md").unlink()
    result = some("component", "docs", "--out", "pages", "--check")
    assert result.status == 2
    assert result.err == (
        "pages/gone.md is about a component that is no longer there\n"
        "pages/transform-predict.md is not there\n"
        "  hint: assay component docs --out pages\n"
    )
    assert some("component", "docs", "--out", "pages").out == (
        "  wrote  pages/transform-predict.md\n  removed  pages/gone.md\n"
    )
    assert Path("pages/mine.md").read_text() == "mine"


def test_a_page_of_somebody_else_is_kept(some):
    Path("pages").mkdir()
    Path("pages/README.md").write_text("mine")
    assert "was not written by this command" in some("component", "docs", "--out", "pages").err
    assert Path("pages/README.md").read_text() == "mine"


def test_pages_as_json(assay):
    (page,) = json.loads(assay("component", "docs", "transform/predict", "--format", "json").out)
    assert page["name"] == "transform/predict"
    assert load(page["example"]).faults == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--format", "html"), "no page is written as 'html'"), (("--check",), "hint: name it: --out DIR")],
)
def test_docs_that_cannot_be(assay, words, said):
    result = assay("component", "docs", *words)
    assert result.status == 2
    assert said in result.err
