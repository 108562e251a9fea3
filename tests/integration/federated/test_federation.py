"""A federation under NVIDIA FLARE: three sites in processes of their own, what leaves them, and what happens when one ends."""

import shutil
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from federation_workshop import NAMES, RECIPE, Here, write_cohort, write_site, write_sites
from nvflare.apis.fl_constant import FLContextKey, ReturnCode
from nvflare.apis.fl_context import FLContext

from assay.data.images import load_values, read_meta, read_rows
from assay.errors import ComponentError
from assay.training.federated.asking import Answer, Asked, Question
from assay.training.federated.flare.carrying import answer_as_message, question_as_message
from assay.training.federated.flare.crossing import Arrival, Door
from assay.training.federated.flare.running import crossings, run
from assay.training.federated.rounds import federate
from assay.training.federated.site import Folders

pytestmark = [pytest.mark.federated, pytest.mark.timeout(600), pytest.mark.usefixtures("one_thread")]

SMALL = 8192
"""Bytes of a question for the next task, an answer in numbers, or a sign of life, at most."""


@pytest.fixture
def one_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def federated(work, sites, recipe=RECIPE, *, fewest=3, follow=None):
    work.mkdir()
    told = []

    def listen(event):
        told.append(event)
        if follow:
            follow(event)

    made = run(work, sites, recipe, fewest=fewest, patience=300, follow=listen)
    return made, told


def processes_of(work):
    """Return the processes whose command line names the folder."""
    listed = list(psutil.process_iter(["cmdline", "status"]))
    alive = [process for process in listed if process.info["status"] != psutil.STATUS_ZOMBIE]
    return [process for process in alive if any(str(work) in word for word in process.info["cmdline"] or [])]


def wait_until(true, what):
    latest = time.monotonic() + 120
    while not true():
        assert time.monotonic() < latest, what
        time.sleep(0.1)


def pieces(folder: Path):
    """Return what would give an image away: its file's bytes, its pixels as any code here has them, and its row of the index."""
    meta = read_meta(folder)
    for row in read_rows(folder):
        yield row["patient"].encode(), f"the patient id {row['patient']}"
        yield row["file"].encode(), f"the file name {row['file']}"
        content = (folder / row["file"]).read_bytes()
        yield content[len(content) // 2 :][:48], f"bytes of {row['file']}"
        values = load_values(folder / row["file"], meta)
        middle = values[len(values) // 2]
        for kind in (np.int16, np.uint16, np.float16, np.float32, np.float64):
            yield (
                (middle - (meta.offset if kind is np.uint16 else 0)).astype(kind).tobytes(),
                f"pixels of {row['file']} as {kind}",
            )


def test_only_weights_and_counts_leave_a_site(tmp_path, monkeypatch):
    taps = tmp_path / "taps"
    (tmp_path / "path").mkdir()
    taps.mkdir()
    shutil.copyfile(Path(__file__).with_name("tapped.py"), tmp_path / "path" / "sitecustomize.py")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    monkeypatch.setenv("TAPPED", str(taps))
    sites = write_sites(tmp_path / "sites", prefix="Ms-Canary-")
    work = tmp_path / "work"
    made, told = federated(work, sites)

    sent = {name: (taps / f"{name}.bin").read_bytes() for name in NAMES}
    for name, folders in sites.items():
        for folder in (folders.train, folders.validation):
            assert str(folder).encode() not in sent[name]
            for piece, what in pieces(folder):
                assert piece not in sent[name], f"{what} left {name}"
    lines = list(crossings(work, sites))
    for name in NAMES:
        assert [line["asked"] for site, line in lines if site == name] == [
            "describe",
            "look",
            "measure",
            *["train"] * 3,
            "validate",
            "check",
        ]

    # The same as in one process, to the last byte: the carrier changes nothing, and a second run would not either.
    (tmp_path / "here").mkdir()
    here = Here(sites)
    federate(here, RECIPE, tmp_path / "here", lambda _event, _facts: None)
    for file in ("model.onnx", "weights.safetensors", "typical.json"):
        assert (made / file).read_bytes() == (tmp_path / "here" / file).read_bytes()
    assert told[-1]["event"] == "done"
    wait_until(lambda: not processes_of(work), "processes of the federation are left")

    # So what a site may send is known: cut out of the large pieces, however often FLARE sent them, it leaves names and framing. The
    # small pieces were looked through above.
    for name in NAMES:
        changes = [array.tobytes() for _, answers in here.asked for array in answers[name].change.values()]
        large = b"".join(large_pieces(taps, name))
        assert len(large) > sum(map(len, changes))
        left = large
        for content in sorted(changes, key=len, reverse=True):
            left = cut(left, content)
        assert len(left) < 0.05 * len(large)


def large_pieces(taps, name):
    """Yield the pieces that are more than a question for the next task, an answer in numbers, or a sign of life."""
    sent, place = (taps / f"{name}.bin").read_bytes(), 0
    for size in map(int, (taps / f"{name}.sizes").read_text("ascii").split()):
        if size > SMALL:
            yield sent[place : place + size]
        place += size


def cut(whole, content):
    """Return bytes without some content, which may have been sent in several pieces."""
    if len(content) < 64:
        return whole
    if content in whole:
        return whole.replace(content, b"")
    middle = len(content) // 2
    return cut(cut(whole, content[:middle]), content[middle:])


def test_a_door_holds_back_what_an_executor_should_not_have_sent(tmp_path):
    door, context = Door(str(tmp_path)), FLContext()
    picture = {"picture": np.zeros((32, 32), dtype=np.float32)}
    question = Question(Asked.TRAIN, {"w": np.zeros(2, dtype=np.float32)}, {})
    context.set_prop(FLContextKey.TASK_NAME, "train", private=True, sticky=False)
    Arrival().process(question_as_message(question), context)
    passed = door.process(answer_as_message(Answer({"images": 1}, picture)), context)
    assert passed.get_return_code() == ReturnCode.TASK_RESULT_FILTER_ERROR
    assert "DXO" not in passed
    assert not (tmp_path / "crossed.jsonl").exists()


def killing(work, name, event):
    """Return a listener that kills a site's process when something was told."""

    def follow(told):
        if told["event"] == event:
            for process in processes_of(work):
                with suppress(psutil.NoSuchProcess):  # some come and go
                    words = process.cmdline()
                    if "--client" in words and words[words.index("--client") + 1] == name:
                        process.kill()

    return follow


def test_a_site_that_ends_in_the_middle_fails_the_run_by_name(tmp_path):
    sites, work = write_sites(tmp_path / "sites"), tmp_path / "work"
    with pytest.raises(ComponentError, match=r"site north ended in round \d: 2 of at least 3 sites are left") as caught:
        federated(work, sites, replace(RECIPE, rounds=50), follow=killing(work, "north", "judged"))
    assert caught.value.culprit == "north"
    wait_until(lambda: not processes_of(work), "processes of the federation are left")


def test_with_min_sites_the_others_go_on(tmp_path):
    sites, work = write_sites(tmp_path / "sites"), tmp_path / "work"
    recipe = replace(RECIPE, rounds=12)
    _, told = federated(work, sites, recipe, fewest=2, follow=killing(work, "north", "agreed"))
    gone = [event for event in told if event["event"] == "gone"]
    assert [(event["site"], event["left"]) for event in gone] == [("north", 2)]
    last = [event for event in told if event["event"] == "round"][-1]
    assert set(last["images"]) == {"east", "south"}
    assert told[-1]["images_checked"] == 2 * 20


@pytest.mark.parametrize("environment", ["env", "my env ü"])
def test_a_site_with_one_class_is_refused_in_its_own_words(tmp_path, monkeypatch, environment):
    (tmp_path / environment).symlink_to(sys.prefix)  # FLARE starts sites by a line of words with blanks between
    monkeypatch.setattr(sys, "executable", str(tmp_path / environment / "bin" / "python"))
    sites, work = write_sites(tmp_path / "sites"), tmp_path / "work"
    sites["south"] = Folders(
        write_cohort(tmp_path / "odd" / "train", range(200, 220), every=0),
        write_cohort(tmp_path / "odd" / "validation", range(250, 260), every=0),
    )
    with pytest.raises(ComponentError, match="site south: the training set has one class only: 'healthy'"):
        federated(work, sites)
    wait_until(lambda: not processes_of(work), "processes of the federation are left")


def test_sites_that_differ_are_named(tmp_path):
    sites = write_sites(tmp_path / "sites")
    sites["south"] = write_site(tmp_path / "odd", 200, labels=("covid", "healthy"))
    with pytest.raises(ComponentError, match="site south has class names covid, healthy, site east has healthy, covid"):
        federated(tmp_path / "work", sites)
