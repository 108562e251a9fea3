"""The graph: order, reach, cycles; never recursion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.model.graph import Cycle, Graph


def test_order_puts_needs_first_and_keeps_the_given_order_otherwise() -> None:
    graph = Graph({"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": [], "e": []})
    assert graph.order() == ("a", "e", "b", "c", "d")
    assert (graph.needs("d"), graph.feeds("a")) == (("b", "c"), ("b", "c"))
    assert (list(graph), len(graph)) == (["d", "b", "c", "a", "e"], 5)


def test_needs_that_are_no_nodes_and_repeats_are_left_out() -> None:
    assert Graph({"a": ["x", "b", "b"], "b": []}).needs("a") == ("b",)


def test_reach() -> None:
    graph = Graph({"a": [], "b": ["a"], "c": ["b"], "d": []})
    assert graph.ancestors(["c"]) == {"a", "b"}
    assert graph.descendants(["a"]) == {"b", "c"}
    assert graph.descendants(["a", "b"]) == {"b", "c"}


def test_a_chain_of_5000_steps() -> None:
    chain = Graph({number: [number - 1] for number in range(5000)})
    assert chain.order() == tuple(range(5000))
    assert len(chain.ancestors([4999])) == 4999
    assert len(chain.descendants([0])) == 4999


def test_a_circle_of_5000_steps_is_found() -> None:
    with pytest.raises(Cycle) as caught:
        Graph({number: [(number - 1) % 5000] for number in range(5000)}).order()
    assert len(caught.value.nodes) == 5000


@pytest.mark.parametrize(
    ("needs", "drawn"),
    [
        ({"a": ["a"]}, "a → a"),
        ({"a": ["b"], "b": ["a"]}, "a → b → a"),
        ({"a": ["c"], "b": ["a"], "c": ["b"]}, "a → b → c → a"),
        ({"z": ["c"], "a": ["c"], "b": ["a"], "c": ["b"], "y": []}, "a → b → c → a"),
    ],
)
def test_a_cycle_is_drawn_in_the_direction_of_the_data(needs: dict[str, list[str]], drawn: str) -> None:
    with pytest.raises(Cycle) as caught:
        Graph(needs).order()
    nodes = caught.value.nodes
    turned = {" → ".join((*nodes[i:], *nodes[:i], nodes[i])) for i in range(len(nodes))}
    assert drawn in turned
    assert str(caught.value) in turned


@given(st.dictionaries(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4), max_size=13))
def test_order_or_a_true_cycle(needs: dict[int, list[int]]) -> None:
    graph = Graph(needs)
    try:
        order = graph.order()
    except Cycle as found:
        for before, after in zip(found.nodes, (*found.nodes[1:], found.nodes[0]), strict=True):
            assert before in graph.needs(after)
        return
    assert sorted(order) == sorted(needs)
    place = {node: number for number, node in enumerate(order)}
    assert all(place[need] < place[node] for node in graph for need in graph.needs(node))
