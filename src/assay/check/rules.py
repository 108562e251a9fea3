"""The table of rules. To add one: write the function in the file of its group, give it a line here, and a case in the tests."""

from __future__ import annotations

from dataclasses import dataclass

from assay.check import flow, naming, parameters, ports, wiring
from assay.check.subject import Rule
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
        return (self.apply.__doc__ or "").strip()


def _table(*rules: tuple[str, Severity, Rule]) -> dict[str, CodedRule]:
    return {code: CodedRule(code, severity, apply) for code, severity, apply in rules}


RULES: dict[str, CodedRule] = _table(
    ("step-twice", Severity.ERROR, naming.step_twice),
    ("unknown-layout", Severity.WARNING, naming.unknown_layout),
    ("unknown-member", Severity.WARNING, naming.unknown_member),
    ("member-twice", Severity.WARNING, naming.member_twice),
    ("unused-parameter", Severity.WARNING, naming.unused_parameter),
    ("cycle", Severity.ERROR, wiring.cycle),
    ("unknown-step", Severity.ERROR, wiring.unknown_step),
    ("final-source", Severity.ERROR, wiring.final_source),
    ("unknown-port", Severity.ERROR, wiring.unknown_port),
    ("unknown-input", Severity.ERROR, wiring.unknown_input),
    ("missing-input", Severity.ERROR, wiring.missing_input),
    ("several-sources", Severity.ERROR, wiring.several_sources),
    ("type-misfit", Severity.ERROR, wiring.type_misfit),
    ("unknown-pipeline-input", Severity.ERROR, ports.unknown_pipeline_input),
    ("optional-pipeline-input", Severity.ERROR, ports.optional_pipeline_input),
    ("unknown-output", Severity.ERROR, ports.unknown_output),
    ("nested-setting", Severity.ERROR, ports.nested_setting),
    ("unknown-parameter", Severity.ERROR, parameters.unknown_parameter),
    ("missing-parameter", Severity.ERROR, parameters.missing_parameter),
    ("parameter-value", Severity.ERROR, parameters.parameter_value),
    ("unknown-pipeline-parameter", Severity.ERROR, parameters.unknown_pipeline_parameter),
    ("not-a-value", Severity.ERROR, parameters.not_a_value),
    ("secret-in-file", Severity.ERROR, parameters.secret_in_file),
    ("unknown-secret", Severity.ERROR, parameters.unknown_secret),
    ("item-outside-foreach", Severity.ERROR, flow.item_outside_foreach),
    ("run-fact", Severity.ERROR, flow.run_fact),
    ("foreach-list", Severity.ERROR, flow.foreach_list),
    ("foreach-folder", Severity.ERROR, flow.foreach_folder),
    ("item-in-input", Severity.ERROR, flow.item_in_input),
)
