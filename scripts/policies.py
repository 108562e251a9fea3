"""Write the page of the policies that come with Assay: python scripts/policies.py > docs/trust/policies.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from assay.trust.evidence.kinds import KINDS, counted
from assay.trust.gate import Policy, Rule, Signer, find_policy, shipped_names

_HEAD = """\
# Shipped policies

Written by `make docs` from the files in `src/assay/trust/gate/policies`. What a bound means and how to write a policy of your own: [the gate](gate.md).
A bound is about an end of the 95 % interval; *at least* is the number of independent patients without whom a figure does not count.
"""
_DAY = 86_400


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield from _HEAD.splitlines()
    for name in shipped_names():
        yield from _policy(find_policy(name))


def _policy(policy: Policy) -> Iterator[str]:
    signer = "a key somebody made on purpose" if policy.signer is Signer.NAMED else "any key, also a development key"
    yield from ("", f"## {policy.name}", "", policy.description, "")
    yield f"A verdict holds for {policy.expires / _DAY:g} days. Whose signature counts: {signer}."
    yield from ("", "| rule | figure, on whom | bound | at least | | why |", "|---|---|---|---:|---|---|")
    yield from (f"| {' | '.join(_cells(rule))} |" for rule in policy.rules)


def _cells(rule: Rule) -> Iterator[str]:
    kind = KINDS.get(rule.statement)
    yield f"`{rule.id}`: {rule.title}"
    figure = f"{kind.title} (`{rule.statement}`)" if kind else f"`{rule.statement}`"
    yield f"{figure}, {rule.scope}" + (", one method at least" if rule.need == "one-method" else "")
    yield f"`{rule.bound}`" if rule.bound else "as declared to the component"
    yield f"{rule.fewest} {counted(rule.statement)}" if rule.fewest else ""
    yield str(rule.level)
    yield rule.why


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
