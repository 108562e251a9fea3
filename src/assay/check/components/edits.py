"""Repairs of a decorator as splices of the text: everything else keeps its bytes."""

from __future__ import annotations

import ast
import re

from assay.authoring.source import Source
from assay.check.components.subject import Subject
from assay.errors import Fix

_LINE_END = re.compile(r"\r\n|\n|\r")
"""What the syntax tree counts as a line; ``str.splitlines`` knows more."""


def with_keyword(subject: Subject, text: str) -> Fix | None:
    """Return the repair that adds ``name=value`` to ``@component(…)``."""
    if subject.python is None:
        return None
    source, decorator = subject.python.source, subject.python.decorator
    title = f"add {text}"
    if not isinstance(decorator, ast.Call):
        end = _end(source, decorator)
        return Fix(title, end, end, f"({text})")
    written: list[ast.expr | ast.keyword] = [*decorator.args, *decorator.keywords]
    if not written:
        end = _end(source, decorator) - 1
        return Fix(title, end, end, text)
    last = max(written, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
    end = _end(source, last)
    gap = "\n" + " " * last.col_offset if last.lineno != decorator.lineno else " "
    return Fix(title, end, end, f",{gap}{text}")


def with_requirement(subject: Subject, package: str) -> Fix | None:
    """Return the repair that adds a package to ``requires``; ``None`` where it is not written as a plain tuple."""
    keyword = subject.python.keyword("requires") if subject.python else None
    if subject.python is None or keyword is None:
        return with_keyword(subject, f'requires=("{package}",)')
    source, value = subject.python.source, keyword.value
    title = f"add {package!r} to requires"
    if not isinstance(value, ast.Tuple | ast.List):
        return None
    if not value.elts:
        start, end = _offset(source, value.lineno, value.col_offset), _end(source, value)
        return Fix(title, start, end, f'("{package}",)')
    end = _end(source, value.elts[-1])
    return Fix(title, end, end, f', "{package}"')


def _end(source: Source, node: ast.expr | ast.keyword) -> int:
    return _offset(source, node.end_lineno or node.lineno, node.end_col_offset or 0)


def _offset(source: Source, line: int, column: int) -> int:
    """Return the character offset of a place that the tree gives as a line and bytes in it."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(source.text))]
    start = starts[line - 1]
    return start + len(source.text[start:].encode()[:column].decode(errors="replace")) if column else start
