"""Where the reading of a file puts what is wrong with it, so that all of it is told at once."""

from __future__ import annotations

import ast

from assay.authoring.source import Source
from assay.errors import Fault, Severity


class Faults:
    """Collects faults of one file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.found: list[Fault] = []

    def error(self, code: str, message: str, node: ast.AST, *, culprit: str = "", hint: str = "") -> None:
        """Note an error at ``node``."""
        self.found.append(Fault(code, message, culprit, self._source.location(node), hint))

    def warning(self, code: str, message: str, node: ast.AST, *, culprit: str = "", hint: str = "") -> None:
        """Note a warning at ``node``."""
        self.found.append(Fault(code, message, culprit, self._source.location(node), hint, Severity.WARNING))


def shown(node: ast.AST, longest: int = 60) -> str:
    """Return the source of an expression on one line, cut when long."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
