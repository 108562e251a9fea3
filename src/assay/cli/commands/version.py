"""``assay version``."""

from __future__ import annotations

from assay.cli.app import new_app
from assay.cli.options import Json
from assay.cli.terminal import document, say

app = new_app()


def version_text() -> str:
    """Return ``assay 0.1.0``."""
    return f"assay {_version()}"


@app.command()
def version(json: Json = False) -> None:
    """Print the version."""
    if json:
        document({"version": _version()})
    else:
        say(version_text())


def _version() -> str:
    from importlib.metadata import version as installed  # 20 ms: only when asked

    return installed("assay-ml")
