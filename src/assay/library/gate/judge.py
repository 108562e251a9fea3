"""gate/judge."""

from __future__ import annotations

import datetime as dt
import os
import platform
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import assay
from assay import ComponentError, Dataset, Evidence, Images, Model, Param, Predictions, Verdict, component, step
from assay.errors import Fault, InvalidDocument
from assay.signing import Keyring, Trust, keyring_folder
from assay.trust.evidence.text import read_evidence
from assay.trust.gate import Case, Exhibit, Policy, Refused, decide, find_policy, make_verdict, mismatched
from assay.trust.gate.alignment import misaligned
from assay.trust.gate.facts import LabelMap, read_label_map
from assay.trust.gate.words import explanation
from assay.trust.performance.origin import NOWHERE, Origin


class Judged(NamedTuple):
    """What the gate yields."""

    verdict: Verdict
    state: str
    passed: bool


@component(
    "gate/judge",
    version="1.0.0",
    tags=("trust", "policy", "signature"),
    licence="Apache-2.0",
    requires=("cryptography", "jsonschema", "pandas", "pyyaml"),
    cache=False,
)
def judge(
    model: Model,
    evidence: list[Evidence],
    images: Images | None = None,
    table: Dataset | None = None,
    predictions: Predictions | None = None,
    *,
    policy: Literal["research", "clinical-strict", "site", "tabular"] = "research",
    policy_file: Annotated[Path | None, Param(path="file")] = None,
    signer: str = "gate",
    key: Annotated[str, Param(secret=True)] = "",
    passphrase: Annotated[str, Param(secret=True)] = "",
) -> Judged:
    """Hold all evidence against a policy and sign the verdict: pass, fail or insufficient evidence, with a reason for each rule.

    Evidence of another model, of other data, or with class names in another order is refused by name; so are predictions whose truth and
    scores were shuffled apart. Without a key it signs with a development key of this user, made on first use, and says so; a policy may
    refuse that. A verdict is dated and expires, so this step is never reused.

    Args:
        model: The model under judgement.
        evidence: Every trust result about it.
        images: The test images that everything was measured on; checked against the evidence.
        table: The test table, for models over tables.
        predictions: The predictions that everything was measured on; their rows are checked, with images against their labels.
        policy: A policy that comes with Assay: assay policy show NAME prints it.
        policy_file: A policy of your own, in place of those.
        signer: Whose key it is; part of what is signed.
        key: The private key as PEM text, made by assay keys new; name the secret that holds it.
        passphrase: Of the key, when it has one; name the secret that holds it.

    Returns:
        verdict: The signed verdict: a DSSE envelope with an in-toto statement.
        state: pass, fail or insufficient.
        passed: Whether it is a pass, for conditions of a pipeline.
    """
    rules, facts = _policy(policy_file or policy), read_label_map(model.path)
    case = _case(model, facts, evidence, images or table, predictions)
    faults = mismatched(case)
    if images is not None and predictions is not None:
        faults += _untrue(predictions, images)
    if faults:
        raise Refused(faults)
    signing = Keyring(keyring_folder(os.environ)).signing_key(signer, key, passphrase)
    decision = decide(rules, case.exhibits, development=signing.trust is Trust.DEVELOPMENT)
    verdict = make_verdict(decision, case, rules, signing, now=dt.datetime.now(dt.UTC), provenance=_provenance(facts))
    written = step.output("verdict", Verdict, suffix=".json")
    written.path.write_text(verdict.sign(signing).text(), encoding="utf-8")
    print("\n".join(explanation(verdict)))
    return Judged(written, str(verdict.state), decision.passed)


def _policy(which: Path | str) -> Policy:
    try:
        return find_policy(which)
    except InvalidDocument as error:
        raise ComponentError(
            str(error), culprit=str(which), hint="'assay policy check FILE' shows the places"
        ) from None


def _case(
    model: Model,
    facts: LabelMap,
    evidence: list[Evidence],
    data: Images | Dataset | None,
    predictions: Predictions | None,
) -> Case:
    digests = {step.digest(one): one for one in evidence}
    origin = _rows(predictions) if predictions is not None else NOWHERE
    return Case(
        model=step.digest(model),
        labels=facts.labels,
        positive=facts.positive,
        exhibits=[Exhibit(one.path.name, digest, read_evidence(one.path)) for digest, one in digests.items()],
        data=step.digest(data) if data is not None else "",
        predictions=step.digest(predictions) if predictions is not None else "",
        answered=(origin.model, origin.data),
    )


def _rows(predictions: Predictions) -> Origin:
    """Return where the predictions come from; rows whose truth and score were parted are refused by name."""
    from assay.trust.performance.table import read_predictions  # pandas: only when there are predictions to look at

    return read_predictions(predictions).origin


def _untrue(predictions: Predictions, images: Images) -> list[Fault]:
    """Return what is wrong with the truth in the predictions against the images' own index, case by case."""
    import pandas as pd  # as above

    from assay.data.images import read_index

    index = read_index(images)
    rows = pd.read_csv(predictions, dtype=str, keep_default_na=False, encoding="utf-8")
    if "file" not in rows.columns:
        raise ComponentError(
            "the predictions do not say which file each row is about", culprit="file", hint="see docs/formats.md"
        )
    cases = list(zip(rows["file"], rows["label"], strict=True))
    return misaligned(cases, dict(zip(index["file"], index["label"], strict=True)))


def _provenance(facts: LabelMap) -> dict[str, object]:
    return {
        "assay": assay.__version__,
        "python": platform.python_version(),
        "training": facts.facts.get("training", {}),
        "threshold": facts.facts.get("threshold", {}),
    }
