"""``assay sites``."""

from __future__ import annotations

import dataclasses
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json
from assay.cli.terminal import Cell, Column, document, note, table
from assay.errors import ExitCode

if TYPE_CHECKING:
    from assay.deployment.inventory import Deployed

app = new_app()


@app.command()
def sites(
    chosen: Annotated[
        list[str] | None,
        typer.Option("--site", "--context", metavar="CONTEXT", help="A context of the kubeconfig; default: all."),
    ] = None,
    kubeconfig: Annotated[
        Path | None, typer.Option("--kubeconfig", metavar="FILE", help="Default: KUBECONFIG, or ~/.kube/config.")
    ] = None,
    namespace: Annotated[
        str, typer.Option("--namespace", metavar="NAME", help="Of the clusters; default: that of each context.")
    ] = "",
    ask: Annotated[
        str | None,
        typer.Option("--ask", metavar="proxy|url", help="Ask through the API server, or at the service's address."),
    ] = None,
    json: Json = False,
) -> None:
    """Show what is deployed at each site: version, digest, verdict, drift.

    Drift is told by the counters of the predictor.

    Exits with 1 when a site does not answer, a verdict has expired, or another bundle answers than the one that was deployed.
    """
    from assay.cli.deploying import word
    from assay.deployment.asking import Reach  # here: a client for clusters, only for this command
    from assay.deployment.cluster import Cluster, contexts
    from assay.deployment.inventory import inventory

    reach = word(ask, Reach, "--ask") if ask else None
    names = dict.fromkeys(chosen or contexts(kubeconfig)[0])
    clusters = [Cluster(name, kubeconfig, namespace) for name in names]
    now = dt.datetime.now(dt.UTC)
    with ThreadPoolExecutor(max(1, len(clusters))) as pool:
        found = [row for rows in pool.map(lambda one: inventory(one, reach, now), clusters) for row in rows]
    if json:
        document([dataclasses.asdict(one) | {"faults": list(one.faults)} for one in found])
    else:
        _show(found)
    if any(one.faults for one in found):
        raise typer.Exit(ExitCode.RUN_FAILED)


def _show(found: list[Deployed]) -> None:
    names = ("site", "service", "version", "bundle", "verdict", "drift")
    table([Column(name) for name in names], [_row(one) for one in found])
    for one in found:
        for fault in one.faults:
            note(f"! {one.site}: {fault}", "red")
        if one.overridden:
            note(f"! {one.site}: {one.overridden}", "bold red")


def _row(one: Deployed) -> list[Cell | str]:
    bad = "red" if one.faults else ""
    return [
        Cell(one.site, "bold"),
        one.service or "-",
        one.version or "-",
        Cell(one.bundle[:12] or "-", "dim"),
        Cell(f"{one.verdict or '-'}{', overridden' if one.overridden else ''}", "bold red" if one.overridden else bad),
        one.drift or "-",
    ]
