"""The palette."""

from __future__ import annotations

import assay
from assay.model.artifacts import FACTS
from assay.server.routes.documents import fault_with_fix
from assay.server.routing import Routes
from assay.server.state import Studio
from assay.server.targets import targets
from assay.server.wire.converting import convert
from assay.server.wire.documents import Catalog
from assay.server.wire.runs import Session, TypeFact
from assay.views.shapes import component_json

router = Routes("components")


@router.get("/session", "session")
def session(studio: Studio) -> Session:
    """Say who answers, where runs may go, and which artifact types there are."""
    types = [
        TypeFact(
            name=str(kind), parent=str(facts.parent) if facts.parent else None, folder=facts.folder, help=facts.help
        )
        for kind, facts in FACTS.items()
    ]
    return Session(version=assay.__version__, workspace=studio.settings.root.name, targets=targets(), types=types)


@router.get("/components", "listComponents")
def list_components(studio: Studio) -> Catalog:
    """List every component, and what is wrong with others."""
    specs, faults = studio.workspace.catalog.whole()
    components = [component_json(spec) for spec in specs]
    return convert({"components": components, "faults": [fault_with_fix(fault) for fault in faults]}, Catalog)
