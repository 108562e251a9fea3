"""Text to model to text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.ids import NAME, RESERVED_STEP_NAMES, ParamName, PortName, StepName
from assay.model.annotations import Colour, Group, Note
from assay.model.artifacts import ArtifactType, PortType
from assay.model.codec import dump, load
from assay.model.codec.scalars import is_plain, resolve, write
from assay.model.codec.templates import joined_list, joined_map
from assay.model.component import MISSING, Isolation, ParamSpec, ParamType, PortSpec
from assay.model.expression import parse_expression
from assay.model.pipeline import (
    FileItems,
    Foreach,
    ItemRef,
    ListItems,
    Literal,
    MapTemplate,
    ParamRef,
    Pipeline,
    PipelineOutput,
    PortRef,
    ResourceRequest,
    Retry,
    Step,
)

names = st.from_regex(NAME, fullmatch=True).filter(lambda name: name not in RESERVED_STEP_NAMES)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff\ufffe\uffff"), max_size=20
)
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
ports = st.builds(PortRef, names.map(StepName), names.map(PortName))
items = st.builds(ItemRef, st.just("") | names)
refs: st.SearchStrategy[Any] = ports | items | st.builds(ParamRef, names.map(ParamName))
templates: st.SearchStrategy[Any] = st.recursive(
    st.builds(Literal, json_values) | refs,
    lambda inner: (
        st.lists(inner, max_size=3).map(joined_list)
        | st.lists(st.tuples(texts, inner), max_size=3, unique_by=lambda pair: pair[0]).map(joined_map)
    ),
    max_leaves=5,
)
over = st.builds(
    ListItems, templates.filter(lambda found: not isinstance(found, Literal) or isinstance(found.value, list))
) | st.builds(
    FileItems, st.just("./scans") | ports | st.builds(ParamRef, names.map(ParamName)), st.just("*") | st.just("*.png")
)


def sayable(foreach: Foreach) -> bool:
    """Whether a file can say it: a map under ``foreach:`` holds its keys, not elements."""
    return not isinstance(foreach.over, ListItems) or not isinstance(foreach.over.items, MapTemplate)


foreaches = st.builds(Foreach, over, st.none() | st.integers(1, 100)).filter(sayable)
steps = st.builds(
    Step,
    name=st.just(StepName("replaced")),
    use=st.sampled_from(["a/b", "a/b@1.0", "./s.py:f"]),
    inputs=st.dictionaries(names, st.lists(ports | st.just(ItemRef()), max_size=3).map(tuple), max_size=2),
    params=st.dictionaries(names, templates, max_size=3),
    condition=st.none() | st.sampled_from(["a.b > 1", "params.x == 'y: z # w'"]).map(parse_expression),
    foreach=st.none() | foreaches,
    after=st.lists(names, max_size=2, unique=True).map(tuple),
    retry=st.builds(Retry, st.integers(0, 9), st.sampled_from([0.0, 1.0, 2.5, 90.0]), st.sampled_from([1.0, 2.0, 1.5])),
    timeout=st.none() | st.sampled_from([1.0, 90.0, 0.25]),
    resources=st.builds(ResourceRequest, st.none() | st.sampled_from([0.5, 2.0]), st.none() | st.integers(1, 10**12), st.none() | st.integers(0, 4)),
    cache=st.none() | st.booleans(),
    isolation=st.none() | st.sampled_from(Isolation),
    env=st.dictionaries(st.sampled_from(["A", "B_1"]), texts.filter(bool), max_size=2),
    secrets=st.dictionaries(st.sampled_from(["A", "token"]), st.sampled_from(["S", "S_1"]), max_size=2),
    image=texts,
    title=texts.filter(lambda text: text != "null"),
    extra=st.dictionaries(st.sampled_from(["x-a", "zzz"]), json_values, max_size=1),
)  # fmt: skip


def _named(found: dict[str, Step]) -> dict[StepName, Step]:
    return {StepName(name): replace(step, name=StepName(name)) for name, step in found.items()}


specs = st.builds(
    ParamSpec,
    name=st.just(ParamName("replaced")),
    type=st.just(ParamType.STR),
    default=st.just(MISSING) | texts,
    nullable=st.booleans(),
    unit=texts,
    help=texts,
)


def _named_specs(found: dict[str, ParamSpec]) -> dict[ParamName, ParamSpec]:
    return {ParamName(name): replace(spec, name=ParamName(name)) for name, spec in found.items()}


ports = st.builds(
    PortSpec,
    name=st.just(PortName("replaced")),
    type=st.builds(
        PortType, st.sampled_from([kind for kind in ArtifactType if kind is not ArtifactType.VALUE]), st.booleans()
    ),
    optional=st.booleans(),
    help=texts,
)
outputs = st.builds(
    PipelineOutput, source=st.builds(PortRef, step=names.map(StepName), port=names.map(PortName)), help=texts
)


def _named_ports(found: dict[str, PortSpec]) -> dict[PortName, PortSpec]:
    return {PortName(name): replace(port, name=PortName(name)) for name, port in found.items()}


places = st.tuples(st.integers(-99, 99), st.floats(-9, 9))
notes = st.builds(Note, text=texts, at=places, size=st.none() | st.just((1.5, 2)))
groups = st.builds(
    Group,
    steps=st.lists(names.map(StepName), max_size=2, unique=True).map(tuple),
    title=texts,
    colour=st.sampled_from(Colour),
    collapsed=st.booleans(),
)

pipelines = st.builds(
    Pipeline,
    name=st.text("abc -:#'\"{1é", min_size=1, max_size=12).filter(str.strip),
    steps=st.dictionaries(names, steps, max_size=3).map(_named),
    description=texts,
    params=st.dictionaries(names, specs, max_size=2).map(_named_specs),
    final=st.dictionaries(names, steps, max_size=1).map(_named),
    inputs=st.dictionaries(names, ports, max_size=2).map(_named_ports),
    outputs=st.dictionaries(names, outputs, max_size=2),
    layout=st.dictionaries(names, places, max_size=2),
    notes=st.dictionaries(names, notes, max_size=2),
    groups=st.dictionaries(names, groups, max_size=2),
    extra=st.dictionaries(st.sampled_from(["x-a", "zzz"]), json_values, max_size=1),
)


@given(pipelines)
@settings(max_examples=100, deadline=None)
def test_what_is_dumped_is_loaded(pipeline: Pipeline) -> None:
    document = load(dump(pipeline))
    assert [fault for fault in document.faults if fault.severity == "error"] == []
    assert document.pipeline == pipeline


@given(json_values)
@settings(max_examples=200, deadline=None)
def test_every_value_reads_back(value: Any) -> None:
    assert load(f"a: {write(value)}").json(("a",)) == value
    assert load(f"a: [{write(value)}]").json(("a", 0)) == value


@given(st.text(max_size=20))
def test_a_plain_text_is_the_same_text_to_yaml_1_1_readers(text: str) -> None:
    import yaml

    if is_plain(text):
        assert yaml.safe_load(f"{{a: {text}}}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", "yes"), ("on", "on"), ("012", 12), ("0o14", 12), ("0x1F", 31), ("1_000", "1_000"), ("1e3", 1000.0), ("-.5", -0.5), ("~", None),
     ("", None), ("True", True), ("tRUE", "tRUE"), ("1:30", "1:30"), ("2026-11-23", "2026-11-23"), (".", "."), ("-", "-"), ("1.", 1.0), ("0b1", "0b1")],
)  # fmt: skip
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: Any) -> None:
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))
