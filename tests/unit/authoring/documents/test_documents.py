"""Descriptions of containers: what counts in their digest, that any value survives, and that any text is read or refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.authoring import DOCUMENT_SUFFIXES, is_described, read_whole_file
from assay.authoring.documents import document_kind
from assay.authoring.documents.text import LARGEST_DOCUMENT
from assay.model.command import Role, words

SOURCES = Path(__file__).parents[1] / "sources"
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)

CONTAINER = """
component: 1
title: Fit
image: tools/fit:1
args: ["--text={{params.text}}", "{{inputs.table}}", "{{outputs.model}}"]
params: {text: {type: str, default: a, help: Any}}
inputs: {table: Dataset}
outputs: {model: Model}
"""
KFP = """
name: Fit
inputs: [{name: Text, type: String, default: a}]
implementation: {container: {image: i, args: [{concat: [--text=, {inputValue: Text}]}]}}
"""
COMPILED = """
pipelineInfo: {name: fit}
components: {comp-f: {executorLabel: e, inputDefinitions: {parameters: {text: {parameterType: STRING, defaultValue: a}}}}}
deploymentSpec: {executors: {e: {container: {image: i, args: ["--text={{$.inputs.parameters['text']}}"]}}}}
"""
CWL = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: []
requirements: {DockerRequirement: {dockerPull: i}}
inputs: {text: {type: string, default: a, inputBinding: {prefix: --text=, separate: false}}}
outputs: {}
"""


def read(folder: Path, source: str, name: str = "x.yaml"):
    file = folder / name
    file.write_text(source, encoding="utf-8")
    (spec,) = read_whole_file(file, f"./{name}").specs
    return spec


@pytest.mark.parametrize("source", [CONTAINER, KFP, COMPILED, CWL], ids=["container", "kfp", "compiled", "cwl"])
@QUIET
@given(text=TEXT)
def test_any_default_reaches_the_command_as_one_word(tmp_path, source, text):
    quoted = json.dumps(text, ensure_ascii=False)
    spec = read(tmp_path, source.replace("default: a", f"default: {quoted}").replace("Value: a", f"Value: {quoted}"))
    assert spec.params["text"].default == text
    code = spec.implementation
    assert words((*code.command, *code.args), {(Role.PARAM, "text"): text})[0] == f"--text={text}"


def test_help_does_not_count_in_the_digest_and_image_command_and_types_do(tmp_path):
    first = read(tmp_path, CONTAINER).implementation.code
    for same in (("help: Any", "help: Other"), ("title: Fit", "title: Other")):
        assert read(tmp_path, CONTAINER.replace(*same)).implementation.code == first
    for other in (("fit:1", "fit:2"), ("--text=", "--t="), ("Dataset", "File"), ("{table", "{more: File?, table")):
        assert read(tmp_path, CONTAINER.replace(*other)).implementation.code != first


def test_a_kind_is_told_by_content_and_broken_files_by_their_name(tmp_path):
    kinds = {file.name: document_kind(file) for file in SOURCES.iterdir() if file.suffix in DOCUMENT_SUFFIXES}
    assert kinds["fit.component.yaml"] == "container component"
    assert kinds["v1.kfp.yaml"] == "KFP component"
    assert kinds["v2.kfp.yaml"] == "compiled KFP component"
    assert kinds["tool.cwl"] == "CWL tool"
    assert kinds["some.pipeline.yaml"] == "pipeline"
    assert kinds["other.yaml"] is None
    assert [is_described(SOURCES / name) for name in ("v1.kfp.yaml", "cut_off.component.yaml")] == [True, True]
    assert [is_described(SOURCES / name) for name in ("other.yaml", "some.pipeline.yaml")] == [False, False]
    (tmp_path / "plain.yaml").write_text(KFP)
    assert is_described(tmp_path / "plain.yaml")


def test_a_huge_description_is_refused_in_a_line(tmp_path):
    file = tmp_path / "big.yaml"
    with file.open("wb") as out:
        out.truncate(100 * 2**20)
    began = time.process_time()
    (fault,) = read_whole_file(file, "./big.yaml").faults
    assert time.process_time() - began < 0.05
    assert fault.message == f"a description of 100 MiB, at most {LARGEST_DOCUMENT // 2**20} MiB"


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["a", "{{params.x}}", "$(inputs.a)", "{{$}}", ""]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "type", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("file", ["fit.component.yaml", "v1.kfp.yaml", "v2.kfp.yaml", "tool.cwl"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_part_may_be_something_else_and_is_read_or_refused(tmp_path, file, data):
    """Put something odd in place of a random part: the reader says what is wrong and never fails itself."""
    document = next(yaml.safe_load_all((SOURCES / file).read_text()))
    here = document
    while isinstance(here, dict | list) and here:
        key = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else list(range(len(here)))))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.booleans()):
            here[key] = data.draw(ODD)
            break
        here = here[key]
    odd = tmp_path / file
    odd.write_text(yaml.safe_dump(document))
    reading = read_whole_file(odd, f"./{file}")
    assert bool(reading.specs) is all(fault.severity != "error" for fault in reading.faults)
    for fault in reading.faults:
        assert fault.message
        assert fault.location is not None


def test_a_description_that_is_not_utf_8_is_a_fault_at_its_line(tmp_path):
    (tmp_path / "latin.component.yaml").write_bytes("component: 1\ntitle: Größe\n".encode("latin-1"))
    (fault,) = read_whole_file(tmp_path / "latin.component.yaml", "./latin.component.yaml").faults
    assert (fault.code, fault.location.line, fault.hint) == ("syntax", 2, "save it as UTF-8")


def test_the_example_says_the_same_in_three_formats():
    folder = Path(__file__).parents[4] / "examples" / "05_container"
    values = {(Role.PARAM, "least"): 3, (Role.INPUT, "text"): "/in", (Role.OUTPUT, "words"): "/out"}
    made = {}
    for name in ("longest.component.yaml", "longest.kfp.yaml", "longest.cwl"):
        reading = read_whole_file(folder / name, f"./{name}")
        assert reading.faults == ()
        (spec,) = reading.specs
        made[name] = words((*spec.implementation.command, *spec.implementation.args), values)
        assert (list(spec.params), list(spec.inputs), list(spec.outputs)) == (["least"], ["text"], ["words"])
        assert spec.params["least"].default == 8
    assert made["longest.component.yaml"] == made["longest.kfp.yaml"]
    assert made["longest.cwl"][:3] == made["longest.kfp.yaml"][:3] == ["awk", "-v", "least=3"]
    assert made["longest.cwl"][-1] == made["longest.kfp.yaml"][-1] == "/in"
