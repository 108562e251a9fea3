"""The server as NVIDIA FLARE runs it: asks the sites that are still there, and leaves the rest to ``federate``."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from nvflare.apis.controller_spec import ClientTask, Task, TaskCompletionStatus
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.fl_context import FLContext
from nvflare.apis.impl.controller import Controller
from nvflare.apis.shareable import Shareable
from nvflare.apis.signal import Signal

from assay.errors import ComponentError
from assay.training.federated.asking import Answer, Asked, Question
from assay.training.federated.flare.carrying import answer_of, question_as_message
from assay.training.federated.flare.places import EVENTS_FILE
from assay.training.federated.recipe import FederatedRecipe
from assay.training.federated.rounds import federate

_LOOK_EVERY = 0.1
_WHEN = {
    **dict.fromkeys((Asked.DESCRIBE, Asked.LOOK, Asked.MEASURE), "before the first round"),
    **dict.fromkeys((Asked.VALIDATE, Asked.CHECK), "after the last round"),
}
_TO_BEGIN = 180.0
"""Seconds a site's process may take to appear."""


class Federation(Controller):  # type: ignore[misc]  # FLARE ships no types
    """A federation of named sites.

    Args:
        sites: Their names.
        fewest: With fewer the run fails; sites that end in the middle are left out of what follows.
        patience: Seconds a site may take for an answer.
        folder: Where events, weights and the ONNX file are written.
        recipe: ``FederatedRecipe.as_json``.
    """

    def __init__(self, sites: list[str], fewest: int, patience: float, folder: str, recipe: Mapping[str, Any]) -> None:
        super().__init__()
        self._sites, self._fewest, self._patience = sites, fewest, patience
        self._folder, self._recipe = Path(folder), FederatedRecipe.from_json(recipe)

    def start_controller(self, fl_ctx: FLContext) -> None:
        """Nothing to prepare: sites are asked when they are there."""

    def stop_controller(self, fl_ctx: FLContext) -> None:
        """Nothing to put away."""

    def control_flow(self, abort_signal: Signal, fl_ctx: FLContext) -> None:
        """Run the federation from the first question to the checked ONNX file."""
        living = _Living(self, self._sites, self._fewest, self._patience, fl_ctx, abort_signal, self._tell)
        try:
            federate(living, self._recipe, self._folder, self._tell)
        except ComponentError as error:
            self._tell("failed", {"message": error.message, "culprit": error.culprit, "hint": error.hint})

    def _tell(self, event: str, facts: Mapping[str, Any]) -> None:
        with (self._folder / EVENTS_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": event, **facts}) + "\n")


class _Living:
    """The sites that still take part. A site has ended when its process has: no message tells of that in time."""

    def __init__(
        self,
        controller: Controller,
        names: list[str],
        fewest: int,
        patience: float,
        fl_ctx: FLContext,
        abort: Signal,
        tell: Any,
    ) -> None:
        self._controller, self._names, self._fewest, self._patience = controller, sorted(names), fewest, patience
        self._fl_ctx, self._abort, self._tell = fl_ctx, abort, tell
        self._seen: set[str] = set()
        self._begun = time.monotonic()

    def ask(self, question: Question) -> Mapping[str, Answer]:
        """Return the answers of all sites that live to give one."""
        came: dict[str, Shareable] = {}

        def received(client_task: ClientTask, fl_ctx: FLContext) -> None:
            del fl_ctx
            came[client_task.client.name], client_task.result = client_task.result, None

        task = Task(str(question.asked), question_as_message(question), result_received_cb=received)
        asked = list(self._names)
        self._controller.broadcast(task, self._fl_ctx, targets=asked, min_responses=len(asked))
        latest = time.monotonic() + self._patience
        while waiting := [site for site in self._names if site not in came]:
            if self._abort.triggered:
                raise ComponentError("the federation was ended from outside")
            if task.completion_status not in (None, TaskCompletionStatus.OK):
                raise ComponentError(f"NVIDIA FLARE gave up to {question.asked}: {task.completion_status.value}")
            self._leave_out(self._ended(waiting), question, "ended")
            if time.monotonic() > latest:
                self._leave_out(waiting, question, f"gave no answer within {self._patience:g} s")
            time.sleep(_LOOK_EVERY)
        if len(came) < len(asked):
            self._controller.cancel_task(task)
        return {site: self._read(site, came[site], question) for site in self._names}

    def _read(self, site: str, message: Shareable, question: Question) -> Answer:
        if (code := message.get_return_code()) != ReturnCode.OK:
            raise ComponentError(f"site {site} refused to {question.asked}: {code}", culprit=site)
        try:
            return answer_of(message, looked_at=True)
        except ValueError as error:
            raise ComponentError(f"the answer of site {site} cannot be used: {error}", culprit=site) from error

    def _ended(self, waiting: list[str]) -> list[str]:
        there = _sites_running()
        self._seen |= there
        late = time.monotonic() - self._begun > _TO_BEGIN
        return [site for site in waiting if site not in there and (site in self._seen or late)]

    def _leave_out(self, gone: list[str], question: Question, how: str) -> None:
        if not gone:
            return
        when = f"in round {question.round + 1}" if question.asked is Asked.TRAIN else _WHEN[question.asked]
        self._names = [site for site in self._names if site not in gone]
        for site in gone:
            self._tell("gone", {"site": site, "how": how, "when": when, "left": len(self._names)})
        if len(self._names) < self._fewest:
            raise ComponentError(
                f"site {', '.join(gone)} {how} {when}: {len(self._names)} of at least {self._fewest} sites are left",
                culprit=gone[0],
                hint="look at the site's own log, or set min_sites lower to go on without it",
            )


def _sites_running() -> set[str]:
    """Return the names of the sites whose processes FLARE's simulator has started and that have not ended."""
    found = set()
    for child in psutil.Process().children():
        try:
            words = child.cmdline() if child.status() != psutil.STATUS_ZOMBIE else []
        except psutil.Error:
            continue
        if "--client" in words:
            found.add(words[words.index("--client") + 1])
    return found
