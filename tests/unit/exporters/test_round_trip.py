"""Whatever a value is, the component gets exactly it: through the documents, as the platforms read and expand them."""

import json
import string

import exporter_workshop as workshop
import pytest
import yaml
from hypothesis import given, settings

from assay.catalog import Catalog
from assay.exporters import Request
from assay.exporters.pack import pack
from assay.exporters.package import module_source
from assay.exporters.values import json_text

FAST = settings(deadline=None, max_examples=60)


@FAST
@given(value=workshop.anything)
def test_a_value_as_json_holds_nothing_that_a_platform_expands(value):
    text = json_text(value)
    assert json.loads(text) == value
    assert set(text) <= set(string.printable) - set("\n\r\t\x0b\x0c")
    assert "$" not in text
    assert "{{" not in text


@FAST
@given(values=workshop.values)
def test_a_job_carries_every_value(echo, values):
    spec, home = echo
    document = yaml.safe_load(workshop.built("k8s-job", spec, params=values)["job.yaml"])
    (container,) = document["spec"]["template"]["spec"]["containers"]
    variables = {"HOME": "/x", "ASSAY_PARAMS": "y"}
    environment = {one["name"]: workshop.kubelet(one["value"], variables) for one in container["env"]}
    file = home.parent / "params.json"
    file.write_text(environment["ASSAY_PARAMS"])
    assert workshop.taken(home, ["--params", str(file)]) == values


@FAST
@given(values=workshop.values)
def test_an_argo_template_carries_every_value(echo, values):
    spec, home = echo
    document = yaml.safe_load(workshop.built("argo", spec, params=values)["workflowtemplate.yaml"])
    arguments = {one["name"]: one["value"] for one in document["spec"]["arguments"]["parameters"]}
    template = workshop.argo(document["spec"]["templates"][0], arguments)
    folder = home.parent / "params"
    folder.mkdir(exist_ok=True)
    for artifact in template["inputs"]["artifacts"]:
        (folder / artifact["path"].rpartition("/")[2]).write_text(artifact["raw"]["data"])
    assert workshop.taken(home, ["--params-dir", str(folder)]) == values


@FAST
@given(values=workshop.values)
def test_a_packed_component_has_the_given_values_for_defaults(echo, values):
    spec, home = echo
    (home / "component.json").write_bytes(pack(spec, values).files["component.json"])
    assert workshop.taken(home, []) == values


@FAST
@given(values=workshop.values)
def test_the_python_package_has_the_given_values_for_defaults(echo, values):
    spec, _ = echo
    names = {name: name for name in spec.params}
    source = module_source(Request(spec, values), names, {"value": "value"})
    module = {"__name__": "echo", "__file__": "echo/__init__.py"}
    exec(compile(source, "echo", "exec"), module)
    assert module["run"].__kwdefaults__ == {**values, "out": None}


@FAST
@given(word=workshop.texts, items=workshop.st.lists(workshop.texts, max_size=3))
def test_a_job_gives_a_program_in_an_image_exactly_the_words_of_its_command(program, word, items):
    asked = {"word": word, "items": items}
    document = yaml.safe_load(workshop.built("k8s-job", program, params=asked)["job.yaml"])
    (container,) = document["spec"]["template"]["spec"]["containers"]
    said = [workshop.kubelet(text, {"HOME": "/x"}) for text in container["args"]]
    assert said == [f"--word={word}", *(text for item in items for text in ("-i", item))]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("program")
    (folder / "say.component.yaml").write_text(
        "component: 1\ntitle: Say\nimage: say:1\n"
        "args: ['--word={{params.word}}', {each: '{{params.items}}', before: '-i'}]\n"
        "params: {word: {type: str}, items: {type: list, items: str}}\n"
    )
    return Catalog().resolve("./say.component.yaml", folder)
