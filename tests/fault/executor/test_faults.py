"""Components that do their worst, and a world that does."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.fault

MEBI = 1 << 20


def test_a_flood_of_output_is_all_in_the_log(bench: Any) -> None:
    order = bench.start(
        """
        def work():
            line = "x" * 999
            for _ in range(100_000):
                print(line)
        """
    )
    assert bench.wait(order)[0].outputs == {}
    assert order.log.stat().st_size == 100_000_000
    order.log.unlink()


def test_a_flood_of_messages_starves_nobody(bench: Any) -> None:
    flood = bench.start(
        """
        from assay.runtime.step import step
        def work():
            n = 0
            while True:
                step.log_metric("n", n)
                n += 1
        """
    )
    bench.listen(lambda: len(bench.of(flood).messages) > 100)
    assert len(bench.executor.drain()) < 1000
    assert bench.run("def work(): return 1", outputs={"value": "Value"}).outputs
    bench.executor.stop(flood.key)
    assert bench.wait(flood)[0].failure.code == "killed"


def test_children_that_outlive_it_are_ended(bench: Any, mark: str) -> None:
    order = bench.start(
        """
        import os, subprocess, time
        def daemon():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.closerange(0, 1000)
                    time.sleep(600)
                os._exit(0)
        def work():
            daemon()
            subprocess.Popen(["setsid", "sleep", "600"])
            subprocess.Popen(["sleep", "600"])
            if os.fork() == 0:
                daemon()
                time.sleep(600)
            time.sleep(0.1)
            return "done"
        """,
        outputs={"value": "Value"},
    )
    assert bench.wait(order)[0].outputs["value"].json == "done"
    assert "sleep" not in [_name(pid) for pid in bench.workbench.alive(mark)]
    assert bench.workbench.gone(mark, bench.resting)


def test_one_steps_leftovers_do_not_touch_another_step(bench: Any) -> None:
    steady = bench.start(
        "import time\ndef work():\n    time.sleep(1.5)\n    return 'steady'", outputs={"value": "Value"}
    )
    leave = "import subprocess\ndef work(): subprocess.Popen(['setsid', 'sleep', '600'])"
    bench.wait(*[bench.start(leave) for _ in range(8)])
    assert bench.wait(steady)[0].outputs["value"].json == "steady"


def test_too_much_memory(bench: Any) -> None:
    order = bench.start(
        """
        import time
        def work():
            held = []
            while True:
                held.append(bytearray(8 << 20))
                time.sleep(0.002)
        """,
        memory=128 * MEBI,
    )
    failure = bench.wait(order)[0].failure
    assert (failure.code, failure.message) == ("out-of-memory", "needed more than 128Mi")
    assert bench.of(order).exited.peak_memory > 128 * MEBI


def test_too_much_memory_all_at_once(bench: Any) -> None:
    failure = bench.run("def work(): bytearray(8 << 30)", memory=64 * MEBI).failure
    assert failure.code == "out-of-memory"
    assert failure.message.startswith("needed more than 64Mi")


def test_too_much_memory_of_all_processes_together(bench: Any) -> None:
    failure = bench.run(
        """
        import os, time
        def work():
            for _ in range(6):
                if os.fork() == 0:
                    os.setsid()
                    held = b"x" * (30 << 20)
                    time.sleep(600)
            time.sleep(600)
        """,
        memory=128 * MEBI,
    ).failure
    assert (failure.code, failure.message) == ("out-of-memory", "needed more than 128Mi")


def test_memory_that_processes_share_counts_once(bench: Any) -> None:
    ended = bench.run(
        """
        import os, time
        def work():
            held = b"x" * (60 << 20)
            for _ in range(6):
                if os.fork() == 0:
                    time.sleep(600)
            time.sleep(0.4)
            return 1
        """,
        memory=160 * MEBI,
        outputs={"value": "Value"},
    )
    assert ended.outputs


@pytest.mark.slow
def test_a_memory_limit_leaves_room_for_torch(bench: Any) -> None:
    ended = bench.run(
        "import torch\ndef work(): return float(torch.ones(1000, 1000).sum())",
        memory=600 * MEBI,
        preload=("torch",),
        outputs={"value": "Value"},
    )
    assert ended.outputs["value"].json == 1e6


def test_killed_from_outside_is_told_within_a_second(bench: Any) -> None:
    order = bench.start("import os, time\ndef work():\n    print(os.getpid())\n    time.sleep(600)")
    pid = int(bench.until_printed(order, "\n"))
    began = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    (ended,) = bench.wait(order)
    assert ended.at - began < 1
    assert ended.failure.code == "killed"
    assert "signal 9" in ended.failure.message
    assert ended.failure.hint


def test_the_waiting_child_may_be_killed(bench: Any, mark: str) -> None:
    bench.run("def work(): pass")
    (server,) = [pid for pid in bench.workbench.alive(mark) if _parent(pid) == os.getpid()]
    waiting = [pid for pid in bench.workbench.alive(mark) if _parent(pid) == server]
    assert waiting
    _kill(waiting)
    assert bench.run("def work(): return 1", outputs={"value": "Value"}).outputs


def test_closing_every_descriptor(bench: Any) -> None:
    ended = bench.run("import os\ndef work():\n    os.closerange(0, 4096)\n    return 5", outputs={"value": "Value"})
    assert ended.outputs["value"].json == 5


def test_another_file_in_place_of_the_socket(bench: Any) -> None:
    order = bench.start(
        """
        import os
        def work():
            os.closerange(3, 4096)
            files = [open(f"file{n}", "w") for n in range(40)]
            return 5
        """,
        outputs={"value": "Value"},
    )
    assert bench.wait(order)[0].outputs["value"].json == 5
    assert all(file.stat().st_size == 0 for file in (order.folder / "scratch").iterdir())


def test_garbage_on_the_socket(bench: Any) -> None:
    ended = bench.run(
        """
        import os, stat
        def work():
            for n in map(int, os.listdir("/proc/self/fd")):
                try:
                    if stat.S_ISSOCK(os.fstat(n).st_mode):
                        for junk in (b"", b"\\xff", b"null", b"[" * 50_000, b'{"kind": 7}', b'{"kind": "done"}', b'{"kind": []}', b"x" * 100_000):
                            os.write(n, junk)
                except OSError:
                    pass
            return 5
        """,
        outputs={"value": "Value"},
    )
    assert ended.outputs["value"].json == 5
    assert ended.messages == []


def test_a_forged_outcome_that_makes_no_sense(bench: Any) -> None:
    failure = bench.run(
        """
        import os, stat
        def work():
            for n in map(int, os.listdir("/proc/self/fd")):
                if os.path.exists(f"/proc/self/fd/{n}") or True:
                    try:
                        if stat.S_ISSOCK(os.fstat(n).st_mode):
                            os.write(n, b'{"kind": "done", "outputs": {"value": {"kind": "artifact"}}}')
                    except OSError:
                        pass
            os._exit(0)
        """,
        outputs={"value": "Value"},
    ).failure
    assert failure.code == "raised"


def test_one_that_lies_about_being_over_is_ended_all_the_same(bench: Any, mark: str) -> None:
    lie = b'{"kind": "done", "outputs": {}, "over": {"cpu_seconds": 0, "peak_memory": 0}}'
    order = bench.start(
        f"""
        import os, stat, subprocess, time
        def work():
            print(os.getpid(), subprocess.Popen(["setsid", "sleep", "600"]).pid, flush=True)
            for n in map(int, os.listdir("/proc/self/fd")):
                if os.path.exists(f"/proc/self/fd/{{n}}") and stat.S_ISSOCK(os.fstat(n).st_mode):
                    os.write(n, {lie!r})
            time.sleep(600)
        """
    )
    assert bench.wait(order)[0].outputs == {}
    liars = [Path(f"/proc/{pid}") for pid in order.log.read_text().split()]
    assert bench.run("def work(): return 1", outputs={"value": "Value"}).outputs
    until = time.monotonic() + bench.workbench.PATIENCE
    while any(liar.exists() for liar in liars):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_deleting_its_own_folder(bench: Any) -> None:
    order = bench.start(
        "import shutil, os\ndef work():\n    shutil.rmtree(os.path.dirname(os.getcwd()))\n    return 1",
        outputs={"value": "Value"},
        log=bench.root / "elsewhere.log",
    )
    failure = bench.wait(order)[0].failure
    assert failure.code in ("store", "missing-output", "raised")


def test_a_thread_that_never_ends(bench: Any) -> None:
    ended = bench.run(
        "import threading, time\ndef work():\n    threading.Thread(target=time.sleep, args=(600,)).start()\n    return 1",
        outputs={"value": "Value"},
    )
    assert ended.outputs


def test_a_crash_after_it_was_done_does_no_harm(bench: Any) -> None:
    ended = bench.run(
        "import atexit, os\ndef work():\n    atexit.register(os.kill, os.getpid(), 11)\n    return 1",
        outputs={"value": "Value"},
    )
    assert ended.outputs


def test_a_server_that_dies(bench: Any, mark: str) -> None:
    order = bench.start("import os, time\ndef work():\n    print(os.getsid(0))\n    time.sleep(600)")
    leader = int(bench.until_printed(order, "\n"))
    os.kill(_parent(leader), signal.SIGKILL)
    failure = bench.wait(order)[0].failure
    assert failure.code == "lost"
    assert bench.workbench.gone(mark)
    assert bench.run("def work(): return 1", outputs={"value": "Value"}).outputs


def test_a_preload_that_ends_the_server(bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deadly_import.py").write_text(
        "import os, sys\nprint('no licence', file=sys.stderr, flush=True)\nos._exit(1)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ended = bench.run("def work(): pass", preload=("deadly_import",))
    if bench.isolation == "fork":
        assert ended.failure.code == "lost"
        assert "no licence" in ended.failure.message
    else:
        assert ended.outputs == {}


def test_at_most_four_idle_servers_stay(bench: Any, mark: str) -> None:
    for threads in range(1, 8):
        bench.run("def work(): pass", threads=threads)
    assert bench.workbench.gone(mark, 4 * bench.resting)


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:  # it has ended
        return ""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _kill(pids: list[int]) -> None:
    """Kill, and wait until they have ended and closed what they had open."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError), open(os.pidfd_open(pid), "rb", buffering=0) as process:
            signal.pidfd_send_signal(process.fileno(), signal.SIGKILL)
            assert select.select([process], [], [], 90)[0]


def test_an_order_to_a_server_that_has_just_died(bench: Any, mark: str) -> None:
    bench.run("def work(): pass")
    _kill(bench.workbench.alive(mark))
    assert bench.workbench.gone(mark)
    failures = [bench.start("def work(): pass", secrets={"TOKEN": "s3cret"} if n else {}) for n in range(2)]
    assert {ended.failure.code for ended in bench.wait(*failures)} == {"lost"}
    assert bench.run("def work(): return 1", outputs={"value": "Value"}).outputs
