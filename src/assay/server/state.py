"""What every handler is given."""

from __future__ import annotations

from dataclasses import dataclass

from assay.server.explore.desk import Desk
from assay.server.launcher import Launcher
from assay.server.settings import Settings
from assay.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Studio:
    """The workspace that is served, how, what starts its runs, and where those who explore one ask."""

    workspace: Workspace
    settings: Settings
    launcher: Launcher
    desk: Desk
