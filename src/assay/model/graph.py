"""A directed graph of names. No recursion: a chain of many thousand steps is as good as a chain of three."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Cycle(ValueError, Generic[Node]):  # noqa: N818
    """The graph has a cycle; ``nodes`` lists it in order, without repeating the first."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes
        super().__init__(" → ".join(str(node) for node in (*nodes, nodes[0])))


class Graph(Generic[Node]):
    """Nodes and, for each, the nodes it needs first. Keeps the order in which nodes were given.

    Args:
        needs: Node to the nodes that come before it. Needs that are not nodes themselves are left out.
    """

    def __init__(self, needs: Mapping[Node, Iterable[Node]]) -> None:
        self._needs: dict[Node, tuple[Node, ...]] = {
            node: tuple(dict.fromkeys(need for need in before if need in needs)) for node, before in needs.items()
        }
        feeds: dict[Node, list[Node]] = {node: [] for node in self._needs}
        for node, before in self._needs.items():
            for need in before:
                feeds[need].append(node)
        self._feeds = {node: tuple(after) for node, after in feeds.items()}

    def __iter__(self) -> Iterator[Node]:
        return iter(self._needs)

    def __len__(self) -> int:
        return len(self._needs)

    def needs(self, node: Node) -> tuple[Node, ...]:
        """Return the direct predecessors."""
        return self._needs[node]

    def feeds(self, node: Node) -> tuple[Node, ...]:
        """Return the direct successors."""
        return self._feeds[node]

    def order(self) -> tuple[Node, ...]:
        """Return the nodes so that each comes after what it needs (ties in the given order); raises ``Cycle``."""
        waiting = {node: len(before) for node, before in self._needs.items()}
        ready = deque(node for node, count in waiting.items() if count == 0)
        done: list[Node] = []
        while ready:
            node = ready.popleft()
            done.append(node)
            for after in self._feeds[node]:
                waiting[after] -= 1
                if waiting[after] == 0:
                    ready.append(after)
        if len(done) < len(self._needs):
            raise Cycle(self._find_cycle({node for node, count in waiting.items() if count}))
        return tuple(done)

    def ancestors(self, nodes: Iterable[Node]) -> frozenset[Node]:
        """Return every node that one of ``nodes`` needs, at any distance, without ``nodes`` themselves unless needed."""
        return self._reach(nodes, self._needs)

    def descendants(self, nodes: Iterable[Node]) -> frozenset[Node]:
        """Return every node that needs one of ``nodes``, at any distance."""
        return self._reach(nodes, self._feeds)

    def _reach(self, nodes: Iterable[Node], edges: Mapping[Node, tuple[Node, ...]]) -> frozenset[Node]:
        seen: set[Node] = set()
        stack = [near for node in nodes for near in edges[node]]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(edges[node])
        return frozenset(seen)

    def _find_cycle(self, stuck: set[Node]) -> tuple[Node, ...]:
        """Walk backwards among nodes that never became ready: each has a stuck predecessor, so the walk must meet itself."""
        node = next(node for node in self._needs if node in stuck)
        path: dict[Node, None] = {}
        while node not in path:
            path[node] = None
            node = next(need for need in self._needs[node] if need in stuck)
        walked = list(path)
        return tuple(reversed(walked[walked.index(node) :]))
