"""Evidence that does not belong together is refused, each piece by name."""

from __future__ import annotations

import dataclasses

from assay.trust.evidence.evidence import Role, Subject
from assay.trust.gate import Refused, mismatched


def refused(case):
    return Refused(mismatched(case))


def test_evidence_of_this_model_and_data_is_admitted(toy):
    assert mismatched(toy.case(toy.exhibit(toy.said()), toy.exhibit(toy.said(), digest="f" * 64))) == []
    assert mismatched(toy.case(toy.exhibit(toy.said()), data=toy.data)) == []


def test_evidence_about_data_alone_is_admitted(toy):
    assert mismatched(toy.case(toy.exhibit(toy.said()), toy.exhibit(toy.said("leakage.patients"), model=""))) == []


def test_evidence_of_another_model_is_refused_by_name(toy):
    error = refused(toy.case(toy.exhibit(toy.said(), name="fair.json", model="b" * 64)))
    assert [fault.code for fault in error.faults] == ["another-model"]
    assert str(error) == (
        "error [refused] nothing is judged: [another-model] fair.json (Toy) is about model bbbbbbbbbbbb, the gate judges "
        "aaaaaaaaaaaa (measure the model under judgement, or judge the one that was measured)"
    )


def test_two_pieces_that_disagree_about_the_data_are_refused_whichever_came_first(toy):
    usual = [toy.exhibit(toy.said(), name=f"{number}.json", digest=str(number) * 64) for number in range(2)]
    odd = toy.exhibit(toy.said(), name="odd.json", data="0" * 64)
    for order in ((odd, *usual), (*usual, odd)):
        (fault,) = refused(toy.case(*order)).faults
        assert (fault.code, fault.culprit) == ("another-data", "odd.json")
    (fault,) = refused(toy.case(odd, data=toy.data)).faults
    assert fault.code == "another-data"


def test_predictions_that_are_not_the_ones_measured_are_refused(toy):
    measured = toy.evidence(toy.said())
    measured = dataclasses.replace(measured, subjects=[*measured.subjects, Subject(Role.PREDICTIONS, "c" * 64)])
    exhibit = dataclasses.replace(toy.exhibit(), evidence=measured)
    assert mismatched(toy.case(exhibit, predictions="c" * 64)) == []
    assert [fault.code for fault in refused(toy.case(exhibit, predictions="0" * 64)).faults] == ["another-predictions"]


def test_class_names_in_another_order_than_the_models_are_refused(toy):
    """The classic fault: every figure is about the wrong class, and looks fine."""
    error = refused(toy.case(toy.exhibit(toy.said(), labels=("covid", "other"))))
    assert [fault.code for fault in error.faults] == ["labels-differ"]
    assert "measured with the class names covid, other; the model's are other, covid: in another order" in error.message


def test_another_positive_label_is_refused(toy):
    (fault,) = refused(toy.case(toy.exhibit(toy.said(), positive="other"))).faults
    assert fault.code == "positive-differs"


def test_evidence_that_names_nothing_and_no_evidence_at_all_are_refused(toy):
    assert [fault.code for fault in refused(toy.case(toy.exhibit(toy.said(), model="", data=""))).faults] == [
        "no-subject"
    ]
    assert [fault.code for fault in refused(toy.case()).faults] == ["no-evidence"]


def test_all_faults_are_told_at_once(toy):
    wrong = toy.exhibit(toy.said(), model="b" * 64, data="0" * 64, labels=("x", "y"))
    codes = [fault.code for fault in refused(toy.case(wrong, toy.exhibit(model="c" * 64), data=toy.data)).faults]
    assert codes == ["another-model", "another-data", "labels-differ", "another-model"]
