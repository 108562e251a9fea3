"""Parameters that a run is given: all faults at once, defaults filled in."""

from __future__ import annotations

from assay.check import check_params
from assay.model.codec import load


def test_parameters_given_to_a_run() -> None:
    pipeline = load(
        "assay: 1\nname: a\nparams:\n  n: {type: int, default: 1, max: 5}\n  s: {type: str}\n  f: {type: float, default: 1}\nsteps: {b: {use: c/d}}\n"
    ).pipeline
    assert pipeline is not None
    assert check_params(pipeline, {"s": "x", "f": 2}) == ({"n": 1, "s": "x", "f": 2.0}, ())
    values, faults = check_params(pipeline, {"n": 9, "m": 1, "ss": 2})
    assert values == {"f": 1.0}
    assert [str(fault) for fault in faults] == [
        "error [unknown-parameter] the pipeline has no parameter 'm' (it declares n, s, f)",
        "error [unknown-parameter] the pipeline has no parameter 'ss' (did you mean 's'?)",
        "error [parameter-value] parameter 'n' is at most 5, not 9",
        "error [missing-parameter] parameter 's' is not given and has no default (give it with -p s=…)",
    ]
