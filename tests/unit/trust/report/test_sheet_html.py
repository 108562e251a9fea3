"""The page: nothing in evidence can break out of it, and every chart has its numbers."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from assay.trust.evidence.kinds import Block
from assay.trust.report.sheet_html import sheet_html


class Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self.inside = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.inside.append(tag)

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def text(make):
    return sheet_html(make(overridden=True))


def test_the_verdict_comes_first(text):
    order = [
        "OVERRIDDEN by Dr. A",
        "Synthetic data",
        "PASS: the model may be published",
        "Rules of the policy",
        "1. Intended use",
        "14. Monitoring",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_no_name_becomes_markup(text):
    page = Page(text)
    assert not {"script", "iframe", "object", "link", "form", "svg"} & set(page.tags)
    assert not [attribute for attribute in page.attributes if attribute[1].startswith("on")]
    assert all(value.startswith("data:image/") for tag, name, value in page.attributes if (tag, name) == ("img", "src"))
    assert all(value.startswith("#") for _, name, value in page.attributes if name == "href")
    assert "<img src=x onerror=alert(1)>" in "".join(page.text)


def test_the_policy_of_the_page_allows_its_style_and_pictures_of_its_own_alone(text):
    policy = next(value for tag, name, value in Page(text).attributes if (tag, name) == ("meta", "content"))
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; img-src data:"
    )
    assert "http:" not in re.sub(r"data:image/[^\"]+", "", text)


def test_names_of_either_direction_find_their_own(text):
    assert re.search(r'<td dir="auto">sex זכר</td>', text)


def test_a_drawing_is_a_picture_in_which_nothing_runs(text):
    sources = [value for tag, name, value in Page(text).attributes if (tag, name) == ("img", "src")]
    assert len(sources) == 3
    assert b"<script>" in base64.b64decode(
        next(s for s in sources if b"onload" in base64.b64decode(s.partition(",")[2])).partition(",")[2]
    )


def test_every_chart_has_its_numbers(text):
    assert "<summary>3 numbers</summary>" in text or re.search(r"<summary>\d+ numbers</summary>", text)
    assert re.search(r'<td class="number">0\.8</td>', text)


def test_something_that_is_no_png_is_not_shown(make):
    sheet = make()
    figure = sheet.section(Block.EXPLANATION).figures[0]
    object.__setattr__(figure, "png", base64.b64encode(b"<svg onload=alert(1)>").decode())
    object.__setattr__(figure, "svg", "")
    assert "image/png" not in sheet_html(sheet)


def test_figures_that_decide_come_first_and_many_others_are_folded_away(make):
    sheet = make()
    section = sheet.section(Block.DISCRIMINATION)
    assert [row.state for row in section.rows] == ["pass", "told only"]
    object.__setattr__(section, "rows", [section.rows[0], *[section.rows[1]] * 30])
    text = sheet_html(sheet)
    assert "<summary>30 more figures, which nobody asked a bound of</summary>" in text
    assert text.index("low &gt;= 0.6 (better-than-chance") < text.index("30 more figures")
