"""A tiny real model that passed the gate, and bundles of it; shared by the tests of several floors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from model_workshop import write_linear_model

from assay.bundle.making import Authority, Label, Made, Materials, make_bundle
from assay.signing import PrivateKey, PublicKey, Resource, Trust, new_key
from assay.store.sources import digest_source
from assay.trust.evidence.evidence import Evidence, Method, NotMeasured, Role, Subject
from assay.trust.evidence.statement import Estimate, State, Statement
from assay.trust.evidence.text import evidence_text
from assay.trust.gate import Verdict
from assay.trust.gate.policy import Signer
from assay.trust.gate.verdict import sign_override

NOW = dt.datetime(2026, 11, 1, 12, 0, tzinfo=dt.UTC)


@dataclass
class Workshop:
    """A model, evidence of it, a key that signs both verdict and bundle, and bundles made of them."""

    root: Path
    key: PrivateKey = field(default_factory=lambda: new_key("clinic"))
    now: dt.datetime = NOW

    def __post_init__(self) -> None:
        self.model = write_linear_model(self.root / "model", np.full((4, 4), 0.1))
        self.report = self.root / "report.html"
        self.report.write_text("<p>Synthetic</p>")

    @property
    def trusted(self) -> list[PublicKey]:
        """The public keys that count."""
        return [self.key.public]

    def evidence(self, name: str = "auroc.json", value: float = 0.9) -> Path:
        """Write evidence about the model."""
        subjects = [Subject(Role.MODEL, digest_source(self.model)[0]), Subject(Role.DATA, "d" * 64)]
        estimate = Estimate(value, value - 0.05, value + 0.05, n=100)
        statements = [Statement("discrimination.auroc", estimate)]
        method = Method("evaluate/classification@1.0.0", "DeLong")
        found = Evidence("How well", method, subjects, statements, {}, labels=("other", "covid"), synthetic=True)
        (self.root / name).write_text(evidence_text(found))
        return self.root / name

    def evidence_by_group(self, statements: list[Statement], not_measured: list[NotMeasured] | None = None) -> Path:
        """Write evidence about groups of patients."""
        subjects = [Subject(Role.MODEL, digest_source(self.model)[0]), Subject(Role.DATA, "d" * 64)]
        method = Method("fairness/group-metrics@1.0.0", "Wilson")
        found = Evidence("By group", method, subjects, statements, {}, not_measured=not_measured or [], synthetic=True)
        (self.root / "groups.json").write_text(evidence_text(found))
        return self.root / "groups.json"

    def verdict(
        self, evidence: list[Path], *, state: State = State.PASS, days: int = 180, signer: Signer = Signer.ANY
    ) -> Verdict:
        """Return a judgement of the model, not yet signed."""
        return Verdict(
            state=state,
            reason="all 1 required rules are met" if state is State.PASS else "1 of 1 required rules is not met",
            model=Resource("model", digest_source(self.model)[0]),
            labels=["other", "covid"],
            data=[Resource("data", "d" * 64)],
            evidence=[Resource(path.name, digest_source(path)[0]) for path in evidence],
            policy=Resource("research", "e" * 64),
            signer_asked=signer,
            rules=[],
            judged=self.now,
            expires=self.now + dt.timedelta(days=days),
            signer=self.key.name,
            key=self.key.public.id,
            trust=Trust.NAMED,
            synthetic=True,
        )

    def materials(
        self, *, state: State = State.PASS, override: bool = False, value: float = 0.9, more: Sequence[Path] = (), **how
    ) -> Materials:
        """Return what a bundle is made of; ``more`` is evidence beside the one figure."""
        evidence = [self.evidence(value=value), *more]
        verdict = self.verdict(evidence, state=state, **how)
        envelope = verdict.sign(self.key)
        against = None
        if override:
            against = sign_override(
                envelope, verdict, self.key, by="Dr. A", reason="For a demonstration only.", now=self.now
            )
        named = {path.name: path for path in evidence}
        return Materials(self.model, envelope, named, {"report.html": self.report}, against)

    def make(
        self,
        name: str = "bundle",
        *,
        version: str = "1.0.0",
        later: dt.timedelta = dt.timedelta(),
        materials: Materials | None = None,
    ) -> Made:
        """Write a bundle to ``root/name``."""
        who = Authority(self.key, self.trusted, self.now + later)
        target = self.root / name
        target.mkdir()
        return make_bundle(materials or self.materials(), Label("covid-ct", version, "Apache-2.0"), who, target)
