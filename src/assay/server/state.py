"""What every handler is given."""

from __future__ import annotations

from dataclasses import dataclass

from assay.server.launcher import Launcher
from assay.server.settings import Settings
from assay.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Studio:
    """The workspace that is served, how, and what starts its runs."""

    workspace: Workspace
    settings: Settings
    launcher: Launcher
