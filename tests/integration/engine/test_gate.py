"""The gate in the engine: a signed verdict each time, a key that leaves no trace, and a planted fault that never gets published."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest

from assay.bundle.layout import Part
from assay.bundle.source import FolderSource, read_document
from assay.bundle.verifying import examine
from assay.cli.entry import invoke
from assay.model.events import StepKey
from assay.signing import Keyring, new_key, open_envelope, read_claim
from assay.trust.gate import Verdict

VERDICT_SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "verdict-1.schema.json"
FACTORY = '''
"""A model, a table, and evidence about both, with one fault on request."""
import json
from typing import Literal, NamedTuple
import numpy as np
import onnx
from onnx import helper, numpy_helper
from assay import Dataset, Evidence, Model, component, step
from assay.trust.evidence.evidence import Evidence as Facts, Method, Role, Subject
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.evidence.text import evidence_text


class Made(NamedTuple):
    model: Model
    table: Dataset


@component
def make() -> Made:
    """Make them."""
    model, table = step.output("model", Model), step.output("table", Dataset)
    steps = {"intensity": "hounsfield", "window": None, "size": 4, "mean": [0.0], "std": [1.0]}
    facts = {"format": 1, "labels": ["other", "covid"], "positive": "covid", "preprocessing": steps}
    (model / "model.json").write_text(json.dumps(facts))
    nodes = [helper.make_node("Flatten", ["image"], ["flat"]), helper.make_node("MatMul", ["flat", "w"], ["logits"])]
    shapes = [("image", ["n", 1, 4, 4]), ("logits", ["n", 2])]
    ends = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in shapes]
    weights = numpy_helper.from_array(np.ones((16, 2), np.float32), "w")
    graph = helper.make_graph(nodes, "sum", ends[:1], ends[1:], [weights])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), model / "model.onnx")
    table.path.write_text("patient,label\\n1,covid\\n")
    return Made(model, table)


@component
def measure(model: Model, table: Dataset, *, fault: Literal["none", "weak", "leaky", "swapped"] = "none") -> Evidence:
    """Measure."""
    low, shared = (0.4 if fault == "weak" else 0.8), int(fault == "leaky")
    statements = [
        Statement("discrimination.auroc", Estimate(low + 0.05, low, low + 0.1, n=100)),
        Statement("leakage.patients", Estimate(shared, shared, shared, n=100), on={"parts": "train and test"}),
    ]
    subjects = [Subject(Role.MODEL, step.digest(model)), Subject(Role.DATA, step.digest(table))]
    labels = ["covid", "other"] if fault == "swapped" else ["other", "covid"]
    out = step.output("evidence", Evidence)
    facts = Facts("All", Method("a/b@1", "m"), subjects, statements, {}, labels=labels, synthetic=True)
    out.path.write_text(evidence_text(facts))
    return out
'''
STEPS = """
make: {use: ./factory.py:make}
measure: {use: ./factory.py:measure, in: {model: make.model, table: make.table}, with: {fault: $params.fault}}
judge:
  use: gate/judge
  in: {model: make.model, evidence: measure.evidence, table: make.table}
  with: {signer: clinic}
  secrets: {key: KEY}
publish:
  use: publish/folder
  in: {model: make.model, verdict: judge.verdict, evidence: measure.evidence}
  with: {key: ./clinic.pub, name: covid-ct, signer: clinic}
  secrets: {signing_key: KEY}
"""
HEAD = "params: {fault: {type: str, default: none}}"


@pytest.fixture
def gated(project, monkeypatch):
    """Return a function that runs the pipeline with a fault; the key is a secret."""
    key = new_key("clinic")
    monkeypatch.setenv("ASSAY_KEYS", str(project.folder / "keys"))
    monkeypatch.setenv("ASSAY_SECRET_KEY", key.pem())
    (project.folder / "factory.py").write_text(FACTORY)
    (project.folder / "clinic.pub").write_text(key.public.pem)
    project.key = key
    return lambda fault="none": project.run(STEPS, HEAD, params={"fault": fault})


def test_a_good_model_is_judged_each_time_and_published_with_a_key_that_leaves_no_trace(gated, project):
    first, second = gated(), gated()
    assert (first.outcome, second.outcome) == ("succeeded", "succeeded")
    assert [second.status(name) for name in ("measure", "judge", "publish")] == ["reused", "succeeded", "succeeded"]
    envelope = open_envelope(first.text("judge", "verdict"), "v")
    schema = json.loads(VERDICT_SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(envelope.text()), schema)
    jsonschema.validate(json.loads(envelope.payload), {"$ref": "#/$defs/statement", "$defs": schema["$defs"]})
    verdict = Verdict.read(envelope, "v")
    assert (verdict.signer, verdict.key, str(verdict.trust)) == ("clinic", project.key.public.id, "named")
    bundle = FolderSource(first.workspace.store.objects.path(first.state.steps[StepKey("publish")].outputs["bundle"]))
    found = examine(bundle, [project.key.public], dt.datetime.now(dt.UTC))
    assert (found.manifest.name, found.admission.verdict.key) == ("covid-ct", project.key.public.id)
    secret = project.key.pem().splitlines()[1].encode()
    assert len(secret) > 40
    files = [path for path in (project.folder / ".assay").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret in path.read_bytes()]
    assert not (project.folder / "keys").exists()


@pytest.mark.parametrize(("fault", "rule"), [("weak", "better-than-chance"), ("leaky", "no-shared-patients")])
def test_a_planted_fault_is_refused_by_name_and_never_published(gated, fault, rule):
    ran = gated(fault)
    assert ran.outcome == "failed"
    verdict = Verdict.read(open_envelope(ran.text("judge", "verdict"), "v"), "v")
    assert verdict.state == "fail"
    assert verdict.reason.endswith(f"not met: {rule}")
    assert ran.status("publish") == "failed"
    assert "[not-passed] the verdict is fail" in json.dumps(str(ran.state))


def test_evidence_with_class_names_in_another_order_stops_the_run_at_the_gate(gated):
    ran = gated("swapped")
    assert ran.status("judge") == "failed"
    assert "[labels-differ]" in str(ran.state)
    assert ran.status("publish") != "succeeded"


def test_a_bundle_is_made_of_what_a_run_made_and_names_the_run(gated, project, monkeypatch, capsys):
    ran = gated()
    monkeypatch.chdir(project.folder)
    Keyring(project.folder / "keys").add_public("clinic", project.key.public.pem)
    assert invoke(["bundle", "make", ran.id, "--name", "covid-ct", "--version", "2.0.0", "--licence", "CC-BY-4.0"]) == 0
    capsys.readouterr()
    source = FolderSource(project.folder / "covid-ct-2.0.0")
    found = examine(source, Keyring(project.folder / "keys").trusted(), dt.datetime.now(dt.UTC))
    assert [item.path for item in found.manifest.of(Part.EVIDENCE)] == ["evidence/measure.evidence.json"]
    said = read_claim(open_envelope(read_document(source, "provenance.json"), "p"), "p").predicate
    assert said["runDetails"]["metadata"]["invocationId"] == ran.id
    names = {one["name"] for one in said["buildDefinition"]["resolvedDependencies"]}
    assert {"pipeline", "data", "step:make", "step:judge"} <= names


def test_of_a_failed_verdict_a_bundle_is_made_only_over_somebodys_name(gated, project, monkeypatch, capsys):
    ran = gated("weak")
    monkeypatch.chdir(project.folder)
    Keyring(project.folder / "keys").add_public("clinic", project.key.public.pem)
    make = ["bundle", "make", ran.id, "--name", "covid-ct", "--version", "1"]
    assert invoke(make) == 1
    assert "[not-passed]" in capsys.readouterr().err
    assert not (project.folder / "covid-ct-1").exists()
    assert invoke([*make, "--override-by", "Dr. A"]) == 2
    assert "an override gives its reason in a sentence" in capsys.readouterr().err
    assert invoke([*make, "--override-by", "Dr. A", "--reason", "To see how it is shown."]) == 0
    assert capsys.readouterr().out.startswith("! OVERRIDDEN by Dr. A")
