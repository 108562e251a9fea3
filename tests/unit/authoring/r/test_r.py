"""R is read by its tokens: any default survives, comments and layout do not count, and nothing in a text is taken for code."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.authoring import read_whole_file
from assay.authoring.r.tokens import Kind, NotR, Token, tokenize

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)


def read(file: Path, source: str):
    file.write_text(source, encoding="utf-8")
    (spec,) = read_whole_file(file, f"./{file.name}").specs
    return spec


def quoted(value: str, sign: str) -> str:
    """A text as R writes it."""
    return sign + value.replace("\\", "\\\\").replace(sign, f"\\{sign}").replace("\n", "\\n") + sign


@QUIET
@given(text=TEXT, sign=st.sampled_from("'\""), number=st.integers(-(2**31) + 1, 2**31 - 1), truth=st.booleans())
def test_defaults_of_any_kind_are_read(tmp_path, text, sign, number, truth):
    spec = read(
        tmp_path / "s.R",
        f'a <- Sys.getenv("a", {quoted(text, sign)})\n'
        f'b <- as.integer(Sys.getenv("b", "{number}"))\n'
        f'c <- as.numeric(Sys.getenv("c", {number}))\n'
        f'd <- as.logical(Sys.getenv("d", "{truth!s}"))\n',
    )
    assert [param.default for param in spec.params.values()] == [text, number, float(number), truth]


@QUIET
@given(text=TEXT.filter(lambda text: ')-"' not in text))
def test_raw_strings_are_read_as_they_stand(tmp_path, text):
    spec = read(tmp_path / "s.R", f'a <- Sys.getenv("a", r"-({text})-")\n')
    assert spec.params["a"].default == text


@QUIET
@given(text=TEXT.map(lambda text: text.replace("\n", " ")))
def test_nothing_in_a_text_or_comment_is_code(tmp_path, text):
    inside = f'{text} Sys.getenv("x", "1") library(dplyr) ({{['
    spec = read(tmp_path / "s.R", f"# {inside}\ny <- {quoted(inside, chr(39))}\n")
    assert not spec.params
    assert not spec.implementation.packages


def test_comments_and_layout_do_not_count_and_code_does(tmp_path):
    file = tmp_path / "s.R"
    first = read(file, "x <- 1\ny <- f(x,\n 2)\n").implementation.code
    assert read(file, "# One\n\nx <- 1 # one\n\n\ny <- f( x,\n2 )\n").implementation.code == first
    assert read(file, "x <- 2\ny <- f(x,\n 2)\n").implementation.code != first
    assert read(file, "x <- 1 y <- f(x,\n 2)\n").implementation.code != first


def test_a_script_that_it_sources_counts(tmp_path):
    (tmp_path / "near.R").write_text("a <- 1\n")
    first = read(tmp_path / "s.R", 'source("near.R")\n').implementation.code
    (tmp_path / "near.R").write_text("a <- 2\n")
    assert read(tmp_path / "s.R", 'source("near.R")\n').implementation.code != first


@pytest.mark.parametrize(
    ("source", "told", "line", "column"),
    [
        ("x <- 'a", "a quote is not closed", 1, 6),
        ("x <- `a", "a quote is not closed", 1, 6),
        ("x <- r'(a'", "a raw string is not closed", 1, 6),
        ("f(\n  g(1)", "'(' is never closed", 1, 2),
        ("f(1))", "')' closes something, but nothing is open", 1, 5),
        ("x[[1]", "'[' is never closed", 1, 2),
        ("x <- 1 § 2", "'§' stands where R has no such character", 1, 8),
        ("\n\tx <- '", "a quote is not closed", 2, 7),
    ],
)
def test_what_is_no_r_says_why_and_where(source, told, line, column):
    with pytest.raises(NotR) as caught:
        tokenize(source)
    assert (caught.value.message, caught.value.line, caught.value.column) == (told, line, column)


@given(st.text(st.sampled_from("ab1 \n\t\"'`\\()[]{}#,<-=%.rR&"), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_tokens_or_a_fault(text):
    try:
        tokens = tokenize(text)
    except NotR as fault:
        tokens = [Token(Kind.NAME, "", fault.line, fault.column)]
    assert all(token.line >= 1 and token.column >= 1 for token in tokens)
    for token in tokens:
        if token.kind not in (Kind.STRING, Kind.NAME):
            assert f"{text.split(chr(10))[token.line - 1]}\n".startswith(token.text[:1], token.column - 1)


def test_a_long_script_is_read_in_time_that_grows_with_its_length(tmp_path):
    source = "".join(f'# Help {n}\np{n} <- as.integer(Sys.getenv("p{n}", "{n}"))\n' for n in range(500))
    spec = read(tmp_path / "s.R", source)
    assert len(spec.params) == 500
    assert spec.params["p499"].help == "Help 499"
