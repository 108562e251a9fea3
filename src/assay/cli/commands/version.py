"""``assay version``."""

from __future__ import annotations

import assay
from assay.cli.app import new_app
from assay.cli.options import Json
from assay.cli.terminal import document, say

app = new_app()


@app.command()
def version(json: Json = False) -> None:
    """Print the version."""
    if json:
        document({"version": assay.__version__})
    else:
        say(f"assay {assay.__version__}")
