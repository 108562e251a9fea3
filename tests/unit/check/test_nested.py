"""Pipelines that steps use: found, held to their ports, never in a circle, and every fault where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking_workshop import resolve, show

from assay.catalog import Catalog
from assay.catalog.pipelines import read_pipeline
from assay.check import Checked, Read, check
from assay.errors import NotFound
from assay.model.codec import Document, load

INNER = """\
assay: 1
name: inner
description: Keep one, and count.
params: {n: {type: int, default: 1, max: 5}, s: {type: str}}
inputs: {table: {type: Dataset, help: Everybody.}, more: {type: File, optional: true}}
outputs: {kept: {from: one.file, help: Who is kept.}, n: one.n, made: ct.images}
steps:
  ct: {use: input/ct, with: {patients: $params.n}}
  one: {use: transform/one, in: {file: inputs.table}, with: {name: $params.s}}
  all: {use: report/all, in: {files: [inputs.more, one.file]}}
"""


def reader(files: dict[str, str]) -> Read:
    def read(file: Path) -> Document:
        name = file.relative_to("/p").as_posix()
        if name not in files:
            raise NotFound(f"there is no file {name}", culprit=name)
        return load(files[name], str(file))

    return read


def checked(files: dict[str, str], main: str = "main.pipeline.yaml") -> Checked:
    return check(load(files[main], f"/p/{main}"), resolve, Path("/p", main).parent, reader(files))


def outer(steps: str) -> str:
    return f"assay: 1\nname: outer\nsteps:\n  a: {{use: input/ct}}\n{steps}"


def test_a_pipeline_is_a_component_with_the_ports_that_it_declares() -> None:
    result = checked(
        {
            "main.pipeline.yaml": outer("  b: {use: ./inner.pipeline.yaml, in: {table: a.table}, with: {s: x}}\n"),
            "inner.pipeline.yaml": INNER,
        }
    )
    assert show(result) == []
    spec = result.specs["b"]  # type: ignore[index]  # a name is a text
    assert {name: str(port.type) for name, port in spec.inputs.items()} == {"table": "Dataset", "more": "File"}
    assert {name: str(port.type) for name, port in spec.outputs.items()} == {
        "kept": "File",
        "n": "Value",
        "made": "Images",
    }
    assert (spec.title, spec.outputs["kept"].help, list(spec.params)) == (
        "Keep one, and count.",
        "Who is kept.",
        ["n", "s"],
    )  # type: ignore[index]
    assert result.size == 4


def test_wires_and_values_are_held_against_its_ports() -> None:
    steps = (
        "  b: {use: ./inner.pipeline.yaml, in: {table: a.images, tabel: a.table}, with: {n: 9, s: x}}\n"
        "  c: {use: transform/one, in: {file: b.kepd}, with: {name: $b.made}}\n"
        "  d: {use: ./inner.pipeline.yaml, with: {n: $b.n}}\n"
    )
    found = show(checked({"main.pipeline.yaml": outer(steps), "inner.pipeline.yaml": INNER}))
    assert [line.partition(": error ")[2] for line in found] == [
        "[type-misfit] a.images does not fit input 'table' of 'b': Images is not a Dataset",
        "[unknown-input] ./inner.pipeline.yaml has no input 'tabel' (did you mean 'table'?) fix tabel -> table",
        "[parameter-value] parameter 'n' is at most 5, not 9",
        "[unknown-port] step 'b' (./inner.pipeline.yaml) has no output 'kepd' (did you mean 'kept'?) fix kepd -> kept",
        "[not-a-value] b.made carries Images, not a Value (wire it under 'in:')",
        "[missing-input] input 'table' of step 'd' is not wired; it takes Dataset (add 'in: {table: step.port}')",
        "[missing-parameter] parameter 's' of step 'd' is not given (add 'with: {s: …}')",
    ]


def test_its_own_faults_stand_in_its_own_file_once() -> None:
    steps = "  b: {use: ./inner.pipeline.yaml, in: {table: a.table}}\n  c: {use: ./inner.pipeline.yaml, in: {table: a.table}}\n"
    found = show(
        checked(
            {
                "main.pipeline.yaml": outer(steps),
                "inner.pipeline.yaml": INNER.replace("in: {file: inputs.table}", "in: {file: inputs.tabel}"),
            }
        )
    )
    broken = "error [broken-component] component './inner.pipeline.yaml' has faults of its own"
    unknown = "error [unknown-pipeline-input] the pipeline declares no input 'tabel' (did you mean 'table'?)"
    assert found == [
        f"/p/main.pipeline.yaml:5:12: {broken}",
        f"/p/main.pipeline.yaml:6:12: {broken}",
        f"/p/inner.pipeline.yaml:9:47: {unknown}",
    ]


def use(*files: str) -> str:
    return "assay: 1\nname: x\nsteps:\n" + "".join(f"  s{n}: {{use: ./{file}}}\n" for n, file in enumerate(files))


@pytest.mark.parametrize(
    ("files", "place", "circle"),
    [
        (
            {"main.pipeline.yaml": use("main.pipeline.yaml")},
            "main.pipeline.yaml:4:13",
            "main.pipeline.yaml → main.pipeline.yaml",
        ),
        (
            {
                "main.pipeline.yaml": use("sub/b.pipeline.yaml"),
                "sub/b.pipeline.yaml": use("c.yaml"),
                "sub/c.yaml": use("../sub/b.pipeline.yaml"),
            },
            "sub/c.yaml:4:13",
            "b.pipeline.yaml → c.yaml → b.pipeline.yaml",
        ),
    ],
)
def test_a_circle_of_files_is_drawn_where_it_closes(
    files: dict[str, str], place: str, circle: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    main = tmp_path / "main.pipeline.yaml"
    result = check(load(main.read_text(), str(main)), resolve, tmp_path, lambda file: load(file.read_text(), str(file)))
    found = [line for line in show(result) if "[pipeline-circle]" in line]
    assert found == [
        f"{tmp_path}/{place}: error [pipeline-circle] the pipelines run in a circle: {circle} (cut one of them)"
    ]


def test_files_that_double_are_counted_before_anything_is_made() -> None:
    files = {f"f{n}.pipeline.yaml": use(*[f"f{n + 1}.pipeline.yaml"] * 2) for n in range(15)}
    files["f15.pipeline.yaml"] = "assay: 1\nname: x\nsteps:\n  a: {use: input/ct}\n"
    result = checked(files, "f0.pipeline.yaml")
    assert any(
        "[pipeline-size] with the pipelines that it uses, this one comes to 16,384 steps; at most 10,000 run" in line
        for line in show(result)
    )
    assert checked(files, "f3.pipeline.yaml").size == 4096


def test_a_tower_of_files_ends() -> None:
    files = {f"f{n}.pipeline.yaml": use(f"f{n + 1}.pipeline.yaml") for n in range(60)}
    assert any(
        "[pipeline-size] pipelines use each other more than 20 deep" in line
        for line in show(checked(files, "f0.pipeline.yaml"))
    )


def test_a_file_that_is_not_there_and_one_that_is_no_pipeline() -> None:
    files = {"main.pipeline.yaml": use("gone.pipeline.yaml", "tool.yaml"), "tool.yaml": "component: 1\n"}
    assert [line.partition(" error ")[2] for line in show(checked(files))] == [
        "[unknown-component] there is no file gone.pipeline.yaml",
        "[unknown-component] there is no component './tool.yaml'",
    ]


def test_a_name_that_no_file_can_have_is_said_to_be_missing() -> None:
    long, nul = "n" * 10_000, "a\\0b"
    text = f'assay: 1\nname: x\nsteps:\n  a: {{use: "./{long}.yaml"}}\n  b: {{use: "./{long}.pipeline.yaml"}}\n  c: {{use: "./{nul}.yaml"}}\n'
    result = check(load(text, "/p/main.pipeline.yaml"), Catalog().resolve, Path("/p"), read_pipeline)
    assert [fault.code for fault in result.faults] == ["unknown-component"] * 3
