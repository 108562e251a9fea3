"""What somebody declares about a model, because nobody can measure it: what it is for, for whom, who answers for it."""

from __future__ import annotations

from collections.abc import Mapping

from assay.errors import ComponentError, did_you_mean

DECLARED = {
    "name": "Name",
    "version": "Version",
    "developer": "Developer",
    "contact": "Contact",
    "licence": "Licence",
    "summary": "Summary",
    "task": "Task, as the Hugging Face Hub calls it",
    "intended_use": "Intended use and workflow",
    "users": "Intended users",
    "how_to_use": "How to use it",
    "population": "Patients it is for",
    "out_of_scope": "Settings it is not for",
    "risk_level": "Clinical risk level",
    "risks": "Known risks and limitations",
    "biases": "Known biases and ethical considerations",
    "mitigation": "What was done against bias",
    "input_source": "Where inputs come from",
    "release_stage": "Release stage",
    "release_date": "Release date",
    "availability": "Where it is available",
    "monitoring": "Monitoring plan and drift thresholds",
    "maintenance": "Maintenance and updates",
    "changes": "Changes since the last version",
    "oversight": "Human oversight",
    "sign_off": "Signed off by",
    "risk_management": "Risk management",
    "standards": "Standards applied",
    "declaration": "Declaration of conformity",
    "funding": "Funding",
    "stakeholders": "Who was consulted",
    "publications": "Publications",
    "consent": "Consent or disclosure of patients",
}
"""Key to what it is called in a report."""

UNSAID = "Not stated."


class About:
    """Declared facts by key; ``text`` returns a plain sentence for what nobody stated.

    Raises:
        ComponentError: A key is unknown; all of them are named.
    """

    def __init__(self, facts: Mapping[str, str]) -> None:
        unknown = [key for key in facts if key not in DECLARED]
        if unknown:
            hints = [did_you_mean(key, DECLARED) for key in unknown]
            raise ComponentError(
                f"nothing is declared as {', '.join(map(repr, unknown))}",
                culprit=unknown[0],
                hint=" ".join(filter(None, hints)) or f"there are {', '.join(DECLARED)}",
            )
        self._facts = {key: " ".join(str(value).split()) for key, value in facts.items() if str(value).strip()}

    def __contains__(self, key: str) -> bool:
        return key in self._facts

    def text(self, key: str, otherwise: str = UNSAID) -> str:
        """Return what was declared."""
        return self._facts.get(key, otherwise)
