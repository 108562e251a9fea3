"""One walk over a syntax tree: its canonical text, and the names and imports in it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

Import = ast.Import | ast.ImportFrom


@dataclass(frozen=True, slots=True)
class Trace:
    """What a statement is made of.

    Attributes:
        text: Its tree in a canonical form, without places, docstrings and load/store marks; the same for every Python version
            that parses it alike.
        names: Every bare name in it.
        defined: Names of the functions and classes defined in it.
        imports: Every import in it.
    """

    text: str
    names: frozenset[str]
    defined: frozenset[str]
    imports: tuple[Import, ...]


_LEFT_OUT = frozenset({"ctx", "type_comment", "kind", "type_ignores"})
_FIELDS: dict[type, tuple[str, ...]] = {}
"""Node class to its fields that count, the last one first."""

_END = ")"


def trace(node: ast.AST) -> Trace:
    """Walk ``node`` once, without recursion: user code may nest deeply.

    Empty fields are left out and the others named, so that a field which a newer Python adds changes nothing.
    """
    out: list[str] = []
    names: set[str] = set()
    defined: set[str] = set()
    imports: list[Import] = []
    stack: list[ast.AST | str] = [node]
    # The classes are compared one by one, the most frequent first: this loop is most of the time that reading a file takes.
    while stack:
        item = stack.pop()
        kind = item.__class__
        if isinstance(item, str):
            out.append(item)
        elif isinstance(item, ast.Name):
            names.add(item.id)
            out.append(f"={item.id}")
        elif isinstance(item, ast.Constant):
            out.append(f"{item.value.__class__.__name__} {item.value!r}")
        elif kind is ast.Expr and _is_text(item):
            continue
        else:
            out.append(kind.__name__)
            if isinstance(item, (ast.Import, ast.ImportFrom)):
                imports.append(item)
            elif isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                defined.add(item.name)
            _push_fields(item, kind, stack)
    return Trace("\n".join(out), frozenset(names), frozenset(defined), tuple(imports))


def _push_fields(item: ast.AST, kind: type, stack: list[ast.AST | str]) -> None:
    fields = _FIELDS.get(kind)
    if fields is None:
        counted = (name for name in reversed(item._fields) if name not in _LEFT_OUT)
        fields = _FIELDS[kind] = tuple(counted)
    if not fields:
        return
    stack.append(_END)
    for name in fields:
        value = getattr(item, name, None)
        if not value:
            continue
        if value.__class__ is list:
            stack.append(_END)
            stack.extend([part if isinstance(part, ast.AST) else repr(part) for part in reversed(value)])
        else:
            stack.append(value if isinstance(value, ast.AST) else repr(value))
        stack.append(name)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
