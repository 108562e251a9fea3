"""evaluate/shortcut-audit: the planted marker is found, honest images are not accused, and a model that leans on it is caught."""

import re

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Images
from assay.library.evaluate.shortcut_audit import shortcut_audit
from assay.library.input.ct_phantom import ct_phantom
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence


@pytest.fixture(scope="module")
def phantoms():
    planted = {"patients": 60, "slices": 2, "size": 64}
    return {
        "marked": ct_phantom(**planted, seed=1, marker="text", marker_rate=0.95, marker_base=0.05),
        "marked, others": ct_phantom(**planted, seed=2, marker="text", marker_rate=0.95, marker_base=0.05),
        "clean": ct_phantom(**planted, seed=1),
        "by sex": ct_phantom(**planted, seed=1, marker="text", marker_tie="sex", marker_rate=1.0, marker_base=0.0),
    }


def told(audit):
    return read_evidence(audit.evidence)


def states(audit, kind="shortcut.cue_auroc", **on):
    return {
        statement.on.get("cue") or statement.on["removed"]: statement.state
        for statement in told(audit).statements
        if statement.id == kind and on.items() <= statement.on.items()
    }


def renamed(images, prefix="Q"):
    table = pd.read_csv(images / "index.csv", dtype=str)
    table["patient"] = prefix + table["patient"]
    table.to_csv(images / "index.csv", index=False)
    return images


def test_the_planted_marker_is_found_and_honest_images_are_not_accused(phantoms):
    marked = shortcut_audit(phantoms["marked"], draws=300)
    found = states(marked, target="label covid")
    assert found["burnt-in text"] is State.FAIL
    assert found["outside the body"] is State.FAIL
    result = told(marked)
    assert result.samples == {"rows": 120, "patients": 60, "positive_patients": pytest.approx(30, abs=12)}
    assert result.synthetic is True
    assert {reason.on["cue"] for reason in result.not_measured} == {
        "file type and colour mode",
        "picture size",
        "compression",
        "file header",
    }
    clean = states(shortcut_audit(phantoms["clean"], draws=300))
    assert State.FAIL not in clean.values()


def test_a_marker_that_follows_the_sex_is_found_under_sex(phantoms):
    evidence = shortcut_audit(phantoms["by sex"], draws=300)
    assert states(evidence, target="sex F")["burnt-in text"] is State.FAIL
    assert states(evidence, target="label covid")["burnt-in text"] is not State.FAIL
    assert states(evidence, target="sex F")["outside the lungs"] is None


def test_cues_learnt_on_other_images(phantoms):
    train = renamed(phantoms["marked, others"])
    evidence = shortcut_audit(phantoms["marked"], train, draws=300)
    assert states(evidence, target="label covid")["burnt-in text"] is State.FAIL
    assert "trained on other images" in told(evidence).method.name
    assert [subject.role for subject in told(evidence).subjects] == [Role.DATA, Role.TRAINING_DATA]
    with pytest.raises(ComponentError, match="60 patients are in both parts: P00000") as error:
        shortcut_audit(phantoms["marked"], phantoms["clean"], draws=300)
    assert "find-leakage" in error.value.hint


def test_a_model_that_reads_the_marker_loses_it_and_one_that_does_not_keeps_its_score(phantoms, linear_model, capsys):
    corner, middle = np.zeros((64, 64)), np.zeros((64, 64))
    corner[2:12, 2:12] = 1
    middle[20:50, 10:54] = 0.05
    evidence = shortcut_audit(phantoms["marked"], model=linear_model(corner, -5), draws=300)
    lost = states(evidence, "shortcut.auroc_drop")
    assert lost["burnt-in text painted over"] is State.FAIL
    assert lost["outside of the body blanked"] is State.FAIL
    masked = states(evidence, target="label covid")["the model's own score, lungs masked"]
    assert masked is State.FAIL
    assert told(evidence).cost.model_calls == 120 * 6
    assert float(re.search(r"AUROC on these images is (0\.\d+)", capsys.readouterr().out)[1]) > 0.85
    evidence = shortcut_audit(phantoms["marked"], model=linear_model(middle, -20), draws=300)
    text = next(
        statement
        for statement in told(evidence).statements
        if statement.id == "shortcut.auroc_drop" and statement.on["removed"] == "burnt-in text painted over"
    )
    assert abs(text.estimate.value) < 0.02
    assert text.state is not State.FAIL


def test_other_targets_and_what_cannot_be_asked(phantoms, linear_model):
    evidence = told(shortcut_audit(phantoms["clean"], targets=["vendor", "kernel"], draws=200))
    targets = {statement.on["target"] for statement in evidence.statements}
    assert targets == {"vendor A", "kernel soft", "kernel medium", "kernel sharp"}
    with pytest.raises(ComponentError, match="no column 'vender'") as error:
        shortcut_audit(phantoms["clean"], targets=["vender"])
    assert error.value.hint == "did you mean 'vendor'?"
    with pytest.raises(ComponentError, match="does not know the label 'other'"):
        shortcut_audit(phantoms["clean"], model=linear_model(np.ones((64, 64)), labels=("healthy", "covid")))


def test_one_class_says_so(toy_images, linear_model):
    images = toy_images("ill", range(1, 40, 2))
    healthy = toy_images("few", range(6))
    evidence = told(
        shortcut_audit(Images(images), model=linear_model(np.ones((32, 32)), labels=("healthy", "covid")), draws=200)
    )
    assert evidence.statements == []
    assert {reason.why for reason in evidence.not_measured if reason.on.get("cue") == "borders"} == {"one class only"}
    assert any(reason.id == "shortcut.auroc_drop" for reason in evidence.not_measured)
    few = told(shortcut_audit(Images(healthy), draws=200))
    assert any("5 are needed" in reason.why for reason in few.not_measured)
