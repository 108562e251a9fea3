"""A site as NVIDIA FLARE runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nvflare.apis.executor import Executor
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.fl_context import FLContext
from nvflare.apis.shareable import Shareable, make_reply
from nvflare.apis.signal import Signal

from assay.errors import ComponentError
from assay.training.federated.answering import answer
from assay.training.federated.asking import Asked
from assay.training.federated.flare.carrying import answer_as_message, question_of
from assay.training.federated.flare.places import REFUSAL_FILE
from assay.training.federated.recipe import FederatedRecipe
from assay.training.federated.site import Folders, Site


class SiteExecutor(Executor):  # type: ignore[misc]  # FLARE ships no types
    """One site; the only process that is told where its images lie.

    Args:
        number: Its place among the sites.
        train: Folder of its training images.
        validation: Folder of its validation images.
        notes: Folder for what it keeps to itself.
        recipe: ``FederatedRecipe.as_json``.
    """

    def __init__(self, number: int, train: str, validation: str, notes: str, recipe: Mapping[str, Any]) -> None:
        super().__init__()
        self._number, self._folders, self._notes = number, Folders(Path(train), Path(validation)), Path(notes)
        self._recipe = FederatedRecipe.from_json(recipe)
        self._site: Site | None = None

    def execute(self, task_name: str, shareable: Shareable, fl_ctx: FLContext, abort_signal: Signal) -> Shareable:
        """Do a task; a refusal crosses as a return code, and its words stay here: they may name a picture or a patient."""
        del fl_ctx, abort_signal
        try:
            if self._site is None:
                self._site = Site(self._number, self._folders, self._recipe)
            return answer_as_message(answer(self._site, question_of(Asked(task_name), shareable)))
        except ComponentError as error:
            told = {"message": error.message, "culprit": error.culprit, "hint": error.hint}
            (self._notes / REFUSAL_FILE).write_text(json.dumps(told), encoding="utf-8")
            return make_reply(ReturnCode.EXECUTION_RESULT_ERROR)
