"""Options and arguments that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import completion

Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout instead of text.")]
Store = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        envvar="ASSAY_STORE",
        help="Folder of the store; default: .assay here, or in a folder above.",
    ),
]
Run = Annotated[
    str, typer.Argument(metavar="RUN", autocompletion=completion.runs, help="Run id, a unique start of one, or 'last'.")
]
Step = Annotated[str, typer.Argument(metavar="STEP", autocompletion=completion.steps, help="Name of a step.")]
Component = Annotated[
    str, typer.Argument(metavar="NAME", autocompletion=completion.components, help="Such as train/image-classifier.")
]
SignedBy = Annotated[
    Path | None,
    typer.Option("--key", metavar="PUB", help="The signer's public key; default: all keys of 'assay keys list'."),
]
SigningKey = Annotated[
    str | None, typer.Option("--key", metavar="NAME", help="Which of your keys signs; default: the development key.")
]
Passphrase = Annotated[
    str | None,
    typer.Option("--passphrase", metavar="SECRET", help="Name of the secret that holds its passphrase, never itself."),
]
Shelf = Annotated[
    Path | None,
    typer.Option(
        "--shelf",
        metavar="DIR",
        envvar="ASSAY_BUNDLES",
        help="Folder of bundles that were taken in; default: in your data folder.",
    ),
]
