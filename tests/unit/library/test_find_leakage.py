"""evaluate/find-leakage: leaking parts stop the pipeline, or fail in the evidence."""

import pandas as pd
import pytest

from assay import ComponentError
from assay.library.evaluate.find_leakage import find_leakage
from assay.library.input.ct_phantom import ct_phantom
from assay.library.transform.split_by_patient import split_by_patient
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.statement import State
from assay.trust.evidence.text import read_evidence


@pytest.fixture
def parts():
    return split_by_patient(ct_phantom(patients=40, slices=2, size=64, seed=4))


def test_a_split_by_patient_does_not_leak(parts):
    evidence = read_evidence(find_leakage(parts.train, parts.test, parts.validation))
    assert evidence.worst() is State.PASS
    assert {statement.on["parts"] for statement in evidence.statements} == {
        "train and validation",
        "train and test",
        "validation and test",
    }
    assert [subject.role for subject in evidence.subjects] == [Role.TRAINING_DATA, Role.OTHER_DATA, Role.DATA]
    assert evidence.tables == []


def test_leaking_parts_are_refused_and_told(parts):
    """The test part holds a training image under a new name and a new patient, and a patient of training."""
    train, test = (pd.read_csv(part / "index.csv", dtype=str) for part in (parts.train, parts.test))
    (parts.test / test.file[0]).unlink()
    (parts.test / test.file[0]).write_bytes((parts.train / train.file[0]).read_bytes())
    test.loc[0, "label"] = {"covid": "other", "other": "covid"}[train.label[0]]
    test.loc[2, "patient"] = train.patient[5]
    test.to_csv(parts.test / "index.csv", index=False)
    with pytest.raises(ComponentError, match="leak: train and test share 1 patients, 1 equal and 0 nearly") as error:
        find_leakage(parts.train, parts.test)
    assert error.value.culprit == train.patient[5]
    evidence = read_evidence(find_leakage(parts.train, parts.test, when_found="tell"))
    failed = {statement.id for statement in evidence.statements if statement.state is State.FAIL}
    assert failed == {"leakage.patients", "leakage.images"}
    assert evidence.tables[0].rows[0][:2] == [train.file[0], test.file[0]]
    assert "1 alike pairs of train and test carry different labels" in evidence.caveats[0]


def test_an_empty_part_is_refused(parts):
    pd.read_csv(parts.test / "index.csv", dtype=str).head(0).to_csv(parts.test / "index.csv", index=False)
    with pytest.raises(ComponentError, match="the test part has no images"):
        find_leakage(parts.train, parts.test)


def test_what_is_shared_is_a_chart_with_its_numbers(parts):
    train, test = (pd.read_csv(part / "index.csv", dtype=str) for part in (parts.train, parts.test))
    test.loc[2, "patient"] = train.patient[5]
    test.to_csv(parts.test / "index.csv", index=False)
    (figure,) = read_evidence(find_leakage(parts.train, parts.test, when_found="tell")).figures
    values = {row["label"]: row["value"] for row in figure.specification["data"]["values"]}
    assert values == {
        "Patients in two splits: train and test": 1,
        "Images in two splits: train and test": 0,
        "Near-duplicates in two splits: train and test": 0,
    }
    assert "<svg" in figure.svg
    assert "synthetic" in figure.title
