"""A generated signature and its specification say the same."""

from __future__ import annotations

import keyword
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from assay.authoring import read_function
from assay.model.artifacts import ArtifactType, PortType
from assay.model.component import MISSING, ParamSpec, ParamType, PortSpec

names = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True).filter(lambda name: not keyword.iskeyword(name))
artifacts = st.sampled_from([kind for kind in ArtifactType if kind is not ArtifactType.VALUE])
finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
SCALARS = {
    ParamType.INT: st.integers(-(10**20), 10**20),
    ParamType.FLOAT: finite,
    ParamType.STR: texts,
    ParamType.BOOL: st.booleans(),
}


@st.composite
def ports(draw: st.DrawFn, name: str) -> tuple[str, PortSpec]:
    kind, shape = draw(artifacts), draw(st.sampled_from(["one", "many", "optional"]))
    if shape == "many":
        return f"{name}: list[{kind}]", PortSpec(name, PortType(kind, many=True))
    optional = shape == "optional"
    return f"{name}: {kind}" + " | None = None" * optional, PortSpec(name, PortType(kind), optional=optional)


@st.composite
def params(draw: st.DrawFn, name: str) -> tuple[str, ParamSpec]:
    kind = draw(st.sampled_from(list(SCALARS)))
    values, annotation, facts = SCALARS[kind], str(kind), {}
    if draw(st.booleans()):
        facts["unit"] = draw(texts)
    if kind in (ParamType.INT, ParamType.FLOAT) and draw(st.booleans()):
        low, high = sorted([draw(values), draw(values)])
        facts |= {"min": low, "max": high}
        values = values.filter(lambda value: low <= value <= high) if low == high else st.sampled_from([low, high])
    if facts:
        annotation = f"Annotated[{annotation}, Param({', '.join(f'{key}={value!r}' for key, value in facts.items())})]"
    elif kind in (ParamType.INT, ParamType.STR) and draw(st.booleans()):
        choices = tuple(draw(st.lists(values, min_size=1, max_size=3, unique=True)))
        annotation, values, facts = (
            f"Literal[{', '.join(map(repr, choices))}]",
            st.sampled_from(choices),
            {"choices": choices},
        )
    nullable = draw(st.booleans())
    default = draw(st.just(MISSING) | (values | st.none() if nullable else values))
    text = f"{name}: {annotation}" + " | None" * nullable + ("" if default is MISSING else f" = {default!r}")
    return text, ParamSpec(name, kind, default=default, nullable=nullable, **facts)


@st.composite
def signatures(draw: st.DrawFn):
    unique = draw(st.lists(names, min_size=0, max_size=6, unique=True))
    return [draw(draw(st.sampled_from([ports, params]))(name)) for name in unique]


@given(signatures())
@settings(max_examples=60, deadline=None)
def test_signature_and_specification_agree(entries):
    head = "from typing import Annotated, Literal\nfrom assay import Param, component, "
    head += ", ".join(str(kind) for kind in ArtifactType if kind is not ArtifactType.VALUE)
    star = "*, " if entries else ""
    source = f"{head}\n@component\ndef f({star}{', '.join(text for text, _ in entries)}) -> None:\n    'F.'\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "steps.py"
        file.write_text(source)
        spec = read_function(file, "f")
    assert dict(spec.inputs) == {entry.name: entry for _, entry in entries if isinstance(entry, PortSpec)}
    assert dict(spec.params) == {entry.name: entry for _, entry in entries if isinstance(entry, ParamSpec)}
    for name, param in spec.params.items():
        want = next(entry for _, entry in entries if entry.name == name)
        assert type(param.default) is type(want.default)
