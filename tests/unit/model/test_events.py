"""Run events survive JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.model import events
from assay.model.artifacts import Artifact, ArtifactList, ArtifactType, Value
from assay.model.events import EVENT_TYPES, RunEvent, event_from_json, event_to_json, output_from_json, output_to_json

_texts = st.text(max_size=12)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_artifacts = st.builds(
    Artifact, _texts, st.sampled_from(ArtifactType), st.booleans(), st.integers(0), st.integers(0), _texts
)
_outputs = _artifacts | st.builds(ArtifactList, st.lists(_artifacts, max_size=3).map(tuple)) | st.builds(Value, _json)
_by_name: dict[str, st.SearchStrategy[Any]] = {
    "key": st.builds(events.StepKey, _texts, st.none() | st.integers(0)),
    "failure": st.builds(events.Failure, _texts, _texts, _texts, _texts),
    "outputs": st.dictionaries(_texts, _outputs, max_size=3),
    "outcome": st.sampled_from(events.RunOutcome),
    "reason": st.sampled_from(events.SkipReason),
    "labels": st.lists(_texts, max_size=3).map(tuple),
    "reasons": st.lists(_texts, max_size=3).map(tuple),
    "params": st.dictionaries(_texts, _json, max_size=3),
    "documents": st.dictionaries(_texts, _texts, max_size=2),
    "options": st.dictionaries(_texts, _json, max_size=3),
}
_by_type: dict[str, st.SearchStrategy[Any]] = {
    "str": _texts,
    "int": st.integers(0),
    "float": st.floats(0, 1e9),
    "int | None": st.none() | st.integers(0),
    "float | None": st.none() | st.floats(0, 1e9),
    "StepName": _texts,
    "RunId": _texts,
    "Digest": _texts,
}


def _event(kind: type[Any]) -> st.SearchStrategy[Any]:
    fields = {
        field.name: _by_name[field.name] if field.name in _by_name else _by_type[str(field.type)]
        for field in dataclasses.fields(kind)
    }
    return st.builds(kind, **fields)


def test_every_event_has_a_tag_of_its_own() -> None:
    assert set(EVENT_TYPES.values()) == set(get_args(RunEvent))
    assert len(EVENT_TYPES) == len(get_args(RunEvent))


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_events_round_trip_through_json(kind: type[Any]) -> None:
    @given(_event(kind))
    @settings(max_examples=25, deadline=None)
    def round_trips(event: RunEvent) -> None:
        assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event

    round_trips()


@given(_outputs)
def test_outputs_round_trip_through_json(output: Any) -> None:
    assert output_from_json(json.loads(json.dumps(output_to_json(output)))) == output


def test_a_field_of_a_later_version_is_ignored_and_an_unknown_event_refused() -> None:
    assert event_from_json({"type": "run.resumed", "later": 1}) == events.RunResumed()
    with pytest.raises(KeyError):
        event_from_json({"type": "run.exploded"})


def test_what_is_not_json_is_refused() -> None:
    event = events.RunStarted("p", "f", "d", options={"x": object()})  # type: ignore[dict-item]  # the fault under test
    with pytest.raises(TypeError, match="not a JSON value"):
        event_to_json(event)
