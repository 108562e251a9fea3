"""What each target yields, and what its check finds."""

import ast
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import exporter_workshop as workshop
import pytest
import yaml

from assay.catalog import Catalog
from assay.errors import InvalidDocument
from assay.exporters import Document, Request, UnknownTarget, export, find_exporter, targets
from assay.exporters.pack import pack
from assay.ids import ParamName, PortName

DOCUMENTS = {"argo": "workflowtemplate.yaml", "cwl": "tool.cwl", "k8s-job": "job.yaml", "kfp": "component.yaml"}


def faults_of(target, spec, **asked):
    with pytest.raises(InvalidDocument) as caught:
        workshop.built(target, spec, **asked)
    return [(fault.code, fault.culprit) for fault in caught.value.faults]


def test_the_built_in_targets_come_in_by_the_door_of_plugins():
    assert {"argo", "cli", "containerfile", "cwl", "k8s-job", "kfp", "python"} <= set(targets())
    with pytest.raises(UnknownTarget) as caught:
        find_exporter("k8sjob")
    assert caught.value.hint == "did you mean 'k8s-job'?"


@pytest.mark.parametrize("target", ["argo", "cli", "containerfile", "cwl", "k8s-job", "kfp", "python"])
def test_a_target_is_the_same_bytes_each_time_and_names_no_path_of_this_machine(target, spec, tmp_path):
    first = workshop.built(target, spec)
    assert workshop.built(target, spec) == first
    for content in first.values():
        assert str(spec.implementation.file).encode() not in content
    again = workshop.read(tmp_path, workshop.EVERYTHING)
    assert workshop.built(target, again) == first


@pytest.mark.parametrize("target", ["argo", "cli", "containerfile", "cwl", "k8s-job", "kfp", "python"])
def test_a_secret_is_in_no_document_but_by_its_name(target, spec):
    for name, content in workshop.built(target, spec).items():
        if name in DOCUMENTS.values():
            document = yaml.safe_load(content)
            assert "token" not in json.dumps(document.get("inputs", []))
            assert "ASSAY_PARAM_TOKEN" in content.decode()
            assert not any(
                "TOKEN" in line for line in content.decode().splitlines() if line.lstrip().startswith("- --")
            )


def test_a_cluster_takes_a_secret_from_where_it_is_told(spec):
    document = yaml.safe_load(
        workshop.built("k8s-job", spec, secrets={ParamName("token"): "hospital/door"})["job.yaml"]
    )
    (container,) = document["spec"]["template"]["spec"]["containers"]
    reference = {"secretKeyRef": {"name": "hospital", "key": "door"}}
    assert container["env"][1] == {"name": "ASSAY_PARAM_TOKEN", "valueFrom": reference}


def test_resources_and_non_root_are_in_the_pod(spec):
    pod = yaml.safe_load(workshop.built("k8s-job", spec)["job.yaml"])["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["containers"][0]["resources"] == {
        "requests": {"cpu": "1500m", "memory": "2048Mi"},
        "limits": {"memory": "2048Mi", "nvidia.com/gpu": "1"},
    }


def test_a_job_needs_every_value(echo):
    assert faults_of("k8s-job", echo[0])[:2] == [("missing-parameter", "text"), ("missing-parameter", "number")]
    assert workshop.built("argo", echo[0])


@pytest.mark.parametrize("target", ["argo", "cwl", "k8s-job", "kfp"])
def test_half_a_surrogate_pair_is_refused(target, spec):
    assert faults_of(target, spec, params={ParamName("word"): "a\ud800"}) == [("bad-value", "word")]


def test_numbers_that_a_platform_would_change_are_refused(tmp_path):
    spec = workshop.read(tmp_path, workshop.ECHO)
    values = {"text": "", "number": 2**53 + 1, "share": 0.0, "flag": True, "items": [], "table": {}, "words": []}
    assert faults_of("kfp", spec, params=values) == [("bad-value", "number")]
    assert faults_of("kfp", spec, params=values | {"number": 1, "items": [[None]]}) == [("bad-value", "items")]
    assert faults_of("cwl", spec, params=values | {"number": 2**63}) == [("bad-value", "number")]
    assert faults_of("kfp", spec, params=values | {"number": 1, "items": [[2**60]]}) == [("bad-value", "items")]


def test_values_too_large_for_an_environment_are_refused(spec):
    assert faults_of("k8s-job", spec, params={ParamName("word"): "x" * 200_000})[0][0] == "bad-value"


def test_an_illegal_image_is_refused_everywhere(spec):
    assert faults_of("kfp", spec, image="Drop Empty") == [("illegal-name", "Drop Empty")]
    assert faults_of("containerfile", spec, base_image="a b") == [("illegal-name", "a b")]


def test_names_that_collide_are_refused_with_both(spec):
    word = spec.params[ParamName("word")]
    twice = replace(spec, params={**spec.params, ParamName("WORD"): replace(word, name=ParamName("WORD"))})
    assert faults_of("kfp", twice) == [("name-collision", "word, WORD")]
    port = spec.inputs[PortName("table")]
    same = replace(spec, inputs={**spec.inputs, PortName("word"): replace(port, name=PortName("word"))})
    assert faults_of("cli", same) == [("name-collision", "word, word")]
    taken = replace(spec, params={**spec.params, ParamName("out"): replace(word, name=ParamName("out"))})
    assert faults_of("python", taken) == [("name-collision", "out")]
    assert workshop.built("cli", taken)


def test_a_containerfile_is_pinned_and_not_root(spec):
    files = workshop.built("containerfile", spec, base_image="python@sha256:" + "0" * 64)
    text = files["Containerfile"].decode()
    assert "FROM python@sha256:" in text
    assert text.index("COPY requirements.txt") < text.index("COPY component") < text.index("USER 10001")
    assert "--base-image" not in text
    assert "pyyaml==" in files["requirements.txt"].decode()
    assert f'"sha256:{pack(spec).digest}"' in text
    assert "Pin the base by digest" in workshop.built("containerfile", spec)["Containerfile"].decode()


def test_a_label_holds_whatever_a_title_is(spec):
    text = workshop.built("containerfile", replace(spec, title='A "b" $HOME \\ c\nUSER root'))["Containerfile"].decode()
    assert 'image.title="A \\"b\\" \\$HOME \\\\ c USER root"' in text
    assert [line for line in text.splitlines() if line.startswith("USER")] == ["USER 10001:10001"]


def test_the_digest_follows_the_code(spec, tmp_path):
    other = workshop.read(tmp_path, workshop.EVERYTHING.replace("rows", "lines"))
    assert pack(other).digest != pack(spec).digest
    assert len(pack(spec).digest) == hashlib.sha256().digest_size * 2


def test_the_pack_is_closed_every_module_in_it_can_be_imported_without_ours(spec, tmp_path):
    home = workshop.unpacked(tmp_path, spec)
    modules = sorted(
        path.relative_to(home).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for path in (home / "assay").rglob("*.py")
    )
    heavy = (
        "assay.runtime.recording",
        "assay.model.builder",
        "assay.model.codec",
        "assay.model.nesting",
    )  # they need IPython and PyYAML
    light = [name for name in modules if not name.startswith(heavy)]
    code = f"import sys; sys.path[0:0] = [{str(home)!r}]\nfor name in {light}: __import__(name)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(light) > 30


def test_modules_beside_a_component_are_packed_and_those_that_nothing_imports_are_not(tmp_path):
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "__init__.py").write_text("")
    (tmp_path / "near" / "deep.py").write_text("import siblings\nVALUE = siblings.VALUE\n")
    (tmp_path / "siblings.py").write_text("VALUE = 3\n")
    (tmp_path / "stranger.py").write_text("")
    source = workshop.ECHO.replace("    return {", "    from near.deep import VALUE\n    return {'three': VALUE,")
    packed = pack(workshop.read(tmp_path, source)).files
    found = sorted(name for name in packed if name.startswith("source/"))
    assert found == ["source/near/__init__.py", "source/near/deep.py", "source/siblings.py", "source/source.py"]


DAMAGES = {
    "cli": ("work.pyz", lambda content: without(content, "component.json"), "bad-pack"),
    "python": ("work/__init__.py", lambda content: content + b"\ndef (:", "bad-package"),
    "containerfile": (
        "Containerfile",
        lambda content: content.replace(b"USER 10001:10001", b"USER root"),
        "bad-containerfile",
    ),
    "kfp": (
        "component.yaml",
        lambda content: content.replace(b"inputPath: table", b"inputPath: tables"),
        "bad-placeholder",
    ),
    "k8s-job": ("job.yaml", lambda content: content.replace(b"restartPolicy", b"restartPolice"), "bad-field"),
    "argo": (
        "workflowtemplate.yaml",
        lambda c: c.replace(b"{{inputs.parameters.how}}", b"{{workflow.name}}"),
        "bad-reference",
    ),
    "cwl": ("tool.cwl", lambda content: content.replace(b"type: double", b"type: number"), "bad-type"),
}


def without(content, name):
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
    return target.getvalue()


@pytest.mark.parametrize("target", DAMAGES)
def test_the_check_of_a_target_finds_damage(target, spec):
    documents = dict(export(target, Request(spec)))
    exporter = find_exporter(target)
    assert list(exporter.check(documents)) == []
    name, damage, code = DAMAGES[target]
    damaged = damage(documents[name].content)
    assert damaged != documents[name].content
    faults = exporter.check({**documents, name: Document(damaged)})
    assert code in {fault.code for fault in faults}


@pytest.mark.parametrize("target", DOCUMENTS)
def test_what_is_no_document_is_a_fault(target, spec):
    documents = dict(export(target, Request(spec)))
    for content in (b"a: [", b"- 1\n", b"{}", b"spec: 3\ninputs: 3\nimplementation: 3\n"):
        assert find_exporter(target).check({**documents, DOCUMENTS[target]: Document(content)})


def test_an_unpinned_requirement_is_found(spec):
    documents = dict(export("containerfile", Request(spec)))
    documents["requirements.txt"] = Document(b"pyyaml>=6\n")
    assert [fault.code for fault in find_exporter("containerfile").check(documents)] == ["unpinned"]


def test_the_package_reads_like_the_component(spec):
    module = ast.parse(workshop.built("python", spec)["work/__init__.py"])
    run = next(node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "run")
    assert [argument.arg for argument in run.args.args] == ["table", "more", "pictures"]
    assert [argument.arg for argument in run.args.kwonlyargs] == ["word", "how", "least", "strict", "extra", "out"]
    assert "What to say: 100 % of it." in ast.get_docstring(run)


def test_an_image_for_a_script_in_r_has_r_and_its_packages(tmp_path):
    (tmp_path / "prepare.R").write_text('# Prepare.\nlibrary(jsonlite)\nn <- as.integer(Sys.getenv("n", "3"))\n')
    text = workshop.built("containerfile", Catalog().resolve("./prepare.R", tmp_path))["Containerfile"].decode()
    assert "apt-get install -y --no-install-recommends r-base-core r-cran-jsonlite" in text
    assert "pip install" not in text


TOOL = """component: 1
title: Fit
image: registry.example.org/fit:1.2
command: [fit]
args:
  - "--table={{inputs.table}}"
  - {if: "{{params.loud}}", then: [--loud], else: [--quiet]}
  - "{{outputs.model}}"
  - --epochs={{params.epochs}}
  - "{{params.word}}"
params:
  loud: false
  epochs: {type: int}
  word: {type: str, default: "a 'b' $5"}
  token: {type: str, secret: true}
inputs: {table: Dataset}
outputs: {model: Model}
env: {TOKEN: "{{params.token}}", PLACE: "x y"}
"""
IMAGE = "registry.example.org/fit:1.2"
EPOCHS = {ParamName("epochs"): 3}


@pytest.fixture
def tool(tmp_path):
    (tmp_path / "fit.component.yaml").write_text(TOOL)
    return Catalog().resolve("./fit.component.yaml", tmp_path)


def test_a_job_runs_the_command_of_a_container_component_itself(tool):
    assert faults_of("k8s-job", tool) == [("missing-parameter", "epochs")]
    files = workshop.built("k8s-job", tool, params=EPOCHS, secrets={ParamName("token"): "hospital/door"})
    job = yaml.safe_load(files["job.yaml"])
    (container,) = job["spec"]["template"]["spec"]["containers"]
    secret = {"ASSAY_PARAM_TOKEN": "sesame"}
    said = [workshop.kubelet(word, secret) for word in container["command"] + container["args"]]
    assert said == ["fit", "--table=/assay/inputs/table", "--quiet", "/assay/outputs/model", "--epochs=3", "a 'b' $5"]
    variables = {one["name"]: workshop.kubelet(one.get("value", ""), secret) for one in container["env"]}
    assert variables == {"ASSAY_PARAM_TOKEN": "", "TOKEN": "sesame", "PLACE": "x y"}
    assert container["image"] == IMAGE


def test_an_argo_template_of_a_container_component_takes_what_can_be_given_when_it_runs(tool):
    content = workshop.built("argo", tool, params={ParamName("loud"): True})["workflowtemplate.yaml"]
    assert b"# Fixed when this was built: loud" in content
    document = yaml.safe_load(content)["spec"]
    arguments = {one["name"]: one.get("value", "7") for one in document["arguments"]["parameters"]}
    assert arguments == {"epochs": "7", "word": "a 'b' $5"}
    container = workshop.argo(document["templates"][0], arguments)["container"]
    said = [workshop.kubelet(word, {}) for word in container["command"] + container["args"]]
    assert said == ["fit", "--table=/assay/inputs/table", "--loud", "/assay/outputs/model", "--epochs=7", "a 'b' $5"]
    assert faults_of("argo", tool, params={ParamName("word"): "{{workflow.name}}"}) == [("bad-value", "word")]


def test_a_kubeflow_component_of_a_container_component_has_its_own_placeholders(tool):
    document = yaml.safe_load(workshop.built("kfp", tool)["component.yaml"])
    assert [one["name"] for one in document["inputs"]] == ["table", "epochs", "word"]
    container = document["implementation"]["container"]
    assert container["args"] == [
        "--table={{$.inputs.artifacts['table'].path}}",
        "--quiet",
        "{{$.outputs.artifacts['model'].path}}",
        "--epochs={{$.inputs.parameters['epochs']}}",
        "{{$.inputs.parameters['word']}}",
    ]
    assert container["env"] == {"PLACE": "x y"}


def test_a_cwl_tool_of_a_container_component_needs_no_program(tool):
    files = workshop.built("cwl", tool)
    assert list(files) == ["tool.cwl"]
    document = yaml.safe_load(files["tool.cwl"])
    words = ["fit", "--table=$(inputs.table.path)", "--quiet", "model", "--epochs=$(inputs.epochs)", "$(inputs.word)"]
    assert document["arguments"] == words
    assert document["outputs"]["model"] == {"type": "Directory", "outputBinding": {"glob": "model"}}
    assert b"--preserve-environment TOKEN" in files["tool.cwl"]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("command: [fit]\n", "", {"kfp": "no-command"}),
        ("{table: Dataset}", '{table: "list[Dataset]"}', {"kfp": "no-list", "argo": "no-list", "cwl": "no-list"}),
        ("{model: Model}", "{model: Model, more: {type: File, path: /out/x}}", {"kfp": "no-place", "argo": "no-place"}),
        ('TOKEN: "{{', 'TOKEN: "x-{{', {"kfp": "secret-in-text", "cwl": "secret-in-text"}),
        ("env: {", "workdir: /w\nenv: {", {"kfp": "no-workdir", "cwl": "no-workdir"}),
        ("--quiet", "$(inputs.x)", {"cwl": "bad-value"}),
    ],
)
def test_what_a_platform_does_not_do_with_a_program_is_refused(tmp_path, old, new, faults):
    assert old in TOOL
    (tmp_path / "fit.component.yaml").write_text(TOOL.replace(old, new))
    found = Catalog().resolve("./fit.component.yaml", tmp_path)
    for target, code in faults.items():
        assert code in [one for one, _ in faults_of(target, found, params=EPOCHS)]


def test_a_container_component_has_no_code_to_pack(tool):
    assert faults_of("cli", tool) == [("no-code", "cli")]
