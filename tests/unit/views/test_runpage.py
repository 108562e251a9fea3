"""A run as one page: what stands in it, and that nothing gets out of it."""

import base64
import datetime as dt
import html
import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest

from assay.ids import Digest, PortName, StepName
from assay.model.artifacts import Artifact, ArtifactType, Value
from assay.model.events import Failure, StepKey
from assay.model.state import RunState, StepStatus
from assay.views.runpage import page as module
from assay.views.runpage import run_page

EVIL = "</pre><script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(1)>\u202e"
NOW = dt.datetime(2026, 11, 27, 6, 0, tzinfo=dt.UTC)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n...").decode()
DOCUMENT = """assay: 1
name: toy
description: <b>Toy</b>
steps:
  make: {use: ./steps.py:make, with: {size: 3}}
  fair: {use: fairness/group-metrics, in: {predictions: make.table}}
  last: {use: ./steps.py:last, after: [fair]}
"""
EVIDENCE = {
    "title": EVIL,
    "synthetic": True,
    "caveats": [EVIL, 3],
    "statements": [
        {"id": "fairness.tpr", "on": {"sex": EVIL}, "estimate": {"value": 0.8, "low": 0.7, "high": 0.9, "n": 40}},
        {"id": "fairness.gap", "estimate": {"value": 0.2, "low": 0.1, "high": 0.3, "n": 9}, "state": "fail"},
    ],
    "not_measured": [{"id": "fairness.auroc", "why": EVIL}, 3],
    "figures": [
        {
            "title": EVIL,
            "svg": f"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>{EVIL}</svg>",
            "specification": {"data": {"values": [{"label": EVIL, "value": 0.1234567, "order": 0}, 3]}},
        },
        {"title": "pixels", "png": PNG},
        {"title": "none", "png": "no base64"},
        "odd",
    ],
}


@pytest.fixture
def store(tmp_path):
    """A store whose artifacts are files named by the first letter of their digest."""

    def path(artifact):
        return tmp_path / artifact.digest[0]

    def log_file(run, key, attempt):
        return tmp_path / f"{key}.{attempt}.log"

    events = SimpleNamespace(events=lambda run: [])
    return SimpleNamespace(objects=SimpleNamespace(path=path), log_file=log_file, runs=events)


@pytest.fixture
def state(tmp_path):
    (tmp_path / "e").write_text(json.dumps(EVIDENCE))
    (tmp_path / "v").write_text("no verdict")
    (tmp_path / "make.1.log").write_text("".join(f"line {n}\n" for n in range(100)) + "\x1b[31mred\x1b[0m " + EVIL)
    found = RunState("toy", "/data/someone/toy.pipeline.yaml", DOCUMENT, version="0.1", params={"size": EVIL})
    make = found.step(StepKey(StepName("make")))
    make.status, make.seconds, make.attempt, make.metrics = StepStatus.SUCCEEDED, 1.5, 1, {"rows": 3.0}
    make.outputs = {PortName("n"): Value(EVIL)}
    fair = found.step(StepKey(StepName("fair")))
    fair.status = StepStatus.REUSED
    fair.outputs = {
        PortName(name): Artifact(Digest(name[0] * 64), kind, folder=False, size=9)
        for name, kind in (("evidence", ArtifactType.EVIDENCE), ("verdict", ArtifactType.VERDICT))
    }
    last = found.step(StepKey(StepName("last")))
    last.status, last.failure = StepStatus.FAILED, Failure("raised", EVIL, f"Traceback\n{EVIL}", "")
    return found


@pytest.fixture
def page(store, state):
    row = SimpleNamespace(id="20261127-1", status="failed", started=1_790_000_000.0, finished=1_790_000_061.0)
    return run_page(store, row, state, NOW)


class Tags(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_nothing_that_a_stranger_wrote_becomes_markup(page):
    assert "\u202e" not in page
    found = Tags(page).found
    assert not {tag for tag, _ in found} & {"script", "iframe", "object", "embed", "form", "base", "link", "svg"}
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    sources = [value for _, attributes in found for name, value in attributes.items() if name in {"src", "href"}]
    assert sources
    assert all(source.startswith(("data:image/", "#")) for source in sources)
    assert "&lt;script&gt;" in page


def test_its_policy_allows_its_own_style_and_nothing_else(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "script" not in policy[1]
    assert "unsafe" not in policy[1]


def test_it_tells_steps_figures_evidence_logs_and_origin(page):
    text = html.unescape(page)
    assert '<td data-state="succeeded">succeeded</td><td class="number">1.50 s</td>' in page
    assert '<td data-state="reused">' in page
    for part in (
        "make.rows",
        "fair: fairness.gap",
        "0.1 \N{EN DASH} 0.3",
        "0.1235",
        "Synthetic data",
        "not measured",
        "e" * 64,
    ):
        assert part in text, part
    assert page.count("<figure>") == 3
    assert page.count("data:image/png") == 1
    assert "fair.verdict holds no verdict that can be read" in text
    assert "toy.pipeline.yaml" in text
    assert "/data/someone" not in text


def test_the_end_of_a_log_is_told_and_a_failure_is_open(page):
    text = html.unescape(page)
    assert "line 99\nred " in text
    assert "line 10\n" not in text
    assert re.search(r'<details open><summary>last \(failed\)</summary><pre class="failure">', page)


def test_the_picture_says_how_each_step_went(page):
    drawings = [base64.b64decode(data).decode() for data in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)]
    pipeline = drawings[0]
    assert "✔ succeeded 1.50 s" in pipeline
    assert "≡ reused" in pipeline
    assert "✘ failed" in pipeline
    ET.fromstring(pipeline)


def test_a_run_of_a_file_that_cannot_be_read_any_more_is_told_all_the_same(store, state):
    state.document = "{"
    row = SimpleNamespace(id="r", status="running", started=0.0, finished=None)
    page = run_page(store, row, state, NOW)
    assert "make" in page
    assert "The pipeline file as it ran" in page


def test_what_is_too_long_is_left_out_and_said(store, state, tmp_path):
    figure = {"title": "big", "svg": "<svg>" + "x" * 3_000_000 + "</svg>"}
    (tmp_path / "e").write_text(
        json.dumps({**EVIDENCE, "figures": [figure] * 3, "statements": EVIDENCE["statements"] * 2})
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ROOM", 7_000_000)
        row = SimpleNamespace(id="r", status="succeeded", started=0.0, finished=1.0)
        page = run_page(store, row, state, NOW)
    assert page.count("<figure>") == 2
    assert "1 figures are left out" in page


CURVE = {
    "title": f"Learning curve {EVIL}",
    "data": {"values": [{"line": "validation loss", "x": n, "y": 0.123456 / n, "order": n} for n in (1, 2)]},
}


def drawn(specification):
    kept = html.escape(json.dumps(specification))
    return f'<svg xmlns="http://www.w3.org/2000/svg"><metadata class="vega-lite">{kept}</metadata>{EVIL}</svg>'


@pytest.fixture
def with_figures(store, state, tmp_path):
    """The page when a step gave drawings too, each in a file that is named by a letter."""

    def page(step, **texts):
        given = state.step(StepKey(StepName(step)))
        for letter, text in texts.items():
            (tmp_path / letter).write_bytes(text if isinstance(text, bytes) else text.encode())
            suffix = ".png" if letter == "p" else ".svg"
            figure = Artifact(Digest(letter * 64), ArtifactType.FIGURE, folder=False, size=9, suffix=suffix)
            given.outputs = {**given.outputs, PortName(letter): figure}
        row = SimpleNamespace(id="r", status="succeeded", started=0.0, finished=1.0)
        return run_page(store, row, state, NOW)

    return page


def test_the_learning_curve_of_a_step_stands_on_the_page_with_its_numbers(with_figures):
    page = with_figures("make", c=drawn(CURVE))
    section = html.unescape(page[page.index('id="drawings"') : page.index('id="evidence"')])
    assert "make: Learning curve" in section
    assert section.count("<figure>") == 1
    assert "<summary>Numbers (2)</summary>" in section
    assert [part for part in ("line", "x", "y", "validation loss", "0.1235", "0.06173") if part not in section] == []
    assert ">order<" not in section
    assert not {tag for tag, _ in Tags(page).found} & {"script", "iframe", "svg", "metadata"}


def test_a_figure_that_stands_in_the_evidence_of_its_step_is_not_shown_twice(with_figures):
    (figure,) = [one for one in EVIDENCE["figures"] if isinstance(one, dict) and "specification" in one]
    page = with_figures("fair", c=drawn({"title": "again", **figure["specification"]}))
    assert 'id="drawings"' not in page


@pytest.mark.parametrize(
    "text",
    ["<svg/>", b"\xff", drawn([]), drawn({"title": "no numbers"}), '<metadata class="vega-lite">{</metadata>'],
)
def test_a_drawing_without_numbers_is_left_out(with_figures, text):
    assert 'id="drawings"' not in with_figures("make", c=text)


def test_a_picture_is_no_drawing_and_too_many_drawings_are_left_out_and_said(with_figures, monkeypatch):
    assert 'id="drawings"' not in with_figures("make", p=drawn(CURVE))
    monkeypatch.setattr(module, "_ROOM_BESIDE", len(drawn(CURVE)) + 1)
    page = with_figures("make", c=drawn(CURVE), d=drawn({**CURVE, "title": "Second"}))
    section = page[page.index('id="drawings"') : page.index('id="evidence"')]
    assert section.count("<figure>") == 1
    assert "More figures are left out" in section
