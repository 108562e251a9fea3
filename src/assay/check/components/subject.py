"""What every rule looks at: the specification of a component and, for a Python function, its syntax."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assay.authoring.decorator import find_decorator
from assay.authoring.source import FunctionNode, Source
from assay.errors import Fix, Location
from assay.model.component import ComponentSpec, FunctionImplementation


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found. ``node`` is the place; without one, the component's own."""

    message: str
    culprit: str
    hint: str = ""
    node: ast.AST | None = None
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class PythonSource:
    """A function with its ``@component`` in a parsed file."""

    source: Source
    node: FunctionNode
    decorator: ast.expr

    def keyword(self, name: str) -> ast.keyword | None:
        """Return one keyword of the decorator as it is written."""
        keywords = self.decorator.keywords if isinstance(self.decorator, ast.Call) else []
        return next((keyword for keyword in keywords if keyword.arg == name), None)


@dataclass(frozen=True, slots=True)
class Subject:
    """One component; ``python`` is ``None`` for one that is no Python function."""

    spec: ComponentSpec
    python: PythonSource | None = None

    @property
    def shared(self) -> bool:
        """Whether it has a name of its own, so that others find it in a catalog."""
        return "/" in self.spec.name and not self.spec.name.startswith((".", "/"))

    @property
    def undocumented(self) -> bool:
        """Whether authoring has said already that there is no docstring at all."""
        return self.python is not None and not ast.get_docstring(self.python.node)

    def place(self, node: ast.AST | None) -> Location:
        """Return where ``node``, or else the component, stands."""
        if self.python is None:
            return Location(self.spec.implementation.file, 1, 1)
        return self.python.source.location(node or self.python.node)

    def argument(self, name: str) -> ast.arg | None:
        """Return the parameter of the function that has this name."""
        if self.python is None:
            return None
        arguments = self.python.node.args
        listed = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return next((argument for argument in listed if argument.arg == name), None)


Rule = Callable[[Subject], Iterator[Finding]]


def python_source(spec: ComponentSpec, source: Source) -> PythonSource | None:
    """Return the syntax of ``spec`` in its file; ``None`` when it is not there."""
    code = spec.implementation
    if not isinstance(code, FunctionImplementation):
        return None
    for node in reversed(source.functions):  # the later of two definitions is the one that Python would call
        decorator = find_decorator(node, source)
        if node.name == code.function and decorator is not None:
            return PythonSource(source, node, decorator)
    return None
