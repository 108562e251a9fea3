"""Documents for other systems, read by these systems' own software, and programs, run for real."""

import json
import subprocess
import sys
from pathlib import Path

import exporter_workshop as workshop
import pytest
import yaml
from hypothesis import given, settings

from assay.catalog import Catalog
from assay.exporters import Document, find_exporter

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[3] / "examples" / "02_notebook_and_script"
KUBERNETES = ("1.29", "1.34")
SOME = settings(deadline=None, max_examples=15)

NASTY = {
    "text": "\n".join(text for text in workshop.NASTY if len(text) < 100),
    "number": -(2**53),
    "share": 1e-7,
    "flag": False,
    "items": [None, True, "a'\"$(inputs.text)", [1.5, {"{{x}}": "é\u2028"}]],
    "table": {"": "", "$import": "x", "$(inputs)": {"a\nb": [1, "\\"]}},
    "words": ["", "-x", "a b", "$(inputs.text)"],
    "maybe": "null",
}


@pytest.fixture(scope="module")
def specs(spec, echo):
    catalog = Catalog()
    found = [catalog.resolve(f"./{name}", EXAMPLES) for name in ("look.ipynb", "measure.sh", "clean.py")]
    return [spec, *found, catalog.resolve("input/ct-phantom", EXAMPLES)]


def test_kubeflow_reads_every_component(specs):
    from kfp import components

    for one in specs:
        loaded = components.load_component_from_text(workshop.built("kfp", one)["component.yaml"].decode())
        declared = loaded.component_spec
        assert set(declared.inputs or {}) == {*one.inputs, *(p.name for p in one.params.values() if not p.secret)}
        assert set(declared.outputs or {}) == set(one.outputs)
        assert declared.implementation.container.image


def test_kubeflow_compiles_a_pipeline_of_the_component(spec, tmp_path):
    from kfp import compiler, components, dsl

    loaded = components.load_component_from_text(workshop.built("kfp", spec)["component.yaml"].decode())

    @dsl.pipeline(name="one")
    def one():
        given = [dsl.importer(artifact_uri=f"gs://x/{n}", artifact_class=dsl.Dataset).output for n in range(2)]
        loaded(table=given[0], more=given[1], word="a", strict=False)

    compiler.Compiler().compile(one, str(tmp_path / "one.yaml"))
    document = yaml.safe_load((tmp_path / "one.yaml").read_text())
    container = document["deploymentSpec"]["executors"]["exec-filter-work"]["container"]
    assert container["command"] == ["python3", "/component"]
    assert container["args"][:3] == ["--step", "--executor-input", "{{$}}"]


@SOME
@given(values=workshop.without_nulls)
def test_kubeflow_carries_every_value(echo, values):
    from google.protobuf import json_format, struct_pb2
    from kfp import components

    spec, home = echo
    text = workshop.built("kfp", spec, params=values)["component.yaml"].decode()
    declared = components.load_component_from_text(text).component_spec
    given_values = {name: found.default for name, found in declared.inputs.items() if found.default is not None}
    struct = struct_pb2.Struct()  # what the backend keeps parameters in: its numbers are doubles
    json_format.ParseDict(given_values, struct)
    told = json.dumps({"inputs": {"parameterValues": json_format.MessageToDict(struct)}})
    words = [told if word == "{{$}}" else str(word) for word in declared.implementation.container.args[:3]]
    assert workshop.taken(home, words[1:]) == values


def test_kubernetes_takes_every_job(specs):
    import kubernetes_validate

    for one in specs:
        job = yaml.safe_load(workshop.built("k8s-job", one)["job.yaml"])
        for version in KUBERNETES:
            kubernetes_validate.validate(job, version, strict=True)


MISTAKES = {
    "a field that is misspelt": lambda job: job["spec"]["template"]["spec"].update(restartPolice="Never"),
    "a number where a text belongs": lambda job: job["spec"]["template"]["spec"]["containers"][0]["env"][0].update(
        value=3
    ),
    "a text where a number belongs": lambda job: job["spec"].update(backoffLimit="0"),
    "no template": lambda job: job["spec"].pop("template"),
    "a container without a name for its secret's key": lambda job: job["spec"]["template"]["spec"]["containers"][0][
        "env"
    ][1]["valueFrom"]["secretKeyRef"].pop("key"),
    "arguments that are no list": lambda job: job["spec"]["template"]["spec"]["containers"][0].update(args="--step"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_our_fields_of_a_job_refuse_what_the_schema_of_kubernetes_refuses(spec, mistake):
    import kubernetes_validate

    job = yaml.safe_load(workshop.built("k8s-job", spec)["job.yaml"])
    MISTAKES[mistake](job)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, KUBERNETES[0], strict=True)
    document = Document(yaml.safe_dump(job).encode())
    assert [fault.code for fault in find_exporter("k8s-job").check({"job.yaml": document})] == ["bad-field"]


def test_the_models_of_argo_know_every_field_that_we_write(specs):
    from hera.workflows.models import WorkflowTemplate

    for one in specs:
        document = yaml.safe_load(workshop.built("argo", one)["workflowtemplate.yaml"])
        found = WorkflowTemplate.model_validate(document).model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert found == document


@SOME
@given(values=workshop.values)
def test_a_program_gets_every_value_by_its_options(echo, values):
    _, home = echo
    words = []
    for name, value in values.items():
        is_text = isinstance(value, str) and name in ("text", "maybe")
        text = value if is_text else json.dumps(value)
        if "\0" in text or (name == "maybe" and text == "null" and value is not None):
            return  # the system has no such argument; 'null' is how a person says nothing
        words.append(f"--{name}={text}")
    try:
        done = workshop.ran(home, *words, "--json", "--out", home.parent / f"made-{len(list(home.parent.iterdir()))}")
    except UnicodeEncodeError:
        return
    assert done.returncode == 0, done.stderr
    assert json.loads(Path(json.loads(done.stdout)["outputs"]["value"]).read_text()) == values


def cwltool(folder, *words):
    done = subprocess.run(
        [Path(sys.executable).with_name("cwltool"), "--no-container", "--outdir", folder / "out", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def written(folder, spec, **asked):
    for name, content in workshop.built("cwl", spec, **asked).items():
        (folder / name).write_bytes(content)
    return folder / "tool.cwl"


def test_cwltool_finds_every_tool_valid(specs, tmp_path):
    tools = []
    for number, one in enumerate(specs):
        (tmp_path / str(number)).mkdir()
        tools.append(written(tmp_path / str(number), one))
    code = (
        "import sys; from cwltool.main import main; sys.exit(max(main(['--validate', tool]) for tool in sys.argv[1:]))"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, tools)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("is valid CWL") == len(tools)
    assert "WARNING" not in done.stderr


def test_cwltool_runs_a_component_with_every_kind_of_port(spec, tmp_path):
    tool = written(tmp_path, spec)
    for name in ("t.csv", "u_2.csv"):
        (tmp_path / name).write_text(f"{name}\n")
    (tmp_path / "images").mkdir()
    job = {
        "table": {"class": "File", "path": "t.csv"},
        "more": [{"class": "File", "path": "t.csv"}, {"class": "File", "path": "u_2.csv"}],
        "pictures": {"class": "Directory", "path": "images"},
        "least": 2,
        "strict": False,
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    made = cwltool(tmp_path, tool, "job.json")
    assert made["share"] == 0.5
    assert made["kept"]["class"] == "File"
    assert Path(made["kept"]["path"]).read_text() == "t.csv\n"
    assert [Path(one["path"]).read_text() for one in made["copies"]] == ["t.csv\n", "u_2.csv\n"]
    assert made["pictures_output"]["class"] == "Directory"
    assert made.get("extra_output") is None


def test_cwltool_gives_a_component_its_defaults_and_what_a_job_says(echo, tmp_path):
    spec, _ = echo
    tool = written(tmp_path, spec, params=NASTY)
    assert cwltool(tmp_path, tool)["value"] == NASTY
    others = {"text": "$(runtime.outdir)\\$(", "number": 7, "share": 2.5, "flag": True, "words": ["x'y"], "maybe": ""}
    job = others | {"items": json.dumps([1, "2"]), "table": json.dumps({"a": None})}
    (tmp_path / "job.json").write_text(json.dumps(job))
    assert cwltool(tmp_path, tool, "job.json")["value"] == others | {"items": [1, "2"], "table": {"a": None}}


def test_the_python_package_runs_the_component(spec, tmp_path):
    for name, content in workshop.built("python", spec).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "t.csv").write_text("a\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from work import run\n"
        "made = run('t.csv', ['t.csv', 't.csv'], word='-x $HOME\\n', least=2)\n"
        "print(made.share, made.extra, made.kept.read_text(), len(list(made.copies.iterdir())))\n"
        "try: run('t.csv', ['t.csv'], how='badly')\n"
        "except RuntimeError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["0.5 None a", " 2", "work ended with status 1; its log says why"], done.stderr
    assert "word -x $HOME" in done.stderr
    assert "the table is empty" in done.stderr


def test_a_notebook_and_a_script_run_as_programs(specs, tmp_path):
    _, look, measure, _, _ = specs
    for one in (measure, look):
        (name,) = built = workshop.built("cli", one)
        (tmp_path / name).write_bytes(built[name])
    done = workshop.ran(tmp_path / "measure.pyz", "--rows=5", "--out=m", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    title = '"It\'s" $5\n<b>'
    done = workshop.ran(tmp_path / "look.pyz", "--readings=m/readings.csv", f"--title={title}", "--out=l", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    executed = json.loads((tmp_path / "l" / "notebook.ipynb").read_text())
    injected = next(
        cell["source"] for cell in executed["cells"] if cell["cell_type"] == "code" and "title = " in cell["source"]
    )
    assert repr(title) in "".join(cell["source"] for cell in executed["cells"]), injected


PROGRAM = """component: 1
title: Repeat a table
image: python:3.11-slim
command: [python3, -c]
args:
  - "import os, sys; open(sys.argv[2], 'w').write(open(sys.argv[1]).read() * int(sys.argv[3]) + sys.argv[4] + os.environ['SIGN'])"
  - "{{inputs.table}}"
  - "{{outputs.more}}"
  - "{{params.times}}"
  - "--word={{params.word}}"
  - {if: "{{params.loud}}", then: [--loud]}
params:
  times: {type: int, default: 2}
  word: {type: str, default: "a 'b'"}
  loud: false
  token: {type: str, secret: true}
inputs: {table: Dataset}
outputs: {more: Dataset}
env: {SIGN: "!", TOKEN: "{{params.token}}"}
resources: {memory: 1Gi}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("program")
    (folder / "repeat.component.yaml").write_text(PROGRAM)
    return Catalog().resolve("./repeat.component.yaml", folder)


def test_every_platform_reads_what_a_container_component_becomes(program):
    import kubernetes_validate
    from hera.workflows.models import WorkflowTemplate
    from kfp import components

    kubernetes_validate.validate(
        yaml.safe_load(workshop.built("k8s-job", program)["job.yaml"]), KUBERNETES[0], strict=True
    )
    template = yaml.safe_load(workshop.built("argo", program)["workflowtemplate.yaml"])
    assert (
        WorkflowTemplate.model_validate(template).model_dump(mode="json", by_alias=True, exclude_unset=True) == template
    )
    loaded = components.load_component_from_text(workshop.built("kfp", program)["component.yaml"].decode())
    assert set(loaded.component_spec.inputs) == {"table", "times", "word"}


def test_cwltool_runs_a_container_component_without_a_container_too(program, tmp_path):
    tool = written(tmp_path, program)
    (tmp_path / "t.csv").write_text("a\n")
    made = cwltool(tmp_path, tool, "--table", "t.csv", "--times", "3", "--word", "$(inputs.x) \"y'")
    assert Path(made["more"]["path"]).read_text() == "a\na\na\n--word=$(inputs.x) \"y'!"
