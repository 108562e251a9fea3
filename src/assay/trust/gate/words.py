"""A verdict in plain language: for the log of a step and for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from assay.signing import Trust
from assay.trust.evidence.statement import State
from assay.trust.gate.policy import Level
from assay.trust.gate.verdict import Override, Verdict

DEVELOPMENT_WARNING = (
    "Signed by a development key that Assay made itself on this machine: it shows that nothing was changed since, "
    "and not who vouches for it."
)
_SYMBOLS = {State.PASS: "✔", State.FAIL: "✘", State.INSUFFICIENT: "?"}


def headline(verdict: Verdict) -> str:
    """Return the verdict in one sentence."""
    said = {
        State.PASS: "PASS: the model may be published",
        State.FAIL: "FAIL: the model must not be published",
        State.INSUFFICIENT: "INSUFFICIENT EVIDENCE: the model must not be published",
    }
    return f"{said[verdict.state]} under the policy {verdict.policy.name}; {verdict.reason}."


def ruling_lines(verdict: Verdict) -> list[str]:
    """Return one line a rule: symbol, id, whether it only advises, and why."""
    widest = max((len(rule.id) for rule in verdict.rules), default=0)
    return [
        f"{_SYMBOLS[rule.state]} {rule.id:<{widest}}  {'(advisory) ' if rule.level is Level.ADVISORY else ''}{rule.reason}"
        for rule in verdict.rules
    ]


def warnings(verdict: Verdict, override: Override | None = None) -> Sequence[str]:
    """Return what must stand beside the verdict wherever it is shown."""
    told = []
    if override is not None:
        told.append(override_line(override))
    if verdict.trust is Trust.DEVELOPMENT:
        told.append(DEVELOPMENT_WARNING)
    if verdict.synthetic:
        told.append("Synthetic data: no patient stands behind them. Nothing here says anything about real patients.")
    return told


def override_line(override: Override) -> str:
    """Return who published against the verdict, and why."""
    return f"OVERRIDDEN by {override.by} on {override.at:%Y-%m-%d}: {override.reason}"


def explanation(verdict: Verdict, override: Override | None = None) -> list[str]:
    """Return the whole verdict as lines."""
    return [
        headline(verdict),
        *(f"! {line}" for line in warnings(verdict, override)),
        *ruling_lines(verdict),
        f"model {verdict.model.digest[:12]}, policy {verdict.policy.digest[:12]}, {len(verdict.evidence)} evidence files",
        (
            f"judged {verdict.judged:%Y-%m-%d %H:%M} UTC, holds until {verdict.expires:%Y-%m-%d %H:%M} UTC, "
            f"signed by {verdict.signer} ({verdict.trust} key {verdict.key[:12]})"
        ),
    ]
