"""A chart as a Vega-Lite v5 specification, data included: no address is ever fetched to draw it."""

from __future__ import annotations

from typing import Any

from assay.trust.charts.chart import Chart, LineChart, MatrixChart

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


def specification(chart: Chart) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart, JSON-able."""
    body = _lines(chart) if isinstance(chart, LineChart) else _matrix(chart)
    return {"$schema": SCHEMA, "title": chart.title, **body}


def _lines(chart: LineChart) -> dict[str, Any]:
    rows = [
        {"line": line.name, "x": x, "y": y, "order": order, "dashed": line.dashed}
        for line in chart.lines
        for order, (x, y) in enumerate(line.points)
    ]
    return {
        "width": 320,
        "height": 320,
        "data": {"values": rows},
        "mark": {"type": "line"},
        "encoding": {
            "x": _axis("x", chart.x, chart.x_range),
            "y": _axis("y", chart.y, chart.y_range),
            "color": {"field": "line", "type": "nominal", "title": None},
            "strokeDash": {"field": "dashed", "type": "nominal", "legend": None},
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def _axis(field: str, title: str, ends: tuple[float, float]) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "title": title, "scale": {"domain": list(ends)}}


def _matrix(chart: MatrixChart) -> dict[str, Any]:
    rows = [
        {"truth": truth, "answer": answer, "count": count, "share": count / max(1, sum(counts))}
        for truth, counts in zip(chart.labels, chart.counts, strict=True)
        for answer, count in zip(chart.labels, counts, strict=True)
    ]
    encoding = {
        "x": {"field": "answer", "type": "nominal", "title": "model's answer", "sort": list(chart.labels)},
        "y": {"field": "truth", "type": "nominal", "title": "truth", "sort": list(chart.labels)},
    }
    share = {"field": "share", "type": "quantitative", "title": "share of row", "scale": {"domain": [0, 1]}}
    return {
        "width": 240,
        "height": 240,
        "data": {"values": rows},
        "encoding": encoding,
        "layer": [
            {"mark": "rect", "encoding": {"color": share}},
            {"mark": "text", "encoding": {"text": {"field": "count", "type": "quantitative"}}},
        ],
    }
