"""The same chart for the editor and for a person's browser."""

import json
import xml.etree.ElementTree as ET

import pytest

from assay.trust.charts.chart import Chart, Line, LineChart, MatrixChart
from assay.trust.charts.svg import draw, embedded
from assay.trust.charts.vega import specification

LINES = LineChart(
    "ROC",
    "1 - specificity",
    "sensitivity",
    [Line("model", [(0, 0), (0.25, 0.75), (1, 1)]), Line("chance", [(0, 0), (1, 1)], dashed=True)],
)
MATRIX = MatrixChart("Confusion", ["healthy", "covid"], [[40, 10], [5, 45]])
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("chart", [LINES, MATRIX])
def test_a_specification_is_complete_vega_lite(chart: Chart) -> None:
    spec = json.loads(json.dumps(specification(chart), allow_nan=False))
    assert spec["$schema"].endswith("vega-lite/v5.json")
    assert spec["data"]["values"]
    assert "mark" in spec or "layer" in spec
    fields = {channel["field"] for channel in spec["encoding"].values()}
    assert fields <= set(spec["data"]["values"][0])


@pytest.mark.parametrize("chart", [LINES, MATRIX])
def test_the_drawing_keeps_its_specification(chart: Chart) -> None:
    assert embedded(draw(chart)) == specification(chart)


def test_a_line_runs_from_corner_to_corner() -> None:
    chance = ET.fromstring(draw(LINES)).findall(f".//{SVG}polyline")[1]
    assert chance.get("points") == "60.0,360.0 380.0,40.0"


def test_a_matrix_shows_its_counts() -> None:
    texts = [element.text for element in ET.fromstring(draw(MATRIX)).iter(f"{SVG}text")]
    assert {"40 (80%)", "10 (20%)", "5 (10%)", "45 (90%)"} <= set(texts)


def test_texts_cannot_become_markup() -> None:
    evil = '</metadata><script>alert("1")</script>&'
    svg = draw(MatrixChart(evil, [evil, "b"], [[1, 0], [0, 1]]))
    root = ET.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in svg
    spec = embedded(svg)
    assert spec is not None
    assert spec["title"] == evil


def test_nothing_is_fetched() -> None:
    root = ET.fromstring(draw(LINES))
    assert not [key for element in root.iter() for key in element.attrib if key.endswith(("href", "src"))]
