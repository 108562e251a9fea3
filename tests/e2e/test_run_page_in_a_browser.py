"""The page of a run in headless Chromium: opened from disk, shown, printed, and broken out of by nobody.

Run by ``make web``; needs a Chromium on the PATH.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PROJECT = Path(__file__).parents[2] / "web/e2e/project"
PIPELINE = """assay: 1
name: trust
description: <script>document.title='owned'</script>
steps:
  said: {use: ./trust.py:said}
  rank: {use: evaluate/classification, in: {predictions: said.predictions}, with: {draws: 100}}
  groups: {use: fairness/group-metrics, in: {predictions: said.predictions}, with: {draws: 100}}
  judge: {use: gate/judge, in: {model: said.model, evidence: [rank.evidence, groups.evidence]}}
"""


@pytest.fixture(scope="module")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    assert found, f"none of {', '.join(names)} is installed (Debian: apt-get install chromium)"
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of a real run: a model that never was, evidence, a verdict."""
    root = tmp_path_factory.mktemp("run")
    shutil.copy(PROJECT / "trust.py", root)
    (root / "trust.pipeline.yaml").write_text(PIPELINE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_KEYS", str(root / "keys"))
        for arguments in (["run", "trust.pipeline.yaml"], ["show", "last", "--html", "page.html"]):
            command = [sys.executable, "-c", "from assay.cli import main; main()", *arguments]
            subprocess.run(command, cwd=root, check=True, capture_output=True)
    return root / "page.html"


def chromium(browser: str, folder: Path, *arguments: str, width: int = 1200) -> subprocess.CompletedProcess[str]:
    command = [
        browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={folder}/profile",
        "--enable-logging=stderr", f"--window-size={width},3000", *arguments,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)


def test_it_opens_offline_and_keeps_its_own_policy(browser, page, tmp_path):
    log = tmp_path / "net.json"
    quiet = "--disable-background-networking"
    shown = chromium(browser, tmp_path, f"--log-net-log={log}", quiet, "--dump-dom", page.as_uri())
    assert "Content Security Policy" not in shown.stderr
    assert "CONSOLE" not in shown.stderr
    assert "<title>Run " in shown.stdout
    for part in (
        "better-than-chance",
        "Rates by group",
        "discrimination.auroc",
        "The end of each log",
        "data:image/svg+xml",
    ):
        assert part in shown.stdout, part
    assert "http" not in page.read_text(encoding="utf-8").replace("http-equiv", "")


def test_it_is_a_page_with_ink_and_pictures_on_it(browser, page, tmp_path):
    picture = tmp_path / "page.png"
    chromium(browser, tmp_path, f"--screenshot={picture}", "--hide-scrollbars", page.as_uri())
    colours = np.asarray(Image.open(picture).convert("RGB")).astype(int)
    assert 0.01 < float((colours.mean(axis=2) < 128).mean()) < 0.5
    assert (abs(colours - [0x15, 0x80, 0x3D]).sum(axis=2) < 12).sum() > 50  # the edge of a step that evaluates
    assert (colours[:, -6:] > 250).all()


def test_it_prints_with_its_numbers(browser, page, tmp_path):
    paper = tmp_path / "page.pdf"
    chromium(browser, tmp_path, f"--print-to-pdf={paper}", "--no-pdf-header-footer", page.as_uri())
    assert paper.read_bytes().startswith(b"%PDF-")
    assert paper.stat().st_size > 50_000
