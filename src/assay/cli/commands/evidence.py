"""``assay evidence``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json, Passphrase

app = new_app(no_args_is_help=True)

Sites = Annotated[
    list[Path], typer.Argument(metavar="SITE...", help="Folders that 'assay bundle evaluate' wrote, one a site.")
]
Key = Annotated[
    list[Path] | None,
    typer.Option(
        "--key", metavar="PUB", help="A site's public key; again for more. Default: all of 'assay keys list'."
    ),
]


@app.callback()
def evidence() -> None:
    """Merge the evidence of several hospitals into one report."""


@app.command("merge")
def merge_sites(
    sites: Sites,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder for report, evidence and verdict.")],
    policy: Annotated[
        str, typer.Option("--policy", metavar="NAME|FILE", help="The rules of the verdict over all sites.")
    ] = "site",
    signing: Annotated[
        str | None,
        typer.Option(
            "--sign", metavar="NAME", help="Which of your keys signs the verdict; default: the only one you have."
        ),
    ] = None,
    passphrase: Passphrase = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Merge the signed evidence of several sites into one multi-site report.

    Every signature and every byte is checked, and that the sites measured the same model in the same way on different data; otherwise all
    reasons are told, nothing is written, and the command exits with 1 (with 2 for a broken or unknown signature). Figures are averaged by
    random effects (Paule and Mandel; Hartung and Knapp), with how the sites differ and where another site would lie. The merged evidence is
    evidence like any other: a gate judges it, here under --policy.
    """
    from assay.cli.project import secret_value
    from assay.cli.sharing import merge_evidence

    secret = secret_value(passphrase, None) if passphrase else ""
    merge_evidence(sites, out, policy, signing, secret, key or (), json=json)
