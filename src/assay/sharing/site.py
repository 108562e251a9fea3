"""Re-evaluating a bundle at a site: measured on the site's own data, released in small, judged and signed by the site.

Whatever holds rows or pixels is written to one private temporary folder, which is removed when this ends, however it ends.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import assay
from assay.bundle.layout import Part
from assay.bundle.shelf import copy_files
from assay.bundle.source import Source
from assay.bundle.verifying import Examined
from assay.errors import AssayError
from assay.ids import StepName
from assay.model.artifacts import Artifact, ArtifactType
from assay.model.events import LoggedEvent, RunOutcome, StepKey, StepStarted
from assay.model.state import RunState
from assay.sharing.rerun import IMAGES, TABLES, Data, LeftOut, Rerun, plan_rerun
from assay.signing import PrivateKey, Trust
from assay.store import Store
from assay.trust.disclosure.release import plan_release
from assay.trust.disclosure.rounding import Limits
from assay.trust.evidence.evidence import Evidence, Role
from assay.trust.evidence.text import evidence_text, read_evidence
from assay.trust.gate import Case, Exhibit, Policy, Verdict, decide, make_verdict
from assay.trust.gate.facts import LabelMap, read_label_map
from assay.trust.meta.package import EVIDENCE, REPORT, VERDICT, About, sign_site
from assay.trust.report.about import About as Declared
from assay.trust.report.sheet import make_sheet
from assay.trust.report.sheet_html import sheet_html
from assay.workspace import STORE_FOLDER, Workspace


@dataclass(frozen=True, slots=True)
class Wish:
    """What a site asks for.

    Attributes:
        site: Its name for itself.
        key: Signs evidence and verdict.
        policy: The rules of the site's verdict.
        data: Folder of the images, or file of the table.
        table: CSV beside the images; ``None``: the first sub-folders are the labels.
        columns: What Assay calls a column to what the site's table calls it: ``patient`` to ``pid``.
        settings: Further parameters of the component that reads.
        limits: How much is told.
        unwanted: Components that are not run.
        synthetic: Whether the site's data are of no real person; ``None``: what the data say.
    """

    site: str
    key: PrivateKey
    policy: Policy
    data: Path
    table: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    unwanted: Collection[str] = ()
    synthetic: bool | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a site learned, as it may be told."""

    about: About
    verdict: Verdict
    evidence: Mapping[str, Evidence]


def evaluate(
    source: Source,
    found: Examined,
    wish: Wish,
    target: Path,
    now: dt.datetime,
    say: Callable[[str], None] = lambda _: None,
) -> Evaluated:
    """Write site evidence of an examined bundle into the empty folder ``target``.

    Args:
        source: Where the bundle was examined.
        found: The result.
        wish: What the site asks for.
        target: On any error the caller throws it away.
        now: The moment of the verdict.
        say: Is told how far it is, in words that may be read by the site.

    Raises:
        AssayError: A step failed that everything needs, the data do not fit the model, or there are too few patients.
    """
    private = Path(tempfile.mkdtemp(prefix="assay-site-"))  # mode 700
    try:
        bundle = private / "bundle"
        bundle.mkdir()
        copy_files(source, found, bundle)
        known = {item.path: read_evidence(bundle / item.path) for item in found.manifest.of(Part.EVIDENCE)}
        facts = read_label_map(bundle / Part.MODEL)
        measured, rerun, failed = _measure(private, bundle, list(known.values()), facts, wish, say)
        release = plan_release(
            list(measured.values()), wish.limits, _stand_in(measured.values(), wish.key), list(known.values())
        )
        told = {name: release.of(one) for name, one in measured.items()}
        if wish.synthetic is not None:
            told = {name: replace(one, synthetic=wish.synthetic) for name, one in told.items()}
        about = About(
            site=wish.site,
            bundle=(found.manifest.name, found.manifest.version, found.digest),
            model=found.manifest.model,
            fewest=wish.limits.fewest,
            step=wish.limits.step,
            made=now.astimezone(dt.UTC).replace(microsecond=0),
            left_out=[(one.component, one.why) for one in (*rerun.left_out, *failed)],
        )
        return _write(target, told, about, facts, wish, now)
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _measure(
    private: Path,
    bundle: Path,
    known: Sequence[Evidence],
    facts: LabelMap,
    wish: Wish,
    say: Callable[[str], None],
) -> tuple[dict[str, Evidence], Rerun, list[LeftOut]]:
    """Run the bundle's trust pipeline in the private folder; return what it measured by the name of its step."""
    workspace = Workspace(private, Store.open(private / STORE_FOLDER))
    rerun = plan_rerun(known, bundle, _data(wish, facts), workspace.catalog.resolve, wish.unwanted)
    for one in rerun.left_out:
        say(f"not measured again: {one.component}: {one.why}")
    file = private / "site.pipeline.yaml"
    file.write_text(rerun.text, encoding="utf-8")

    def observe(logged: LoggedEvent) -> None:
        if isinstance(logged.event, StepStarted):
            say(f"{logged.event.key} …")

    result = workspace.run(workspace.check(workspace.load(file)), observe=observe)
    state = workspace.state(result.run)
    if result.outcome is RunOutcome.CANCELLED:
        raise AssayError("the evaluation was cancelled: nothing was written", culprit=wish.site)
    _need(state, ["bundle", "data", "predict"])
    measured, failed = {}, []
    for step, component in rerun.measuring.items():
        outputs = state.step(_key(step)).outputs.values()
        made = [one for one in outputs if isinstance(one, Artifact) and one.type is ArtifactType.EVIDENCE]
        if made:
            measured[step] = read_evidence(workspace.store.objects.path(made[0]))
        else:
            say(f"{step}: {_failure(state, step)}")
            failed.append(LeftOut(component, "it failed on the data of this site"))
    if not measured:
        raise AssayError("nothing of the bundle's evidence could be measured on these data", culprit=wish.site)
    return measured, rerun, failed


def _need(state: RunState, steps: Sequence[str]) -> None:
    for step in steps:
        if not state.step(_key(step)).status.finished:
            raise AssayError(f"step {step}: {_failure(state, step)}", culprit=step)


def _failure(state: RunState, step: str) -> str:
    failure = state.step(_key(step)).failure
    return f"{failure.message}{f'; {failure.hint}' if failure.hint else ''}" if failure else "it did not run"


def _data(wish: Wish, facts: LabelMap) -> Data:
    """Return how the data are read; labels and the positive one are those of the model."""
    if facts.facts.get("kind") == "table":
        named = {"label", "patient", "row", "split"}
        roles = {key: value for key, value in wish.columns.items() if key in named}
        rename = {value: key for key, value in wish.columns.items() if key not in named}
        read: dict[str, Any] = {"file": str(wish.data), "label": "label", "positive": facts.positive, **roles}
        return Data(TABLES, read | ({"rename": rename} if rename else {}) | dict(wish.settings))
    settings: dict[str, Any] = {"folder": str(wish.data), "labels": list(facts.labels), "positive": facts.positive}
    if wish.table is not None:
        settings |= {"table": str(wish.table)} | {f"{key}_column": value for key, value in wish.columns.items()}
    return Data(IMAGES, settings | dict(wish.settings))


def _stand_in(measured: Collection[Evidence], key: PrivateKey) -> str:
    """Return what stands for the digest of the data: the same whenever this key's site measures them, not to be guessed by anybody else."""
    digests = sorted({one.digest for each in measured for one in each.subjects if one.role is Role.DATA})
    return hashlib.sha256(key.sign(b"assay site data " + "".join(digests).encode())).hexdigest()


def _write(
    target: Path, told: Mapping[str, Evidence], about: About, facts: LabelMap, wish: Wish, now: dt.datetime
) -> Evaluated:
    (target / EVIDENCE).mkdir()
    exhibits = []
    files: dict[str, Evidence] = {}
    for name, evidence in told.items():
        path, text = f"{EVIDENCE}/{name}.json", evidence_text(evidence)
        (target / path).write_text(text, encoding="utf-8")
        files[path] = evidence
        exhibits.append(Exhibit(path, hashlib.sha256(text.encode()).hexdigest(), evidence))
    case = Case(about.model, facts.labels, facts.positive, exhibits)
    decision = decide(wish.policy, exhibits, development=wish.key.trust is Trust.DEVELOPMENT)
    provenance = {"site": about.site, "assay": assay.__version__, "bundle": " ".join(about.bundle[:2])}
    verdict = make_verdict(decision, case, wish.policy, wish.key, now=now, provenance=provenance)
    (target / VERDICT).write_text(verdict.sign(wish.key).text(), encoding="utf-8")
    declared = Declared({"name": f"{about.bundle[0]} {about.bundle[1]} at {about.site}"})
    (target / REPORT).write_text(sheet_html(make_sheet(verdict, exhibits, declared)), encoding="utf-8")
    sign_site(target, about, wish.key)
    return Evaluated(about, verdict, files)


def _key(step: str) -> StepKey:
    return StepKey(StepName(step))
