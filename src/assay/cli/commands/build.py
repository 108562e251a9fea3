"""``assay build``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import completion
from assay.cli.app import new_app
from assay.cli.options import Json

app = new_app()


@app.command()
def build(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE[:FUNCTION]|NAME", autocompletion=completion.component_sources, help="Which component."
        ),
    ],
    target: Annotated[
        str, typer.Option("--to", metavar="TARGET", autocompletion=completion.targets, help="What to build.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Where; default: build/NAME/TARGET.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="A default in place of the component's own."),
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option("--secret", metavar="PARAM=NAME/KEY", help="Where a cluster keeps a secret parameter."),
    ] = None,
    image: Annotated[
        str, typer.Option("--image", metavar="REF", help="Image to make or to run; default: NAME:VERSION.")
    ] = "",
    base_image: Annotated[
        str, typer.Option("--base-image", metavar="REF", help="What an image is built on; default: python:3.11-slim.")
    ] = "",
    claim: Annotated[
        str, typer.Option("--claim", metavar="NAME", help="Volume claim with a Job's files; default: NAME.")
    ] = "",
    network: Annotated[
        str, typer.Option("--network", metavar="NAME", help="Network that an image is built in, such as host.")
    ] = "",
    index: Annotated[
        str, typer.Option("--index", metavar="ADDRESS", help="Another package index for an image's packages.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace files that differ.")] = False,
    json: Json = False,
) -> None:
    """Build a component as a program, a package, an image, or a document for a cluster.

    Targets: cli (one program file), python (a package), containerfile (a build context), image, kfp, k8s-job, argo, cwl, and those of installed packages. Everything is checked before it is written. Only image needs docker or podman; no target needs a cluster.
    """
    from assay.cli.building import Order, build_one  # the exporters: only when something is built

    order = Order(
        target, tuple(param or ()), tuple(secret or ()), image, base_image, claim, network, index, out, force=force
    )
    build_one(source, order, json=json)
