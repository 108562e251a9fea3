"""gate/merge-sites."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import assay
from assay import Evidence, Folder, Param, Report, Verdict, component, step
from assay.signing import Keyring, keyring_folder
from assay.trust.evidence.statement import State
from assay.trust.gate import find_policy
from assay.trust.gate.words import explanation
from assay.trust.meta.joining import REPORT, VERDICT, merge_sites
from assay.trust.meta.package import read_site


class Merged(NamedTuple):
    """What merging yields."""

    evidence: list[Evidence]
    merged_verdict: Verdict
    report: Report
    state: str
    passed: bool


@component(
    "gate/merge-sites",
    version="1.0.0",
    tags=("hospitals", "meta-analysis", "evidence", "report"),
    licence="Apache-2.0",
    requires=("cryptography", "jsonschema", "numpy", "pyyaml", "scipy"),
    cache=False,
)
def merged_sites(
    site: list[Folder],
    *,
    policy: Literal["research", "clinical-strict", "site", "tabular"] = "site",
    policy_file: Path | None = None,
    signer: str = "coordinator",
    key: Annotated[str, Param(secret=True)] = "",
    passphrase: Annotated[str, Param(secret=True)] = "",
) -> Merged:
    """Merge what several hospitals measured of one model into one multi-site report, and judge it.

    Every signature and every byte is checked again, and that the hospitals measured the same bundle in the same way on different data;
    otherwise all reasons are told. Figures are averaged by random effects (Paule and Mandel; Hartung and Knapp), with how the hospitals
    differ and where another one would lie. assay evidence merge does the same. A verdict is dated, so this step is never reused.

    Args:
        site: One from input/site-evidence for each hospital, two at least; whose keys count: all in this user's folder of keys.
        policy: The rules of the verdict over all hospitals, which come with Assay.
        policy_file: Rules of your own, in place of those.
        signer: Whose key it is; part of what is signed.
        key: The private key as PEM text, made by assay keys new; name the secret that holds it. Without one a development key signs.
        passphrase: Of the key, when it has one; name the secret that holds it.

    Returns:
        evidence: Merged evidence, one file a measurement, in the schema of any other.
        merged_verdict: The signed verdict over all hospitals, resting on exactly these files.
        report: Who measured, forest plots, every figure with the spread between hospitals: one HTML page that opens offline.
        state: pass, fail or insufficient.
        passed: Whether it is a pass, for conditions of a pipeline.
    """
    ring = Keyring(keyring_folder(os.environ))
    known, signing = ring.trusted(), ring.signing_key(signer, key, passphrase)
    found = [read_site(one.path, known) for one in site]
    target = Path(tempfile.mkdtemp(dir="."))
    now = dt.datetime.now(dt.UTC)
    made = merge_sites(found, find_policy(policy_file or policy), signing, target, now, version=assay.__version__)
    evidence = []
    for number, name in enumerate(made.merged):
        evidence.append(step.output("evidence", Evidence, suffix=".json", index=number))
        shutil.copyfile(target / name, evidence[-1].path)
    verdict, report = step.output("merged_verdict", Verdict, suffix=".json"), step.output("report", Report)
    shutil.copyfile(target / VERDICT, verdict.path)
    shutil.copyfile(target / REPORT, report.path)
    shutil.rmtree(target)
    print(f"{len(found)} hospitals: {', '.join(one.about.site for one in found)}")
    print("\n".join(explanation(made.verdict)))
    return Merged(evidence, verdict, report, str(made.verdict.state), made.verdict.state is State.PASS)
