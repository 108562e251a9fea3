"""Two faults of an earlier system, replayed through the real steps and the gate: each is refused by name, at the first step that sees it.

There the confusion matrix compared two passes over a shuffled loader (a perfect classifier scored 0.30), and class names stood in the
order of a folder listing, not of the training.
"""

from __future__ import annotations

import pytest

FAULTS = '''
"""What went wrong there, done to the files in between."""
import csv, json, random, shutil
from typing import Literal
from assay import Model, Predictions, component, step


@component
def meddle(predictions: Predictions, *, fault: str = "none") -> Predictions:
    """Shuffle the truth of all rows, as of a second pass over a loader that shuffles; unsealed: by somebody who writes no seal."""
    with open(predictions.path, newline="") as file:
        head, *rows = csv.reader(file)
    place = head.index("label")
    if fault in ("shuffled", "unsealed"):
        truths = [row[place] for row in rows]
        random.Random(0).shuffle(truths)
        for row, truth in zip(rows, truths):
            row[place] = truth
    if fault == "unsealed":
        rows = [[cell for name, cell in zip(head, row) if name != "row_seal"] for row in rows]
        head = [name for name in head if name != "row_seal"]
    out = step.output("predictions", Predictions, suffix=".csv")
    with open(out.path, "w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return out


@component
def rename(model: Model, *, fault: str = "none") -> Model:
    """Write the class names in another order than in training, into model.json alone or into both files."""
    out = step.output("model", Model)
    shutil.copytree(model.path, out.path, dirs_exist_ok=True, copy_function=shutil.copyfile)  # what the store holds is read-only
    facts = json.loads((out / "model.json").read_text())
    if fault == "renamed":
        facts["labels"].reverse()
        (out / "model.json").write_text(json.dumps(facts))
    return out
'''
POLICY = """\
assay-policy: 1
name: aligned
description: Nothing is asked but that there is a figure, so that only what does not belong together is refused.
expires: 1d
rules:
  - {id: measured, title: There is a figure., statement: discrimination.auroc, bound: point >= 0, why: Any figure will do.}
"""
HEAD = (
    "params: {before: {type: str, default: none}, after: {type: str, default: none}, other: {type: str, default: none}}"
)
STEPS = """
scans: {use: input/ct-phantom, with: {patients: 40, slices: 2, size: 64}}
split: {use: transform/split-by-patient, in: {images: scans.images}}
train:
  use: train/image-classifier
  in: {train: split.train, validation: split.validation}
  with: {epochs: 1, image_size: 64}
named: {use: ./faults.py:rename, in: {model: train.model}, with: {fault: $params.before}}
predict: {use: transform/predict, in: {model: named.model, images: split.test}}
meddled: {use: ./faults.py:meddle, in: {predictions: predict.predictions}, with: {fault: $params.after}}
evaluate: {use: evaluate/classification, in: {predictions: meddled.predictions}}
fair: {use: fairness/group-metrics, in: {predictions: meddled.predictions}, with: {by: [sex]}}
measured: {use: evaluate/classification, in: {predictions: predict.predictions}}
shown: {use: ./faults.py:rename, in: {model: named.model}, with: {fault: $params.other}}
judge:
  use: gate/judge
  in: {model: shown.model, evidence: measured.evidence, images: split.test, predictions: meddled.predictions}
  with: {policy_file: ./aligned.yaml}
publish: {use: publish/folder, in: {model: shown.model, verdict: judge.verdict, evidence: measured.evidence}}
"""


@pytest.fixture
def replay(project, monkeypatch):
    """Return a function that runs the pipeline with a fault; the model is fitted once."""
    monkeypatch.setenv("ASSAY_KEYS", str(project.folder / "keys"))
    (project.folder / "faults.py").write_text(FAULTS)
    (project.folder / "aligned.yaml").write_text(POLICY)
    return lambda **faults: project.run(STEPS, HEAD, params=faults)


def ended(ran, status):
    return {name for name, found in ran.statuses().items() if found == status}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_both_classic_faults_are_refused_by_name_and_the_same_run_without_them_is_published(replay):
    clean = replay()
    assert clean.outcome == "succeeded", clean.state
    assert clean.status("publish") == "succeeded"

    shuffled = replay(after="shuffled")
    assert ended(shuffled, "reused") >= {"train", "predict", "measured"}
    assert ended(shuffled, "failed") >= {"evaluate", "fair", "judge"}
    for step in ("evaluate", "fair", "judge"):
        assert "truth and score do not belong together in " in shuffled.log(step) + str(shuffled.state)

    unsealed = replay(after="unsealed")
    assert unsealed.status("judge") == "failed"
    for code in ("[truth-differs]", "[another-predictions]"):
        assert code in str(unsealed.state)

    renamed = replay(before="renamed")
    assert ended(renamed, "failed") == {"predict"}
    assert "was fitted with the class names" in str(renamed.state)

    exchanged = replay(other="renamed")
    assert ended(exchanged, "failed") == {"judge"}
    for code in ("[another-model]", "[labels-differ]"):
        assert code in str(exchanged.state)

    for ran in (shuffled, unsealed, renamed, exchanged):
        assert ran.outcome == "failed"
        assert ran.status("publish") not in {"succeeded", "reused"}
