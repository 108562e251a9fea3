"""The trust report in headless Chromium: shown, printed, and broken out of by nobody.

Run by ``make web``; needs a Chromium on the PATH.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay import Evidence, Model, step
from assay.library.gate.judge import judge
from assay.library.gate.override import override
from assay.library.gate.report import report
from assay.trust.evidence.evidence import Evidence as Facts
from assay.trust.evidence.evidence import EvidenceFigure, Method, Role, Subject
from assay.trust.evidence.kinds import Block
from assay.trust.evidence.statement import Estimate, Statement
from assay.trust.evidence.text import evidence_text

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80" onload="document.title=\'owned\'">'
    '<script>document.title="owned"</script><image href="http://127.0.0.1:9/x" width="5" height="5"/>'
    '<rect width="80" height="80" fill="#00f"/></svg>'
)


@pytest.fixture(scope="module")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    assert found, f"none of {', '.join(names)} is installed (Debian: apt-get install chromium)"
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A report over evidence of somebody who means no good, overridden."""
    root = tmp_path_factory.mktemp("trust")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_KEYS", str(root / "keys"))
        (root / "model").mkdir()
        (root / "model" / "model.json").write_text(json.dumps({"labels": [HOSTILE, "covid"], "positive": "covid"}))
        model = Model(root / "model")
        facts = Facts(
            title=HOSTILE,
            method=Method("a/b@1", HOSTILE),
            subjects=[Subject(Role.MODEL, step.digest(model))],
            statements=[
                Statement("discrimination.auroc", Estimate(0.6, 0.45, 0.7, n=100)),
                Statement("fairness.tpr", Estimate(0.9, 0.8, 0.95, n=60), on={"sex": HOSTILE}),
                Statement("fairness.tpr", Estimate(0.9, 0.8, 0.95, n=60), on={"site": "مستشفى" + "x" * 150}),
            ],
            samples={"patients": 100},
            labels=[HOSTILE, "covid"],
            figures=[EvidenceFigure("a", HOSTILE, Block.DISCRIMINATION, svg=SVG)],
            synthetic=True,
        )
        (root / "evidence.json").write_text(evidence_text(facts))
        evidence = [Evidence(root / "evidence.json")]
        verdict = judge(model, evidence).verdict
        against = override(verdict, by=HOSTILE, reason="A reason of several words.").override
        written = report(verdict, evidence, against, about={"name": HOSTILE})
    return written.report.path


def chromium(browser: str, folder: Path, *arguments: str, width: int = 1200) -> subprocess.CompletedProcess[str]:
    command = [
        browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={folder}/profile",
        "--enable-logging=stderr", f"--window-size={width},3000", *arguments,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)


def test_no_name_and_no_drawing_breaks_out(browser, page, tmp_path):
    log = tmp_path / "net.json"
    quiet = "--disable-background-networking"
    shown = chromium(browser, tmp_path, f"--log-net-log={log}", quiet, "--dump-dom", page.as_uri())
    assert "owned</title>" not in shown.stdout.replace(" ", "")
    assert "&lt;img src=x onerror" in shown.stdout
    assert "Content Security Policy" not in shown.stderr
    assert "CONSOLE" not in shown.stderr
    assert "127.0.0.1:9" not in log.read_text(encoding="utf-8", errors="replace")


def test_the_override_is_red_above_everything(browser, page, tmp_path):
    picture = tmp_path / "report.png"
    chromium(browser, tmp_path, f"--screenshot={picture}", page.as_uri())
    colours = np.asarray(Image.open(picture).convert("RGB")).astype(int)
    red = (abs(colours - [0xC0, 0, 0]).sum(axis=2) < 12).sum(axis=1)
    first = int(np.flatnonzero(red > 600)[0])
    brown = (abs(colours - [0x7A, 0x1F, 0x1F]).sum(axis=2) < 12).sum(axis=1)
    assert first < int(np.flatnonzero(brown > 600)[0])
    assert (abs(colours - [0, 0, 255]).sum(axis=2) < 12).sum() > 3000  # the drawing is shown, as a picture


@pytest.mark.parametrize("width", [500, 1200])
def test_long_names_do_not_push_the_page_sideways(browser, page, tmp_path, width):
    picture = tmp_path / "report.png"
    chromium(browser, tmp_path, f"--screenshot={picture}", "--hide-scrollbars", page.as_uri(), width=width)
    grey = np.asarray(Image.open(picture).convert("L"))
    assert (grey[:, -6:] > 250).all()  # the right margin stays white
    assert 0.01 < float((grey < 128).mean()) < 0.6


def test_it_prints_on_paper_with_its_marks(browser, page, tmp_path):
    paper = tmp_path / "report.pdf"
    chromium(browser, tmp_path, f"--print-to-pdf={paper}", "--no-pdf-header-footer", page.as_uri())
    assert paper.read_bytes().startswith(b"%PDF-")
    assert paper.stat().st_size > 20_000
