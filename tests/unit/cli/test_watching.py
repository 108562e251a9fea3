"""What a run looks like, line by line, from hand-made events."""

import json

import pytest

from assay.cli import terminal
from assay.cli.live import LiveWatcher
from assay.cli.watching import JsonWatcher, PlainWatcher, ReaderMayLeave, choose_watcher
from assay.ids import Digest, RunId, StepName
from assay.model import events as ev

KEY = Digest("0" * 64)
TRAIN = ev.StepKey(StepName("train"))
MAP = StepName("map")


def feed(watcher, *events, start=1000.0, pause=1.0):
    watcher.begin(RunId("20261123-141522-7f3a"), [])
    for number, event in enumerate(events):
        watcher.see(ev.LoggedEvent(number + 1, start + number * pause, event))
    watcher.end()


def element(number):
    return ev.StepKey(MAP, number)


def test_a_step_that_runs(capsys):
    feed(
        PlainWatcher(6, "study"),
        ev.StepStarted(TRAIN, 1, KEY, ("first run",)),
        ev.StepFinished(TRAIN, 1, KEY, {}, 12.34),
    )
    assert capsys.readouterr().out == ("run 20261123-141522-7f3a  study\n▸ train   first run\n✔ train       12.3 s\n")


def test_a_step_that_fails_twice(capsys):
    failure = ev.Failure("raised", "ValueError: no\nmore")
    feed(
        PlainWatcher(5, "study"),
        ev.StepStarted(TRAIN, 1, KEY, ("first run",)),
        ev.StepFailed(TRAIN, 1, failure, 2.0, 0.5),
        ev.StepStarted(TRAIN, 2, KEY, ("first run",)),
        ev.StepFailed(TRAIN, 2, failure, None, 0.5),
    )
    assert capsys.readouterr().out.splitlines()[1:] == [
        "▸ train  first run",
        "↻ train      0.50 s  ValueError: no",
        "▸ train  attempt 2: first run",
        "✘ train      0.50 s  ValueError: no (attempt 2)",
    ]


def test_steps_that_do_not_run(capsys):
    feed(
        PlainWatcher(5, "study"),
        ev.StepReused(TRAIN, KEY, {}, RunId("old")),
        ev.StepSkipped(ev.StepKey(StepName("fair")), ev.SkipReason.CONDITION, "auroc > 0.9"),
        ev.StepSkipped(ev.StepKey(StepName("gate")), ev.SkipReason.UPSTREAM_FAILED, "fair"),
    )
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split(maxsplit=2)[2] for line in lines] == [
        "reused from old",
        "skipped: its condition is false: auroc > 0.9",
        "skipped: it needs a step that failed: fair",
    ]


def test_a_map_says_every_tenth_part(capsys):
    starts = [ev.StepStarted(element(number), 1, KEY) for number in range(40)]
    ends = [ev.StepFinished(element(number), 1, KEY, {}, 0.1) for number in range(40)]
    labels = tuple(map(str, range(40)))
    feed(PlainWatcher(5, "study"), ev.StepExpanded(MAP, labels), *starts, *ends, ev.StepMapped(MAP, {}))
    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines[0] == "▸ map    40 elements"
    assert lines[1:-1] == [f"  map    {done}/40" for done in range(4, 40, 4)]
    assert lines[-1].startswith("✔ map ")


def test_a_map_says_which_element_failed(capsys):
    failure = ev.Failure("raised", "broken")
    feed(
        PlainWatcher(6, "study"),
        ev.StepExpanded(MAP, ("a", "b")),
        ev.StepStarted(element(1), 1, KEY),
        ev.StepFailed(element(1), 1, failure, None, 0.1),
    )
    assert "✘ map[1]      0.10 s  broken" in capsys.readouterr().out


def test_progress_is_said_now_and_then(capsys):
    steps = [ev.StepProgress(TRAIN, done, 40, "images") for done in range(1, 40)]
    feed(PlainWatcher(5, "study"), ev.StepStarted(TRAIN, 1, KEY), *steps)
    lines = capsys.readouterr().out.splitlines()[2:]
    assert lines == ["  train  38%  images", "  train  75%  images"]


def test_a_message_cannot_paint_the_terminal(capsys):
    feed(PlainWatcher(5, "study"), ev.StepStarted(TRAIN, 1, KEY, ("\x1b[2Jfirst",)))
    assert "\x1b" not in capsys.readouterr().out


def test_json_is_one_object_a_line(capsys):
    feed(JsonWatcher(), ev.StepStarted(TRAIN, 1, KEY, ("first run",)), ev.StepMetric(TRAIN, "auroc", 0.5))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {"type": "run", "run": "20261123-141522-7f3a"}
    assert [line["type"] for line in lines[1:]] == ["step.started", "step.metric"]
    assert lines[2]["sequence"] == 2
    assert lines[2]["key"] == {"step": "train", "item": None}


def test_the_live_view_says_what_ended(capsys):
    feed(
        LiveWatcher(5, "study"),
        ev.StepStarted(TRAIN, 1, KEY, ("first run",)),
        ev.StepProgress(TRAIN, 1, 2, "half [bold]way"),
        ev.StepFinished(TRAIN, 1, KEY, {}, 0.2),
        ev.StepExpanded(MAP, ("a", "b")),
        ev.StepStarted(element(0), 1, KEY),
        ev.StepFinished(element(0), 1, KEY, {}, 0.2),
        ev.CancelRequested(),
    )
    out = capsys.readouterr().out
    assert "✔ train      0.20 s" in out
    assert "cancelling" in out


def test_the_view_is_chosen_by_the_reader():
    assert type(choose_watcher(["a"], "t", json=True)) is JsonWatcher
    assert type(choose_watcher(["a"], "t", json=False)) is PlainWatcher


def test_the_live_view_is_for_terminals(monkeypatch):
    monkeypatch.setattr(terminal, "is_rich", lambda: True)
    assert type(choose_watcher(["a"], "t", json=False)) is LiveWatcher


def test_a_run_goes_on_when_its_reader_leaves(monkeypatch):
    muted = []
    monkeypatch.setattr(terminal, "mute_stdout", lambda: muted.append(True))

    def gone():
        raise terminal.ReaderGone(terminal.BROKEN_PIPE)

    ReaderMayLeave().call(gone)
    assert muted == [True]


def test_other_errors_do_not_pass_for_a_reader_that_left():
    def broken():
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        ReaderMayLeave().call(broken)
