"""Questions and answers as NVIDIA FLARE carries them: DXO, its envelope for weights and numbers."""

from __future__ import annotations

from nvflare.apis.dxo import DXO, DataKind, from_shareable
from nvflare.apis.shareable import Shareable

from assay.training.federated.asking import Answer, Asked, Question

_TERMS, _ROUND, _TOLD, _LOOKED_AT = "terms", "round", "told", "looked_at"


def question_as_message(question: Question) -> Shareable:
    """Return what FLARE sends to sites."""
    told = {_TERMS: dict(question.terms), _ROUND: question.round}
    return DXO(DataKind.WEIGHTS, data=dict(question.arrays), meta=told).to_shareable()


def question_of(asked: Asked, message: Shareable) -> Question:
    """Return the question that came."""
    given = from_shareable(message)
    return Question(asked, given.data or {}, given.get_meta_prop(_TERMS), given.get_meta_prop(_ROUND))


def answer_as_message(answer: Answer, *, looked_at: bool = False) -> Shareable:
    """Return what FLARE sends to the server.

    Args:
        answer: Of a site.
        looked_at: Whether the site's door has; the server takes no other.
    """
    told = {_TOLD: dict(answer.told)}
    if answer.change:
        made = DXO(DataKind.WEIGHT_DIFF, data=dict(answer.change), meta=told)
    else:
        made = DXO(DataKind.ANALYTIC, data=told)
    made.set_meta_prop(_LOOKED_AT, looked_at)
    return made.to_shareable()


def answer_of(message: Shareable, *, looked_at: bool = False) -> Answer:
    """Return the answer that came.

    Args:
        message: From a site.
        looked_at: Whether it must have passed the site's door.

    Raises:
        ValueError: It is no answer, or passed no door.
    """
    given = from_shareable(message)
    if looked_at and given.get_meta_prop(_LOOKED_AT) is not True:
        raise ValueError("an answer came that passed no door")
    if given.data_kind == DataKind.WEIGHT_DIFF:
        return Answer(given.get_meta_prop(_TOLD), given.data)
    if given.data_kind == DataKind.ANALYTIC and set(given.data) == {_TOLD}:
        return Answer(given.data[_TOLD], {})
    raise ValueError("this is no answer of a site")
