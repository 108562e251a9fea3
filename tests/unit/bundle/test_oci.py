from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.bundle.address import Address
from assay.bundle.faults import Rejected
from assay.bundle.layout import foreign, unsafe
from assay.bundle.oci import layers
from assay.errors import AssayError


@pytest.mark.parametrize(
    "name",
    [
        "/x",
        "../x",
        "a/../b",
        "a//b",
        "",
        "a/",
        "./a",
        "a\\b",
        "a\nb",
        "a\u202eb",
        "a\u0308",
        "C:/x",
        "x" * 241,
        "\ud800",
    ],
)
def test_names_that_do_harm_somewhere_are_refused(name):
    assert unsafe(name)


@pytest.mark.parametrize("name", ["model/model.onnx", "reports/Größe 1.html", "evidence/a[0].json", "model/.hidden"])
def test_other_names_are_taken(name):
    assert not unsafe(name)
    assert not foreign(name)


def test_there_is_a_place_for_everything():
    assert foreign("readme.md")
    assert foreign("models/x")
    assert foreign("verdict.json.bak")


@given(
    st.binary()
    | st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)).map(
        lambda x: json.dumps(x).encode()
    )
)
def test_no_text_is_worse_than_refused(text):
    with pytest.raises(Rejected):
        layers(text, "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oci://localhost:5000/a/b:1.0", ("localhost:5000", "a/b", "1.0", "")),
        ("oci://ghcr.io/a/b", ("ghcr.io", "a/b", "", "")),
        ("oci://[::1]:5000/a@sha256:" + "a" * 64, ("[::1]:5000", "a", "", "sha256:" + "a" * 64)),
    ],
)
def test_addresses(text, expected):
    found = Address.parse(text)
    assert (found.registry, found.repository, found.tag, found.digest) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "oci://",
        "oci://x",
        "ghcr.io/a",
        "oci://x/A",
        "oci://x/a:",
        "oci://x/a@sha256:1",
        "oci://u@x/a",
        "oci://x/../a",
    ],
)
def test_no_addresses(text):
    with pytest.raises(AssayError, match="is no address in a registry"):
        Address.parse(text)


def test_only_this_computer_is_spoken_to_without_tls():
    assert Address.parse("oci://127.0.0.1:5000/a").plain
    assert Address.parse("oci://localhost/a").plain
    assert not Address.parse("oci://127.0.0.1.evil.example/a").plain
    assert not Address.parse("oci://registry.example/a").plain
