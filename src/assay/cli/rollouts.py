"""A deployment to sites in front of somebody: what happens where, a table at the end, and an orderly end with Ctrl+C."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assay.cli.deploying import Choices, candidate_of, settings_of, warn, word
from assay.cli.terminal import Cell, Column, document, note, table
from assay.errors import AssayError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assay.deployment.asking import Reach
    from assay.deployment.candidate import Candidate
    from assay.deployment.cluster import Cluster
    from assay.deployment.expectation import Expectation
    from assay.deployment.rollout import Outcome
    from assay.deployment.settings import Settings

_COLOURS = {"deployed": "green", "checked": "green", "refused": "red", "rolled back": "red", "broken": "bold red"}
_GLANCE = 0.2
"""Seconds between two looks at whether all sites are done: a signal is handled between them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to, and how long it may take.

    Attributes:
        sites: Contexts of the kubeconfig.
        kubeconfig: The file; ``None``: the usual ones.
        wait: Seconds until a site has to answer.
        ask: The way to it; ``None``: what fits the mode.
        dry_run: Whether the sites only check the documents.
    """

    sites: Sequence[str]
    kubeconfig: Path | None
    wait: float
    ask: str | None
    dry_run: bool


def deploy_to_sites(
    where: str,
    choices: Choices,
    plan: Plan,
    *,
    key: Path | None,
    shelf: Path | None,
    out: Path | None,
    json: bool,
) -> None:
    """Deploy a bundle to all sites of a plan at the same time; raises ``typer.Exit`` when one did not get it."""
    from assay.deployment.cluster import Cluster
    from assay.deployment.documents import documents, text
    from assay.deployment.expectation import expectation

    with candidate_of(where, key, shelf) as (candidate, source):
        settings = settings_of(choices, candidate, source)
        reach = _reach(plan, settings)
        made = documents(candidate, settings)
        if out is not None:
            out.write_bytes(text(candidate, made))
        warn(candidate)
        clusters = [Cluster(site, plan.kubeconfig, settings.namespace) for site in dict.fromkeys(plan.sites)]
        wanted = None if plan.dry_run else expectation(source, candidate, settings.form)
    outcomes, stopped = _all(clusters, candidate, settings, reach, wanted, plan.wait)
    if json:
        document({"artifact": candidate.artifact, "sites": [dataclasses.asdict(one) for one in outcomes]})
    else:
        _show(outcomes)
    if stopped:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if not all(one.state.good for one in outcomes):
        raise typer.Exit(ExitCode.RUN_FAILED)


def _reach(plan: Plan, settings: Settings) -> Reach:
    from assay.deployment.asking import Reach
    from assay.deployment.settings import Mode

    if plan.ask is None:
        return Reach.URL if settings.mode is Mode.KNATIVE else Reach.PROXY
    reach = word(plan.ask, Reach, "--ask")
    if settings.only_grpc and reach is Reach.PROXY:
        raise AssayError("no gRPC goes through the API server", culprit="--ask", hint="--ask url")
    return reach


def _all(
    clusters: Sequence[Cluster],
    candidate: Candidate,
    settings: Settings,
    reach: Reach,
    wanted: Expectation | None,
    patience: float,
) -> tuple[list[Outcome], bool]:
    """Return how it ended at each site, and whether somebody stopped it."""
    from assay.deployment.asking import Asker
    from assay.deployment.documents import documents
    from assay.deployment.rollout import Rollout

    stop = threading.Event()

    def asker(cluster: Cluster, own: Settings) -> Asker:
        return Asker(
            cluster, own.name, reach, canary=own.canary is not None, explainer=own.explainer, grpc=own.only_grpc
        )

    def start(pool: ThreadPoolExecutor, cluster: Cluster) -> Future[Outcome]:
        own = dataclasses.replace(settings, namespace=cluster.namespace)
        job = Rollout(documents(candidate, own), own, wanted, patience, stop, _tell)
        return pool.submit(job.run, cluster, asker(cluster, own))

    with _interrupted(stop), ThreadPoolExecutor(len(clusters)) as pool:
        running = [start(pool, cluster) for cluster in clusters]
        while not all(one.done() for one in running):
            threading.Event().wait(_GLANCE)
        return [one.result() for one in running], stop.is_set()


@contextlib.contextmanager
def _interrupted(stop: threading.Event) -> Iterator[None]:
    """Have Ctrl+C ask for an orderly end, each time it is pressed: a rollback is never cut short."""

    def ask(_signal: int, _frame: object) -> None:
        stop.set()
        note("stopping: sites that are not done are rolled back", "yellow")

    before = {one: signal.signal(one, ask) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell(line: str) -> None:
    note(line, "dim")


def _show(outcomes: Sequence[Outcome]) -> None:
    columns = [Column("site"), Column("state"), Column("before"), Column("s", right=True), Column("detail")]
    table(
        columns,
        [
            [
                Cell(one.site, "bold"),
                Cell(str(one.state), _COLOURS[one.state]),
                one.before or "-",
                f"{one.seconds:.0f}",
                one.detail,
            ]
            for one in outcomes
        ],
    )
