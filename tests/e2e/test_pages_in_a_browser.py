"""The pages we write, in headless Chromium: they show, they load nothing, and their own policy is not broken.

Run by ``make web``; needs a Chromium on the PATH.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay import Predictions
from assay.library.evaluate.classification import classification

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HOSTILE = "<script>document.title='owned'</script><img src=http://127.0.0.1:9/x>"


@pytest.fixture(scope="module")
def browser():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert found, f"none of {', '.join(BROWSERS)} is installed (Debian: apt-get install chromium)"
    return found


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """A report over synthetic predictions, one label of which tries to break out of the page."""
    folder = tmp_path_factory.mktemp("report")
    random = np.random.default_rng(0)
    with (folder / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "patient", "label", "score", "predicted", "positive", "threshold", "synthetic", "sex"])
        for patient in range(60):
            ill = patient % 3 == 0
            score = float(np.clip(random.normal(0.35 + 0.3 * ill, 0.15), 0, 1))
            table.writerow(
                [f"{patient}.png", f"p{patient}", "covid" if ill else HOSTILE, score, "", "covid", 0.5, True, "F"]
            )
    result = classification(Predictions(folder / "predictions.csv"), draws=200)
    page = folder / "report.html"
    shutil.copy(result.report.path, page)
    return page


def chromium(browser: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={folder}/profile",
        "--enable-logging=stderr", "--window-size=1200,2400", *arguments,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)


def test_the_report_shows_and_keeps_its_own_policy(browser, report, tmp_path):
    shown = chromium(browser, tmp_path, "--dump-dom", report.as_uri())
    assert "Content Security Policy" not in shown.stderr
    assert "CONSOLE" not in shown.stderr
    assert "owned" not in shown.stdout.split("</title>")[0]
    assert "&lt;script&gt;" in shown.stdout
    assert "SYNTHETIC" in shown.stdout.upper()
    assert shown.stdout.count("<svg") >= 3


def test_the_report_asks_the_network_for_nothing(browser, report, tmp_path):
    log = tmp_path / "net.json"
    chromium(
        browser, tmp_path, f"--log-net-log={log}", "--disable-background-networking", "--dump-dom", report.as_uri()
    )
    assert "127.0.0.1:9" not in log.read_text(encoding="utf-8", errors="replace")


def test_the_report_is_a_page_with_ink_on_it(browser, report, tmp_path):
    picture = tmp_path / "report.png"
    chromium(browser, tmp_path, f"--screenshot={picture}", report.as_uri())
    grey = np.asarray(Image.open(picture).convert("L"))
    assert grey.shape == (2400, 1200)
    assert 0.01 < float((grey < 128).mean()) < 0.5
