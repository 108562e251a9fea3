"""A report over hostile, long and right-to-left names."""

from __future__ import annotations

import base64
import datetime as dt
import io

import pytest
from PIL import Image

from assay.signing import Trust, new_key
from assay.trust.charts.chart import Line, LineChart
from assay.trust.charts.svg import draw
from assay.trust.charts.vega import specification
from assay.trust.evidence.evidence import (
    HARDEST,
    Cost,
    Evidence,
    EvidenceFigure,
    Method,
    NotMeasured,
    Role,
    Subject,
    Table,
)
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.statement import Criterion, Estimate, Statement
from assay.trust.gate import Case, Exhibit, Override, decide, find_policy, make_verdict, sign_override
from assay.trust.report.about import About
from assay.trust.report.sheet import make_sheet

HOSTILE = "<img src=x onerror=alert(1)>|`*x*`](javascript:x)"
HEBREW = "זכר"
LONG = "case-" + "0123456789" * 12 + ".png"
NOW = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)


def png():
    file = io.BytesIO()
    Image.new("L", (4, 4), 128).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def pieces(synthetic=True):
    chart = LineChart("ROC", "1 - specificity", "sensitivity", [Line("model", [(0, 0), (0.1, 0.8), (1, 1)])])
    figures = [
        EvidenceFigure("roc", "ROC curve", Block.DISCRIMINATION, specification(chart), draw(chart)),
        EvidenceFigure("heat", "A heat map", Block.EXPLANATION, png=png()),
        EvidenceFigure("bad", "A broken drawing", Block.EXPLANATION, svg="<svg onload=alert(1)><script>"),
    ]
    statements = [
        Statement("discrimination.auroc", Estimate(0.93, 0.88, 0.97, n=120, rows=480)),
        Statement("discrimination.sensitivity", Estimate(0.95, 0.9, 0.99, n=60)),
        Statement("fairness.tpr", Estimate(0.7, 0.4, 0.9, n=12), on={"sex": HOSTILE}),
        Statement("fairness.tpr", Estimate(0.96, 0.9, 0.99, n=90), on={"sex": HEBREW}),
        Statement("leakage.patients", Estimate(0, 0, 0, n=240), on={"parts": "train and test"}),
        Statement.judged("calibration.ece", Estimate(0.05, 0.02, 0.08, n=120), Criterion(most=0.1)),
    ]
    return Evidence(
        title="How well",
        method=Method("evaluate/classification@1.1.0", "DeLong", "assay", "0.1.0", "DeLong 1988"),
        subjects=[Subject(Role.MODEL, "a" * 64), Subject(Role.DATA, "d" * 64)],
        statements=statements,
        samples={"patients": 120, "rows": 480},
        labels=("other", "covid"),
        positive="covid",
        seed=0,
        synthetic=synthetic,
        not_measured=[NotMeasured("fairness.fpr", "no negatives of known sex", {"sex": "F"})],
        tables=[
            Table(HARDEST, "Hardest cases", ["case", "error", "score"], [[LONG, "missed", 0.01], ["b", "alarm", 0.9]])
        ],
        figures=figures,
        caveats=["PPV follows prevalence."],
        cost=Cost(1.2, 2.0, 480),
    )


@pytest.fixture
def make():
    """Return a function that makes the sheet."""

    def make(policy="research", overridden=False, named=False, synthetic=True, **about):
        key = new_key("clinic") if named else new_key("development", Trust.DEVELOPMENT)
        exhibit = Exhibit("one.json", "e" * 64, pieces(synthetic))
        case, rules = Case("a" * 64, ("other", "covid"), "covid", [exhibit]), find_policy(policy)
        decision = decide(rules, [exhibit], development=not named)
        verdict = make_verdict(
            decision, case, rules, key, now=NOW, provenance={"training": {"seed": 7, "network": "small"}}
        )
        override = None
        if overridden:
            signed = sign_override(verdict.sign(key), verdict, key, by="Dr. A", reason="For a trial.", now=NOW)
            override = Override.read(signed, "o")
        return make_sheet(verdict, [exhibit], About({"name": f"COVID {HOSTILE}"} | about), override)

    return make
