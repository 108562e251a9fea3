"""Whether the gate passes a clean model and refuses each planted fault by the name of its rule: phantoms whose truth is known.

    python benchmarks/trust/planted.py

Every case fits a model on synthetic images and takes it through evidence and the policy below, with the components of the library.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from assay import Images, Model, Predictions
from assay.errors import AssayError
from assay.library.evaluate.classification import classification
from assay.library.evaluate.find_leakage import find_leakage
from assay.library.evaluate.shortcut_audit import shortcut_audit
from assay.library.fairness.group_metrics import group_metrics
from assay.library.gate.judge import judge
from assay.library.input.ct_phantom import ct_phantom
from assay.library.train.image_classifier import image_classifier
from assay.library.transform.predict import predict
from assay.library.transform.split_by_patient import split_by_patient

POLICY = """\
assay-policy: 1
name: planted
description: What the planted faults are held against.
expires: 1d
signer: any
rules:
  - {id: better-than-chance, title: Better than a coin., statement: discrimination.auroc, bound: low >= 0.6, fewest: 20}
  - {id: no-shared-patients, title: No patient on both sides., statement: leakage.patients, on: {parts: "*"}, bound: point <= 0}
  - {id: no-shared-images, title: No image on both sides., statement: leakage.images, on: {parts: "*"}, bound: point <= 0}
  - id: no-shortcut
    title: Nothing that should not matter tells the label.
    statement: shortcut.cue_auroc
    on: {target: "label *", cue: "*"}
    bound: high <= 0.8
  - id: finds-women-and-men
    title: Found alike.
    statement: fairness.tpr_difference
    on: {sex: "*"}
    bound: whole within [-0.25, 0.25]
"""
Case = Callable[[Path, int], str]


def fitted(images: Images, seed: int, epochs: int = 8) -> tuple[Images, Images, Images, Model]:
    """Return the three parts and a model."""
    parts = split_by_patient(images, by="label+sex", seed=seed)
    model = image_classifier(parts.train, parts.validation, epochs=epochs, image_size=96, seed=seed).model
    return parts.train, parts.validation, parts.test, model


def verdict(policy: Path, model: Model, train: Images, test: Images, predictions: Predictions) -> str:
    """Return the state and the rules that did not pass, or the words with which the gate refused to judge."""
    evidence = [
        classification(predictions).evidence,
        find_leakage(train, test, when_found="tell"),
        shortcut_audit(test, train, model).evidence,
        group_metrics(predictions, by=["sex"]).evidence,
    ]
    judged = judge(model, evidence, images=test, predictions=predictions, policy_file=policy)
    envelope = json.loads(judged.verdict.path.read_bytes())
    said = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
    broken = [rule["id"] for rule in said["rules"] if rule["state"] != "pass"]
    return f"{judged.state}: {', '.join(broken)}" if broken else str(judged.state)


def told(case: Case, policy: Path, seed: int) -> str:
    """Return what a case comes to; a component or gate that refuses says why."""
    try:
        return case(policy, seed)
    except AssayError as error:
        return f"refused: {error.message.partition(':')[0]}"


def clean(policy: Path, seed: int) -> str:
    """Nothing is planted."""
    train, _, test, model = fitted(ct_phantom(patients=360, size=96, seed=seed), seed)
    return verdict(policy, model, train, test, predict(model, test))


def marker(policy: Path, seed: int) -> str:
    """A letter follows the label."""
    images = ct_phantom(patients=240, size=96, seed=seed, marker="text", marker_rate=0.95, marker_base=0.05)
    train, _, test, model = fitted(images, seed)
    return verdict(policy, model, train, test, predict(model, test))


def leak(policy: Path, seed: int) -> str:
    """The model is measured on the patients it was fitted on."""
    train, _, _, model = fitted(ct_phantom(patients=160, size=96, seed=seed), seed)
    return verdict(policy, model, train, train, predict(model, train))


def noise(policy: Path, seed: int) -> str:
    """Half of all labels are wrong: there is nothing to learn."""
    images = ct_phantom(patients=160, size=96, seed=seed, label_noise=0.5, label_noise_age=0)
    train, _, test, model = fitted(images, seed)
    return verdict(policy, model, train, test, predict(model, test))


def shuffled(policy: Path, seed: int) -> str:
    """Scores and truths are shuffled apart after predicting, as in the matrix of two passes over a shuffled loader."""
    train, _, test, model = fitted(ct_phantom(patients=120, size=96, seed=seed), seed, epochs=4)
    answers = predict(model, test)
    lines = answers.path.read_text(encoding="utf-8").splitlines()
    head = lines[0].split(",")
    place = head.index("label")
    rows = [line.split(",") for line in lines[1:]]
    labels = [row[place] for row in rows]
    random.Random(seed).shuffle(labels)
    for row, label in zip(rows, labels, strict=True):
        row[place] = label
    answers.path.write_text("\n".join([",".join(head), *map(",".join, rows)]) + "\n", encoding="utf-8")
    return verdict(policy, model, train, test, answers)


def renamed(policy: Path, seed: int) -> str:
    """The classes stand in another order in the label map than in training."""
    train, _, test, model = fitted(ct_phantom(patients=120, size=96, seed=seed), seed, epochs=4)
    answers = predict(model, test)
    file = model.path / "model.json"
    facts = json.loads(file.read_text(encoding="utf-8"))
    facts["labels"].reverse()
    file.write_text(json.dumps(facts), encoding="utf-8")
    return verdict(policy, model, train, test, answers)


CASES: dict[str, tuple[Case, str]] = {
    "nothing planted": (clean, "pass"),
    "a letter follows the label": (marker, "no-shortcut"),
    "patients on both sides": (leak, "patients are in both parts"),
    "half of the labels wrong": (noise, "better-than-chance"),
    "truth and score shuffled apart": (shuffled, "refused"),
    "classes in another order": (renamed, "refused"),
}
"""What is planted, how, and what the gate has to say."""


def main() -> int:
    """Run every case, print a table, and return how many came out otherwise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", help="part of a case's name")
    arguments = parser.parse_args()
    wrong = 0
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ASSAY_KEYS"] = f"{folder}/keys"
        policy = Path(folder) / "planted.yaml"
        policy.write_text(POLICY, encoding="utf-8")
        print("| planted | seed | the gate says | as it should |")
        print("|---|---:|---|---|")
        for name, (case, wanted) in CASES.items():
            if arguments.only and arguments.only not in name:
                continue
            for seed in range(arguments.seeds):
                with contextlib.redirect_stdout(io.StringIO()):
                    said = told(case, policy, seed)
                right = said == wanted if wanted == "pass" else wanted in said
                wrong += not right
                print(f"| {name} | {seed} | {said} | {'yes' if right else 'NO'} |", flush=True)
    print(f"\n{time.process_time() - begun:.0f} s CPU")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
