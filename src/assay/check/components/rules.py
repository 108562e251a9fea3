"""The table of rules. To add one: write the function in the file of its group, give it a line here, and a case in the tests."""

from __future__ import annotations

from dataclasses import dataclass

from assay.check.components import code, texts
from assay.check.components.subject import Rule
from assay.errors import Severity


@dataclass(frozen=True, slots=True)
class CodedRule:
    """A rule with what its findings are called; ``help`` is the function's docstring, shown in the documentation."""

    code: str
    severity: Severity
    apply: Rule

    @property
    def help(self) -> str:
        """The rule's documentation."""
        return " ".join((self.apply.__doc__ or "").split())


def _table(*rules: tuple[str, Rule]) -> dict[str, CodedRule]:
    return {name: CodedRule(name, Severity.WARNING, apply) for name, apply in rules}


RULES: dict[str, CodedRule] = _table(
    ("no-title", texts.no_title),
    ("no-help", texts.no_help),
    ("no-version", texts.no_version),
    ("no-licence", texts.no_licence),
    ("undeclared-import", code.undeclared_import),
    ("heavy-import", code.heavy_import),
    ("unused-parameter", code.unused_parameter),
    ("no-memory", code.no_memory),
    ("cached-effect", code.cached_effect),
    ("moving-image", code.moving_image),
)
