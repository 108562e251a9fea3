"""What the predictor promises, held against what was measured: which budgets are broken, and which are known to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ONE, EIGHT = "1 picture, 1 caller", "1 picture, 8 callers"
RATIO_OF_RPS = 2.0
BYTES_TO_JSON = 3.0
EXPLANATION = 1.5
COLD_SECONDS, MEMORY_MB, GROWTH_MB = 2.0, 250.0, 16.0


@dataclass(frozen=True, slots=True)
class Budget:
    """One promise.

    Attributes:
        said: The promise in words.
        measured: A number.
        bound: What it may be at most, or at least when ``least``.
        least: Whether more is better.
        known: Where it is written that and why it is not held; it does not count as broken then.
    """

    said: str
    measured: float
    bound: float
    least: bool = False
    known: str = ""

    @property
    def held(self) -> bool:
        """Whether the promise is kept; a number that is none keeps nothing."""
        return self.measured >= self.bound if self.least else self.measured <= self.bound

    @property
    def line(self) -> str:
        """What was promised, what was measured, and what that means."""
        state = "held" if self.held else f"not held, see {self.known}" if self.known else "BROKEN"
        return f"{self.said}: {self.measured:.3g}, at {'least' if self.least else 'most'} {self.bound:g}: {state}"


def beside_peers(results: Mapping[str, Any]) -> list[Budget]:
    """Return the budgets of a run beside a bare KServe model and MLServer, from what ``bench.py`` writes."""
    figures, servers = results["figures"], results["servers"]

    def of(server: str, what: str, name: str) -> float:
        return float(figures[f"{server}: {what}"][name])

    more = [
        Budget(
            f"JSON, {what}: requests a second beside the bare KServe model",
            of("assay", f"json, {what}", "rps") / of("kserve", f"json, {what}", "rps"),
            RATIO_OF_RPS,
            least=True,
        )
        for what in (ONE, EIGHT)
    ]
    slow = [
        Budget(
            f"JSON, {EIGHT}: p99 beside {peer}",
            of("assay", f"json, {EIGHT}", "p99_ms") / of(peer, f"json, {EIGHT}", "p99_ms"),
            1.0,
        )
        for peer in ("kserve", "mlserver")
    ]
    ours, theirs = of("assay", f"json, {ONE}", "cpu_ms"), of("kserve", f"json, {ONE}", "cpu_ms")
    binary = of("assay", f"binary, {ONE}", "cpu_ms")
    return [
        *more,
        *slow,
        Budget(f"bytes, {ONE}: processor time of the bare KServe model's JSON", theirs / binary, BYTES_TO_JSON, least=True),
        Budget(
            f"bytes, {ONE}: processor time of our own JSON", ours / binary, BYTES_TO_JSON, least=True, known="decision 44"
        ),
        Budget("cold start, processor seconds", float(servers["assay"]["cold_start_cpu_s"]), COLD_SECONDS),
    ]  # fmt: skip


def of_pictures(showcase: Mapping[str, float]) -> list[Budget]:
    """Return the budgets of a model of pictures like the showcase's."""
    return [
        Budget("cold start of a model of pictures, processor seconds", showcase["cold_start_cpu_s"], COLD_SECONDS),
        Budget("most memory with explanations, MB", showcase["memory_mb"], MEMORY_MB),
        Budget("an explanation beside its calls of the model", showcase["explain_to_model_calls"], EXPLANATION),
    ]


def of_growth(answers: Mapping[str, int], resident: Iterable[float]) -> list[Budget]:
    """Return the budgets of many requests: none breaks the server, and it does not grow once its caches are full."""
    first, *_, last = resident
    ours = sum(count for what, count in answers.items() if what.startswith("http 5") or what in _OURS)
    return [
        Budget("answers that are the server's fault", ours, 0),
        Budget("growth from the first look to the last, MB", last - first, GROWTH_MB),
    ]


_OURS = frozenset(f"grpc {name}" for name in ("INTERNAL", "UNKNOWN", "UNAVAILABLE", "DATA_LOSS", "DEADLINE_EXCEEDED"))


def told(budgets: Iterable[Budget]) -> int:
    """Print the budgets, and return how many are broken."""
    broken = 0
    for one in budgets:
        print(one.line)
        broken += not one.held and not one.known
    print(f"{broken} budgets are broken" if broken else "no budget is broken that is not known to be")
    return broken
