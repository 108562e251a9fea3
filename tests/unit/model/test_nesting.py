"""Names of steps with those of the pipelines that are used, from texts alone."""

from __future__ import annotations

from assay.model.nesting import nested_names

OUTER = "assay: 1\nname: o\nsteps:\n  a: {use: ./sub/b.yaml}\n  c: {use: x/y}\nfinally:\n  d: {use: ./sub/b.yaml}\n"
INNER = "assay: 1\nname: i\nsteps:\n  e: {use: ../c.yaml}\n  f: {use: ./gone.yaml}\n"
LAST = "assay: 1\nname: l\nsteps:\n  g: {use: x/y}\n"


def test_the_names_in_the_order_of_the_files() -> None:
    documents = {"/p/sub/b.yaml": INNER, "/p/c.yaml": LAST}
    assert list(nested_names(OUTER, "/p/o.yaml", documents)) == ["a/e/g", "a/f", "c", "d/e/g", "d/f"]
    assert list(nested_names(OUTER, "/p/o.yaml", {})) == ["a", "c", "d"]


def test_a_record_that_runs_in_a_circle_ends() -> None:
    names = list(
        nested_names(
            "assay: 1\nname: o\nsteps: {a: {use: ./o.yaml}}\n",
            "/p/o.yaml",
            {"/p/o.yaml": "assay: 1\nname: o\nsteps: {a: {use: ./o.yaml}}\n"},
        )
    )
    assert len(names) == 1
    assert names[0].count("/") <= 50


def test_a_broken_text_has_no_names() -> None:
    assert list(nested_names("steps: [", "/p/o.yaml", {})) == []
