"""What is counted of requests: figures for Prometheus in a bounded number of series, and a log of facts. Nothing of any one patient."""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections.abc import Sequence
from functools import lru_cache, partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assay.serving.asking import Asked
from assay.serving.cohorts import Groups
from assay.serving.events import Events, Finished
from assay.serving.model import Answer, ServedModel

LOG = "assay.serving"

_SHARES = tuple(number / 10 for number in range(1, 11))
_RATIOS = (0.1, 0.25, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 100.0)
_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_log = logging.getLogger(LOG)
_chance = random.Random()  # noqa: S311  (numbers that shall differ, not be secret: no word with the kernel for each)


class Counts:
    """Counters, histograms and the log of one served model.

    Every label has a closed set of values: sexes and age groups are those of the bundle's evidence, ``other`` and ``unknown``. Sex and age
    are counted apart, never crossed: the more groups cross, the sooner a count is a person.

    Args:
        model: Whose answers are counted.
    """

    def __init__(self, model: ServedModel) -> None:
        self._model = model
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "assay_requests",
            "Requests by protocol, what was asked, and status of HTTP or gRPC.",
            ["protocol", "ask", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "assay_request_seconds", "Seconds a request took.", ["protocol", "ask"], registry=registry
        )
        self._pictures = Counter("assay_pictures", "Pictures by answer.", ["label"], registry=registry)
        self._scores = Histogram(
            "assay_score", "Probability of the positive label.", buckets=_SHARES, registry=registry
        )
        self._unlike = Histogram(
            "assay_out_of_distribution",
            "Distance of pictures from those of the training; above 1 they are unlike them.",
            buckets=_RATIOS,
            registry=registry,
        )
        group = ["by", "group"]
        self._by_group = Counter(
            "assay_group_pictures", "Pictures by group of patients and answer.", [*group, "label"], registry=registry
        )
        self._score_by_group = Counter("assay_group_score", "Sum of the scores of a group.", group, registry=registry)
        self._unlike_by_group = Counter(
            "assay_group_unlike_pictures",
            "Pictures of a group that are unlike those of the training.",
            group,
            registry=registry,
        )
        self._series = lru_cache(maxsize=256)(
            self._labelled
        )  # to look a series up by its labels takes as long as to count
        self._called = {label: self._pictures.labels(label) for label in model.facts.labels}
        self._expected(registry)

    def finished(self, finished: Finished) -> None:
        """Count a request and log its facts."""
        requests, seconds = self._series(finished.protocol, finished.ask, finished.status)
        requests.inc()
        seconds.observe(finished.seconds)
        if _log.isEnabledFor(logging.INFO):
            _log.info(json.dumps({"time": round(time.time(), 3), **finished.facts()}))

    def events(self, events: Events) -> None:
        """Show from now on how many events were sent, dropped because too many waited, or not taken by the sink."""
        gauge = Gauge(
            "assay_events", "CloudEvents since the start, by what became of them.", ["outcome"], registry=self.registry
        )
        for outcome in ("sent", "dropped", "failed"):
            gauge.labels(outcome).set_function(partial(getattr, events, outcome))

    def answers(self, asked: Asked, answers: Sequence[Answer]) -> None:
        """Count answers, by group where the caller said whom the pictures are of."""
        for answer, patient in zip(answers, asked.patients, strict=True):
            self._called[answer.label].inc()
            self._scores.observe(answer.score)
            if answer.unlike is not None:
                self._unlike.observe(answer.unlike)
            if patient.sex or patient.age is not None:
                self._group(self._model.cohorts.groups(patient), answer)

    def text(self) -> bytes:
        """Return everything counted, as Prometheus reads it."""
        return generate_latest(self.registry)

    def _labelled(self, protocol: str, ask: str, status: str) -> tuple[Counter, Histogram]:
        return self._requests.labels(protocol, ask, status), self._seconds.labels(protocol, ask)

    def _group(self, groups: Groups, answer: Answer) -> None:
        for by, group in (("sex", groups.sex), ("age_group", groups.age_group)):
            self._by_group.labels(by, group, answer.label).inc()
            self._score_by_group.labels(by, group).inc(answer.score)
            if answer.unlike is not None and answer.unlike > 1:
                self._unlike_by_group.labels(by, group).inc()

    def _expected(self, registry: CollectorRegistry) -> None:
        """State what the evidence measured, so that a rule of Prometheus can hold the counters against it."""
        rates = self._model.cohorts.selection_rates()
        if not rates:
            return
        expected = Gauge(
            "assay_evidence_selection_rate",
            "Share that was called positive when the model was judged.",
            ["by", "group"],
            registry=registry,
        )
        for (by, group), value in rates.items():
            expected.labels(by, group).set(value)


def request_number(given: str | None) -> str:
    """Return the caller's number of a request when it is one, else a new one of 32 digits: names have no place in a log."""
    return given if given and _ID.fullmatch(given) else f"{_chance.getrandbits(128):032x}"
