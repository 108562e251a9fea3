"""The same chart for the editor and for a person's browser."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from assay.trust.charts.chart import Chart, IntervalChart, IntervalRow, Line, LineChart, MatrixChart
from assay.trust.charts.svg import draw, embedded
from assay.trust.charts.vega import specification

LINES = LineChart(
    "ROC",
    "1 - specificity",
    "sensitivity",
    [Line("model", [(0, 0), (0.25, 0.75), (1, 1)]), Line("chance", [(0, 0), (1, 1)], dashed=True)],
)
MATRIX = MatrixChart("Confusion", ["healthy", "covid"], [[40, 10], [5, 45]])
BANDED = LineChart("TPR", "age", "TPR", [Line("TPR", [(0, 0.5), (1, 0.6)], band=[(0.4, 0.6), (0.5, 0.7)])])
INTERVALS = IntervalChart(
    "TPR",
    "true positive rate",
    [IntervalRow("women", 0.8, 0.7, 0.9, "sex"), IntervalRow("one man", 1.0, series="sex")],
    reference=0.85,
    allowed=(0.8, 0.9),
    x_range=(0.0, 1.0),
)
CHARTS = [LINES, MATRIX, BANDED, INTERVALS]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("chart", CHARTS)
def test_a_specification_is_complete_vega_lite(chart: Chart) -> None:
    spec = json.loads(json.dumps(specification(chart), allow_nan=False))
    assert spec["$schema"].endswith("vega-lite/v5.json")
    assert spec["data"]["values"]
    assert "mark" in spec or "layer" in spec
    layers = [spec["encoding"], *(layer["encoding"] for layer in spec.get("layer", ()))]
    fields = {channel["field"] for layer in layers for channel in layer.values() if channel and "field" in channel}
    assert fields <= set(spec["data"]["values"][0])


@pytest.mark.parametrize("chart", CHARTS)
def test_the_drawing_keeps_its_specification(chart: Chart) -> None:
    assert embedded(draw(chart)) == specification(chart)


def test_a_band_runs_along_the_low_ends_and_back_along_the_high_ones() -> None:
    band = ET.fromstring(draw(BANDED)).find(f".//{SVG}polygon")
    assert band is not None
    assert band.get("points") == "60.0,232.0 380.0,200.0 380.0,136.0 60.0,168.0"


def test_a_band_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="each of its 1 points"):
        Line("TPR", [(0, 0.5)], band=[(0, 1), (0, 1)])


def test_an_interval_is_as_wide_as_its_ends_and_none_is_drawn_without_them() -> None:
    root = ET.fromstring(draw(INTERVALS))
    circles = [float(circle.get("cx", "")) for circle in root.iter(f"{SVG}circle")]
    bars = [path.get("d", "") for path in root.iter(f"{SVG}path") if "H" in path.get("d", "")]
    assert len(bars) == 1
    start, end = (float(number) for number in bars[0].lstrip("M").replace(" 52.0H", " ").split())
    assert (end - start) == pytest.approx(0.2 * 320, abs=0.11)
    assert start < circles[0] < end
    assert circles[1] > end
    with pytest.raises(ValueError, match="both ends or none"):
        IntervalRow("half", 0.5, low=0.1)


def test_an_axis_reaches_as_far_as_intervals_and_reference() -> None:
    low, high = IntervalChart("gap", "difference", [IntervalRow("a", 0.1, -0.2, 0.3)], reference=0.5).ends()
    assert (low, high) == pytest.approx((-0.235, 0.535))


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


def test_the_studio_draws_what_we_write() -> None:
    """The same file is held against the editor's grammar by web/apps/studio/test/preview/chart.test.tsx."""
    kept = Path(__file__).parents[4] / "web/apps/studio/test/preview/house.json"
    assert json.loads(kept.read_text(encoding="utf-8")) == json.loads(json.dumps([specification(c) for c in CHARTS]))
