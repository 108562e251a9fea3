import subprocess
import sys
import threading

import pytest

from assay.errors import NotFound
from assay.server.explore.examiner import ExaminerFailed
from assay.server.explore.explainer import Explainer, ExplanationGoing, Status

WAIT = 30.0


def speaking(script):
    """A process that takes an order and does what the script says."""
    text = f"import json, sys, time\norder = json.loads(sys.stdin.readline())\nsay = lambda **words: print(json.dumps(words), flush=True)\n{script}"

    def start(_log):
        return subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    return start


def until(explainer, key, test):
    """Wait for a condition."""
    there, clock = threading.Event(), WAIT
    while not test(found := explainer.look(key)) and clock > 0:
        there.wait(0.02)
        clock -= 0.02
    assert test(found), found
    return found


def ended(explainer, key):
    return until(explainer, key, lambda one: one.status is not Status.RUNNING)


def test_an_explanation_tells_how_far_it_is_and_then_what_came_of_it(tmp_path):
    explainer = Explainer(tmp_path / "log", start=speaking("say(done=3, total=9)\nsys.stdin.readline()"))
    assert explainer.look("a").status is Status.NONE
    assert explainer.begin("a", {}).status is Status.RUNNING
    going = until(explainer, "a", lambda one: one.total == 9)
    assert (going.done, going.status) == (3, Status.RUNNING)
    explainer.close()

    explainer = Explainer(
        tmp_path / "log", start=speaking("say(done=9, total=9)\nsay(body=order, bytes=2)\nsys.stdout.write('ok')")
    )
    explainer.begin("a", {"name": "x"})
    found = ended(explainer, "a")
    assert (found.status, found.answer.body, found.answer.content) == (Status.DONE, {"name": "x"}, b"ok")
    assert explainer.begin("a", {"name": "y"}) is found  # what is known is not computed again


def test_only_one_is_explained_at_a_time_and_a_cancelled_one_makes_room(tmp_path):
    explainer = Explainer(tmp_path / "log", start=speaking("say(done=1, total=9)\nsys.stdin.readline()"))
    going = explainer.begin("a", {})
    process = going.process
    assert explainer.begin("a", {}) is going
    with pytest.raises(ExplanationGoing, match="another image"):
        explainer.begin("b", {})
    assert explainer.cancel("b").status is Status.NONE
    assert explainer.cancel("a").status is Status.CANCELLED
    assert process.wait(WAIT) != 0
    assert explainer.begin("b", {}).status is Status.RUNNING
    explainer.close()
    assert ended(explainer, "b").status is Status.CANCELLED


@pytest.mark.parametrize(
    ("script", "limit", "kind", "said"),
    [
        ("say(problem={'code': 'not-found', 'message': 'no such image', 'culprit': 'x', 'hint': 'h'}, bytes=0)", WAIT, NotFound, "no such image"),
        ("sys.exit(3)", WAIT, ExaminerFailed, "ended before it answered"),
        ("sys.stdin.readline()", 0.05, ExaminerFailed, "was ended after"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_and_may_be_tried_again(tmp_path, script, limit, kind, said):
    explainer = Explainer(tmp_path / "log", limit, speaking(script))
    explainer.begin("a", {})
    found = ended(explainer, "a")
    assert (found.status, type(found.problem)) == (Status.FAILED, kind)
    assert said in found.problem.message
    assert explainer.begin("a", {}) is not found
    explainer.close()


def test_a_cancelled_one_stays_cancelled_when_its_process_has_gone(tmp_path):
    explainer = Explainer(tmp_path / "log", start=speaking("sys.stdin.readline()"))
    made = explainer.begin("a", {})
    explainer.cancel("a")
    for thread in threading.enumerate():
        if thread.name == "explanation":
            thread.join(WAIT)
    assert (made.status, made.problem, made.process) == (Status.CANCELLED, None, None)
