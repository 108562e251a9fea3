"""Images, built and run for real: `scripts/container_base.sh` makes the engine and the base that this needs."""

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import exporter_workshop as workshop
import pytest
import yaml

from assay.errors import AssayError
from assay.exporters import Request, find_exporter

pytestmark = pytest.mark.container


def docker(*words, status=0, **options):
    done = subprocess.run(["docker", *map(str, words)], capture_output=True, text=True, check=False, **options)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def build(spec, folder, reference):
    request = Request(spec, image=reference)
    for name, content in workshop.built("image", spec, image=reference).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    told = []
    find_exporter("image").finish(request, folder, told.append)
    return told


@pytest.fixture(scope="module")
def image(spec, tmp_path_factory):
    reference = f"assay-test/work:{secrets.token_hex(4)}"
    told = build(spec, tmp_path_factory.mktemp("image"), reference)
    assert "filter/work can run here" in told
    yield reference
    docker("rmi", "--force", reference)


@pytest.fixture
def place(tmp_path):
    """Folders of inputs and outputs that the image's user may write to."""
    (tmp_path / "inputs" / "more").mkdir(parents=True)
    (tmp_path / "inputs" / "table.csv").write_text("a\n1\n")
    (tmp_path / "inputs" / "more" / "0000.csv").write_text("b\n2\n")
    (tmp_path / "outputs").mkdir()
    for folder in (tmp_path, tmp_path / "outputs"):
        folder.chmod(0o777)
    return tmp_path


def test_it_runs_as_a_user_that_is_not_root_and_says_what_it_is(image, spec):
    facts = json.loads(docker("image", "inspect", image).stdout)[0]["Config"]
    assert facts["User"] == "10001:10001"
    assert facts["Labels"]["ml.assay.component.name"] == "filter/work"
    assert facts["Labels"]["ml.assay.component.code"] == f"sha256:{spec.implementation.code}"
    assert "--strict [true|false]" in docker("run", "--rm", image, "--help").stdout
    assert docker("run", "--rm", "--entrypoint", "id", image, "-u").stdout == "10001\n"
    packages = docker("run", "--rm", image, "python3", "-m", "pip", "list").stdout
    assert "PyYAML" in packages
    assert "assay" not in packages


def test_files_go_in_and_out_and_a_secret_comes_by_the_environment(image, place):
    words = ["--table=inputs/table.csv", "--more=inputs/more/0000.csv", "--word=$HOME 'x'\n-y", "--out=outputs"]
    environment = {**os.environ, "ASSAY_PARAM_TOKEN": "sesame"}
    done = docker("run", "--rm", "-e", "ASSAY_PARAM_TOKEN", "-v", f"{place}:/work", image, *words, env=environment)
    assert "word $HOME 'x'\n-y token 6" in done.stdout
    assert (place / "outputs" / "kept.csv").read_text() == "a\n1\n"


def test_the_job_s_container_runs_as_the_job_says(image, spec, place):
    document = workshop.built("k8s-job", spec, image=image, params={"word": "{{x}} $(HOME) ü\n"})["job.yaml"]
    (container,) = yaml.safe_load(document)["spec"]["template"]["spec"]["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    words = ["run", "--rm", "--read-only", "--cap-drop", "ALL", "--tmpfs", "/tmp", "--network", "none"]
    for mount in container["volumeMounts"]:
        if "subPath" in mount:
            mode = "ro" if mount.get("readOnly") else "rw"
            words += ["-v", f"{place / mount['subPath']}:{mount['mountPath']}:{mode}"]
    for one in container["env"]:
        words += ["-e", f"{one['name']}={workshop.kubelet(one.get('value', 'sesame'), {})}"]
    done = docker(*words, container["image"], *container["args"])
    assert "word {{x}} $(HOME) ü\n token 6" in done.stdout
    made = sorted(path.name for path in (place / "outputs").iterdir())
    assert made == ["copies", "kept.csv", "pictures", "share.json"]


def test_the_template_of_argo_runs_as_argo_runs_it(image, spec, place):
    document = yaml.safe_load(workshop.built("argo", spec, image=image)["workflowtemplate.yaml"])["spec"]
    arguments = {one["name"]: one["value"] for one in document["arguments"]["parameters"]} | {
        "word": json.dumps("$$ '")
    }
    template = workshop.argo(document["templates"][0], arguments)
    (place / "params").mkdir()
    for artifact in template["inputs"]["artifacts"]:
        if "raw" in artifact:
            (place / "params" / Path(artifact["path"]).name).write_text(artifact["raw"]["data"])
    (place / "inputs" / "table.csv").rename(place / "inputs" / "table")
    words = ["run", "--rm", "--read-only", "--tmpfs", "/tmp", "-v", f"{place / 'inputs'}:/assay/inputs:ro"]
    words += ["-v", f"{place / 'params'}:/assay/params:ro", "-v", f"{place / 'outputs'}:/assay/outputs"]
    program, *rest = template["container"]["command"]
    done = docker(*words, "--entrypoint", program, image, *rest, *template["container"]["args"])
    assert "word $$ ' token 0" in done.stdout
    assert (place / "outputs" / "share").read_text() == "0.5"


def test_cwltool_runs_the_tool_in_the_image(image, spec, place):
    for name, content in workshop.built("cwl", spec, image=image).items():
        (place / name).write_bytes(content)
    words = ["--table", "inputs/table.csv", "--more", "inputs/more/0000.csv", "--word", "$(inputs.x)"]
    cwltool = Path(sys.executable).with_name("cwltool")
    command = [cwltool, "--disable-pull", "--outdir", "made", "tool.cwl", *words]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "docker" in done.stderr
    assert "word $(inputs.x) token 0" in done.stderr + done.stdout
    assert json.loads(done.stdout[done.stdout.index("{\n") :])["share"] == 0.5


KUBEFLOW = """
import json, sys
from kfp import components, local

file, root, values = sys.argv[1:]
local.init(runner=local.DockerRunner(), pipeline_root=root)
task = components.load_component_from_file(file)(**json.loads(values))
print(json.dumps(task.outputs))
"""


def test_kubeflow_s_own_runner_runs_the_component_with_every_value(echo, tmp_path):
    spec, _ = echo
    reference = f"assay-test/echo:{secrets.token_hex(4)}"
    build(spec, tmp_path / "image", reference)
    # Not in it: texts that are placeholders of Kubeflow, which its runner replaces wherever they stand.
    text = "".join(f"{one}\n" for one in workshop.NASTY if len(one) < 100 and "{{$" not in one)
    values = {
        "text": text,
        "number": -7,
        "share": 1e-7,
        "flag": False,
        "items": [True, "a'", [1.5]],
        "words": ["", "-x"],
    }
    values |= {"table": {"": "$(HOME)", "a": {"b": True}}}
    (tmp_path / "component.yaml").write_bytes(workshop.built("kfp", spec, image=reference)["component.yaml"])
    tmp_path.chmod(0o777)
    (tmp_path / "root").mkdir(mode=0o777)
    (tmp_path / "root").chmod(0o777)
    words = [sys.executable, "-c", KUBEFLOW, "component.yaml", tmp_path / "root", json.dumps(values)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    docker("rmi", "--force", reference)
    assert done.returncode == 0, done.stdout + done.stderr
    made = json.loads(json.loads(done.stdout.splitlines()[-1])["value"])
    assert made == values | {"maybe": None}


def test_it_ends_when_it_is_asked_to(spec, tmp_path):
    source = workshop.EVERYTHING.replace(
        '    print("word"', '    import time; print("began", flush=True); time.sleep(600)\n    print("word"'
    )
    reference = f"assay-test/slow:{secrets.token_hex(4)}"
    build(workshop.read(tmp_path, source.replace('requires=("pyyaml",), ', "")), tmp_path / "image", reference)
    (tmp_path / "t.csv").write_text("a\n")
    name = reference.replace("/", "-").replace(":", "-")
    try:
        mount = ["-v", f"{tmp_path}/t.csv:/t.csv:ro"]
        docker("run", "--rm", "--detach", "--name", name, *mount, reference, "--table=/t.csv", "--more=/t.csv")
        until = time.monotonic() + 240
        while "began" not in docker("logs", name).stdout:
            assert time.monotonic() < until
            time.sleep(0.1)
        docker("stop", "--time", "3600", name)  # or the test would not end
    finally:
        docker("rmi", "--force", reference)


def test_an_image_in_which_the_component_cannot_run_gets_no_name(tmp_path):
    source = workshop.ECHO.replace("from pathlib", "import no_such_package_x\nfrom pathlib")
    reference = f"assay-test/broken:{secrets.token_hex(4)}"
    with pytest.raises(AssayError) as caught:
        build(workshop.read(tmp_path, source), tmp_path / "image", reference)
    assert "the component cannot run in its image" in caught.value.message
    assert "No module named 'no_such_package_x'" in caught.value.message
    docker("image", "inspect", reference, status=1)
    assert "assay-trial" not in docker("images").stdout
