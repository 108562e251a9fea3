"""The workspace: one project's store and catalog, and everything a command, an editor or a notebook may ask of them."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import assay
from assay.catalog import Catalog, open_catalog, project_folder
from assay.catalog.pipelines import pipeline_reader, read_pipeline
from assay.check import Checked, check, check_params, expanded, members
from assay.engine.crew import Crew, worker_lock
from assay.engine.decision import Cause
from assay.engine.dispatch import Dispatcher
from assay.engine.environment import missing_packages, missing_r_packages
from assay.engine.executor import Executor
from assay.engine.executors.environment import EnvironmentExecutor, folder_in
from assay.engine.executors.environment.settings import find_uv
from assay.engine.executors.process import ProcessExecutor
from assay.engine.executors.process.orphans import end_orphans, marks
from assay.engine.fetching import FetchingExecutor
from assay.engine.job import Adopted, Job, Options
from assay.engine.machine import this_machine
from assay.engine.plan import Plan, Verb, make_plan, step_graph
from assay.engine.r import how_to_install
from assay.engine.recorder import Observer, Recorder
from assay.engine.runner import Runner
from assay.engine.secrets import read_secrets
from assay.engine.selection import Selection
from assay.engine.worker import Worker
from assay.engine.world import World
from assay.errors import AssayError, Fault, InvalidDocument, MissingDependency, Severity
from assay.ids import ParamName, RunId, StepName
from assay.model.artifacts import Json
from assay.model.codec import Document, load
from assay.model.component import Resources
from assay.model.events import CancelRequested, RunOutcome, RunResumed, RunStarted, StepKey, StepStarted
from assay.model.pipeline import Pipeline
from assay.model.state import RunState, fold
from assay.store import Store

if TYPE_CHECKING:
    from assay.engine.executors.container import Images

STORE_FOLDER = ".assay"


class NothingToDo(AssayError):  # noqa: N818  (a state, like the field's libraries name it)
    """What was asked for is done already, or cannot be done in this state."""

    code = "nothing-to-do"


@dataclass(frozen=True, slots=True)
class WorkResult:
    """What a worker did: elements that succeeded, and that failed for good."""

    run: RunId
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended."""

    run: RunId
    outcome: RunOutcome


@dataclass(slots=True)
class Workspace:
    """A project folder: its store (``.assay``), and the components it may use.

    Attributes:
        root: The project folder.
        catalog: The built-in library, the ``components`` folder, the folders that ``assay.toml`` names, and installed packages.
    """

    root: Path
    store: Store
    catalog: Catalog = field(init=False)

    def __post_init__(self) -> None:
        self.catalog = open_catalog(self.root, self.store.root)

    @classmethod
    def open(cls, start: Path | None = None, store: Path | None = None) -> Workspace:
        """Open the workspace around ``start`` (default: the current folder).

        The nearest folder upwards that holds ``.assay`` or ``assay.toml`` is the project; when there is none, ``start`` becomes one.

        Args:
            store: Folder of the store, when it is not ``.assay`` in the project.

        Raises:
            StoreError: The store cannot be made or read.
            InvalidDocument: ``assay.toml`` is broken.
        """
        start = (start or Path.cwd()).resolve()
        if store is not None:
            return cls(start, Store.open(store.resolve()))
        root = project_folder(start)
        return cls(root, Store.open(root / STORE_FOLDER))

    # Documents

    def load(self, file: Path) -> Document:
        """Return the document in ``file``; its faults are inside. Raises ``NotFound`` when it cannot be read."""
        return read_pipeline(file)

    def check(self, document: Document, documents: Mapping[str, str] | None = None) -> Checked:
        """Return the document with its components found and all its faults.

        Args:
            documents: Texts of the pipelines that steps use, by absolute path, where they are not what the files hold now.
        """
        base = Path(document.file).resolve().parent
        return check(document, self.catalog.resolve, base, pipeline_reader(document, self.root, documents or {}))

    # Runs

    def plan(
        self, checked: Checked, given: Mapping[str, Json] | None = None, selection: Selection = Selection()
    ) -> Plan:
        """Return what a run would do, and why. Raises ``InvalidDocument`` when the document has errors."""
        flat, selection = _flat(checked, selection)
        pipeline = _sound(flat)
        params = _params(pipeline, given or {})
        folder = Path(checked.document.file).resolve().parent
        world = World(self.store, pipeline.name, folder, lambda name: _images().known(name), importing=False)
        return make_plan(pipeline, flat.specs, params, selection, world)

    def run(
        self,
        checked: Checked,
        given: Mapping[str, Json] | None = None,
        selection: Selection = Selection(),
        options: Options = Options(),
        observe: Observer = lambda _: None,
        on_start: Callable[[RunId], None] = lambda _: None,
    ) -> RunResult:
        """Run a pipeline to its end.

        The first SIGINT or SIGTERM ends it gracefully (final steps still run), the second at once; an interrupted run can be resumed.

        Args:
            given: Values of pipeline parameters; the others take their defaults.
            observe: Called with every event, after it is durable.
            on_start: Called once, with the run's id.

        Raises:
            InvalidDocument: The document, the parameters or the secrets have faults.
            MissingDependency: A component needs packages that are not installed, and there is no uv to make an environment with.
            StoreError: The store cannot be written.
        """
        flat, selection = _flat(checked, selection)
        pipeline = _sound(flat)
        params = _params(pipeline, given or {})
        self._preflight(flat, pipeline, given or {}, selection)
        secrets = self._secrets(pipeline)
        started = RunStarted(
            pipeline=pipeline.name,
            file=os.fspath(Path(checked.document.file).resolve()),
            document=checked.document.text,
            params=params,
            options=_options_to_json(selection, options),
            version=assay.__version__,
            documents=_documents(checked),
        )
        with self.store.runs.using():
            self._end_orphans()
            run = self.store.runs.create_run(started)
            job = Job(run, pipeline, flat.specs, params, selection, options, secrets)
            with self.store.runs.hold(run):
                on_start(run)
                return self._execute(job, started.file, observe, sequence=1)

    def resume(
        self,
        run: RunId,
        options: Options | None = None,
        observe: Observer = lambda _: None,
        on_start: Callable[[RunId], None] = lambda _: None,
    ) -> RunResult:
        """Go on with a run that was interrupted, failed or was cancelled; what had finished is not done again.

        Raises:
            NothingToDo: The run succeeded.
            StoreError: Another process is running it.
        """
        state = self.state(run)
        if state.outcome is RunOutcome.SUCCEEDED:
            raise NothingToDo(f"run {run} has succeeded", culprit=run, hint="'assay run' starts a new one")
        checked = self._recorded(state)
        pipeline = _sound(checked)
        selection, kept_options = _options_from_json(state.options)
        _refuse_missing(checked, pipeline, [step.name for step in pipeline.all_steps()])
        secrets = self._secrets(pipeline)
        with self.store.runs.using(), self.store.runs.hold(run):
            self._end_orphans()
            self.store.runs.append(run, RunResumed())
            # Workers may have gone on meanwhile: what they finished up to this event counts as adopted, later ones are heard of.
            attempts: dict[StepKey, int] = {}
            state = RunState()
            for logged in self.store.runs.events(run):
                state.apply(logged)
                if isinstance(logged.event, StepStarted):
                    attempts[logged.event.key] = logged.event.attempt
            job = Job(
                run=run,
                pipeline=pipeline,
                specs=checked.specs,
                params=state.params,
                selection=selection,
                options=options or kept_options,
                secrets=secrets,
                adopted={
                    key: Adopted(step.cache_key, step.outputs)
                    for key, step in state.steps.items()
                    if step.status.finished and step.cache_key is not None
                },
                attempts=attempts,
            )
            on_start(run)
            return self._execute(job, state.file, observe, sequence=state.sequence)

    def work(
        self,
        run: RunId,
        most: int = 1,
        observe: Observer = lambda _: None,
        on_start: Callable[[RunId], None] = lambda _: None,
    ) -> WorkResult:
        """Help with the ``foreach`` steps of a run: take elements that nobody else has, run them, until none is left.

        Any number of processes may do so at one time; an element is in one pair of hands at most. The first SIGINT or SIGTERM lets what
        is in hand end, the second ends it.

        Args:
            most: Most elements at one time.
            observe: Called with every event that this worker writes, after it is durable.

        Raises:
            NothingToDo: The run has ended.
            CodeChanged: A component is no longer what the run planned with.
            StoreError: The store cannot be written.
        """
        state = self.state(run)
        if state.outcome is not None:
            raise NothingToDo(f"run {run} has ended", culprit=run, hint=f"'assay resume {run}' goes on with it")
        checked = self._recorded(state)
        pipeline = _sound(checked)
        selection, options = _options_from_json(state.options)
        _refuse_missing(checked, pipeline, [step.name for step in pipeline.all_steps()])
        job = Job(run, pipeline, checked.specs, state.params, selection, options, self._secrets(pipeline))
        owner = f"{os.getpid()}-{os.urandom(4).hex()}"
        lock = worker_lock(run, owner)
        with self.store.runs.hold(lock):
            self.store.runs.work.enlist(run, owner)
            on_start(run)
            executor = self._executor(lock, functools.cache(_images))
            recorder = Recorder(self.store.runs, run, observe, state.sequence)
            try:
                worker = Worker(job, self.store, executor, recorder, owner=owner, most=most)
                try:
                    with _graceful(worker):
                        worker.run()
                finally:
                    worker.close()
            finally:
                executor.close()
            self.store.runs.work.leave(run, owner)
        return WorkResult(run, worker.done, worker.failed)

    def cancel(self, run: RunId) -> None:
        """Ask the process that runs ``run`` to end it. Raises ``NothingToDo`` when no process does."""
        if not self.store.runs.held(run):
            raise NothingToDo(f"run {run} is not running", culprit=run, hint=f"'assay show {run}' says how it ended")
        self.store.runs.append(run, CancelRequested())

    def state(self, run: RunId) -> RunState:
        """Return what the log says of a run."""
        return fold(self.store.runs.events(run))

    def _recorded(self, state: RunState) -> Checked:
        """Return the pipeline that a run began with, whatever its files hold now."""
        checked = self.check(load(state.document, state.file), state.documents)
        return _flat(checked, Selection())[0]

    def _preflight(self, checked: Checked, pipeline: Pipeline, given: Mapping[str, Json], selection: Selection) -> None:
        graph = step_graph(pipeline)
        chosen = selection.chosen(pipeline, graph)
        _refuse_missing(checked, pipeline, chosen)
        if len(chosen) == len(pipeline.steps) + len(pipeline.final):
            return
        faults = [
            Fault(
                "not-selected",
                f"step {planned.step!r} is not selected and has no kept result",
                planned.step,
                hint=f"run it first: assay run … --to {planned.step}",
            )
            for planned in self.plan(checked, given, selection).steps
            if planned.step not in chosen
            and planned.verb in (Verb.RUN, Verb.LATER)
            and not _only_waits(planned.reasons)
        ]
        if faults:
            raise InvalidDocument(faults, what="the selection")

    def _secrets(self, pipeline: Pipeline) -> dict[str, str]:
        names = [secret for step in pipeline.all_steps() for secret in step.secrets.values()]
        return read_secrets(names, self.store.root / "secrets")

    def _end_orphans(self) -> None:
        """End processes of runs whose engine was killed, so that they do not compete with the new one."""
        mine = self._mark(RunId(""))
        for mark in marks():
            if mark.startswith(mine) and not self.store.runs.held(RunId(mark.removeprefix(mine))):
                end_orphans(mark)

    def _containers(self, mark: str, images: Images) -> Executor:
        """Return what runs steps in containers, after removing those of dead engines; this run, if resumed, has begun none yet."""
        from assay.engine.executors.container import ContainerExecutor, remove_left  # as for images

        mine, held = self._mark(RunId("")), self.store.runs.held
        remove_left(images, mine, lambda left: left != mark and held(RunId(left.removeprefix(mine))))
        return ContainerExecutor(mark, images)

    def _end_worker(self, lock: RunId) -> None:
        end_orphans(self._mark(lock))

    def _mark(self, run: RunId) -> str:
        """Return what the environment of every process of a run carries."""
        return f"{self.store.root}:{run}"

    def _executor(self, run: RunId, images: Callable[[], Images]) -> Executor:
        mark = self._mark(run)
        here = EnvironmentExecutor(ProcessExecutor(mark), mark, folder_in(self.store.root))
        return FetchingExecutor(Dispatcher(here, lambda: self._containers(mark, images())))

    def _execute(self, job: Job, file: str, observe: Observer, *, sequence: int) -> RunResult:
        machine = this_machine()
        machine = Resources(job.options.cpu or machine.cpu, job.options.memory or machine.memory, machine.gpu)
        recorder = Recorder(self.store.runs, job.run, observe, sequence)
        images = functools.cache(_images)
        base = Path(file).parent
        world = World(self.store, job.pipeline.name, base, lambda name: images().known(name), importing=True)
        executor = self._executor(job.run, images)
        try:
            crew = Crew(self.store, job.run, sequence, self._end_worker)
            runner = Runner(job, self.store, executor, world, machine, recorder, crew)
            try:
                with _graceful(runner):
                    return RunResult(job.run, runner.run())
            finally:
                runner.close()
        finally:
            executor.close()


def _images() -> Images:
    from assay.engine.executors.container import Images  # http.client: 15 ms that only containers are worth

    return Images()


def _only_waits(reasons: tuple[object, ...]) -> bool:
    return bool(reasons) and all(getattr(reason, "cause", None) is Cause.UPSTREAM for reason in reasons)


def _sound(checked: Checked) -> Pipeline:
    if checked.pipeline is None or not checked.ok:
        errors = [fault for fault in checked.faults if fault.severity is Severity.ERROR]
        raise InvalidDocument(errors, what=checked.document.file)
    return checked.pipeline


def _flat(checked: Checked, selection: Selection) -> tuple[Checked, Selection]:
    """Return the pipeline with the steps of those that it uses, and a selection that names these."""
    _sound(checked)

    def names(chosen: tuple[StepName, ...]) -> tuple[StepName, ...]:
        return tuple(name for one in chosen for name in members(checked, one))

    named = replace(
        selection,
        to=names(selection.to),
        start=names(selection.start),
        only=names(selection.only),
        force=names(selection.force),
    )
    return expanded(checked), named


def _documents(checked: Checked) -> dict[str, str]:
    """Return the texts of all pipelines that are used, by path."""
    found: dict[str, str] = {}
    waiting = list(checked.nested.values())
    while waiting:
        inner = waiting.pop()
        if inner.document.file not in found:
            found[inner.document.file] = inner.document.text
            waiting.extend(inner.nested.values())
    return found


def _params(pipeline: Pipeline, given: Mapping[str, Json]) -> dict[ParamName, Json]:
    params, faults = check_params(pipeline, given)
    if faults:
        raise InvalidDocument(faults, what="the parameters")
    return params


def _refuse_missing(checked: Checked, pipeline: Pipeline, names: Collection[StepName]) -> None:
    """Refuse to begin when packages are missing here and there is nothing to make an environment for them with."""
    here = [checked.specs[step.name] for step in pipeline.all_steps() if step.name in names and not step.image]
    if in_r := missing_r_packages(here):
        wanted = "; ".join(f"{package} (for {', '.join(users)})" for package, users in sorted(in_r.items()))
        raise MissingDependency(
            f"R does not find {wanted}",
            culprit=" ".join(sorted(in_r)),
            hint=how_to_install(in_r),
        )
    missing = missing_packages(here)
    if not missing or find_uv() is not None:
        return
    wanted = "; ".join(f"{package} (for {', '.join(users)})" for package, users in sorted(missing.items()))
    packages = " ".join(f"'{package}'" for package in sorted(missing))
    raise MissingDependency(
        f"not installed: {wanted}",
        culprit=" ".join(missing),
        hint=f"type: pip install uv, which then makes an environment for them, or: pip install {packages}",
    )


@contextlib.contextmanager
def _graceful(runner: Runner | Worker) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM cancel, and the second interrupt. Only the main thread can have handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        runner.request_cancel()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _options_to_json(selection: Selection, options: Options) -> dict[str, Json]:
    return {
        "to": list(selection.to),
        "from": list(selection.start),
        "only": list(selection.only),
        "force": list(selection.force),
        "force_all": selection.force_all,
        "most": options.most,
        "fail_fast": options.fail_fast,
        "cpu": options.cpu,
        "memory": options.memory,
    }


def _options_from_json(data: Mapping[str, Json]) -> tuple[Selection, Options]:
    def names(key: str) -> tuple[StepName, ...]:
        listed = data.get(key)
        return tuple(StepName(str(name)) for name in listed) if isinstance(listed, list) else ()

    def number(key: str) -> float | None:
        value = data.get(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    most, memory = number("most"), number("memory")
    options = Options(
        most=None if most is None else int(most),
        fail_fast=bool(data.get("fail_fast")),
        cpu=number("cpu"),
        memory=None if memory is None else int(memory),
    )
    selection = Selection(names("to"), names("from"), names("only"), names("force"), bool(data.get("force_all")))
    return selection, options
