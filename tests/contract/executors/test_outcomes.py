"""How a step ends, as the runner hears of it."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import pytest

from assay.model.artifacts import Artifact, ArtifactList, Value


def test_outputs_are_in_the_store(bench: Any) -> None:
    ended = bench.run(
        """
        def work(word):
            one = step.output("one", File, suffix=".txt"); one.path.write_text(word)
            two = step.output("two", Folder); (two / "a").write_text("1"); (two / "b").write_text("2")
            many = [step.output("many", File, suffix=".txt", index=n) for n in range(3)]
            for n, file in enumerate(many): file.path.write_text(str(n))
            return one, two, many, {"answer": 42}
        """,
        params={"word": "hello"},
        outputs={"one": "File", "two": "Folder", "many": "File[]", "value": "Value"},
    )
    one, two, many, value = (ended.outputs[port] for port in ("one", "two", "many", "value"))
    assert isinstance(one, Artifact)
    assert (one.suffix, one.size, one.folder) == (".txt", 5, False)
    assert (two.folder, two.files) == (True, 2)
    assert isinstance(many, ArtifactList)
    assert len(many.items) == 3
    assert value == Value({"answer": 42})
    assert ended.exited.cpu_seconds > 0
    assert ended.exited.peak_memory > 1 << 20


def test_messages_come_in_order_and_before_the_end(bench: Any) -> None:
    ended = bench.run(
        """
        def work():
            for n in range(500):
                step.log_metric("loss", n, index=n)
            step.preview("note", "x" * 100_000)
        """
    )
    assert [m.data["index"] for m in ended.messages if m.data["kind"] == "metric"] == list(range(500))
    assert len(ended.messages[-1].data["data"]) == 100_000
    assert ended.outputs == {}


def test_what_it_prints_is_the_log_live_in_order_and_in_any_script(bench: Any) -> None:
    order = bench.start(
        """
        import os, subprocess, sys, time
        def work():
            print("première ligne 日本語 🫁", flush=False)
            print("to stderr", file=sys.stderr)
            os.system("echo from a shell")
            time.sleep(60)
        """
    )
    log = bench.until_printed(order, "from a shell")
    assert log.splitlines()[:3] == ["première ligne 日本語 🫁", "to stderr", "from a shell"]
    bench.executor.stop(order.key)
    assert bench.wait(order)[0].failure.code == "killed"


def test_the_log_is_appended_to(bench: Any) -> None:
    order = bench.order("def work(): print('second')")
    order.log.write_text("first\n")
    bench.executor.start(order)
    bench.wait(order)
    assert order.log.read_text() == "first\nsecond\n"


@pytest.mark.host
def test_its_world(bench: Any) -> None:
    order = bench.start(
        """
        import os, signal, sys
        def work():
            assert os.getsid(0) == os.getpgid(0) in (os.getpid(), os.getppid())
            assert sys.stdin.read() == ""
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
            assert signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL
            assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())
            links = [os.readlink(f"/proc/self/fd/{n}") for n in map(int, os.listdir("/proc/self/fd")) if n > 2 and os.path.exists(f"/proc/self/fd/{n}")]
            others = [link for link in links if "pidfd" in link or "eventpoll" in link]
            assert not others, others
            return [os.getcwd(), os.environ["COLOUR"], os.environ["OMP_NUM_THREADS"], os.environ["MKL_NUM_THREADS"], sys.flags.utf8_mode]
        """,
        outputs={"value": "Value"},
        env={"COLOUR": "blue"},
        threads=3,
    )
    (ended,) = bench.wait(order)
    assert ended.outputs["value"].json == [str(order.folder / "scratch"), "blue", "3", "3", 1]


def test_environment_of_one_step_is_not_seen_by_the_next(bench: Any) -> None:
    source = "import os\ndef work(): return os.environ.get('COLOUR', 'none')"
    bench.run(source, outputs={"value": "Value"}, env={"COLOUR": "blue"})
    assert bench.run(source, outputs={"value": "Value"}).outputs["value"] == Value("none")


def test_a_large_environment_and_a_large_outcome(bench: Any) -> None:
    ended = bench.run(
        "import os\ndef work(): return [len(os.environ['LONG']), 'y' * 200_000]",
        outputs={"value": "Value"},
        env={"LONG": "x" * 120_000, "LONGER": "x" * 120_000, "LONGEST": "é" * 60_000},
    )
    assert ended.outputs["value"].json == [120_000, "y" * 200_000]


def test_an_exception_of_the_component(bench: Any) -> None:
    failure = bench.run("def work():\n    inner()\ndef inner():\n    raise ValueError('no such thing')").failure
    assert (failure.code, failure.message) == ("raised", "ValueError: no such thing")
    assert "inner()" in failure.traceback
    assert "executors" not in failure.traceback


def test_a_component_error_has_no_traceback(bench: Any) -> None:
    failure = bench.run(
        "from assay.errors import ComponentError\ndef work(): raise ComponentError('bad table', hint='mend it')"
    ).failure
    assert (failure.code, failure.message, failure.traceback, failure.hint) == ("component", "bad table", "", "mend it")


def test_a_missing_import(bench: Any) -> None:
    failure = bench.run("import no_such_module_at_all\ndef work(): pass", preload=("no_such_module_at_all",)).failure
    assert failure.code == "import"
    assert "no_such_module_at_all" in failure.message


def test_a_missing_output(bench: Any) -> None:
    failure = bench.run("def work(): return None", outputs={"model": "Folder"}).failure
    assert failure.code == "missing-output"
    assert "model" in failure.message


@pytest.mark.parametrize(("how", "status"), [("os._exit(3)", "3"), ("sys.exit(3)", "3"), ("os._exit(0)", "0")])
def test_ending_the_process_is_a_failure(bench: Any, how: str, status: str) -> None:
    failure = bench.run(f"import os, sys\ndef work(): {how}", outputs={"value": "Value"}).failure
    assert failure.code == "exit-status"
    assert f"status {status}" in failure.message


@pytest.mark.parametrize(
    ("signal", "words"),
    [("SIGKILL", "memory ran out"), ("SIGSEGV", "crashed"), ("SIGUSR1", "SIGUSR1"), ("SIGRTMIN+1", "35")],
)
def test_a_signal(bench: Any, signal: str, words: str) -> None:
    failure = bench.run(f"import os, signal\ndef work(): os.kill(os.getpid(), signal.{signal})").failure
    assert failure.code == "killed"
    assert words in failure.message


def test_a_crash_says_where_in_the_log(bench: Any) -> None:
    order = bench.start("import ctypes\ndef work(): ctypes.string_at(0)")
    assert "SIGSEGV" in bench.wait(order)[0].failure.message
    assert "string_at" in order.log.read_text()


def test_exit_handlers_of_the_component_run(bench: Any) -> None:
    order = bench.start(
        """
        import atexit, tempfile, weakref
        class Thing: pass
        thing = Thing()
        def work():
            atexit.register(print, "the handler ran")
            weakref.finalize(thing, print, "the finalizer ran")
        """
    )
    bench.wait(order)
    assert sorted(order.log.read_text().splitlines()) == ["the finalizer ran", "the handler ran"]


@pytest.mark.host
def test_unseeded_random_numbers_differ(bench: Any) -> None:
    source = "import numpy, random\ndef work(): return [random.random(), numpy.random.random()]"
    values = [bench.run(source, outputs={"value": "Value"}, preload=("numpy",)).outputs["value"].json for _ in range(2)]
    assert values[0][0] != values[1][0]
    assert values[0][1] != values[1][1]


def test_an_unwritable_log_is_a_failure_of_the_step(bench: Any) -> None:
    order = bench.order("def work(): pass")
    order.log.mkdir()
    bench.executor.start(order)
    failure = bench.wait(order)[0].failure
    assert failure.code == "store"
    assert "Is a directory" in failure.message


def test_the_same_key_twice_at_a_time_is_a_mistake(bench: Any) -> None:
    order = bench.start("import time\ndef work(): time.sleep(60)")
    with pytest.raises(ValueError, match="running already"):
        bench.executor.start(order)
    bench.executor.stop(order.key)
    bench.wait(order)


@pytest.mark.host
def test_many_at_a_time(bench: Any) -> None:
    source = "import time\ndef work(n):\n    time.sleep(0.02)\n    return n * n"
    orders = [bench.start(source, params={"n": n}, outputs={"value": "Value"}) for n in range(50)]
    ended = bench.wait(*orders)
    assert [one.outputs["value"].json for one in ended] == [n * n for n in range(50)]


def test_close_ends_what_runs(bench: Any, mark: str) -> None:
    order = bench.start("import time\ndef work():\n    print('on')\n    time.sleep(600)")
    bench.until_printed(order, "on\n")
    bench.executor.close()
    assert bench.workbench.gone(mark)


def test_lines_are_written_whole_even_in_an_unbuffered_engine(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    source = "import sys\ndef work(): return sys.stdout.write_through"
    assert bench.run(source, outputs={"value": "Value"}).outputs["value"] == Value(False)


@pytest.mark.host
@pytest.mark.parametrize(
    "leaves",
    [
        "threading.Thread(target=lambda: (time.sleep(0.3), os.write(1, b'late'))).start()",
        "atexit.register(lambda: (time.sleep(0.3), os.write(1, b'late')))",
        "held.append(logging.handlers.MemoryHandler(9, target=logging.StreamHandler())); held[0].emit(late)",
        "subprocess.Popen(['sleep', '600'])",
    ],
)
def test_it_is_not_over_while_something_of_it_may_run(bench: Any, mark: str, leaves: str) -> None:
    order = bench.start(
        f"""
        import atexit, logging.handlers, os, subprocess, threading, time
        held, late = [], logging.makeLogRecord({{"msg": "late", "levelno": 10}})
        def work():
            print(os.getpid(), flush=True)
            {leaves}
        """
    )
    assert bench.wait(order)[0].outputs == {}
    pid = int(order.log.read_text().split()[0])
    assert pid not in bench.workbench.alive(mark)
    said = order.log.read_text()
    time.sleep(0.4)
    assert order.log.read_text() == said


def test_the_next_attempt_may_begin_at_once(bench: Any) -> None:
    source = "def work(): return 1"
    order = bench.start(source, outputs={"value": "Value"})
    for number in range(2, 12):
        bench.wait(order)
        bench.ended.clear()
        order = dataclasses.replace(order, attempt=number)
        bench.executor.start(order)
    assert bench.wait(order)[0].exited.attempt == 11
    assert bench.of(order).outputs["value"] == Value(1)


def test_secrets_are_in_no_log_and_no_message(bench: Any) -> None:
    order = bench.start(
        """
        import os
        def work():
            print("it is", os.environ["TOKEN"], flush=True)
            step.preview("a", f"<{os.environ['TOKEN']}>")
            raise ValueError(os.environ["TOKEN"])
        """,
        secrets={"TOKEN": "hush-hush-1234"},
    )
    (ended,) = bench.wait(order)
    assert order.log.read_text() == "it is ***\n"
    assert ended.messages[0].data["data"] == "<***>"
    assert ended.failure.message == "ValueError: ***"


def test_a_large_log_is_kept_whole(bench: Any) -> None:
    order = bench.start("def work():\n    for n in range(200_000): print(n, 'é')")
    bench.wait(order)
    lines = order.log.read_text().splitlines()
    assert (len(lines), lines[-1]) == (200_000, "199999 é")


def test_an_empty_file_and_an_empty_folder(bench: Any) -> None:
    ended = bench.run(
        """
        def work():
            one = step.output("one", File); one.path.write_text("")
            two = step.output("two", Folder)
            return one, two
        """,
        outputs={"one": "File", "two": "Folder"},
    )
    one, two = ended.outputs["one"], ended.outputs["two"]
    assert (one.size, two.files) == (0, 0)
