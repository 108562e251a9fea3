"""The one way into a packed component, on a command line, in a container, in a pod: ``python PACK [options]``.

It reads what it is given, makes a step's folder, and runs ``assay.runtime.execute`` in it, the same code that the engine's executors
run. ``--step`` is for platforms (see ``assay.runtime.stepwords``), everything else for people. Exit status: 0, 1 when the component
failed, 2 when what it was given is wrong.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from assay.errors import AssayError, ExitCode, Fault
from assay.runtime.channels import ConsoleChannel
from assay.runtime.delivery import run_packed
from assay.runtime.failures import StepFailure
from assay.runtime.packed import Packed, lacking, load_packed
from assay.runtime.stepwords import Given, read_step_words

_THREADED = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")


def main(home: str, words: Sequence[str] | None = None) -> int:
    """Run the component packed in the folder ``home`` as ``words`` say (default: those of the process); return the exit status."""
    words = list(sys.argv[1:] if words is None else words)
    if words[:1] == ["python3"]:  # a platform that keeps an image's entry point puts it before the command: step aside
        os.execvp(words[0], words)  # noqa: S606  (a list: no shell sees it)
    signal.signal(signal.SIGTERM, _end)
    try:
        packed = load_packed(home)
    except AssayError as error:
        return _refuse([error.fault()])
    for name in _THREADED:
        os.environ.setdefault(f"{name}_NUM_THREADS", str(packed.facts["order"]["threads"]))
    if words[:1] == ["--step"]:
        return _run(packed, read_step_words(packed, words[1:]), json_wanted=False)
    from assay.runtime.typed import Typed  # argparse: not on the way of a pod's step

    given, asked = Typed(packed, os.path.basename(sys.argv[0]) or packed.short).read(words)
    if "describe" in asked:
        print(json.dumps(packed.facts, ensure_ascii=False, indent=2))
        return ExitCode.OK
    if "check" in asked:
        faults = lacking(packed)
        print(f"{packed.name} can run here" if not faults else f"{packed.name} cannot run here")
        return _refuse(faults) if faults else ExitCode.OK
    return _run(packed, given, json_wanted="json" in asked)


def _run(packed: Packed, given: Given, *, json_wanted: bool) -> int:
    if given.faults:
        return _refuse(given.faults)
    answer = _leave_stdout() if json_wanted else None
    try:
        places = run_packed(packed, given, ConsoleChannel())
    except StepFailure as failure:
        return _report(failure)
    except OSError as error:
        return _report(StepFailure("store", f"cannot keep the outputs: {error}"))
    sys.stdout.flush()
    if answer is not None:
        with os.fdopen(answer, "w", encoding="utf-8") as file:
            file.write(json.dumps({"outputs": places}, ensure_ascii=False) + "\n")
    else:
        for port, place in places.items():
            print(f"{port}: {place}")
    return ExitCode.OK


def _leave_stdout() -> int:
    """Lead what the component prints to stderr; return a descriptor of the real stdout."""
    sys.stdout.flush()
    answer = os.dup(1)
    os.dup2(2, 1)
    return answer


def _refuse(faults: Sequence[Fault]) -> int:
    sys.stdout.flush()
    for fault in faults:
        print(fault, file=sys.stderr)
    return ExitCode.BAD_INPUT


def _report(failure: StepFailure) -> int:
    sys.stdout.flush()
    hint = f" ({failure.hint})" if failure.hint else ""
    print(f"{failure.traceback}error [{failure.code}] {failure.message}{hint}", file=sys.stderr)
    return ExitCode.RUN_FAILED


def _end(number: int, _frame: FrameType | None) -> None:
    """End on a request to: the first process of a container ignores one that it does not handle."""
    raise SystemExit(128 + number)
