"""evaluate/classification: figures, the report, and what it says when there is nothing to measure."""

import csv
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assay import ComponentError, Predictions, step
from assay.library.evaluate.classification import classification
from assay.trust.charts.svg import embedded
from assay.trust.evidence.evidence import Role
from assay.trust.evidence.text import read_evidence
from assay.trust.performance.origin import DATA, MODEL, SEAL, seal_rows
from assay.trust.performance.summary import FIGURES

HEADER = ["file", "patient", "label", "score", "predicted", "positive", "threshold", "synthetic", "sex"]


@pytest.fixture
def predictions(tmp_path: Path):
    def write(rows: list[tuple[object, ...]], header: list[str] = HEADER) -> Predictions:
        path = tmp_path / "predictions.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return Predictions(path)

    return write


def row(patient: int, label: str, score: object, **changed: object) -> tuple[object, ...]:
    facts = {"predicted": "", "positive": "covid", "threshold": 0.5, "synthetic": True, "sex": "F"} | changed
    return (f"{patient}.png", f"p{patient}", label, score, *facts.values())


def many(count: int = 40) -> list[tuple[object, ...]]:
    random = np.random.default_rng(0)
    rows = []
    for patient in range(count):
        ill = patient % 3 == 0
        rows += [
            row(patient, "covid" if ill else "healthy", float(np.clip(random.normal(0.35 + 0.3 * ill, 0.15), 0, 1)))
            for _ in range(2)
        ]
    return rows


def measured(predictions: Predictions, **params: object) -> dict:
    return json.loads(classification(predictions, draws=200, **params).metrics.path.read_text(encoding="utf-8"))


def test_every_figure_has_value_interval_and_size(predictions, capsys: pytest.CaptureFixture[str]) -> None:
    result = classification(predictions(many()), draws=200)
    metrics = json.loads(result.metrics.path.read_text(encoding="utf-8"))
    assert metrics["format"] == 1
    for figures in (metrics["figures"], metrics["patient"]["figures"]):
        assert set(figures) == set(FIGURES)
        for figure in figures.values():
            assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
            assert 0 < figure["n"] <= 40
    assert metrics["baseline"]["figures"]["accuracy"] == pytest.approx(1 - 14 / 40)
    assert metrics["threshold"]["value"] == 0.5
    assert metrics["synthetic"] is True
    assert metrics["not_measured"] == {}
    assert result.auroc == metrics["figures"]["auroc"]["value"]
    printed = capsys.readouterr().out
    assert re.search(r"^AUROC 0\.\d\d \[0\.\d\d, \d\.\d\d\] on 40 synthetic test patients$", printed, re.MULTILINE)
    assert "patient_auroc = " in printed
    assert "baseline_accuracy = 0.65" in printed


def test_the_same_seed_measures_the_same(predictions) -> None:
    table = predictions(many())
    assert measured(table, seed=3) == measured(table, seed=3)
    assert measured(table, seed=3) != measured(table, seed=4)


def test_rows_in_another_order_measure_the_same_figures(predictions) -> None:
    rows = many()
    straight = measured(predictions(rows))["figures"]
    shuffled = measured(predictions(rows[::-1]))["figures"]
    assert {name: figure["value"] for name, figure in straight.items()} == pytest.approx(
        {name: figure["value"] for name, figure in shuffled.items()}
    )


def test_a_parameter_moves_the_threshold(predictions) -> None:
    low, high = (measured(predictions(many()), threshold=cut) for cut in (0.2, 0.7))
    assert low["figures"]["sensitivity"]["value"] > high["figures"]["sensitivity"]["value"]
    assert low["figures"]["auroc"] == high["figures"]["auroc"]
    assert low["threshold"] == {"value": 0.2, "source": "given as a parameter"}


def test_figures_can_be_opened_and_keep_their_specification(predictions) -> None:
    result = classification(predictions(many()), draws=200)
    for figure in (result.roc, result.precision_recall, result.confusion):
        text = figure.path.read_text(encoding="utf-8")
        ET.fromstring(text)
        assert "synthetic data" in embedded(text)["title"]
    counts = [cell["count"] for cell in embedded(result.confusion.path.read_text(encoding="utf-8"))["data"]["values"]]
    assert sum(counts) == 80
    assert counts[0] + counts[1] == 28


def test_one_class_lists_what_could_not_be_measured(predictions, capsys: pytest.CaptureFixture[str]) -> None:
    result = classification(predictions([row(number, "covid", 0.5 + number / 20) for number in range(6)]), draws=200)
    metrics = json.loads(result.metrics.path.read_text(encoding="utf-8"))
    assert "one class" in metrics["not_measured"]["auroc"]
    assert "one class" in metrics["not_measured"]["patient_auroc"]
    assert metrics["figures"]["sensitivity"]["value"] == 1.0
    assert result.auroc is None
    assert "AUROC not measured on 6 synthetic test patients" in capsys.readouterr().out
    assert "one class" in result.report.path.read_text(encoding="utf-8")


def test_one_patient_gets_no_interval(predictions, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row(1, label, score) for label, score in (("covid", 0.9), ("healthy", 0.2), ("covid", 0.7))]
    metrics = measured(predictions(rows))
    assert metrics["figures"]["auroc"]["low"] is None
    assert metrics["data"]["patients_with_both_labels"] == 1
    assert metrics["not_measured"]["patient_auroc"] == "no rows"
    assert "without an interval on 1 synthetic test patient:" in capsys.readouterr().out


def test_chance_is_called_chance(predictions, capsys: pytest.CaptureFixture[str]) -> None:
    classification(
        predictions([row(number, ("covid", "healthy")[number % 2], (number // 2 % 5) / 5) for number in range(20)]),
        draws=200,
    )
    assert "not shown to be better than a constant answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no rows"),
        ([row(1, "", 0.5), row(2, "covid", 0.5)], r"1 of 2 predictions have no truth \(column label\), first in row 1"),
        ([row(1, "covid", 0.5), row(2, "nan", 0.5)], "no truth .* first in row 2"),
        ([row(1, "covid", "nan")], "1 of 1 scores are no number from 0 to 1, first in row 1"),
        ([row(1, "covid", 0.5), row(2, "healthy", 1.2)], "first in row 2"),
        ([row(1, "covid", "high")], "no number"),
        ([row(1, "covid", 0.5, positive="")], "do not say which label is positive"),
        ([row(1, "covid", 0.5), row(2, "covid", 0.5, threshold=0.4)], "several thresholds"),
    ],
)
def test_tables_that_cannot_be_measured_say_why(predictions, rows: list[tuple[object, ...]], message: str) -> None:
    with pytest.raises(ComponentError, match=message):
        classification(predictions(rows), draws=200)


def test_a_missing_column_gets_a_suggestion(predictions) -> None:
    with pytest.raises(ComponentError, match="lack the column score") as error:
        classification(predictions([("p1", "covid", 0.4)], ["patient", "label", "scores"]), draws=200)
    assert error.value.hint == "did you mean 'scores'?"


def test_an_unknown_positive_label_gets_a_suggestion(predictions) -> None:
    with pytest.raises(ComponentError, match="'covit' is no label") as error:
        classification(predictions(many()), positive="covit")
    assert error.value.hint == "did you mean 'covid'?"


def test_a_foreign_table_without_our_columns_can_be_measured(predictions) -> None:
    rows = [(f"p{number}", ("ill", "well")[number % 2], 0.8 - 0.5 * (number % 2)) for number in range(12)]
    metrics = measured(predictions(rows, ["patient", "label", "score"]), positive="ill")
    assert metrics["figures"]["auroc"]["value"] == 1.0
    assert metrics["synthetic"] is None
    assert "since the predictions state none" in metrics["threshold"]["source"]


@pytest.mark.parametrize(
    ("synthetic", "shown"),
    [(True, "no patient stands behind them"), ("", 'class="verdict"'), (False, 'class="verdict"')],
)
def test_the_report_says_that_data_are_synthetic(predictions, synthetic: object, shown: str) -> None:
    rows = [row(number, ("covid", "healthy")[number % 2], 0.5, synthetic=synthetic) for number in range(8)]
    page = classification(predictions(rows), draws=200).report.path.read_text(encoding="utf-8")
    assert shown in page
    assert ("no patient stands behind them" in page) is (synthetic is True)


def test_one_synthetic_row_marks_the_whole_report(predictions) -> None:
    rows = [row(number, ("covid", "healthy")[number % 2], 0.5, synthetic=number == 3) for number in range(8)]
    assert measured(predictions(rows))["synthetic"] is True


def test_the_report_is_escaped_and_loads_nothing(predictions) -> None:
    evil = '<script>alert("x")</script>'
    rows = [row(number, (evil, "healthy")[number % 2], 0.5, positive=evil) for number in range(8)]
    page = classification(predictions(rows), draws=200).report.path.read_text(encoding="utf-8")
    assert "<script" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert policy[1].startswith("default-src &#x27;none&#x27;; style-src &#x27;sha256-")
    assert not re.search(r'\b(src|href|action)=|url\(|style="', page)


def test_the_report_shows_the_constant_answer_beside_the_model(predictions) -> None:
    page = classification(predictions(many()), draws=200).report.path.read_text(encoding="utf-8")
    assert "constant answer" in page
    assert "0.650" in page
    assert page.count("<svg") == 3


def test_the_evidence_says_what_the_metrics_say_and_names_what_it_is_about(tmp_path) -> None:
    rows = pd.DataFrame({"file": [f"{n}.png" for n in range(60)], "patient": [f"p{n // 2}" for n in range(60)]})
    rows["label"] = ["covid" if n // 2 % 2 else "other" for n in range(60)]
    rows["score"] = [0.9 if label == "covid" else 0.1 for label in rows["label"]]
    rows.loc[[2, 5, 6], "score"] = [0.05, 0.8, 0.3]
    rows["p_other"], rows["p_covid"] = 1 - rows["score"], rows["score"]
    rows["positive"], rows["threshold"], rows["synthetic"] = "covid", 0.5, True
    rows[MODEL], rows[DATA] = "a" * 64, "d" * 64
    rows[SEAL] = seal_rows(rows)
    file = Predictions(tmp_path / "predictions.csv")
    rows.to_csv(file, index=False)
    result = classification(file, draws=100)
    evidence = read_evidence(result.evidence)
    metrics = json.loads(result.metrics.path.read_text())
    stated = {statement.id: statement.estimate for statement in evidence.statements}
    for name, figure in metrics["figures"].items():
        estimate = stated[f"discrimination.{name}"]
        assert (estimate.value, estimate.low, estimate.n) == (figure["value"], figure["low"], figure["n"])
    digests = {subject.role: subject.digest for subject in evidence.subjects}
    assert digests == {Role.MODEL: "a" * 64, Role.DATA: "d" * 64, Role.PREDICTIONS: step.digest(file)}
    assert evidence.labels == ["other", "covid"]
    (hardest,) = evidence.tables
    assert hardest.rows == [["2.png", "missed", 0.05], ["5.png", "false alarm", 0.8], ["6.png", "missed", 0.3]]
    assert [figure.name for figure in evidence.figures] == ["roc", "precision_recall", "confusion"]
    assert evidence.samples["patients"] == 30


def test_the_report_speaks_of_cases_since_they_may_be_rows_of_a_table(predictions) -> None:
    rows = [row(number, ("covid", "healthy")[number % 2], 0.5, synthetic=True) for number in range(8)]
    page = classification(predictions(rows), draws=200).report.path.read_text(encoding="utf-8")
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert "Figures by case" in words
    assert "positive cases" in words
    assert not re.findall(r"\bimages?\b|\bimaged\b|\bslices?\b", words)
