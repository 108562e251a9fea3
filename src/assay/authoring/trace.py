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
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}
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
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            out.append(item)
        elif isinstance(item, ast.Name):
            names.add(item.id)
            out.append(f"Name {item.id}")
        elif isinstance(item, ast.Constant):
            out.append(f"{type(item.value).__name__} {item.value!r}")
        elif not (isinstance(item, ast.Expr) and _is_text(item.value)):
            if isinstance(item, (ast.Import, ast.ImportFrom)):
                imports.append(item)
            elif isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                defined.add(item.name)
            parts = _parts(item)
            out.append(type(item).__name__)
            if parts:
                stack.append(_END)
                stack.extend(reversed(parts))
    return Trace("\n".join(out), frozenset(names), frozenset(defined), tuple(imports))


def _parts(node: ast.AST) -> list[ast.AST | str]:
    kind = type(node)
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _LEFT_OUT)
    parts: list[ast.AST | str] = []
    for name in fields:
        value = getattr(node, name, None)
        if not value:
            continue
        parts.append(name)
        if isinstance(value, list):
            parts.extend(item if isinstance(item, ast.AST) else repr(item) for item in value)
            parts.append(_END)
        else:
            parts.append(value if isinstance(value, ast.AST) else repr(value))
    return parts


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
