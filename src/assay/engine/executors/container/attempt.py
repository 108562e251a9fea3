"""One attempt in a container, from its image to its outputs: a thread that waits so that the engine need not."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.engine.executor import Exited, Message, Notice, StepOrder
from assay.engine.executors.container.daemon import ContainerError, RefusedError
from assay.engine.executors.container.images import Images
from assay.engine.executors.container.inside import LINE, OUTCOME, SAID
from assay.engine.executors.container.meter import Meter
from assay.engine.executors.container.places import Places, refuse_odd
from assay.engine.executors.container.request import HIDDEN, TEMPORARY, Request, User
from assay.engine.executors.forkserver.component import unpacked
from assay.engine.executors.forkserver.redact import Redactor
from assay.engine.executors.forkserver.step import publish_all
from assay.engine.executors.process.messages import is_message
from assay.engine.executors.process.verdict import Ending, judge
from assay.errors import AssayError
from assay.ids import PortName
from assay.model.artifacts import Output
from assay.model.command import slots
from assay.model.events import Failure, output_from_json
from assay.runtime.failures import StepFailure
from assay.runtime.results import NOTHING, RawOutput, collect
from assay.store.objects import ObjectStore

_FRAME = 8
_STDOUT = 1
_READ = 1 << 16
_LONGEST_MESSAGE = 1 << 20
_LARGEST_OUTCOME = 1 << 22
_SIGNALLED = 128
_NO_PROGRAM = 127


@dataclass(slots=True)
class ContainerAttempt:
    """Runs one order; ``run`` is the body of its thread, ``stop`` may be called from any.

    Args:
        tell: Takes the notices, the last an ``Exited``.
        user: Who runs in the container.
        mark: Variable and value by which leftovers of a dead engine are found.
    """

    order: StepOrder
    images: Images
    tell: Callable[[Notice], None]
    user: User
    mark: tuple[str, str]
    concluded: bool = False
    _id: str = ""
    _image: str = ""
    _stopped: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _used: Mapping[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        """Do it all, tell how it ended, and leave no container behind."""
        outputs: Mapping[PortName, Output] | None = None
        failure: Failure | None = None
        try:
            outputs = self._attempt()
        except StepFailure as error:
            failure = Failure(error.code, self._clean(error.message), self._clean(error.traceback), error.hint)
        except AssayError as error:
            failure = Failure(error.code, self._clean(error.message), "", error.hint)
        except OSError as error:
            failure = Failure("store", f"cannot keep what the container wrote: {error}")
        except Exception as error:  # a thread that ends without a word would leave the run waiting for ever
            failure = Failure("lost", f"the container executor failed: {type(error).__name__}: {error}")
            raise
        finally:
            self._over.set()
            self._remove()
            self._end(outputs, failure)

    def _end(self, outputs: Mapping[PortName, Output] | None, failure: Failure | None) -> None:
        if failure is not None and self._stopped.is_set():
            failure = Failure("killed", "stopped", failure.traceback)
        used = self._used
        self._conclude(
            Exited(
                self.order.key,
                self.order.attempt,
                outputs,
                failure,
                float(used.get("cpu_seconds", 0.0)),
                int(used.get("peak_memory", 0)),
                self._image,
            )
        )

    def _conclude(self, exited: Exited) -> None:
        with self._guard:
            if not self.concluded:
                self.concluded = True
                self.tell(exited)

    def stop(self, grace: float) -> None:
        """Ask it to end, and kill it after ``grace`` seconds; returns when it is over, or will be soon."""
        self._stopped.set()
        if not self._image:  # a pull cannot be hurried: it ends by itself, and nothing comes of it
            self._conclude(Exited(self.order.key, self.order.attempt, None, Failure("killed", "stopped")))
            return
        for name in ("SIGTERM", "SIGCONT"):
            self._signal(name)
        if not self._over.wait(grace):
            self._signal("SIGKILL")

    def _signal(self, name: str) -> None:
        with self._guard:
            if self._id:
                with contextlib.suppress(ContainerError):  # it has just ended
                    self.images.daemon.call("POST", f"/containers/{self._id}/kill", signal=name)

    def _attempt(self) -> Mapping[PortName, Output]:
        order = self.order
        # Before anything can go wrong: a log that cannot be written is the step's failure.
        with open(order.log, "ab", buffering=0) as log, self._folders():
            self._image = self.images.get(order.image, self._say)
            if self._stopped.is_set():
                raise StepFailure("killed", "stopped")
            described = json.loads((order.folder / "step.json").read_bytes())
            request = Request(order, self._image, self.user, self.mark)
            places = None
            if order.container is None:
                body = request.for_python(described)
            else:
                command = order.container
                items = (*command.command, *command.args, *command.env.values())
                contents = {slot.port for slot in slots(items) if slot.content}
                places = Places(order.folder, described, command.outputs, TEMPORARY, contents)
                self._own(*[outside for outside, _ in places.shared()])
                body = request.for_command(order.container, places, places.values())
            code, exceeded = self._container(body, log, places.stdout() if places else None)
            self._disown()
            return self._results(described, places, Ending(code, exceeded=exceeded))

    def _say(self, words: str) -> None:
        if self._stopped.is_set():
            raise StepFailure("killed", "stopped")
        data: dict[str, Any] = {"kind": "progress", "done": 0, "total": None, "message": words}
        self.tell(Message(self.order.key, self.order.attempt, data))

    # Folders

    @contextlib.contextmanager
    def _folders(self) -> Iterator[None]:
        folder = self.order.folder
        for name in (SAID, TEMPORARY):
            os.makedirs(folder / name, exist_ok=True)
        self._own(*[str(folder / name) for name in ("outputs", "scratch", SAID, TEMPORARY)])
        try:
            yield
        finally:
            for name in (TEMPORARY, HIDDEN):
                shutil.rmtree(folder / name, ignore_errors=True)

    def _own(self, *folders: str) -> None:
        """Let the container's user write to folders, when the engine is root and the container must not be."""
        if self.user.uid != os.getuid():
            for folder in folders:
                os.chown(folder, self.user.uid, self.user.gid)
                for place, inner, files in os.walk(folder):
                    for name in (*inner, *files):
                        os.chown(f"{place}/{name}", self.user.uid, self.user.gid, follow_symlinks=False)

    def _disown(self) -> None:
        """Take back what the container's user made: nobody but the engine may change what goes into the store."""
        if self.user.uid == os.getuid() or self.user.rootless:
            return
        for part in os.listdir(self.order.folder):
            if part == "inputs":  # hard links to what is in the store
                continue
            for place, _, files in os.walk(self.order.folder / part):
                for path in (place, *(f"{place}/{name}" for name in files)):
                    os.chown(path, os.getuid(), os.getgid(), follow_symlinks=False)

    # The container

    def _container(self, body: dict[str, Any], log: Any, stdout: Path | None) -> tuple[int, bool]:
        """Run the container to its end; return its exit status and whether it needed too much memory."""
        daemon = self.images.daemon
        with self._listening():
            try:
                made = daemon.call("POST", "/containers/create", body)
            except RefusedError as error:
                raise _unstartable(self.order.image, error) from error
            with self._guard:
                self._id = made["Id"]
            place = f"/containers/{self._id}"
            if body["HostConfig"].get("DeviceRequests"):
                refuse_unheard(daemon.call("GET", f"{place}/json"))
            with daemon.open("POST", f"{place}/attach", stream=1, stdout=1, stderr=1) as printed:
                if self._stopped.is_set():
                    raise StepFailure("killed", "stopped")
                with self._metered() as meter:
                    self._start(place)
                    self._copy(printed, log, stdout)
                    code = daemon.call("POST", f"{place}/wait", timeout=None)["StatusCode"]
            state = daemon.call("GET", f"{place}/json")["State"]
        # podman does not always say it; without a limit of its own, the machine was full.
        return int(code), bool(state.get("OOMKilled") or (meter.killed and self.order.memory))

    def _start(self, place: str) -> None:
        try:
            self.images.daemon.call("POST", f"{place}/start")
        except RefusedError as error:
            raise _unstartable(self.order.image, error) from error
        if self._stopped.is_set():  # its signal may have come before there was anything to get it
            self._signal("SIGTERM")

    @contextlib.contextmanager
    def _metered(self) -> Iterator[Meter]:
        with Meter(self._id) as meter:
            try:
                yield meter
            finally:
                self._used = {"cpu_seconds": meter.cpu_seconds, "peak_memory": meter.peak_memory}

    def _remove(self) -> None:
        with self._guard:
            if self._id:
                with contextlib.suppress(ContainerError):  # the next run of this store removes it
                    self.images.daemon.call("DELETE", f"/containers/{self._id}", force=1, v=1)
                self._id = ""

    def _copy(self, printed: http.client.HTTPResponse, log: Any, stdout: Path | None) -> None:
        """Copy what is printed to the log, without the secrets, and stdout to a file when it is an output."""
        redactor = Redactor(list(self.order.secrets.values()))
        waiting = {1: b"", 2: b""}
        with contextlib.ExitStack() as stack, _kept(log.name):
            kept = stack.enter_context(open(stdout, "wb")) if stdout else None
            while len(head := _read(printed, _FRAME)) == _FRAME:
                stream, left = head[0], int.from_bytes(head[4:], "big")
                while left and (data := _read(printed, min(left, _READ))):
                    left -= len(data)
                    if kept is not None and stream == _STDOUT:
                        kept.write(data)
                        continue
                    shown, waiting[stream] = redactor.feed(waiting.get(stream, b"") + data)
                    log.write(shown)
            for rest in waiting.values():
                log.write(redactor.packet(rest))

    # What it says

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Pass on the messages of a component in Python, which come by a socket in the step's folder."""
        if self.order.container is not None:
            yield
            return
        with contextlib.suppress(FileNotFoundError):  # of an attempt that was interrupted
            os.unlink(self.order.folder / SAID / LINE)
        folder = os.open(self.order.folder / SAID, os.O_PATH)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.bind(f"/proc/self/fd/{folder}/{LINE}")  # a socket's path may have 107 characters, a step's folder more
            self._own(f"{self.order.folder}/{SAID}/{LINE}")
            os.close(folder)
            line.listen(1)
            thread = threading.Thread(target=self._listen, args=(line,), daemon=True)
            thread.start()
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                thread.join()

    def _listen(self, line: socket.socket) -> None:
        redactor = Redactor(list(self.order.secrets.values()))
        try:
            link, _ = line.accept()
        except OSError:  # it ended without a word
            return
        with link:
            while packet := link.recv(_LONGEST_MESSAGE):
                with contextlib.suppress(ValueError, RecursionError):  # anything may be sent by the component
                    data = redactor.json(json.loads(packet))
                    if isinstance(data, dict) and is_message(data):
                        self.tell(Message(self.order.key, self.order.attempt, data))

    # Results

    def _results(self, described: Mapping[str, Any], places: Places | None, ended: Ending) -> Mapping[PortName, Output]:
        if places is None:
            raw = self._returned(ended)
            refuse_odd(self.order.folder / "outputs")
        elif ended.code or ended.exceeded:
            raise _failed(self.order, None, ended)
        else:
            places.gather()
            raw = collect(self.order.folder / "outputs", described["outputs"], NOTHING)
        objects = ObjectStore(self.order.store)
        published = publish_all(objects, raw)
        return {PortName(port): output_from_json(output) for port, output in published.items()}

    def _returned(self, ended: Ending) -> dict[str, RawOutput]:
        """Return what a component in Python wrote down, held against what it may name."""
        outcome = self._outcome()
        if outcome is None or outcome.get("kind") != "returned" or ended.exceeded:
            raise _failed(self.order, outcome, ended)
        try:
            raw = unpacked(outcome["outputs"])
            paths = [
                Path(path)
                for one in raw.values()
                for path in (getattr(one, "paths", None) or [getattr(one, "path", None)])
                if path
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StepFailure("raised", "the component wrote something else than its outcome") from error
        root = os.path.realpath(self.order.folder / "outputs")
        for path in paths:
            if not Path(os.path.realpath(path)).is_relative_to(root):
                raise StepFailure("bad-output", f"the component named a file that is none of its outputs: {path.name}")
        return raw

    def _outcome(self) -> dict[str, Any] | None:
        try:
            with open(self.order.folder / SAID / OUTCOME, "rb", opener=_no_link) as file:
                told = json.loads(file.read(_LARGEST_OUTCOME))
        except (OSError, ValueError):
            return None
        told = Redactor(list(self.order.secrets.values())).json(told)
        if not isinstance(told, dict):
            return None
        used = told.get("used")
        if isinstance(used, dict) and all(isinstance(value, int | float) for value in used.values()):
            self._used = used
        return told

    def _clean(self, text: str) -> str:
        return Redactor(list(self.order.secrets.values())).text(text) if self.order.secrets else text


@contextlib.contextmanager
def _kept(path: str) -> Iterator[None]:
    """Tell what cannot be written apart from what cannot be read of the container engine: both are ``OSError``."""
    try:
        yield
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        message = f"cannot keep what the container printed: {error.strerror} ({os.path.basename(path)})"
        raise StepFailure("store", message) from error


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _read(answer: http.client.HTTPResponse, most: int) -> bytes:
    """Return exactly ``most`` bytes, fewer at the end."""
    found = b""
    while len(found) < most and (data := answer.read1(most - len(found))):
        found += data
    return found


def _failed(order: StepOrder, outcome: Mapping[str, Any] | None, ended: Ending) -> StepFailure:
    """Return why a container that ended so did not succeed."""
    number = ended.code - _SIGNALLED
    if number == signal.SIGKILL and outcome is None and not ended.exceeded:
        message = f"killed by signal {number} (SIGKILL), from outside or because the machine's memory ran out"
        hint = "neither its own limit nor Assay ended it: 'docker kill' does, or the kernel (dmesg)"
        return StepFailure("killed", message, hint=hint)
    if 0 < number < signal.NSIG:  # what the init process of a container, or a shell, makes of a signal
        ended = Ending(-number, exceeded=ended.exceeded)
    if outcome is None and ended.code > 0 and order.container is not None and not ended.exceeded:
        hint = (
            "see its log; 127 says that the image does not have the program"
            if ended.code == _NO_PROGRAM
            else "see its log"
        )
        return StepFailure("exit-status", f"the command ended with status {ended.code}", hint=hint)
    _, failure = judge(order, outcome if outcome and outcome.get("kind") == "failed" else None, ended, stopped=False)
    if failure is None:
        return StepFailure("raised", "the component wrote something else than its outcome")
    return StepFailure(failure.code, failure.message, failure.traceback, failure.hint)


def refuse_unheard(container: Mapping[str, Any]) -> None:
    """Raise ``StepFailure`` when a container that asked for a GPU was made without: podman 4 passes over the request in silence,
    and the step would compute on the processor.

    Args:
        container: What the container engine says of it (``GET /containers/ID/json``).
    """
    host = container.get("HostConfig") or {}
    if not (host.get("DeviceRequests") or host.get("Devices")):
        message = "the container engine passes over the request for a GPU"
        raise StepFailure(
            "container", message, hint="docker with the NVIDIA Container Toolkit heeds it; or leave out 'gpu:'"
        )


def _unstartable(image: str, error: RefusedError) -> StepFailure:
    said = error.message
    if "container-init binary" in said:
        hint = "podman needs its init program: apt-get install catatonit"
    elif "device driver" in said or "gpu" in said.lower() or "nvidia" in said.lower():
        hint = "the container engine cannot give a GPU: install the NVIDIA Container Toolkit, or leave out 'gpu:'"
    elif "executable file not found" in said or "no such file or directory" in said:
        hint = f"the image {image} does not have the program"
    else:
        hint = "see what the container engine says of it"
    return StepFailure("container", f"the container cannot be started: {error.message}", hint=hint)
