"""``assay policy``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json
from assay.cli.terminal import Cell, Column, document, note, say, table
from assay.errors import ExitCode, InvalidDocument
from assay.model.artifacts import Json as JsonValue
from assay.views.words import counted

if TYPE_CHECKING:
    from assay.trust.gate import Policy

app = new_app(no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A policy that comes with Assay, or a file.")]


@app.callback()
def policy() -> None:
    """List, show and check the rules that models are judged by."""


@app.command("list")
def list_policies(json: Json = False) -> None:
    """List the policies that come with Assay."""
    from assay.trust.gate import find_policy, shipped_names  # here and below: YAML only when a policy is read

    found = [find_policy(name) for name in shipped_names()]
    if json:
        document([policy_json(one) for one in found])
        return
    columns = [Column("policy"), Column("rules", right=True), Column("what for")]
    table(columns, [[Cell(one.name, "bold"), str(len(one.rules)), one.description] for one in found])


@app.command()
def show(which: Which, json: Json = False) -> None:
    """Print a policy as it is written: copy it, change it, and name the copy as policy_file of gate/judge."""
    from assay.trust.gate import find_policy

    found = find_policy(which)
    if json:
        document(policy_json(found))
    else:
        say(found.text.rstrip("\n"))


@app.command()
def admission(
    key: Annotated[
        Path, typer.Option("--key", metavar="PUB", help="Public P-256 key, as 'assay keys cosign' prints it.")
    ],
    registry: Annotated[
        str,
        typer.Option(
            "--registry", metavar="PATTERN", help="Bundles it is about, such as registry.example/radiology/*."
        ),
    ],
    overridden: Annotated[
        bool, typer.Option("--allow-overridden", help="Admit bundles that somebody published against their verdict.")
    ] = False,
) -> None:
    """Print a Kyverno policy for a site: only bundles signed with a key, and with a verdict that holds, are deployed."""
    from assay.cli.terminal import raw
    from assay.deployment.kyverno import admission_policy, policy_text

    public = key.read_text(encoding="utf-8", errors="replace")
    raw(policy_text(admission_policy(public, registry, overridden=overridden)))


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Policy files.")], json: Json = False
) -> None:
    """Find every fault of policy files, each with its place and the name that was meant. Exits with 2 when there is one."""
    from assay.cli.faults import faults_text
    from assay.trust.gate import read_policy
    from assay.views.shapes import fault_json

    told: list[dict[str, JsonValue]] = []
    for file in files:
        try:
            found = read_policy(file.read_text(encoding="utf-8", errors="replace"), str(file))
        except InvalidDocument as error:
            told.append({"file": str(file), "ok": False, "faults": [fault_json(fault) for fault in error.faults]})
            if not json:
                note(faults_text(error.faults))
                say(f"✘ {file}: {counted(len(error.faults), 'fault')}", "bold red")
        else:
            told.append({"file": str(file), "ok": True, "faults": []})
            if not json:
                say(f"✔ {file}: {counted(len(found.rules), 'rule')}", "green")
    if json:
        document(list(told))
    if not all(one["ok"] for one in told):
        raise typer.Exit(ExitCode.BAD_INPUT)


def policy_json(policy: Policy) -> dict[str, JsonValue]:
    """A policy: ``name``, ``description``, ``digest``, ``expires`` (seconds), ``signer``, ``rules`` (each ``id``, ``title``, ``statement``,
    ``on``, ``bound``, ``level``, ``fewest``, ``need``, ``by``, ``why``)."""
    return {
        "name": policy.name,
        "description": policy.description,
        "digest": policy.digest,
        "expires": policy.expires,
        "signer": str(policy.signer),
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "statement": rule.statement,
                "on": str(rule.scope),
                "bound": str(rule.bound or "declared"),
                "level": str(rule.level),
                "fewest": rule.fewest,
                "need": str(rule.need),
                "by": rule.by,
                "why": rule.why,
            }
            for rule in policy.rules
        ],
    }
