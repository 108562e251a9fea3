"""Runs from the command line: statuses, words, JSON, interruption."""

import json
import os
import pty
import re
import select
import signal
import time

import pytest


def test_a_run_and_its_repetition(project):
    out, err = project("run", "p.yaml")
    assert err == ""
    assert re.match(r"run \d{8}-\d{6}-[0-9a-f]{4}  study\n", out)
    assert "▸ slow  first run" in out
    assert "✔ study succeeded in" in out
    assert "4 ran, 1 reused" in out
    again, _ = project("run", "p.yaml")
    assert "1 ran, 4 reused" in again


def test_a_dry_run_plans_and_runs_nothing(project):
    document = project.json("run", "p.yaml", "--dry-run")
    assert document["counts"]["run"] >= 4
    assert document["steps"][0] == {
        "step": "slow",
        "verb": "run",
        "reasons": [{"cause": "first run", "about": "", "detail": ""}],
        "key": document["steps"][0]["key"],
        "run_items": 0,
        "reused_items": 0,
    }
    assert project.json("runs") == []
    project("run", "p.yaml")
    out, _ = project("run", "p.yaml", "--dry-run", "-p", "lines=7")
    assert re.search(r"▸ run\s+slow\s+parameter changed lines \(3 → 7\)", out)
    assert out.splitlines()[-1] == "study: 4 to run, 1 reused"


def test_json_is_pure_and_ends_with_a_summary(project):
    lines = project.lines("run", "p.yaml")
    assert [line["type"] for line in lines[:2]] == ["run", "run.started"]
    events = lines[1:-1]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    summary = lines[-1]
    assert set(summary) == {"type", "run", "outcome", "seconds", "counts", "metrics", "artifacts"}
    assert (summary["type"], summary["outcome"]) == ("summary", "succeeded")
    assert summary["metrics"] == {"slow.lines": {"value": 3.0, "low": None, "high": None}}
    assert os.path.isfile(project.folder / summary["artifacts"]["slow.dataset"]["path"])


@pytest.mark.parametrize(("how", "shown"), [("raise", "ValueError: no such luck"), ("component", "hint: name it")])
def test_a_failed_run(project, how, shown):
    out, _ = project("run", "p.yaml", "-p", f"how={how}", status=1)
    assert shown in out
    assert "Traceback" in out if how == "raise" else "Traceback" not in out
    assert "✘ study failed" in out
    assert "assay resume" in out
    assert "not run because of it: last" in out


def test_resume_runs_what_had_not_finished(project):
    project("run", "p.yaml", "-p", "how=raise", status=1)
    steps = project.folder / "steps.py"
    steps.write_text(steps.read_text().replace('raise ValueError("no such luck")', "pass"))
    lines = project.lines("resume")
    started = [line["key"]["step"] for line in lines if line["type"] == "step.started"]
    assert "slow" not in started
    assert "work" in started
    assert lines[-1]["outcome"] == "succeeded"
    _, err = project("resume", status=2)
    assert "has succeeded" in err


def test_selection(project):
    lines = project.lines("run", "p.yaml", "--to", "work")
    assert {line["key"]["step"] for line in lines if line["type"] == "step.started"} == {"slow", "work"}
    lines = project.lines("run", "p.yaml", "--force", "work", "--only", "work")
    assert [line["key"]["step"] for line in lines if line["type"] == "step.started"] == ["work"]
    _, err = project("run", "p.yaml", "--to", "wrk", status=2)
    assert "did you mean 'work'?" in err


def test_every_wrong_parameter_at_once(project):
    out, err = project("run", "p.yaml", "-p", "linez=3", "-p", "seconds=x", "-p", "how", status=2)
    assert out == ""
    assert err.count("error [") == 3
    assert "did you mean 'lines'?" in err


def test_every_fault_of_a_file_with_its_line(project):
    (project.folder / "bad.yaml").write_text(
        "assay: 1\nname: b\nsteps:\n  a: {use: ./steps.py:slwo}\n  b: {use: nope/x}\n"
    )
    out, err = project("run", "bad.yaml", status=2)
    assert out == ""
    assert "--> bad.yaml:4:" in err
    assert "--> bad.yaml:5:" in err
    assert " 4 |   a: {use: ./steps.py:slwo}" in err
    document = project.json("check", "bad.yaml", status=2)
    assert [fault["location"]["line"] for fault in document[0]["faults"]] == [4, 5]


def test_a_memory_size_that_is_none(project):
    _, err = project("run", "p.yaml", "--memory", "much", status=2)
    assert "write it as 512Mi or 4Gi" in err


def wait_for(condition, seconds=240.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("did not happen in time")


def running(project):
    def look():
        process = project.start("show", "last", "slow", "--json")
        out, _ = process.communicate(timeout=240)
        return process.returncode == 0 and json.loads(out)["status"] == "running"

    return look


def test_cancel_from_another_terminal(project):
    process = project.start("run", "p.yaml", "-p", "seconds=600")
    wait_for(running(project))
    out, _ = project("cancel", "last")
    assert "asked run" in out
    out, _ = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "■ study cancelled" in out
    assert "✔ tidy" in out
    _, err = project("cancel", "last", status=2)
    assert "is not running" in err


def test_logs_are_followed_until_the_step_ends(project):
    hold = project.folder / "hold"  # no second line before the follower has had the first
    hold.touch()
    steps = project.folder / "steps.py"
    steps.write_text(
        steps.read_text().replace(
            "time.sleep(seconds / lines)", f"while Path({str(hold)!r}).exists(): time.sleep(0.02)"
        )
    )
    process = project.start("run", "p.yaml", "-p", "lines=4")
    wait_for(running(project))
    with project.start("logs", "-f", "last", "slow") as follower:
        assert follower.stdout.readline() == "line 0\n"
        assert process.poll() is None, "the line came while the run was going on"
        hold.unlink()
        assert follower.stdout.read() == "line 1\nline 2\nline 3\n"
        assert "succeeded" in follower.stderr.read()
    process.communicate(timeout=240)
    assert process.returncode == 0


def test_a_run_outlives_the_reader_of_its_words(project):
    with project.start_unread("run", "p.yaml", "-p", "seconds=1") as process:
        assert process.stderr.read() == ""
        assert process.wait(timeout=240) == 0
    assert project.json("runs")[0]["status"] == "succeeded"


class Terminal:
    """A pseudo-terminal with a program in it."""

    def __init__(self, project, *argv):
        self.controller, device = pty.openpty()
        project.environment |= {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
        self.process = project.start(*argv, stdin=device, stdout=device, stderr=device, start_new_session=True)
        os.close(device)
        self.text = ""

    def read_until(self, words, seconds=240.0):
        until = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < until, self.text
            self._read(0.1)

    def rest(self, seconds=240.0):
        until = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < until, self.text
            self._read(0.1)
        while self._read(0.05):
            pass
        return self.process.returncode

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def _read(self, seconds):
        if not select.select([self.controller], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.controller, 65536)
        except OSError:
            return False
        self.text += data.decode(errors="replace")
        return bool(data)


def test_one_interrupt_cancels_gracefully(project):
    terminal = Terminal(project, "run", "p.yaml", "-p", "seconds=600")
    wait_for(running(project))
    terminal.interrupt()
    assert terminal.rest() == 130
    assert "cancelling" in terminal.text
    assert "tidy" in terminal.text
    assert "study cancelled" in terminal.text
    assert "assay resume" in terminal.text
    assert "Traceback" not in terminal.text
    assert project.json("runs")[0]["status"] == "cancelled"


def test_two_interrupts_end_at_once(project):
    steps = project.folder / "steps.py"
    steps.write_text(steps.read_text().replace('print("tidied")', "time.sleep(600)"))
    terminal = Terminal(project, "run", "p.yaml", "-p", "seconds=600")
    wait_for(running(project))
    terminal.interrupt()
    terminal.read_until("cancelling")
    wait_for(lambda: project.json("show", "last", "tidy")["status"] == "running")
    terminal.interrupt()
    assert terminal.rest() == 130
    assert "interrupted; go on with: assay resume" in terminal.text
    assert "Traceback" not in terminal.text
    assert project.json("runs")[0]["status"] == "interrupted"


def test_a_terminal_sees_colour_and_bars_and_a_narrow_one_too(project):
    terminal = Terminal(project, "run", "p.yaml", "-p", "seconds=1")
    assert terminal.rest() == 0
    assert "\x1b[" in terminal.text
    assert "study succeeded" in terminal.text
    project.environment |= {"COLUMNS": "30"}
    narrow = Terminal(project, "runs")
    assert narrow.rest() == 0
    assert project.json("runs")[0]["run"] in narrow.text


def test_a_store_that_cannot_be_made(project):
    (project.folder / "file").write_text("")
    out, err = project("run", "p.yaml", "--store", "file", status=4)
    assert out == ""
    assert err.startswith("error [")
    assert "Traceback" not in err


def test_a_killed_run_is_called_interrupted_and_resumed(project):
    process = project.start("run", "p.yaml", "-p", "seconds=600")
    wait_for(running(project))
    process.kill()
    process.communicate(timeout=240)
    assert "interrupted" in project("runs")[0].splitlines()[1]
    out, _ = project("show", "last")
    assert "■ interrupted" in out
    assert "go on with: assay resume" in out
    _, err = project("logs", "-f", "last", "slow")
    assert "the run is not going on" in err
    _, err = project("cancel", "last", status=2)
    assert "is not running" in err
    steps = project.folder / "steps.py"
    steps.write_text(steps.read_text().replace("time.sleep(seconds / lines)", "pass"))
    assert project.lines("resume")[-1]["outcome"] == "succeeded"
