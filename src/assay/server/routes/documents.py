"""Files of the workspace, their faults, and what running them would do."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from assay.check import Checked
from assay.engine.selection import Selection
from assay.errors import Fault
from assay.ids import StepName
from assay.model.codec import load
from assay.server import documents
from assay.server.confinement import existing, inside
from assay.server.routing import Routes
from assay.server.state import Studio
from assay.server.targets import find_target
from assay.server.wire.converting import convert
from assay.server.wire.documents import Asked, CheckResult, Draft, FileEntry, Opened, Plan, Save, Text
from assay.views.mending import apart, applied
from assay.views.shapes import component_json, fault_json, param_json, plan_json

router = Routes("documents")

_MOST_ROUNDS = 20
"""A repair may uncover another fault; twenty rounds is more than any file needs."""


@router.get("/files", "listFiles")
def list_files(studio: Studio) -> list[FileEntry]:
    """List the files of the workspace."""
    return [convert(asdict(file), FileEntry) for file in documents.listing(studio.settings.root)]


@router.get("/documents/{path:path}", "openDocument")
def open_document(path: str, studio: Studio) -> Opened:
    """Open a text file."""
    return convert(asdict(documents.read(studio.settings.root, path)), Opened)


@router.put("/documents/{path:path}", "saveDocument")
def save_document(path: str, body: Save, studio: Studio) -> Opened:
    """Save a text file; 412 with what is there now when somebody else changed it meanwhile."""
    return convert(asdict(documents.save(studio.settings.root, path, body.text, body.etag)), Opened)


@router.post("/check", "checkDraft")
def check_draft(body: Draft, studio: Studio) -> CheckResult:
    """Find every fault of a text, saved or not, and the components that it uses."""
    checked = _check(studio, body.path, body.text)
    used: dict[str, Any] = {}
    if checked.pipeline is not None:
        for step in checked.pipeline.all_steps():
            if step.name in checked.specs:
                nested = step.name in checked.nested
                used.setdefault(step.use, {**component_json(checked.specs[step.name]), "pipeline": nested})
    faults = [_in_workspace(studio, fault_with_fix(fault)) for fault in checked.faults]
    params = [param_json(one) for one in checked.pipeline.params.values()] if checked.pipeline is not None else None
    return convert({"ok": checked.ok, "faults": faults, "components": used, "params": params}, CheckResult)


@router.post("/fix", "fixDraft")
def fix_draft(body: Draft, studio: Studio) -> Text:
    """Apply every repair that is certain, as ``assay check --fix`` does."""
    text, fixed = body.text, 0
    for _ in range(_MOST_ROUNDS):
        fixes = apart(fault.fix for fault in _check(studio, body.path, text).faults if fault.fix is not None)
        if not fixes:
            break
        fixed += len(fixes)
        text = applied(text, fixes)
    return Text(text=text, fixed=fixed)


@router.post("/plan", "planRun")
def plan_run(body: Asked, studio: Studio) -> Plan:
    """Say what a run of the saved file would do, and why."""
    find_target(body.target)
    workspace = studio.workspace
    checked = workspace.check(workspace.load(existing(studio.settings.root, body.path)))
    plan = workspace.plan(checked, body.params, selection(body))
    assert checked.pipeline is not None
    return convert(plan_json(checked.pipeline.name, plan), Plan)


def selection(body: Asked) -> Selection:
    """Return the steps that were asked for."""

    def names(listed: list[str]) -> tuple[StepName, ...]:
        return tuple(map(StepName, listed))

    return Selection(names(body.to), names(body.start), names(body.only), names(body.force), body.force_all)


def fault_with_fix(fault: Fault) -> dict[str, Any]:
    """Return a fault with its repair, for the Fix button."""
    fix = asdict(fault.fix) if fault.fix is not None else None
    return {**fault_json(fault), "fix": fix}


def _in_workspace(studio: Studio, fault: dict[str, Any]) -> dict[str, Any]:
    """Name the file of a fault as the editor does: from the workspace's folder."""
    place = fault["location"]
    if place is not None and Path(place["file"]).is_relative_to(studio.settings.root):
        fault["location"] = {**place, "file": Path(place["file"]).relative_to(studio.settings.root).as_posix()}
    return fault


def _check(studio: Studio, path: str, text: str) -> Checked:
    return studio.workspace.check(load(text, str(inside(studio.settings.root, path))))
