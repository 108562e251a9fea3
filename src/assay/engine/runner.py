"""The runner: the one loop that touches the world. It asks the plan, obeys the scheduler, and writes before it acts."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assay.engine.attempts import Attempt, Attempts, Place
from assay.engine.bind import Element, Scope
from assay.engine.crew import Crew
from assay.engine.decision import (
    Cause,
    Decision,
    Knowledge,
    Reason,
    condition_holds,
    decide,
    reads_only_optionally,
)
from assay.engine.elements import element_label, elements, gather
from assay.engine.endings import failure_of_attempt, finished
from assay.engine.executor import Executor, Exited, Message
from assay.engine.folders import WorkFolders
from assay.engine.job import Job, resources_of
from assay.engine.messages import message_events
from assay.engine.plan import step_graph
from assay.engine.recorder import Recorder
from assay.engine.scheduler import End, Scheduler
from assay.errors import AssayError, StoreError
from assay.ids import PortName, StepName
from assay.model import events as ev
from assay.model.artifacts import Artifact, ArtifactType, Output
from assay.model.component import Resources
from assay.model.pipeline import Step
from assay.store import Store

_CANCEL_POLL = 0.25
_DECISIONS_AT_ONCE = 64
_SHOWN = (ArtifactType.REPORT, ArtifactType.FIGURE)


@dataclass(slots=True)
class _Mapped:
    """A ``foreach`` step under way."""

    step: Step
    outputs: dict[int, Mapping[PortName, Output]] = field(default_factory=dict)
    total: int = 0
    open: int = 0
    failed: int = 0
    cancelled: bool = False


class Runner:
    """Runs one job to its end.

    Args:
        world: What the plan may ask.
        machine: What may be held at one time.
        recorder: Where every state change goes before it is acted on.
        crew: Workers that may join.
    """

    def __init__(
        self,
        job: Job,
        store: Store,
        executor: Executor,
        world: Knowledge,
        machine: Resources,
        recorder: Recorder,
        crew: Crew,
    ) -> None:
        self._job = job
        self._store = store
        self._executor = executor
        self._world = world
        self._machine = machine
        self._recorder = recorder
        self._graph = step_graph(job.pipeline)
        self._steps = {step.name: step for step in job.pipeline.all_steps()}
        self._chosen = job.selection.chosen(job.pipeline, self._graph)
        self._folders = WorkFolders(store, job.run)
        self._attempts = Attempts(job, store, executor, self._folders)
        self._outputs: dict[StepName, Mapping[PortName, Output]] = {}
        self._ended: dict[StepName, End] = {}
        self._places: dict[ev.StepKey, Place] = {}
        self._mapped: dict[StepName, _Mapped] = {}
        self._undecided: deque[tuple[_Mapped, Element, Scope]] = deque()
        self._run_outcome = ev.RunOutcome.SUCCEEDED
        self._crew = crew
        self._away: set[ev.StepKey] = set()
        self._final = False
        self._behind = False
        self._scheduler = Scheduler(self._graph, (), machine)
        self._cancelling = False
        self._cancel_wanted = False
        self._failed = False
        self._cancel_polled = time.monotonic()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._poll = select.poll()
        self._poll.register(executor.fileno(), select.POLLIN)
        self._poll.register(self._wake_read, select.POLLIN)

    def request_cancel(self) -> None:
        """Ask for a graceful end. Safe to call from a signal handler or another thread."""
        self._cancel_wanted = True
        os.write(self._wake_write, b"c")

    def run(self) -> ev.RunOutcome:
        """Run the steps, then the final steps, and return how it ended.

        Raises:
            StoreError: The record cannot be written; the run can be resumed.
        """
        relevant = self._graph.ancestors(self._chosen) | self._chosen
        normal = [name for name in self._job.pipeline.steps if name in relevant]
        self._run_phase(normal, final=False)
        self._run_outcome = self._outcome()
        # Final steps run also after a cancel; asking once more cancels them too.
        cancelled, self._cancelling, self._cancel_wanted = self._cancelling, False, False
        self._run_phase([name for name in self._job.pipeline.final if name in relevant], final=True)
        self._cancelling = self._cancelling or cancelled
        self._recorder.add(ev.RunFinished(self._outcome()))
        self._recorder.flush()
        return self._outcome()

    def _outcome(self) -> ev.RunOutcome:
        if self._failed:
            return ev.RunOutcome.FAILED
        return ev.RunOutcome.CANCELLED if self._cancelling else ev.RunOutcome.SUCCEEDED

    def close(self) -> None:
        """Release what the loop holds."""
        self._folders.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run_phase(self, names: Iterable[StepName], *, final: bool) -> None:
        self._final = final
        self._scheduler = Scheduler(self._graph, names, self._machine, self._job.options.most)
        while self._advance():
            self._wait()
        self._recorder.flush()

    def _advance(self) -> bool:
        """Decide and start what can be; return whether anything is left to wait for."""
        self._behind = self._decide_ready()
        self._start_places()
        return self._scheduler.open

    # Deciding

    def _decide_ready(self) -> bool:
        """Decide about what is ready, a bounded amount, so that running steps are heard; return whether more is ready."""
        for _ in range(_DECISIONS_AT_ONCE):
            if self._undecided:
                mapped, element, scope = self._undecided.popleft()
                self._decide_element(mapped, element, scope)
                continue
            name = self._scheduler.ready()
            if name is None:
                return False
            self._decide_step(self._steps[name])
        return True

    def _decide_step(self, step: Step) -> None:
        key = ev.StepKey(step.name)
        blocked = self._blocked(step)
        if blocked is not None:
            self._skip(key, *blocked)
            return
        needs = self._graph.needs(step.name)
        scope = Scope(
            self._job.params,
            {need: self._outputs.get(need, {}) for need in needs},
            run={"outcome": str(self._run_outcome), "id": self._job.run},
        )
        try:
            if step.foreach is not None:
                self._expand(step, scope)
            elif not condition_holds(step, scope):
                self._skip(key, ev.SkipReason.CONDITION, step.condition.text if step.condition else "")
            else:
                self._consider(key, step, scope, step.name)
        except AssayError as error:
            self._fail_before_start(key, error)

    def _blocked(self, step: Step) -> tuple[ev.SkipReason, str] | None:
        """Return why a step that is ready must not run: the run is being cancelled, or a need has no outputs."""
        if self._cancelling:
            return ev.SkipReason.CANCELLED, ""
        for need in self._graph.needs(step.name):
            end = self._ended.get(need, End.SKIPPED)
            if end is End.DONE:
                continue
            # A step can do without what was skipped, but not pass over a failure as if nothing had been there.
            if (end is End.SKIPPED or self._final) and reads_only_optionally(step, self._job.specs[step.name], need):
                continue
            if self._final and need in step.after:
                continue
            return (ev.SkipReason.UPSTREAM_FAILED if end is End.FAILED else ev.SkipReason.UPSTREAM_SKIPPED), need
        return None

    def _expand(self, step: Step, scope: Scope) -> None:
        found = elements(step, scope, self._world)
        mapped = self._mapped[step.name] = _Mapped(step, total=len(found), open=len(found))
        self._recorder.add(ev.StepExpanded(step.name, tuple(element.label for element in found)))
        if not found:
            self._close_mapped(mapped)
        for element in found:
            self._undecided.append((mapped, element, Scope(scope.params, scope.outputs, element, scope.run)))

    def _decide_element(self, mapped: _Mapped, element: Element, scope: Scope) -> None:
        step = mapped.step
        key = ev.StepKey(step.name, element.index)
        if self._cancelling:
            self._skip(key, ev.SkipReason.CANCELLED, "")
            return
        try:
            if condition_holds(step, scope):
                self._consider(key, step, scope, element_label(step.name, element))
            else:
                self._skip(key, ev.SkipReason.CONDITION, step.condition.text if step.condition else "")
        except AssayError as error:
            self._fail_before_start(key, error)

    def _consider(self, key: ev.StepKey, step: Step, scope: Scope, label: str) -> None:
        spec = self._job.specs[step.name]
        chosen = step.name in self._chosen
        selection = self._job.selection
        forced = chosen and (selection.force_all or step.name in selection.force)
        decision = decide(step, spec, scope, self._world, label=label, forced=forced)
        if decision.run and self._recorder.holds(decision.binding.key):
            self._recorder.settle()
            decision = decide(step, spec, scope, self._world, label=label, forced=forced)
        adopted = self._job.adopted.get(key)
        if adopted is not None and adopted.cache_key == decision.binding.key:
            self._settle(key, adopted.outputs)
        elif decision.remembered is not None:
            kept = decision.remembered
            self._recorder.add(ev.StepReused(key, decision.binding.key, kept.outputs, kept.run))
            self._settle(key, kept.outputs)
        else:
            self._submit(key, step, decision, label, chosen=chosen)

    def _submit(self, key: ev.StepKey, step: Step, decision: Decision, label: str, *, chosen: bool) -> None:
        spec = self._job.specs[step.name]
        reasons = decision.reasons if chosen else (Reason(Cause.NOT_SELECTED), *decision.reasons)
        need = resources_of(step, spec)
        if need.gpu > self._machine.gpu:
            raise _TooMuchError(
                f"step {step.name!r} asks for {need.gpu} gpu, this machine has {self._machine.gpu}",
                culprit=step.name,
                hint="lower 'resources.gpu', or run the pipeline where there is one",
            )
        self._places[key] = Place(key, step, spec, decision.binding, label, tuple(str(reason) for reason in reasons))
        self._enqueue(self._places[key])
        if self._crew.present:
            self._crew.offer([self._places[key]], self._attempts.next_is)

    def _enqueue(self, place: Place) -> None:
        foreach = place.step.foreach
        self._scheduler.submit(
            place.key,
            resources_of(place.step, place.spec),
            group=place.step.name if foreach else None,
            limit=foreach.parallel if foreach else None,
        )

    # Starting

    def _start_places(self) -> None:
        started: list[tuple[Place, int]] = []
        while (key := self._scheduler.start()) is not None:
            place = self._places.get(key)
            if place is None or not self._attempts.claim(key):  # a worker has done it, or has it in hand
                self._scheduler.release(key)
                if place is not None:
                    self._away.add(key)
                continue
            number = self._attempts.next_number(key)
            self._recorder.add(ev.StepStarted(key, number, place.binding.key, place.reasons))
            started.append((place, number))
        if started:
            self._recorder.flush()
        for place, number in started:
            try:
                self._attempts.begin(place, number)
            except StoreError as error:
                self._scheduler.release(place.key)
                self._fail_before_start(place.key, error, number)

    # Waiting

    def _wait(self) -> None:
        self._recorder.settle()
        now = time.monotonic()
        times = (
            self._attempts.due(),
            self._recorder.due(),
            self._executor.deadline(),
            self._crew.due(),
            now + _CANCEL_POLL,
        )
        until = now if self._behind else min(moment for moment in times if moment is not None)
        for descriptor, _ in self._poll.poll(max(0.0, until - now) * 1000):
            if descriptor == self._wake_read:
                os.read(self._wake_read, 4096)
        for notice in self._executor.drain():
            if isinstance(notice, Message):
                self._recorder.add(*message_events(notice.key, notice.data))
            else:
                self._exited(notice)
        for place in self._attempts.expire():
            self._enqueue(place)
        now = time.monotonic()
        due = self._recorder.due()
        if due is not None and due <= now:
            self._recorder.flush()
        if self._crew.look():
            self._crew.offer(self._places.values(), self._attempts.next_is)
        self._hear_crew()
        self._watch_cancel(now)

    def _hear_crew(self) -> None:
        """Take in how the elements went that workers have run."""
        for key, logged in self._crew.hear():
            place = self._places.get(key)
            if place is None or self._attempts.holds(key):
                continue
            self._recorder.relay(logged)
            match logged.event:
                case ev.StepStarted(attempt=number):
                    self._attempts.numbers[key] = number
                case ev.StepFinished(outputs=outputs):
                    del self._places[key]
                    self._settle(key, outputs)
                case ev.StepFailed(retry_in=None):
                    self._final_failure(key)
                case ev.StepFailed(failure=failure) if failure.code == "lost":
                    self._lost(place)
                case ev.StepCancelled():
                    self._unsettle(key, End.SKIPPED)

    def _lost(self, place: Place) -> None:
        """A worker was killed with an element in hand."""
        if self._cancelling:
            self._skip(place.key, ev.SkipReason.CANCELLED, "")
        elif place.key in self._away:  # else it still waits for room
            self._away.discard(place.key)
            self._enqueue(place)

    def _watch_cancel(self, now: float) -> None:
        if now - self._cancel_polled >= _CANCEL_POLL:
            self._cancel_polled = now
            if self._recorder.cancel_requested() and not self._cancelling:
                self._stop_everything()
        if self._cancel_wanted and not self._cancelling:
            self._recorder.cancel()
            self._stop_everything()

    def _stop_everything(self) -> None:
        self._cancelling = True
        in_hand = self._crew.close()
        if in_hand and not self._cancel_wanted:
            self._recorder.cancel()  # so that the workers hear of it
        self._hear_crew()
        for key in self._scheduler.withdraw():
            if key in in_hand or key not in self._places:
                continue
            self._skip(key, ev.SkipReason.CANCELLED, "")
        for key in self._attempts.stop_all():
            self._skip(key, ev.SkipReason.CANCELLED, "")

    # Ending

    def _exited(self, notice: Exited) -> None:
        attempt = self._attempts.end(notice.key)
        self._scheduler.release(notice.key)
        seconds = time.monotonic() - attempt.began
        if notice.outputs is not None:
            self._succeeded(attempt, notice, notice.outputs, seconds)
        elif attempt.ending == "cancel":
            self._recorder.add(ev.StepCancelled(notice.key, attempt.number))
            self._unsettle(notice.key, End.SKIPPED)
        else:
            self._attempt_failed(attempt, notice, seconds)

    def _succeeded(self, attempt: Attempt, notice: Exited, outputs: Mapping[PortName, Output], seconds: float) -> None:
        self._recorder.remember(*finished(attempt, notice, outputs, seconds, self._job.pipeline.name))
        self._folders.discard(attempt.folder)
        del self._places[notice.key]
        self._settle(notice.key, outputs)

    def _attempt_failed(self, attempt: Attempt, notice: Exited, seconds: float) -> None:
        failure = failure_of_attempt(attempt, notice)
        delay = None if self._cancelling else self._attempts.retry_delay(attempt, failure.code)
        self._recorder.add(ev.StepFailed(notice.key, attempt.number, failure, delay, seconds, notice.peak_memory))
        self._recorder.flush()
        if delay is None:
            self._final_failure(notice.key)
        else:
            self._attempts.repeat_in(attempt.place, delay)

    def _fail_before_start(self, key: ev.StepKey, error: AssayError, attempt: int = 0) -> None:
        culprit = f": {error.culprit}" if error.culprit and error.culprit not in error.message else ""
        failure = ev.Failure(error.code, error.message + culprit, "", error.hint)
        self._recorder.add(ev.StepFailed(key, attempt, failure))
        self._final_failure(key)

    def _final_failure(self, key: ev.StepKey) -> None:
        self._failed = True
        self._unsettle(key, End.FAILED)
        if self._job.options.fail_fast and not self._cancelling:
            self._stop_everything()

    def _skip(self, key: ev.StepKey, reason: ev.SkipReason, because: str) -> None:
        self._recorder.add(ev.StepSkipped(key, reason, because))
        self._unsettle(key, End.FAILED if reason is ev.SkipReason.UPSTREAM_FAILED else End.SKIPPED)

    def _settle(self, key: ev.StepKey, outputs: Mapping[PortName, Output]) -> None:
        """A place has its outputs."""
        for port, output in outputs.items():
            if isinstance(output, Artifact) and output.type in _SHOWN:
                self._store.show_result(self._job.run, key, port, output)
        if key.item is None:
            self._outputs[key.step] = outputs
            self._end(key.step, End.DONE)
        else:
            mapped = self._mapped[key.step]
            mapped.outputs[key.item] = outputs
            self._element_ended(mapped)

    def _unsettle(self, key: ev.StepKey, how: End) -> None:
        """A place ended without outputs."""
        self._places.pop(key, None)
        if key.item is None:
            self._end(key.step, how)
        else:
            mapped = self._mapped[key.step]
            mapped.failed += how is End.FAILED
            mapped.cancelled = mapped.cancelled or self._cancelling
            self._element_ended(mapped)

    def _element_ended(self, mapped: _Mapped) -> None:
        mapped.open -= 1
        if mapped.open == 0:
            self._close_mapped(mapped)

    def _close_mapped(self, mapped: _Mapped) -> None:
        name = mapped.step.name
        if mapped.failed:
            key, count = ev.StepKey(name), mapped.failed
            message = f"{count} of {mapped.total} elements failed"
            failure = ev.Failure("elements", message, hint=f"see 'assay show {self._job.run} {name}[0]' and the others")
            self._recorder.add(ev.StepFailed(key, 0, failure))
            self._end(name, End.FAILED)
            return
        if mapped.cancelled:
            self._recorder.add(ev.StepCancelled(ev.StepKey(name), 0))
            self._end(name, End.SKIPPED)
            return
        ordered = [mapped.outputs[index] for index in sorted(mapped.outputs)]
        self._outputs[name] = gather(ordered, self._job.specs[name].outputs)
        self._recorder.add(ev.StepMapped(name, self._outputs[name]))
        self._end(name, End.DONE)

    def _end(self, name: StepName, how: End) -> None:
        self._ended[name] = how
        self._scheduler.end(name, how)


class _TooMuchError(AssayError):
    """A step asks for more than there is."""

    code = "resources"
