"""What runs in the place of a step that uses a pipeline: names, wires, values, conditions and paths as they are outermost."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking_workshop import resolve

from assay.check import check, expanded, members
from assay.errors import InvalidDocument
from assay.ids import StepName
from assay.model.codec import dump, load


def flat(main: str, **files: str) -> str:
    """Return the steps of what runs, as text."""
    texts = {f"/p/{name.replace('__', '/')}.pipeline.yaml": text for name, text in files.items()}

    def head(text: str) -> str:
        return text if text.startswith("assay") else f"assay: 1\nname: a\n{text}"

    result = check(
        load(head(main), "/p/main.pipeline.yaml"),
        resolve,
        Path("/p"),
        lambda file: load(head(texts[str(file)]), str(file)),
    )
    assert [str(fault) for fault in result.faults if fault.severity == "error"] == []
    pipeline = expanded(result).pipeline
    assert pipeline is not None
    names = {name for step in pipeline.all_steps() for name in [step.name]}
    assert {ref.step for step in pipeline.all_steps() for ref in step.references()} <= names
    assert set(expanded(result).specs) == names
    lines = dump(pipeline).splitlines()
    return "\n".join(line for line in lines[2:] if not line.startswith(("params", "  x:"))) + "\n"


ONE = """\
params: {n: 1, s: {type: str, default: hi}}
inputs: {table: {type: Dataset, optional: true}, files: {type: "list[File]", optional: true}}
outputs: {kept: one.file, n: one.n}
steps:
  ct: {use: input/ct, with: {patients: $params.n}}
  one: {use: transform/one, in: {file: ct.table}, with: {name: $params.s}}
  all: {use: report/all, in: {files: [inputs.files, one.file]}}
"""


def test_a_pipeline_without_others_is_left_as_it_is() -> None:
    result = check(load("assay: 1\nname: a\nsteps: {b: {use: input/ct}}\n"), resolve, Path())
    assert expanded(result) is result


def test_names_wires_and_values_reach_in_and_out() -> None:
    main = """\
params: {x: 2}
steps:
  a: {use: input/ct}
  b: {use: ./one.pipeline.yaml, in: {files: [a.table, a.images]}, with: {n: $params.x, s: "$$5"}}
  c: {use: transform/one, in: {file: b.kept}, if: b.n > params.x, with: {name: $a.count}}
"""
    assert (
        flat(main.replace(", with: {name: $a.count}", "").replace(", a.images", ""), one=ONE)
        == """\
steps:
  a: {use: input/ct}
  b/ct: {use: input/ct, with: {patients: $params.x}}
  b/one: {use: transform/one, in: {file: b/ct.table}, with: {name: $$5}}
  b/all: {use: report/all, in: {files: [a.table, b/one.file]}}
  c: {use: transform/one, in: {file: b/one.file}, if: b.n > params.x}
"""
    )


def test_defaults_stand_where_nothing_is_given_and_optional_inputs_bring_nothing() -> None:
    assert (
        flat("steps:\n  b: {use: ./one.pipeline.yaml}\n", one=ONE)
        == """\
steps:
  b/ct: {use: input/ct, with: {patients: 1}}
  b/one: {use: transform/one, in: {file: b/ct.table}, with: {name: hi}}
  b/all: {use: report/all, in: {files: b/one.file}}
"""
    )


def test_pipelines_in_pipelines() -> None:
    two = """\
params: {n: 7}
outputs: {kept: deep.kept}
steps:
  deep: {use: ./one.pipeline.yaml, with: {n: $params.n}}
  last: {use: transform/one, in: {file: deep.kept}, after: deep}
"""
    found = flat(
        "steps:\n  a: {use: ./two.pipeline.yaml}\n  z: {use: transform/one, in: {file: a.kept}, after: a}\n",
        one=ONE,
        two=two,
    )
    assert (
        found
        == """\
steps:
  a/deep/ct: {use: input/ct, with: {patients: 7}}
  a/deep/one: {use: transform/one, in: {file: a/deep/ct.table}, with: {name: hi}}
  a/deep/all: {use: report/all, in: {files: a/deep/one.file}}
  a/last: {use: transform/one, in: {file: a/deep/one.file}, after: [a/deep/ct, a/deep/one, a/deep/all]}
  z: {use: transform/one, in: {file: a/deep/one.file}, after: [a/deep/ct, a/deep/one, a/deep/all, a/last]}
"""
    )


def test_what_holds_for_the_step_holds_for_all_of_its_steps() -> None:
    inner = 'params: {go: true}\nsteps:\n  b: {use: input/ct, if: params.go, env: {A: "1", B: "1"}}\n  c: {use: input/ct, cache: true}\nfinally:\n  d: {use: input/ct}\n'
    result = check(
        load(
            'assay: 1\nname: a\nparams: {x: 1}\nsteps:\n  q: {use: input/ct}\n  o: {use: ./i.pipeline.yaml, if: params.x > 1, after: [q], cache: false, env: {A: "2"}, with: {go: $q.count}}\n',
            "/p/m.yaml",
        ),
        resolve,
        Path("/p"),
        lambda file: load(f"assay: 1\nname: i\n{inner}", str(file)),
    )
    assert members(result, StepName("o")) == ("o/b", "o/c", "o/d")
    pipeline = expanded(result).pipeline
    assert pipeline is not None
    b, c, d = (pipeline.steps["o/b"], pipeline.steps["o/c"], pipeline.final["o/d"])  # type: ignore[index]  # a name is a text
    assert b.condition is not None
    assert b.condition.references == {("params", "x"), ("q", "count")}
    assert b.condition.evaluate({"params": {"x": 2}, "q": {"count": 0}}) == 0
    assert b.condition.evaluate({"params": {"x": 2}, "q": {"count": 4}}) == 4
    assert (b.env, c.env) == ({"A": "1", "B": "1"}, {"A": "2"})
    assert [(step.after, step.cache) for step in (b, c, d)] == [(("q",), False)] * 3
    assert c.condition is not None
    assert c.condition.text == "params.x > 1"


def test_paths_are_read_from_the_file_that_writes_them() -> None:
    inner = """\
params: {folder: {type: path, default: ./data}}
steps:
  e: {use: transform/one, foreach: {files: ./scans, pattern: "*.png"}, in: {file: $item}}
  f: {use: transform/one, foreach: {files: $params.folder}, in: {file: $item}}
"""
    found = flat(
        "steps:\n  a: {use: ./sub/inner.pipeline.yaml}\n  b: {use: ./sub/inner.pipeline.yaml, with: {folder: ./mine}}\n",
        sub__inner=inner,
    )
    assert [
        line.split("files: ")[1].partition("}")[0].partition(",")[0] for line in found.splitlines() if "files: " in line
    ] == [
        "sub/scans",
        "sub/data",
        "sub/scans",
        "./mine",
    ]


def test_a_pipeline_that_takes_something_does_not_run_alone() -> None:
    text = "assay: 1\nname: a\ninputs: {t: Dataset, o: {type: File, optional: true}}\nsteps:\n  b: {use: transform/one, in: {file: inputs.t}}\n  c: {use: report/all, in: {files: [inputs.o, b.file]}}\n"
    with pytest.raises(InvalidDocument) as error:
        expanded(check(load(text, "p.yaml"), resolve, Path()))
    assert [str(fault) for fault in error.value.faults] == [
        "p.yaml:3:10: error [unwired-input] the pipeline takes the input 't' (Dataset), which nothing brings (use it in a step of another pipeline: use: ./p.yaml)"
    ]
    alone = expanded(
        check(load(text.replace("t: Dataset, ", "").replace("inputs.t", "c.report"), "p.yaml"), resolve, Path())
    ).pipeline
    assert alone is not None
    assert [str(source) for source in alone.steps["c"].inputs["files"]] == ["b.file"]  # type: ignore[index]  # names are texts
