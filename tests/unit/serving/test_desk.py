"""Who is answered first: requests that a server takes in at the same time, and those that come meanwhile."""

from __future__ import annotations

import asyncio

import numpy as np

from assay.serving.asking import Asked
from assay.serving.desk import Desk
from assay.serving.patients import Patient


def test_who_comes_while_another_is_answered_waits_for_one_round_only(known, monkeypatch):
    monkeypatch.setattr(known, "seconds", 0.0)
    desk, order = Desk(known), []
    pixels = np.zeros((1, 1, 16, 16), dtype=np.float32)
    answers = known.answers

    def noted(pixels):
        order.append("answered")
        asyncio.get_running_loop().call_soon(order.append, "looked for more")
        return answers(pixels)

    async def ask():
        asked = Asked(id="", pixels=pixels, warnings=[], patients=[Patient()])
        await asyncio.gather(*(desk.answers_soon(asked) for _ in range(3)))

    monkeypatch.setattr(known, "answers", noted)
    asyncio.run(ask())
    assert order[:5] == ["answered", "looked for more", "answered", "looked for more", "answered"]
