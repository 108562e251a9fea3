"""What lies before the gate, and whether it belongs together: evidence of another model or other data is refused by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assay.errors import AssayError, Fault
from assay.trust.evidence.evidence import Evidence, Role


class Refused(AssayError):  # noqa: N818  (like its kin in errors.py)
    """What was put before the gate cannot be judged; ``faults`` lists every reason."""

    code = "refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        hints = dict.fromkeys(fault.hint for fault in faults if fault.hint)
        listed = "; ".join(f"[{fault.code}] {fault.message}" for fault in faults)
        super().__init__(f"nothing is judged: {listed}", culprit=faults[0].culprit, hint="; ".join(hints))


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One evidence file as it was read: a name for people, the sha256 of its bytes, its content."""

    name: str
    digest: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be judged.

    Attributes:
        model: sha256 of the model.
        labels: Its labels in the order of its classes.
        positive: The one that counts as positive.
        exhibits: The evidence.
        data: sha256 of the test data; empty when not put before the gate: then the evidence has to agree about it.
        predictions: sha256 of the predictions; empty likewise.
        answered: Digests of the model and of the data that the predictions say they come from; empty: they do not say.
    """

    model: str
    labels: Sequence[str]
    positive: str
    exhibits: Sequence[Exhibit]
    data: str = ""
    predictions: str = ""
    answered: tuple[str, str] = ("", "")

    @property
    def data_digests(self) -> list[str]:
        """The data that were measured on, most often named first; one when everything belongs together."""
        named = [
            subject.digest for one in self.exhibits for subject in one.evidence.subjects if subject.role is Role.DATA
        ]
        found = sorted(set(named), key=lambda digest: (-named.count(digest), digest))
        return [self.data] if self.data else found

    @property
    def synthetic(self) -> bool | None:
        """Whether no patient was imaged in anything that was measured; ``None`` when no evidence says."""
        stated = [one.evidence.synthetic for one in self.exhibits if one.evidence.synthetic is not None]
        return any(stated) if stated else None


def mismatched(case: Case) -> list[Fault]:
    """Return what keeps the evidence from being about this model, these data and these labels; empty when all belongs together.

    Codes: ``no-evidence``, ``another-model``, ``another-data``, ``another-predictions``, ``no-subject``, ``labels-differ``,
    ``positive-differs``.
    """
    faults = [fault for exhibit in case.exhibits for fault in _faults(case, exhibit)]
    if not case.exhibits:
        faults.append(Fault("no-evidence", "there is no evidence", "evidence", hint="wire evidence into the gate"))
    if not case.data and len(case.data_digests) > 1:
        faults += _disagreement(case)
    return [*faults, *_predictions(case)]


def _predictions(case: Case) -> Iterator[Fault]:
    """Compare what the predictions say of themselves: they may be those of another model about the same people."""
    data = case.data or (case.data_digests[0] if case.data_digests else "")
    for what, named, expected, code in (
        ("by model", case.answered[0], case.model, "another-model"),
        ("about data", case.answered[1], data, "another-data"),
    ):
        if named and expected and named != expected:
            message = f"the predictions were made {what} {named[:12]}, the gate judges {expected[:12]}"
            yield Fault(code, message, "predictions", hint="predict again with the model and data under judgement")


def _faults(case: Case, exhibit: Exhibit) -> Iterator[Fault]:
    evidence = exhibit.evidence
    named = {role: [one.digest for one in evidence.subjects if one.role is role] for role in Role}
    told = f"{exhibit.name} ({evidence.title})"
    if not named[Role.MODEL] and not named[Role.DATA] and not named[Role.OTHER_DATA] and not named[Role.TRAINING_DATA]:
        hint = "measure again with a component that names what it measures"
        yield Fault("no-subject", f"{told} does not say which model or data it is about", exhibit.name, hint=hint)
    for role, expected, code in (
        (Role.MODEL, case.model, "another-model"),
        (Role.DATA, case.data, "another-data"),
        (Role.PREDICTIONS, case.predictions, "another-predictions"),
    ):
        if expected and named[role] and expected not in named[role]:
            message = f"{told} is about {role} {named[role][0][:12]}, the gate judges {expected[:12]}"
            yield Fault(
                code,
                message,
                exhibit.name,
                hint=f"measure the {role} under judgement, or judge the one that was measured",
            )
    if evidence.labels and list(evidence.labels) != list(case.labels):
        same = sorted(evidence.labels) == sorted(case.labels)
        how = "in another order" if same else "others"
        message = (
            f"{told} was measured with the class names {', '.join(evidence.labels)}; the model's are {', '.join(case.labels)}: "
            f"{how}, so that every figure may be about the wrong class"
        )
        yield Fault("labels-differ", message, exhibit.name, hint="measure again with the label map of this model.json")
    elif evidence.positive and case.positive and evidence.positive != case.positive:
        message = f"{told} counts {evidence.positive!r} as positive, the model {case.positive!r}"
        yield Fault("positive-differs", message, exhibit.name, hint="measure again with the model's own positive label")


def _disagreement(case: Case) -> list[Fault]:
    """Name those whose data are not the ones that most of the evidence is about."""
    usual, *_ = case.data_digests
    return [
        Fault(
            "another-data",
            f"{one.name} ({one.evidence.title}) is about data {subject.digest[:12]}, other evidence about {usual[:12]}",
            one.name,
            hint="measure everything on the same test data",
        )
        for one in case.exhibits
        for subject in one.evidence.subjects
        if subject.role is Role.DATA and subject.digest != usual
    ]
