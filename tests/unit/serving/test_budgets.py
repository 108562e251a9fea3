"""The budgets of the benchmarks: a broken one is found and counted, one that is known not to be held is said to be."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "serving_budgets", Path(__file__).parents[3] / "benchmarks" / "serving" / "budgets.py"
)
budgets = sys.modules[_SPEC.name] = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(budgets)

KINDS = {"assay": ["json", "binary"], "kserve": ["json"], "mlserver": ["json"]}
PICTURES = {"cold_start_cpu_s": 1.9, "memory_mb": 140.0, "explain_to_model_calls": 1.2}


def results(**changed):
    """Return figures that keep every budget but the known one, with some of them changed."""
    figures = {}
    for server, kinds in KINDS.items():
        for kind in kinds:
            for callers in (budgets.ONE, budgets.EIGHT):
                ours = server == "assay"
                fact = {"rps": 800 if ours else 300, "cpu_ms": 0.6 if ours else 2.0, "p99_ms": 20 if ours else 40}
                figures[f"{server}: {kind}, {callers}"] = fact
    figures[f"assay: binary, {budgets.ONE}"]["cpu_ms"] = 0.5
    figures[f"assay: json, {budgets.EIGHT}"] |= changed
    return {"figures": figures, "servers": {"assay": {"cold_start_cpu_s": 1.4}}}


def test_what_is_kept_is_not_broken_and_what_is_known_is_said(capsys):
    assert budgets.told([*budgets.beside_peers(results()), *budgets.of_pictures(PICTURES)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "held" not in line] == ["no budget is broken that is not known to be"]
    (known,) = [line for line in lines if "not held" in line]
    assert known.endswith("processor time of our own JSON: 1.2, at least 3: not held, see decision 44")


@pytest.mark.parametrize(
    ("changed", "broken"),
    [({"rps": 599}, 1), ({"p99_ms": 41}, 2), ({"rps": 10, "p99_ms": 41}, 3), ({"p99_ms": float("nan")}, 2)],
)
def test_each_figure_beside_the_peers_is_held_to_its_budget(changed, broken, capsys):
    assert budgets.told(budgets.beside_peers(results(**changed))) == broken
    assert capsys.readouterr().out.count("BROKEN") == broken


@pytest.mark.parametrize(
    "changed", [{"cold_start_cpu_s": 2.01}, {"memory_mb": 250.5}, {"explain_to_model_calls": 1.51}]
)
def test_each_figure_of_a_model_of_pictures_too(changed):
    assert budgets.told(budgets.of_pictures(PICTURES | changed)) == 1


@pytest.mark.parametrize(
    ("answers", "resident", "broken"),
    [
        ({"http 200": 9, "http 400": 90, "grpc OK": 9, "grpc INVALID_ARGUMENT": 9}, [120.0, 140.0, 136.0], 0),
        ({"http 500": 1}, [120.0, 121.0, 121.0], 1),
        ({"grpc INTERNAL": 1}, [120.0, 121.0, 121.0], 1),
        ({"http 200": 1}, [120.0, 121.0, 136.1], 1),
        ({"http 503": 1}, [120.0, 121.0, 137.0], 2),
    ],
)
def test_growth_and_failures_are_held_to_theirs(answers, resident, broken):
    assert budgets.told(budgets.of_growth(answers, resident)) == broken
