"""A chart as a Vega-Lite v5 specification, data included: no address is ever fetched to draw it."""

from __future__ import annotations

from typing import Any

from assay.trust.charts.chart import Chart, IntervalChart, LineChart, MatrixChart

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_ON_SHADE = {"condition": {"test": "datum.share > 0.5", "value": "#ffffff"}, "value": "#111111"}
"""Dark figures on light cells, light ones on dark cells."""


def specification(chart: Chart) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart, JSON-able."""
    return {"$schema": SCHEMA, "title": chart.title, **_body(chart)}


def _body(chart: Chart) -> dict[str, Any]:
    match chart:
        case LineChart():
            return _lines(chart)
        case MatrixChart():
            return _matrix(chart)
        case IntervalChart():
            return _intervals(chart)


def _lines(chart: LineChart) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"line": line.name, "x": x, "y": y, "order": order, "dashed": line.dashed}
        | ({"low": line.band[order][0], "high": line.band[order][1]} if line.band else {})
        for line in chart.lines
        for order, (x, y) in enumerate(line.points)
    ]
    encoding = {
        "x": _axis("x", chart.x, chart.x_range),
        "y": _axis("y", chart.y, chart.y_range),
        "color": {"field": "line", "type": "nominal", "title": None},
        "strokeDash": {"field": "dashed", "type": "nominal", "legend": None},
        "order": {"field": "order", "type": "quantitative"},
    }
    frame: dict[str, Any] = {"width": 320, "height": 320, "data": {"values": rows}}
    if not any(line.band for line in chart.lines):
        return frame | {"mark": {"type": "line"}, "encoding": encoding}
    shared = {name: encoding[name] for name in ("x", "color")}
    band = {"y": _axis("low", chart.y, chart.y_range), "y2": {"field": "high"}}
    line = {name: encoding[name] for name in ("y", "strokeDash", "order")}
    return frame | {
        "encoding": shared,
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.2},
                "transform": [{"filter": "isValid(datum.low)"}],
                "encoding": band,
            },
            {"mark": {"type": "line"}, "encoding": line},
        ],
    }


def _intervals(chart: IntervalChart) -> dict[str, Any]:
    rows = [
        {"label": row.label, "value": row.value, "low": row.low, "high": row.high, "series": row.series, "order": order}
        for order, row in enumerate(chart.rows)
    ]
    ends = chart.ends()
    layers: list[dict[str, Any]] = []
    if chart.allowed is not None:
        span = {"x": {"datum": chart.allowed[0], "type": "quantitative"}, "x2": {"datum": chart.allowed[1]}}
        layers.append({"mark": {"type": "rect", "color": "#38761d", "opacity": 0.1}, "encoding": span | {"y": None}})
    if chart.reference is not None:
        at = {"x": {"datum": chart.reference, "type": "quantitative"}, "y": None}
        layers.append({"mark": {"type": "rule", "strokeDash": [5, 4], "color": "#777777"}, "encoding": at})
    layers.append({"mark": {"type": "rule"}, "encoding": {"x": _axis("low", chart.x, ends), "x2": {"field": "high"}}})
    layers.append({"mark": {"type": "point", "filled": True}, "encoding": {"x": _axis("value", chart.x, ends)}})
    by = {"field": "label", "type": "nominal", "title": None, "sort": {"field": "order"}}
    colour: dict[str, Any] = {"field": "series", "type": "nominal", "title": None}
    if not any(row.series for row in chart.rows):
        colour["legend"] = None
    return {
        "width": 320,
        "data": {"values": rows},
        "encoding": {"y": by, "color": colour},
        "layer": layers,
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
            {"mark": "text", "encoding": {"text": {"field": "count", "type": "quantitative"}, "color": _ON_SHADE}},
        ],
    }
