"""The door of a site: lets weights of the known shapes, sums and named numbers out, keeps a list of them, and holds back all else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nvflare.apis.filter import Filter
from nvflare.apis.fl_constant import FLContextKey, ReturnCode
from nvflare.apis.fl_context import FLContext
from nvflare.apis.shareable import Shareable, make_reply

from assay.errors import ComponentError
from assay.training.federated import allowed
from assay.training.federated.asking import Answer, Asked, Question
from assay.training.federated.flare.carrying import answer_as_message, answer_of, question_of
from assay.training.federated.flare.places import LEDGER_FILE

_CAME = "assay.question"


class Arrival(Filter):  # type: ignore[misc]  # FLARE ships no types
    """Remembers the question for the door: FLARE forgets it before an answer is filtered."""

    def process(self, shareable: Shareable, fl_ctx: FLContext) -> Shareable:
        """Return the question as it came."""
        question = question_of(Asked(fl_ctx.get_prop(FLContextKey.TASK_NAME)), shareable)
        fl_ctx.set_prop(_CAME, question, private=True, sticky=False)
        return shareable


class Door(Filter):  # type: ignore[misc]  # FLARE ships no types
    """The last filter of a site's answers.

    What passes is made anew: arrays and numbers that were looked at, and nothing else of the message they came in.

    Args:
        notes: Folder of the site's list.
    """

    def __init__(self, notes: str) -> None:
        super().__init__()
        self._ledger = Path(notes) / LEDGER_FILE

    def process(self, shareable: Shareable, fl_ctx: FLContext) -> Shareable:
        """Return what may cross, or a bare return code."""
        if shareable.get_return_code() != ReturnCode.OK:
            return make_reply(shareable.get_return_code())
        question: Question = fl_ctx.get_prop(_CAME)
        try:
            answer = answer_of(shareable)
            allowed.refuse_other(question, answer)
        except (ComponentError, ValueError) as error:
            self.log_error(fl_ctx, f"held back: {error}")
            return make_reply(ReturnCode.TASK_RESULT_FILTER_ERROR)
        with self._ledger.open("a", encoding="utf-8") as file:
            file.write(json.dumps(_line(question, answer)) + "\n")
        return answer_as_message(answer, looked_at=True)


def _line(question: Question, answer: Answer) -> Mapping[str, Any]:
    line: dict[str, Any] = {"asked": str(question.asked), "numbers": dict(answer.told)}
    if answer.change:
        whole = hashlib.sha256()
        for name in sorted(answer.change):
            whole.update(answer.change[name].tobytes())
        sizes = [array.size for array in answer.change.values()]
        line |= {"round": question.round + 1} if question.asked is Asked.TRAIN else {}
        line |= {"arrays": len(sizes), "weights": sum(sizes), "sha256": whole.hexdigest()}
    return line
